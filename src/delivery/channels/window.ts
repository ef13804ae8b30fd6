import type { PlacedEntry } from '../feed/feed-entry.ts';

/**
 * The events of a feed that one turn works on. Deliveries about different things end in any order; the cursor follows what is
 * settled without a gap, so that whoever goes on from it misses nothing.
 */
export class Window {
  readonly #entries: readonly PlacedEntry[];
  /** Messages of each event that are not settled. */
  readonly #open: number[];
  #settled = 0;
  #last = -1;

  /** @param parts how many messages each event makes */
  constructor(entries: readonly PlacedEntry[], parts: readonly number[]) {
    this.#entries = entries;
    this.#open = [...parts];
  }

  /** One message of an event was delivered, or has a record, or need not be sent. */
  settle(index: number): void {
    this.#open[index] = (this.#open[index] ?? 0) - 1;
    this.#last = Math.max(this.#last, index);
  }

  /** Where the cursor may go, if it may go further than before. */
  advance(): string | undefined {
    const before = this.#settled;
    while (this.#settled < this.#entries.length && (this.#open[this.#settled] ?? 0) <= 0) this.#settled += 1;
    return this.#settled > before ? this.#entries[this.#settled - 1]?.position : undefined;
  }

  /** Whether something that came later, or with it, is settled: then what is not needs a record before the turn may end. */
  isPassed(index: number): boolean {
    return index <= this.#last;
  }
}
