import type { LoggedClick } from '../../src/attribution/clicks/click.ts';
import { clicksTail, readClicks } from '../../src/attribution/clicks/click-log.ts';
import { businessDay } from '../../src/base/business-day.ts';
import type { Clock } from '../../src/base/clock.ts';
import { ALL_SHARDS } from '../../src/base/ids.ts';
import { ClickCounter } from '../../src/insight/clicks/click-counter.ts';
import { ClickCounts } from '../../src/insight/clicks/click-counts.ts';
import type { CountRules } from '../../src/insight/clicks/count-shard.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';

interface Ground {
  readonly client: RedisClient;
  readonly keys: Keyspace;
}

export interface TestCounterOptions {
  /** Billable clicks a day by link code. */
  readonly caps?: Readonly<Record<string, number>>;
  /** Partners that are paid for clicks. */
  readonly paid?: readonly string[];
  readonly isOff?: CountRules['isOff'];
  /** Absent = no fault is expected. */
  readonly failed?: (error: unknown) => void;
}

/** What counts clicks, as a gateway has it; all products' days are Shanghai's. */
export function createTestCounter(
  { client, keys }: Ground,
  clock: Clock,
  { caps = {}, paid = [], isOff = () => false, failed = unexpected }: TestCounterOptions = {},
): ClickCounter<LoggedClick> {
  return new ClickCounter<LoggedClick>({
    logs: {
      read: (shard, after, count) => readClicks(client, keys, shard, after, count),
      tail: (shard) => clicksTail(client, keys, shard),
    },
    counts: new ClickCounts(client, keys),
    rules: {
      dayOf: (_, atMs) => businessDay(atMs, 'Asia/Shanghai'),
      isOff,
      capOf: (code) => caps[code] ?? null,
      isPaidPerClick: (partnerId) => paid.includes(partnerId),
      nowMs: () => clock.nowMs(),
    },
    share: { index: 1, count: 1 },
    failed,
  });
}

function unexpected(error: unknown): void {
  throw error;
}

/** Every arrival that is logged, shard by shard. */
export async function loggedClicks({ client, keys }: Ground, linkCode?: string): Promise<LoggedClick[]> {
  const logs = await Promise.all(ALL_SHARDS.map((shard) => readClicks(client, keys, shard, '0-0', 100_000)));
  return logs.flat().filter(({ facts }) => linkCode === undefined || facts.link_code === linkCode);
}
