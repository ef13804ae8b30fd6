import { DAY_MS } from '../../base/clock.ts';
import { scrambleNumber } from './scramble.ts';

/** Numbers that are remembered, the latest. Of a partner who asks about fewer a day, all of them. */
export const RING_MAX = 8_192;
/**
 * So far to both sides a number is a neighbour. Ones that are asked about in order stay neighbours in each process when
 * several take turns, and when every other one is left out.
 */
export const NEIGHBOUR_REACH = 8;
/** Last digits of a number that are counted within its prefix; 10 000 of them. */
const LAST_DIGITS = 4;
const LAST_MAX = 9_999;
/** A power of two above it. */
const STRIDE = 16_384;

/**
 * Remembers about which phone numbers one partner has asked lately, and notices when a new one lies close to one of those.
 * Among people as they come that is rare: of a whole country's numbers 8 192 have hardly any neighbours, of a single city's
 * twenty million less than one in a hundred. Among numbers that are tried one after the other it is the rule.
 */
export class NeighbourRing {
  readonly #seed: number;
  /** Scrambled prefix and last digits → when it was asked about last. */
  readonly #asked = new Map<number, number>();
  /** The same numbers in the order in which they came; a map finds its oldest entry only by a walk over what was deleted. */
  readonly #order = new Float64Array(RING_MAX);
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Notes a mainland number. @returns whether it was not asked about before, and a neighbour of it was */
  note(phone: string, nowMs: number): boolean {
    const last = Number(phone.slice(-LAST_DIGITS));
    const base = scrambleNumber(this.#seed, Number(phone.slice(0, -LAST_DIGITS))) * STRIDE;
    const asked = this.#asked;
    const before = asked.get(base + last);
    const isAgain = before !== undefined && nowMs - before < DAY_MS;
    const hasNeighbour = !isAgain && this.#hasNeighbour(base, last, nowMs - DAY_MS);
    if (before === undefined) {
      const place = this.#count % RING_MAX;
      if (this.#count >= RING_MAX) asked.delete(this.#order[place] ?? 0);
      this.#order[place] = base + last;
      this.#count += 1;
    }
    asked.set(base + last, nowMs);
    return hasNeighbour;
  }

  #hasNeighbour(base: number, last: number, sinceMs: number): boolean {
    const to = Math.min(LAST_MAX, last + NEIGHBOUR_REACH);
    for (let near = Math.max(0, last - NEIGHBOUR_REACH); near <= to; near += 1) {
      const atMs = this.#asked.get(base + near);
      if (atMs !== undefined && atMs >= sinceMs && near !== last) return true;
    }
    return false;
  }
}
