import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, SECOND_MS } from '../base/clock.ts';
import type { DueSource } from './advance-clock.ts';
import type { PostingLender, SandboxEvents, SandboxObserver } from './sandbox-events.ts';

/** The clock may be moved by another process: due steps are looked for this often all the same. */
const LOOK_MAX_MS = 250;
const LOOK_MIN_MS = 5;
const PAUSE_AFTER_FAILURE_MS = SECOND_MS;
/** How often a move of the clock tries to get events answered before it gives up. */
const TRIES = 10;
const BETWEEN_TRIES_MS = 200;

/** Reports due events of all sandbox lenders, by itself as time passes and whenever the clock is moved; never both at once. */
export class SandboxReporter implements DueSource {
  readonly name = 'sandbox lenders';
  readonly #lenders: () => readonly PostingLender[];
  readonly #events: SandboxEvents;
  readonly #clock: Clock;
  readonly #observer: SandboxObserver;
  #turn: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #stopping = false;

  constructor(lenders: () => readonly PostingLender[], events: SandboxEvents, clock: Clock, observer: SandboxObserver) {
    this.#lenders = lenders;
    this.#events = events;
    this.#clock = clock;
    this.#observer = observer;
  }

  async nextDue(): Promise<number | null> {
    const times = await Promise.all(this.#lenders().map((lender) => lender.store.nextDue()));
    const known = times.filter((time) => time !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Posts what is due and waits for the answers; tries again for a while when the gateway does not answer. */
  async runDue(nowMs: number): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#post(nowMs);
      } catch (error) {
        if (attempt >= TRIES || this.#stopping) throw error;
        await delay(BETWEEN_TRIES_MS);
      }
    }
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#loop;
    await this.#turn.catch(() => undefined);
  }

  /** Something new was planned. */
  wake(): void {
    this.#wake?.();
  }

  async #post(nowMs: number): Promise<number> {
    const run = this.#turn
      .catch(() => undefined)
      .then(async () => {
        const counts = await Promise.all(this.#lenders().map((lender) => this.#events.postDue(lender, nowMs)));
        return counts.reduce((sum, count) => sum + count, 0);
      });
    this.#turn = run;
    return run;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let pauseMs = LOOK_MAX_MS;
      try {
        const nowMs = this.#clock.nowMs();
        const next = await this.nextDue();
        if (next !== null && next <= nowMs) await this.#post(nowMs);
        const after = await this.nextDue();
        if (after !== null) pauseMs = Math.min(Math.max(after - this.#clock.nowMs(), LOOK_MIN_MS), LOOK_MAX_MS);
      } catch (error) {
        this.#observer.failed(error);
        pauseMs = PAUSE_AFTER_FAILURE_MS;
      }
      if (!this.#stopping) await this.#sleep(pauseMs);
    }
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
