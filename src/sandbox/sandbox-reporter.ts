import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, SECOND_MS } from '../base/clock.ts';
import type { DueSource } from './advance-clock.ts';
import type { DailyTotals } from './daily-totals.ts';
import type { PostingLender, SandboxEvents, SandboxObserver } from './sandbox-events.ts';

/** The clock may be moved by another process: due steps are looked for this often all the same. */
const LOOK_MAX_MS = 250;
const LOOK_MIN_MS = 5;
/** Days end seldom: how often it is looked whether one has, ms of the sandbox clock. */
const TOTALS_EVERY_MS = 10 * SECOND_MS;
const PAUSE_AFTER_FAILURE_MS = SECOND_MS;
/** How often a move of the clock tries to get events answered before it gives up. */
const TRIES = 10;
const BETWEEN_TRIES_MS = 200;

export interface ReporterDeps {
  readonly lenders: () => readonly PostingLender[];
  readonly events: SandboxEvents;
  readonly totals: DailyTotals;
  readonly clock: Clock;
  readonly observer: SandboxObserver;
}

/** Reports due events and totals of all sandbox lenders, by itself as time passes and whenever the clock is moved; never both at once. */
export class SandboxReporter implements DueSource {
  readonly name = 'sandbox lenders';
  readonly #deps: ReporterDeps;
  #turn: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #stopping = false;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  async nextDue(): Promise<number | null> {
    const times = await Promise.all(this.#deps.lenders().map((lender) => lender.store.nextDue()));
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

  /** Sends the totals of the days that have ended; those that do not get through go with the next ones. */
  async catchUp(nowMs: number): Promise<void> {
    const { lenders, totals, observer } = this.#deps;
    const run = this.#turn
      .catch(() => undefined)
      .then(() => Promise.all(lenders().map((lender) => totals.sendDue(lender, nowMs))))
      .catch((error: unknown) => observer.failed(error));
    this.#turn = run;
    await run;
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
        const rounds = await Promise.allSettled(
          this.#deps.lenders().map((lender) => this.#deps.events.postDue(lender, nowMs)),
        );
        const failed = rounds.find((round) => round.status === 'rejected');
        if (failed) throw failed.reason;
        return rounds.reduce((sum, round) => sum + (round.status === 'fulfilled' ? round.value : 0), 0);
      });
    this.#turn = run;
    return run;
  }

  async #run(): Promise<void> {
    let nextTotalsMs = 0;
    while (!this.#stopping) {
      let pauseMs = LOOK_MAX_MS;
      try {
        const nowMs = this.#deps.clock.nowMs();
        const next = await this.nextDue();
        if (next !== null && next <= nowMs) await this.#post(nowMs);
        if (nowMs >= nextTotalsMs) {
          await this.catchUp(nowMs);
          nextTotalsMs = nowMs + TOTALS_EVERY_MS;
        }
        const after = await this.nextDue();
        if (after !== null) pauseMs = Math.min(Math.max(after - this.#deps.clock.nowMs(), LOOK_MIN_MS), LOOK_MAX_MS);
      } catch (error) {
        this.#deps.observer.failed(error);
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
