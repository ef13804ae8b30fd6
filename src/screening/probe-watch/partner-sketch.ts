import { LRUCache } from 'lru-cache';
import { Crowds } from './crowds.ts';
import { NeighbourRing } from './neighbour-ring.ts';
import type { MaskedPerson, Probe } from './probe.ts';
import { type CountName, type CrowdKind, crowdName, noCounts, type Tally } from './tally.ts';

/** Crowds that one process tells of at a time: the largest. */
const CROWDS_MAX = 64;
const RANGES_MAX = 1_024;
/** So many neighbours a range may have in one process before it is told of: among people as they come, hardly one has. */
const RANGE_FLOOR = 2;
const RANGE_SIZE = 10_000;
const NUL = '\u0000';

/**
 * What one process remembers of one partner's questions: about a megabyte at the most, nothing of it readable. A sketch: it
 * forgets what is long ago and errs on the side of seeing less.
 */
export class PartnerSketch {
  readonly #tokenOf: (text: string) => string;
  readonly #seed: number;
  /** Made when they are needed: many partners send hashes alone. */
  #numbers: NeighbourRing | undefined;
  #persons: Crowds | undefined;
  /** Ranges of numbers → neighbours in them. */
  readonly #ranges = new LRUCache<number, number>({ max: RANGES_MAX });
  #counts: Record<CountName, number> = noCounts();
  #crowds = new Map<string, number>();

  /**
   * @param seed random, of the process
   * @param tokenOf what stands for a prefix or a name outside of this process
   */
  constructor(seed: number, tokenOf: (text: string) => string) {
    this.#tokenOf = tokenOf;
    this.#seed = seed;
  }

  /** @param nowMs real time */
  note({ form, phone, person, told, isAccepted }: Probe, nowMs: number): void {
    const counts = this.#counts;
    counts.asked += 1;
    if (told !== undefined) counts.told += 1;
    if (told === 'known') counts.known += 1;
    if (form === 'hashed') {
      counts.hashed += 1;
      if (told !== undefined) {
        counts.hashed_told += 1;
        if (isAccepted) counts.hashed_accepted += 1;
      }
    }
    if (phone !== undefined) {
      counts.plain += 1;
      this.#numbers ??= new NeighbourRing(this.#seed);
      if (this.#numbers.note(phone, nowMs)) {
        counts.near += 1;
        this.#noteRanges(Number(phone));
      }
    }
    if (person !== undefined) {
      counts.masked += 1;
      this.#notePerson(person);
    }
  }

  /** What was counted since the last time; undefined = nothing. */
  take(): Tally | undefined {
    if (this.#counts.asked === 0) return undefined;
    const entries = [...this.#crowds];
    const crowds =
      entries.length <= CROWDS_MAX
        ? this.#crowds
        : new Map(entries.sort(([, left], [, right]) => right - left).slice(0, CROWDS_MAX));
    const tally = { counts: this.#counts, crowds };
    this.#counts = noCounts();
    this.#crowds = new Map();
    return tally;
  }

  /** Ranges overlap by half, so that some three hundred numbers in a row always lie in one of them. */
  #noteRanges(phone: number): void {
    const first = Math.floor(phone / RANGE_SIZE) * 2;
    const second = Math.floor((phone + RANGE_SIZE / 2) / RANGE_SIZE) * 2 + 1;
    for (const range of [first, second]) {
      const seen = (this.#ranges.get(range) ?? 0) + 1;
      this.#ranges.set(range, seen);
      if (seen > RANGE_FLOOR) this.#count('number', String(range));
    }
  }

  #notePerson({ name, phone, idNumber }: MaskedPerson): void {
    this.#persons ??= new Crowds(this.#seed);
    const persons = this.#persons;
    const both = (left: string, right: string): string => left + NUL + right;
    if (persons.note(name, both(phone, idNumber))) this.#count('name', name);
    const groups: readonly (readonly [string, string])[] = [
      [both(name, idNumber), phone],
      [both(name, phone), idNumber],
      [both(phone, idNumber), name],
    ];
    for (const [group, member] of groups) if (persons.note(group, member)) this.#count('person', group);
  }

  #count(kind: CrowdKind, text: string): void {
    const name = crowdName(kind, this.#tokenOf(kind + NUL + text));
    this.#crowds.set(name, (this.#crowds.get(name) ?? 0) + 1);
  }
}
