import { DAY_MS, MINUTE_MS } from '../../base/clock.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { KeptClick } from '../clicks/click.ts';
import { clickLogKey } from '../clicks/click-log.ts';

/** Systems try to deliver what an ended connection still had to send for a quarter of an hour (tcp(7), tcp_retries2). */
const LATE_MS = DAY_MS;
/** How far the clocks of Redis and of a gateway may be apart. */
const CLOCKS_APART_MS = MINUTE_MS;
const PAGE = 500;
const SHARDS_AT_ONCE = 4;

/**
 * Finds out about clicks that were sent to Redis and never answered. Their script may have run; it may even run later: what
 * lies in the socket of a server that hung is executed when it goes on. So a click is claimed first: from then on its
 * script records nothing (record-click.lua looks whether it is `late`), and what the log holds of it is all there will be.
 */
export class DoubtfulClicks {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @returns the place in its shard's click log by the id, of those that were recorded */
  async find(clicks: readonly KeptClick[]): Promise<ReadonlyMap<string, string>> {
    const byShard = new Map<number, KeptClick[]>();
    for (const click of clicks) {
      const { shard } = click.arrival;
      const beside = byShard.get(shard);
      if (beside) beside.push(click);
      else byShard.set(shard, [click]);
    }
    const places = new Map<string, string>();
    await mapBounded([...byShard], SHARDS_AT_ONCE, async ([shard, doubtful]) => {
      await this.#claim(shard, doubtful);
      await this.#search(shard, doubtful, places);
    });
    return places;
  }

  async #claim(shard: number, doubtful: readonly KeptClick[]): Promise<void> {
    const late = this.#keys.shard(shard, 'late');
    // First that there are any: the script looks into the set only then.
    await this.#client.set(this.#keys.shard(shard, 'late', 'any'), '1', 'PX', LATE_MS);
    await this.#client.sadd(late, ...doubtful.map(({ arrival }) => arrival.random));
    await this.#client.pexpire(late, LATE_MS);
  }

  async #search(shard: number, doubtful: readonly KeptClick[], places: Map<string, string>): Promise<void> {
    const log = clickLogKey(this.#keys, shard);
    const missing = new Map(doubtful.map(({ id, arrival }) => [arrival.random, id]));
    const [newest] = await this.#client.xrevrange(log, '+', '-', 'COUNT', 1);
    const firstSentMs = Math.min(...doubtful.map(({ sentAtMs }) => sentAtMs ?? 0));
    for (let from = `${Math.max(0, firstSentMs - CLOCKS_APART_MS)}`; newest !== undefined && missing.size > 0; ) {
      const entries = await this.#client.xrange(log, from, newest[0], 'COUNT', PAGE);
      for (const [place, [, , , random = '']] of entries) {
        const id = missing.get(random);
        if (id === undefined) continue;
        places.set(id, place);
        missing.delete(random);
      }
      const last = entries.at(-1);
      if (last === undefined || entries.length < PAGE) return;
      from = `(${last[0]}`;
    }
  }
}
