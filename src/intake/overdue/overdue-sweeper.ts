import { type Clock, MINUTE_MS } from '../../base/clock.ts';
import { ALL_SHARDS } from '../../base/ids.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { lookNowAndThen } from '../../redis/look-now-and-then.ts';
import { applyOverdueRule, type OverdueDeps } from './overdue-entries.ts';
import type { OverdueTimes } from './overdue-times.ts';

export interface OverdueSweeperDeps extends OverdueDeps {
  readonly times: OverdueTimes;
  readonly clock: Clock;
  /** Which of how many processes on this machine this one is: each looks at its share of the shards. */
  readonly share: { readonly index: number; readonly count: number };
  /** Told of an application that could not be looked at; it stays due. Redis being away is not reported. */
  readonly onError?: (error: unknown) => void;
}

/** Applies the rule where time alone has brought a loan to its days: a due source of the clock, and a look now and then. */
export interface OverdueSweeper {
  /** For messages. */
  readonly name: string;
  nextDue(): Promise<number | null>;
  /** @returns how many applications were looked at */
  runDue(nowMs: number): Promise<number>;
  start(): void;
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = MINUTE_MS;
const DUE_AT_ONCE = 100;

export function createOverdueSweeper(deps: OverdueSweeperDeps): OverdueSweeper {
  const { index, count } = deps.share;
  const ours = ALL_SHARDS.filter((shard) => shard % count === index - 1);
  return {
    name: 'overdue entries',
    nextDue: () => deps.times.nextDue(),
    runDue: (nowMs) => sweep(deps, ALL_SHARDS, nowMs),
    ...lookNowAndThen(() => sweep(deps, ours, deps.clock.nowMs()), LOOK_EVERY_MS, deps.onError),
  };
}

async function sweep(deps: OverdueSweeperDeps, shards: readonly number[], nowMs: number): Promise<number> {
  const counts = await Promise.all(shards.map((shard) => sweepShard(deps, shard, nowMs)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function sweepShard(deps: OverdueSweeperDeps, shard: number, nowMs: number): Promise<number> {
  const { times, onError } = deps;
  let count = 0;
  // Those that fail stay in front; they are passed over until the next look.
  let failed = 0;
  for (;;) {
    const due = await times.due(shard, nowMs, failed, DUE_AT_ONCE);
    if (due.length === 0) return count;
    for (const id of due) {
      try {
        await times.note(id, later(await applyOverdueRule(deps, id), nowMs));
        count += 1;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failed += 1;
        onError?.(error);
      }
    }
  }
}

/** What should have happened by now and has not waits for the next event: a look must not repeat itself. */
function later(atMs: number | null, nowMs: number): number | null {
  return atMs !== null && atMs > nowMs ? atMs : null;
}
