import { ALL_SHARDS, SHARD_COUNT } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { readCursors, readParked } from './checkpoint.ts';
import { isBefore, logTail } from './log.ts';

/** How far the projections are behind the logs. Read from Redis, so it holds whatever process runs them. */
export interface Backlog {
  /** Shards in which a projection has not seen the newest event. */
  readonly shardsBehind: number;
  readonly parkedSubjects: number;
}

/** @param projections names of all projections that must have seen the newest event */
export async function readBacklog(
  client: RedisClient,
  keys: Keyspace,
  projections: readonly string[],
): Promise<Backlog> {
  const readings = await Promise.all(
    ALL_SHARDS.map(async (shard) => {
      const [tail, cursors, parked] = await Promise.all([
        logTail(client, keys, shard),
        readCursors(client, keys, shard),
        readParked(client, keys, shard),
      ]);
      const behind = tail !== '0-0' && projections.some((name) => isBefore(cursors[name] ?? '0-0', tail));
      return { behind, parked: parked.length };
    }),
  );
  return {
    shardsBehind: readings.filter((reading) => reading.behind).length,
    parkedSubjects: readings.reduce((sum, reading) => sum + reading.parked, 0),
  };
}

/** Asks the workers to apply the parked events of one subject again. */
export async function requestRedrive(
  client: RedisClient,
  keys: Keyspace,
  shard: number,
  projection: string,
  subject: string,
): Promise<void> {
  await client.sadd(keys.shard(shard, 'redrive'), `redrive|${projection}|${subject}`);
  await client.publish(keys.wakeChannel, String(shard));
}

/** Asks the workers to apply a projection from the beginning of every log again. */
export async function requestRewind(client: RedisClient, keys: Keyspace, projection: string): Promise<void> {
  for (let shard = 0; shard < SHARD_COUNT; shard += 1) {
    await client.sadd(keys.shard(shard, 'redrive'), `rewind|${projection}`);
    await client.publish(keys.wakeChannel, String(shard));
  }
}
