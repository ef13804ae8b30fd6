import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';

/** When the loans of an application may reach the days of an automatic entry; a set in each shard. */
export class OverdueTimes {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @param atMs null = not by time alone */
  async note(applicationId: string, atMs: number | null): Promise<void> {
    const key = this.#key(shardOfId(applicationId));
    await (atMs === null ? this.#client.zrem(key, applicationId) : this.#client.zadd(key, atMs, applicationId));
  }

  /** Up to `count` applications of a shard that are due, longest due first, after the first `skip`. */
  due(shard: number, nowMs: number, skip: number, count: number): Promise<string[]> {
    return this.#client.zrangebyscore(this.#key(shard), '-inf', nowMs, 'LIMIT', skip, count);
  }

  /** When the next one of any shard is due, epoch ms; null when none is noted. */
  async nextDue(): Promise<number | null> {
    const heads = await Promise.all(
      ALL_SHARDS.map((shard) => this.#client.zrange(this.#key(shard), 0, 0, 'WITHSCORES')),
    );
    const scores = heads.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]));
    return scores.length === 0 ? null : Math.min(...scores);
  }

  #key(shard: number): string {
    return this.#keys.shard(shard, 'listdue');
  }
}
