import { DAY_MS, msOf } from '../../base/clock.ts';
import { isId, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { StoredQuote } from './stored-quote.ts';

/** A quote is remembered after its end, so that whoever comes late is told just that. */
const KEPT_AFTER_END_MS = 7 * DAY_MS;

/** Who compares amounts and terms asks for a few; of more, the oldest are forgotten. */
const KEPT_OF_APPLICATION = 50;

/** Quotes of drawdowns, each in the shard of its application, forgotten by themselves. */
export class QuoteStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Remembers a quote. Its id comes from its content, so the same again changes nothing. */
  async save(quote: StoredQuote): Promise<void> {
    const keptMs = msOf(quote.valid_until) - msOf(quote.issued_at) + KEPT_AFTER_END_MS;
    const list = this.#keys.shard(shardOfId(quote.id), 'quote', 'of', quote.application_id);
    const work = this.#client.multi().set(this.#key(quote.id), JSON.stringify(quote), 'PX', keptMs);
    work.zadd(list, msOf(quote.issued_at), quote.id).pexpire(list, keptMs);
    const replies = await work.zrange(list, 0, -KEPT_OF_APPLICATION - 1).exec();
    const old = (replies?.at(-1)?.[1] ?? []) as readonly string[];
    if (old.length === 0) return;
    await this.#client
      .multi()
      .del(...old.map((id) => this.#key(id)))
      .zrem(list, ...old)
      .exec();
  }

  /** A quote of this application; undefined when there is none, or no longer. */
  async find(applicationId: string, quoteId: string): Promise<StoredQuote | undefined> {
    if (!isId('quo', quoteId)) return undefined;
    const text = await this.#client.get(this.#key(quoteId));
    if (text === null) return undefined;
    const quote = JSON.parse(text) as StoredQuote;
    return quote.application_id === applicationId ? quote : undefined;
  }

  #key(quoteId: string): string {
    return this.#keys.shard(shardOfId(quoteId), 'quote', quoteId);
  }
}
