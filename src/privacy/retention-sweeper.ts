import { type Clock, MINUTE_MS } from '../base/clock.ts';
import { ALL_SHARDS } from '../base/ids.ts';
import { mapBounded } from '../base/map-bounded.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import { lookNowAndThen } from '../redis/look-now-and-then.ts';
import type { ApplicationEraser } from './application-eraser.ts';
import type { ClickRetention } from './click-retention.ts';
import type { RetentionStore } from './retention-store.ts';

export interface RetentionSweeperDeps {
  readonly retention: RetentionStore;
  readonly eraser: Pick<ApplicationEraser, 'eraseIfDue'>;
  readonly clicks: ClickRetention;
  readonly clock: Clock;
  /** Which of how many processes on this machine this one is: each looks at its share of the shards. */
  readonly share: { readonly index: number; readonly count: number };
  /** Told how many records a round erased. */
  readonly onErased?: (count: number) => void;
  /** Told of a record that could not be erased; it stays due. Redis being away is not reported. */
  readonly onError?: (error: unknown) => void;
}

/** Erases what has been kept for long enough: a due source of the clock, and a look now and then. */
export interface RetentionSweeper {
  /** For messages. */
  readonly name: string;
  /** When something is to be erased next, epoch ms; null when nothing is. */
  nextDue(): Promise<number | null>;
  /** Erases everything that is due at `nowMs`, in all shards. @returns how many things */
  runDue(nowMs: number): Promise<number>;
  start(): void;
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = MINUTE_MS / 2;
const DUE_AT_ONCE = 100;
const SHARDS_AT_ONCE = 16;

/**
 * Each application is judged again at its time, in the step that erases it, so that one which lives again is not touched.
 * Several processes may run it: whoever comes second finds nothing left to erase.
 */
export function createRetentionSweeper(deps: RetentionSweeperDeps): RetentionSweeper {
  const { index, count } = deps.share;
  const ours = ALL_SHARDS.filter((shard) => shard % count === index - 1);
  return {
    name: 'retention',
    async nextDue() {
      const times = await Promise.all([deps.retention.nextDue(), deps.clicks.nextDue()]);
      const known = times.filter((ms) => ms !== null);
      return known.length === 0 ? null : Math.min(...known);
    },
    runDue: (nowMs) => sweep(deps, ALL_SHARDS, nowMs),
    ...lookNowAndThen(() => sweep(deps, ours, deps.clock.nowMs()), LOOK_EVERY_MS, deps.onError),
  };
}

async function sweep(deps: RetentionSweeperDeps, shards: readonly number[], nowMs: number): Promise<number> {
  const counts = await mapBounded(shards, SHARDS_AT_ONCE, (shard) => sweepShard(deps, shard, nowMs));
  const erased = counts.reduce((sum, count) => sum + count, 0);
  if (erased > 0) deps.onErased?.(erased);
  const ended = await mapBounded(shards, SHARDS_AT_ONCE, (shard) => deps.clicks.sweep(shard, nowMs));
  return ended.reduce((sum, count) => sum + count, erased);
}

async function sweepShard(
  { retention, eraser, onError }: RetentionSweeperDeps,
  shard: number,
  nowMs: number,
): Promise<number> {
  let erased = 0;
  // What cannot be erased stays in front; it is passed over until the next look.
  let failed = 0;
  for (;;) {
    const due = await retention.due(shard, nowMs, failed, DUE_AT_ONCE);
    if (due.length === 0) return erased;
    for (const id of due) {
      try {
        if (await eraser.eraseIfDue(id, nowMs)) erased += 1;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failed += 1;
        onError?.(error);
      }
    }
  }
}
