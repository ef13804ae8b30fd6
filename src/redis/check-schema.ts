import { SHARD_COUNT } from '../base/ids.ts';
import type { RedisClient } from './connection.ts';
import type { Keyspace } from './keyspace.ts';

const SCHEMA = '1';

/**
 * Writes the layout's facts at first boot and compares them at every later one: data laid out for another number of
 * shards would be looked for in the wrong place.
 * @throws when the stored layout is not this program's
 */
export async function checkSchema(client: RedisClient, keys: Keyspace): Promise<void> {
  const meta = keys.meta();
  await client.hsetnx(meta, 'schema', SCHEMA);
  await client.hsetnx(meta, 'shards', String(SHARD_COUNT));
  const [schema, shards] = await client.hmget(meta, 'schema', 'shards');
  if (schema !== SCHEMA) throw new Error(`the data in Redis has schema ${schema}; this program reads ${SCHEMA}`);
  if (shards !== String(SHARD_COUNT)) {
    throw new Error(`the data in Redis has ${shards} shards; this program uses ${SHARD_COUNT}`);
  }
}
