import { ALL_SHARDS, shardOfId } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** Due time of what has no end yet: the last instant that a date can hold. */
const NO_END_MS = 8_640_000_000_000_000;
const SCAN_COUNT = 500;

const scheduleScript = defineScript<'state' | 'retention' | 'sealed', boolean>({
  file: new URL('./schedule-retention.lua', import.meta.url),
  keys: ['state', 'retention', 'sealed'],
  reply: (raw) => raw === 1,
});

/**
 * Every application that has a sealed record, by the business time at which the record is to be erased; a set in each shard.
 * It is also the list of what is sealed.
 */
export class RetentionStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Notes an application's due time, or that it has none yet.
   * @param version of the application that was judged
   * @returns false when it has changed since: judge again
   */
  schedule(applicationId: string, version: number, dueMs: number | null): Promise<boolean> {
    const shard = shardOfId(applicationId);
    return scheduleScript.run(
      this.#client,
      {
        state: this.#keys.shard(shard, 'app', applicationId),
        retention: this.#keys.shard(shard, 'retention'),
        sealed: this.#keys.shard(shard, 'sealed', applicationId),
      },
      [version, applicationId, dueMs ?? NO_END_MS],
    );
  }

  /** Takes one off the list: it is erased, or gone. */
  async remove(applicationId: string): Promise<void> {
    await this.#client.zrem(this.#keys.shard(shardOfId(applicationId), 'retention'), applicationId);
  }

  /** Up to `count` applications of a shard that are due, longest due first, after the first `skip`. */
  due(shard: number, nowMs: number, skip: number, count: number): Promise<string[]> {
    return this.#client.zrangebyscore(this.#keys.shard(shard, 'retention'), '-inf', nowMs, 'LIMIT', skip, count);
  }

  /** When the next one of any shard is due; null when nothing ever will be. */
  async nextDue(): Promise<number | null> {
    const heads = await Promise.all(
      ALL_SHARDS.map((shard) =>
        this.#client.zrangebyscore(
          this.#keys.shard(shard, 'retention'),
          '-inf',
          `(${NO_END_MS}`,
          'WITHSCORES',
          'LIMIT',
          0,
          1,
        ),
      ),
    );
    const scores = heads.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]));
    return scores.length === 0 ? null : Math.min(...scores);
  }

  /** When an application's data is to be erased; null = not yet known, or there is none. */
  async dueOf(applicationId: string): Promise<number | null> {
    const score = await this.#client.zscore(this.#keys.shard(shardOfId(applicationId), 'retention'), applicationId);
    return score === null || Number(score) === NO_END_MS ? null : Number(score);
  }

  /** Applications of a shard that have sealed data, some hundreds at a time; one that comes or goes meanwhile may be left out. */
  async *sealedOf(shard: number): AsyncGenerator<readonly string[]> {
    const key = this.#keys.shard(shard, 'retention');
    let cursor = '0';
    do {
      const [next, pairs] = await this.#client.zscan(key, cursor, 'COUNT', SCAN_COUNT);
      cursor = next;
      yield pairs.filter((_, index) => index % 2 === 0);
    } while (cursor !== '0');
  }
}
