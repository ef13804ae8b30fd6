interface Doing {
  readonly atMs: number;
  /** Of two at the same instant the lower comes first. */
  readonly rank: number;
  readonly sequence: number;
  readonly act: () => void;
}

/** What the lender does by itself comes before what it is told at the same instant. */
const OWN = 0;
const TOLD = 1;

/**
 * Plays things in the order of their time. What is done may plan more, from its own instant on: so whatever is planned later
 * on changes nothing of what was before it.
 */
export class Timeline {
  /** Latest first: the next one is taken from the end. */
  readonly #waiting: Doing[] = [];
  #sequence = 0;
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** The instant of what is being played, epoch ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Plans something of the lender's own. */
  at(atMs: number, act: () => void): void {
    this.#plan(atMs, OWN, act);
  }

  after(ms: number, act: () => void): void {
    this.at(this.#nowMs + ms, act);
  }

  /** Plans something that comes from outside. */
  told(atMs: number, act: () => void): void {
    this.#plan(atMs, TOLD, act);
  }

  /** Plays everything up to an instant, that instant included. */
  runUntil(untilMs: number): void {
    for (;;) {
      const next = this.#waiting.at(-1);
      if (next === undefined || next.atMs > untilMs) break;
      this.#waiting.pop();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #plan(atMs: number, rank: number, act: () => void): void {
    this.#sequence += 1;
    const doing = { atMs: Math.max(atMs, this.#nowMs), rank, sequence: this.#sequence, act };
    let at = this.#waiting.length;
    while (at > 0 && isBefore(this.#waiting[at - 1], doing)) at -= 1;
    this.#waiting.splice(at, 0, doing);
  }
}

function isBefore(one: Doing | undefined, other: Doing): boolean {
  if (one === undefined) return false;
  if (one.atMs !== other.atMs) return one.atMs < other.atMs;
  if (one.rank !== other.rank) return one.rank < other.rank;
  return one.sequence < other.sequence;
}
