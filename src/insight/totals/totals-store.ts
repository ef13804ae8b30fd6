import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { totalsKeys } from './totals-keys.ts';
import { TOTALS, type Totals } from './totals-step.ts';

/** What a lender said of one of its days. */
export interface ToldDay {
  readonly timezone: string;
  /** Product → totals; a product that it did not name is told to have had nothing. */
  readonly products: Readonly<Record<string, Totals>>;
  /** RFC 3339. */
  readonly told_at: string;
}

/** Our own totals of lenders' days, and what the lenders said of them. */
export class TotalsStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Our totals of a product's day as far as events have told; `outstanding_*` as it was when the day ended.
   * @param day `YYYY-MM-DD`
   */
  async ours(lenderId: string, productId: string, day: string): Promise<Totals> {
    const month = day.slice(0, 7);
    const key = totalsKeys.months(this.#keys, lenderId);
    const earlier = await this.#client.zrange(key, `[${productId}|`, `(${productId}|${month}`, 'BYLEX');
    const spans = [...earlier.map((entry) => entry.slice(productId.length + 1)), ...daysUpTo(day)];
    const [counted, ...changes] = await Promise.all([
      this.#client.hgetall(totalsKeys.day(this.#keys, lenderId, productId, day)),
      ...spans.map((span) => this.#outstanding(lenderId, productId, span)),
    ]);
    const sum = (at: 0 | 1): number => changes.reduce((total, change) => total + Number(change[at] ?? 0), 0);
    const totals = Object.fromEntries(TOTALS.map((name) => [name, Number(counted[name] ?? 0)])) as Record<
      keyof Totals,
      number
    >;
    return { ...totals, outstanding_count: sum(0), outstanding_principal: sum(1) };
  }

  /** Keeps what a lender says of a day; said again, the latest word counts. @returns what it had said before */
  async tell(lenderId: string, day: string, told: ToldDay): Promise<ToldDay | undefined> {
    const before = await this.told(lenderId, day);
    await this.#client.hset(totalsKeys.told(this.#keys, lenderId), day, JSON.stringify(told));
    return before;
  }

  /** What a lender said of a day. */
  async told(lenderId: string, day: string): Promise<ToldDay | undefined> {
    const text = await this.#client.hget(totalsKeys.told(this.#keys, lenderId), day);
    return text === null ? undefined : (JSON.parse(text) as ToldDay);
  }

  /** What a lender said of several days, in their order. */
  async toldDays(lenderId: string, days: readonly string[]): Promise<(ToldDay | undefined)[]> {
    if (days.length === 0) return [];
    const texts = await this.#client.hmget(totalsKeys.told(this.#keys, lenderId), ...days);
    return texts.map((text) => (text === null ? undefined : (JSON.parse(text) as ToldDay)));
  }

  /** Which of some days any of these products had an event on. */
  async happenedOn(
    lenderId: string,
    productIds: readonly string[],
    days: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const counted = await Promise.all(
      days.flatMap((day) =>
        productIds.map(async (product) => {
          const exists = await this.#client.exists(totalsKeys.day(this.#keys, lenderId, product, day));
          return exists === 1 ? [day] : [];
        }),
      ),
    );
    return new Set(counted.flat());
  }

  #outstanding(lenderId: string, productId: string, span: string): Promise<(string | null)[]> {
    const key = totalsKeys.day(this.#keys, lenderId, productId, span);
    return this.#client.hmget(key, 'outstanding_count', 'outstanding_principal');
  }
}

/** The days of a month up to one of them, that one too. */
function daysUpTo(day: string): string[] {
  const [month, last] = [day.slice(0, 8), Number(day.slice(8))];
  return Array.from({ length: last }, (_, at) => `${month}${String(at + 1).padStart(2, '0')}`);
}
