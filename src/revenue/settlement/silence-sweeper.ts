import { type Clock, MINUTE_MS, msOf } from '../../base/clock.ts';
import { type Looker, lookNowAndThen } from '../../redis/look-now-and-then.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { acceptBySilence } from './accept-statement.ts';
import { readStanding, type StatementStanding } from './read-standing.ts';

export interface SilenceSweeperDeps {
  readonly store: LedgerStore;
  readonly clock: Clock;
  /** Ids of all counterparties that may have statements. */
  partners(): Iterable<string>;
  /** Told of a round that failed; the next one tries again. */
  failed(error: unknown): void;
}

/** Statements wait for days: nobody minds a minute. */
const POLL_MS = MINUTE_MS;

/** Accepts statements that nobody has held anything against in time: a due source of the clock. */
export class SilenceSweeper {
  readonly name = 'statement acceptance';
  readonly #deps: SilenceSweeperDeps;
  readonly #looker: Looker;

  constructor(deps: SilenceSweeperDeps) {
    this.#deps = deps;
    this.#looker = lookNowAndThen(
      () => this.runDue(deps.clock.nowMs()),
      POLL_MS,
      (error) => deps.failed(error),
    );
  }

  /** When the next statement is accepted by silence (ms), null when none waits. */
  async nextDue(): Promise<number | null> {
    const times: number[] = [];
    for (const partnerId of this.#deps.partners()) {
      const { statements } = await readStanding(this.#deps.store, partnerId);
      times.push(...statements.filter(isWaiting).map(({ statement }) => msOf(statement.accept_by ?? '')));
    }
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Accepts everything whose time is over at `nowMs`. @returns how many statements */
  async runDue(nowMs: number): Promise<number> {
    let accepted = 0;
    for (const partnerId of this.#deps.partners()) {
      accepted += await acceptBySilence(this.#deps.store, partnerId, nowMs);
    }
    return accepted;
  }

  start(): void {
    this.#looker.start();
  }

  stop(): Promise<void> {
    return this.#looker.stop();
  }
}

function isWaiting({ statement, status, settlement }: StatementStanding): boolean {
  return (
    statement.accept_by !== null && settlement.acceptance === null && status !== 'disputed' && status !== 'carried'
  );
}
