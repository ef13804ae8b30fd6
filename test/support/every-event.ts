import { SHARD_COUNT } from '../../src/base/ids.ts';
import type { LogEvent } from '../../src/events/event.ts';
import { readLog } from '../../src/events/log.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';

const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

/** Every event of every shard, shard by shard. */
export async function everyEvent(client: RedisClient, keys: Keyspace): Promise<LogEvent[]> {
  const logs = await Promise.all(SHARDS.map((shard) => readLog(client, keys, shard, '0-0', 100_000)));
  return logs.flat();
}

/** Applications whose claim steps are not finished. */
export async function openIntents(client: RedisClient, keys: Keyspace): Promise<string[]> {
  const lists = await Promise.all(SHARDS.map((shard) => client.zrange(keys.shard(shard, 'intents'), 0, -1)));
  return lists.flat();
}
