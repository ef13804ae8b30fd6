import { SHARD_COUNT } from '../../src/base/ids.ts';
import type { LogEvent } from '../../src/events/event.ts';
import { readLog } from '../../src/events/log.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';

const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

/** Read at once: a reply that takes long looks like a server that has gone. */
const PAGE = 2_000;

/** Every event of every shard, shard by shard. */
export async function everyEvent(client: RedisClient, keys: Keyspace): Promise<LogEvent[]> {
  const logs = await Promise.all(SHARDS.map((shard) => wholeLog(client, keys, shard)));
  return logs.flat();
}

async function wholeLog(client: RedisClient, keys: Keyspace, shard: number): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (;;) {
    const page = await readLog(client, keys, shard, events.at(-1)?.position ?? '0-0', PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/** Applications whose claim steps are not finished. */
export async function openIntents(client: RedisClient, keys: Keyspace): Promise<string[]> {
  const lists = await Promise.all(SHARDS.map((shard) => client.zrange(keys.shard(shard, 'intents'), 0, -1)));
  return lists.flat();
}
