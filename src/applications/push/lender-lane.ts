/** Work for one lender: at most so many at a time, and never two for the same application. */
export class LenderLane<Item> {
  readonly #width: number;
  readonly #applicationOf: (item: Item) => string;
  readonly #work: (item: Item) => Promise<void>;
  readonly #queue: Item[] = [];
  readonly #active = new Set<string>();

  /** @param work must not reject: it reports what goes wrong itself */
  constructor(width: number, applicationOf: (item: Item) => string, work: (item: Item) => Promise<void>) {
    this.#width = width;
    this.#applicationOf = applicationOf;
    this.#work = work;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#queue.length + this.#active.size;
  }

  add(item: Item): void {
    this.#queue.push(item);
    this.#pump();
  }

  #pump(): void {
    while (this.#active.size < this.#width) {
      const at = this.#queue.findIndex((item) => !this.#active.has(this.#applicationOf(item)));
      const [item] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (item === undefined) return;
      const application = this.#applicationOf(item);
      this.#active.add(application);
      void this.#work(item).finally(() => {
        this.#active.delete(application);
        this.#pump();
      });
    }
  }
}
