import { sweepApplication } from '../applications/lifecycle/sweep-application.ts';
import { SECOND_MS } from '../base/clock.ts';
import { ALL_SHARDS, isId } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { lookNowAndThen } from '../redis/look-now-and-then.ts';
import { settled } from './answer-lender-events.ts';
import { changeWithInbox, factsOf, type LenderEventDeps } from './lender-inbox.ts';

export interface TimerSweeperDeps extends LenderEventDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** Told of a timer that could not be run; it stays due. Redis being away is not reported. */
  readonly onError?: (error: unknown) => void;
}

export interface TimerSweeper {
  /** For messages. */
  readonly name: string;
  /** When the earliest timer is due, epoch ms; null when none is set. */
  nextDue(): Promise<number | null>;
  /** Runs every timer that is due at `nowMs` or before. @returns how many were run */
  runDue(nowMs: number): Promise<number>;
  /** Looks once a second from now on. */
  start(): void;
  /** Resolves when a run under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = SECOND_MS;
const TIMERS_AT_ONCE = 100;
const SUFFIX = '|sweep';

/**
 * Runs what time alone does to applications: arrears at midnight, the end of a credit, held events that nothing came for.
 * Several processes may run it: whoever comes second finds nothing left to change. The reads of all shards travel as one
 * pipeline.
 */
export function createTimerSweeper(deps: TimerSweeperDeps): TimerSweeper {
  return {
    name: 'application timers',
    nextDue: () => earliest(deps),
    runDue: (nowMs) => runAll(deps, nowMs),
    ...lookNowAndThen(() => runAll(deps, deps.clock.nowMs()), LOOK_EVERY_MS, deps.onError),
  };
}

async function earliest({ client, keys }: TimerSweeperDeps): Promise<number | null> {
  const heads = await Promise.all(
    ALL_SHARDS.map((shard) => client.zrange(keys.shard(shard, 'timers'), 0, 0, 'WITHSCORES')),
  );
  const scores = heads.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]));
  return scores.length === 0 ? null : Math.min(...scores);
}

async function runAll(deps: TimerSweeperDeps, nowMs: number): Promise<number> {
  const counts = await Promise.all(ALL_SHARDS.map((shard) => runShard(deps, shard, nowMs)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function runShard(deps: TimerSweeperDeps, shard: number, nowMs: number): Promise<number> {
  const key = deps.keys.shard(shard, 'timers');
  let count = 0;
  // Timers that fail stay in front; they are passed over until the next look.
  let failed = 0;
  for (;;) {
    const due = await deps.client.zrangebyscore(key, '-inf', nowMs, 'LIMIT', failed, TIMERS_AT_ONCE);
    if (due.length === 0) return count;
    for (const member of due) {
      try {
        await runTimer(deps, key, member, nowMs);
        count += 1;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failed += 1;
        deps.onError?.(error);
      }
    }
  }
}

async function runTimer(deps: TimerSweeperDeps, key: string, member: string, nowMs: number): Promise<void> {
  const id = member.slice(0, -SUFFIX.length);
  const done = member.endsWith(SUFFIX) && isId('app', id) ? await sweep(deps, id, nowMs) : false;
  // Erased since, or no timer of ours.
  if (!done) await deps.client.zrem(key, member);
}

/** @returns false when there is no such application */
async function sweep(deps: TimerSweeperDeps, id: string, nowMs: number): Promise<boolean> {
  const done = await changeWithInbox(deps, id, {
    nowMs,
    eventIds: [],
    alwaysSetTimer: true,
    decide: (application, memory) => {
      const swept = sweepApplication(application, nowMs, factsOf(deps, application));
      const remember = new Map(swept.outcomes.map((each) => [each.id, settled(each, memory.get(each.id))]));
      return { application: swept.application, events: swept.events, remember, bindings: [], result: true };
    },
  });
  return done ?? false;
}
