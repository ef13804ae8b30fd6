import { ALL_SHARDS } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { scanHash } from '../scan-hash.ts';
import type { FundingRecord } from './funding-record.ts';
import { type ReachedKey, reachedField, reachedFieldsOf, readReachedField } from './reached-field.ts';

/** A record with the text that it was read from: whoever writes the next one proves that it is still this one. */
export interface StoredFunding {
  readonly record: FundingRecord | null;
  readonly text: string;
}

const writeScript = defineScript<'funded' | 'reached', boolean>({
  file: new URL('./write-funding.lua', import.meta.url),
  keys: ['funded', 'reached'],
  reply: (raw) => raw === 1,
});

/** Who lends on which application, and how many applicants came that far. */
export class FundingStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  async read(shard: number, subject: string): Promise<StoredFunding> {
    const text = (await this.#client.hget(this.#keys.shard(shard, 'funded'), subject)) ?? '';
    return { record: text === '' ? null : (JSON.parse(text) as FundingRecord), text };
  }

  /**
   * Stores the next record of an application and counts one applicant where `reached` says so; nothing when somebody else
   * has written since `before` was read.
   */
  async write(
    shard: number,
    subject: string,
    before: StoredFunding,
    record: FundingRecord,
    reached: ReachedKey | null,
  ): Promise<boolean> {
    const keys = { funded: this.#keys.shard(shard, 'funded'), reached: this.#keys.shard(shard, 'reached') };
    const counter = reached === null ? '' : reachedField(reached);
    return writeScript.run(this.#client, keys, [subject, before.text, JSON.stringify(record), counter]);
  }

  /** Applicants of a month by whose they were and how far they came, summed over all shards. */
  async reachedIn(month: string): Promise<Map<string, { readonly key: ReachedKey; readonly count: bigint }>> {
    const sums = new Map<string, { key: ReachedKey; count: bigint }>();
    for (const shard of ALL_SHARDS) {
      const counters = await scanHash(this.#client, this.#keys.shard(shard, 'reached'), reachedFieldsOf(month));
      for (const [field, count] of counters) {
        const known = sums.get(field);
        if (known === undefined) sums.set(field, { key: readReachedField(field), count });
        else known.count += count;
      }
    }
    return sums;
  }
}
