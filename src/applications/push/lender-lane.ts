/** How wide a lane is now; asked before every start. */
export type LaneWidth = () => number;

/**
 * Work for one lender: at most so many at a time, a few more in hand so that nobody waits for the next to be fetched.
 */
export class LenderLane<Item> {
  readonly #width: LaneWidth;
  readonly #work: (item: Item) => Promise<void>;
  readonly #freed: () => void;
  #queue: Item[] = [];
  #active = 0;

  /**
   * @param work must not reject: it reports what goes wrong itself
   * @param freed told whenever there is room again
   */
  constructor(width: LaneWidth, work: (item: Item) => Promise<void>, freed: () => void) {
    this.#width = width;
    this.#work = work;
    this.#freed = freed;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#queue.length + this.#active;
  }

  /** How many more may be fetched now: as many wait as are under way. One that only tries has nobody behind it. */
  get room(): number {
    const width = this.#width();
    return Math.max(0, (width > 1 ? 2 * width : width) - this.size);
  }

  add(item: Item): void {
    this.#queue.push(item);
    this.pump();
  }

  /** Somebody waits for it: before all others. */
  addFirst(item: Item): void {
    this.#queue.unshift(item);
    this.pump();
  }

  /** Hands back everything that has not begun. */
  empty(): Item[] {
    const left = this.#queue;
    this.#queue = [];
    return left;
  }

  pump(): void {
    while (this.#queue.length > 0 && this.#active < this.#width()) {
      const item = this.#queue.shift();
      if (item === undefined) return;
      this.#active += 1;
      void this.#work(item).finally(() => {
        this.#active -= 1;
        this.pump();
        this.#freed();
      });
    }
  }
}
