import { DAY_MS } from '../base/clock.ts';
import { shardOfText } from '../base/ids.ts';
import type { Token } from '../identity/token.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

/** Applicants who came within this time share a device. */
const WINDOW_MS = DAY_MS;
/** In real time; what is older in business time is not counted before. */
const KEEP_SECONDS = 2 * 86_400;
/** Applicants that are remembered of one device or address, the newest: a whole carrier may come from one address. */
const KEPT = 250;

/** Who has applied on a device or from an address within a day. Counted are people, not applications. */
export class DeviceCounts {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * How many others than this person have applied within the window before an instant; at most 250. One command, sent in the
   * caller's tick.
   * @param device token of a device or an address
   * @param person token of the person who asks; null = nobody is left out
   */
  async others(device: Token, person: Token | null, nowMs: number): Promise<number> {
    const people = await this.#client.zrangebyscore(
      this.#key(device),
      `(${nowMs - WINDOW_MS}`,
      '+inf',
      'LIMIT',
      0,
      KEPT,
    );
    return people.filter((one) => one !== person).length;
  }

  /** Remembers an applicant of a device; doing so again moves the time only. */
  async note(device: Token, person: Token, nowMs: number): Promise<void> {
    const key = this.#key(device);
    await Promise.all([
      this.#client.zadd(key, nowMs, person),
      this.#client.zremrangebyscore(key, '-inf', nowMs - WINDOW_MS),
      this.#client.zremrangebyrank(key, 0, -KEPT - 1),
      this.#client.expire(key, KEEP_SECONDS),
    ]);
  }

  #key(device: Token): string {
    return this.#keys.shard(shardOfText(device), 'device', device);
  }
}
