import { shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { ReceivableRow } from './count-receivables.ts';

/** What was owed when a month ended. */
export interface ReceivablesSnapshot {
  /** `YYYY-MM`. */
  readonly month: string;
  /** RFC 3339: when it was counted. */
  readonly cut_at: string;
  readonly rows: readonly ReceivableRow[];
}

/** Everything global lies in one slot. */
const SLOT = 0;
const SCAN_COUNT = 500;

const cutScript = defineScript<'snapshot' | 'last', boolean>({
  file: new URL('./cut-snapshot.lua', import.meta.url),
  keys: ['snapshot', 'last'],
  reply: (raw) => raw === 1,
});

/** Month-end snapshots, and the applications that still have something to count. */
export class SnapshotStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Remembers that an application has a loan that was paid out. */
  async watch(applicationId: string): Promise<void> {
    await this.#client.sadd(this.#keys.shard(shardOfId(applicationId), 'lent'), applicationId);
  }

  async unwatch(applicationId: string): Promise<void> {
    await this.#client.srem(this.#keys.shard(shardOfId(applicationId), 'lent'), applicationId);
  }

  /** Applications of a shard with loans that were paid out, a batch at a time; one may come twice. */
  async *watched(shard: number): AsyncGenerator<readonly string[]> {
    let cursor = '0';
    do {
      const [next, ids] = await this.#client.sscan(this.#keys.shard(shard, 'lent'), cursor, 'COUNT', SCAN_COUNT);
      cursor = next;
      if (ids.length > 0) yield ids;
    } while (cursor !== '0');
  }

  /** The latest month that was cut, or from which on months are cut. */
  async lastMonth(): Promise<string | undefined> {
    return (await this.#client.get(this.#lastKey())) ?? undefined;
  }

  /** Says from which month on snapshots are cut; a month that is known stays. */
  async beginAfter(month: string): Promise<void> {
    await this.#client.set(this.#lastKey(), month, 'NX');
  }

  /** Keeps a month's snapshot unless there is one. */
  async keep({ month, cut_at, rows }: ReceivablesSnapshot): Promise<boolean> {
    const keys = { snapshot: this.#keys.shard(SLOT, 'receivables', month), last: this.#lastKey() };
    return cutScript.run(this.#client, keys, [month, cut_at, ...rows.map((row) => JSON.stringify(row))]);
  }

  /** @param month `YYYY-MM` */
  async read(month: string): Promise<ReceivablesSnapshot | undefined> {
    const { cut_at, ...fields } = await this.#client.hgetall(this.#keys.shard(SLOT, 'receivables', month));
    if (cut_at === undefined) return undefined;
    const numbered = Object.entries(fields).sort(([one], [other]) => Number(one) - Number(other));
    return { month, cut_at, rows: numbered.map(([, text]) => JSON.parse(text) as ReceivableRow) };
  }

  #lastKey(): string {
    return this.#keys.shard(SLOT, 'receivables', 'last');
  }
}
