/** What was started, stopped in the opposite order; a part that fails to stop does not keep the others running. */
export class StopList {
  readonly #stops: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  readonly #failed: (name: string, error: unknown) => void;

  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  async run(): Promise<void> {
    for (;;) {
      const next = this.#stops.pop();
      if (!next) return;
      try {
        await next.stop();
      } catch (error) {
        this.#failed(next.name, error);
      }
    }
  }
}
