import { ALL_SHARDS, shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { ProductRecord, RecordChange } from './product-record.ts';

/** The records of one shard, with the number of its writes. */
export interface ShardRecords {
  readonly shard: number;
  readonly revision: string;
  readonly records: readonly ProductRecord[];
}

const REVISION = '#revision';
/** Set once every product of the files has been written down for the first time. */
const BASELINE = '#baseline';
/** Another writer won this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;

const putProduct = defineScript<'products' | 'log', readonly [number, string]>({
  file: new URL('./put-product.lua', import.meta.url),
  keys: ['products', 'log'],
  reply: (raw) => raw as readonly [number, string],
});

/** What is kept of products: each in the shard of its id, written in one step with the event that tells the change. */
export class ProductStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** All records of these shards, in one round. */
  readShards(shards: readonly number[] = ALL_SHARDS): Promise<ShardRecords[]> {
    return Promise.all(
      shards.map(async (shard) => {
        const { [REVISION]: revision = '', [BASELINE]: _, ...texts } = await this.#client.hgetall(this.#key(shard));
        return { shard, revision, records: Object.values(texts).map((text) => JSON.parse(text) as ProductRecord) };
      }),
    );
  }

  /** The number of writes of each shard, in the order asked; '' where there was none. */
  revisions(shards: readonly number[]): Promise<string[]> {
    return Promise.all(shards.map(async (shard) => (await this.#client.hget(this.#key(shard), REVISION)) ?? ''));
  }

  /**
   * Reads, decides, writes; when somebody else wrote in between, decides again on what is there now.
   * @param decide pure; may be called several times; null = nothing is to be written
   * @returns the record as it is afterwards; undefined when there is none
   */
  async change(
    productId: string,
    decide: (record: ProductRecord | undefined) => RecordChange | null,
  ): Promise<ProductRecord | undefined> {
    const shard = shardOfText(productId);
    const keys = { products: this.#key(shard), log: this.#keys.shard(shard, 'log') };
    const { wakeChannel, catalogueChannel } = this.#keys;
    let stored = (await this.#client.hget(keys.products, productId)) ?? '';
    for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
      const record = stored === '' ? undefined : (JSON.parse(stored) as ProductRecord);
      const change = decide(record);
      if (change === null) return record;
      const event = change.event === null ? '' : JSON.stringify(change.event);
      const args = [
        productId,
        stored,
        JSON.stringify(change.record),
        event,
        wakeChannel,
        catalogueChannel,
        String(shard),
      ];
      const [written, now] = await putProduct.run(this.#client, keys, args);
      if (written === 1) return change.record;
      stored = now;
    }
    throw new Error(`product ${productId} changed ${CONFLICT_LIMIT} times while one change was tried`);
  }

  /** Whether the products of this installation have been written down before: what comes now is news. */
  async hasBaseline(): Promise<boolean> {
    return (await this.#client.hexists(this.#key(0), BASELINE)) === 1;
  }

  async setBaseline(): Promise<void> {
    await this.#client.hsetnx(this.#key(0), BASELINE, '1');
  }

  #key(shard: number): string {
    return this.#keys.shard(shard, 'products');
  }
}
