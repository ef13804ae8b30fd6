import { DAY_MS } from '../../../base/clock.ts';
import { shardOfId } from '../../../base/ids.ts';
import type { RedisClient } from '../../../redis/connection.ts';
import type { Keyspace } from '../../../redis/keyspace.ts';

/** A loan because of which an automatic entry stands. */
export interface AutoHold {
  readonly loanId: string;
  /** Day on which the loan reached the days of the rule, `YYYY-MM-DD`. */
  readonly since: string;
}

/** In place of a day: an appeal has found the entry wrong, so this loan never holds it again. */
const WAIVED = 'waived';
/** Longer than any entry lives. */
const KEPT_DAYS = 6 * 366;

/** Which loans hold an automatic entry: a person may be overdue with several, and the entry goes with the last of them. */
export class AutoHolds {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** A loan holds the entry from now on; the day of the first time stays. Nothing for a loan that was waived. */
  async hold(entryId: string, { loanId, since }: AutoHold): Promise<void> {
    const key = this.#key(entryId);
    await Promise.all([
      this.#client.hsetnx(key, loanId, since),
      this.#client.expire(key, (KEPT_DAYS * DAY_MS) / 1_000),
    ]);
  }

  /**
   * A loan holds the entry no longer.
   * @returns whether it did
   */
  async release(entryId: string, loanId: string): Promise<boolean> {
    const key = this.#key(entryId);
    const value = await this.#client.hget(key, loanId);
    if (value === null || value === WAIVED) return false;
    // Events of one loan are applied one after the other: nobody else writes this field meanwhile, except a waiver.
    return (await this.#client.hdel(key, loanId)) === 1;
  }

  /** None of the loans that hold the entry now will hold it again. */
  async waive(entryId: string): Promise<void> {
    const held = await this.holding(entryId);
    if (held.length === 0) return;
    await this.#client.hset(this.#key(entryId), Object.fromEntries(held.map(({ loanId }) => [loanId, WAIVED])));
  }

  /** The loans that hold it, longest first. */
  async holding(entryId: string): Promise<AutoHold[]> {
    const all = await this.#client.hgetall(this.#key(entryId));
    return Object.entries(all)
      .filter(([, since]) => since !== WAIVED)
      .map(([loanId, since]) => ({ loanId, since }))
      .sort((a, b) => (`${a.since}${a.loanId}` < `${b.since}${b.loanId}` ? -1 : 1));
  }

  #key(entryId: string): string {
    return this.#keys.shard(shardOfId(entryId), 'listauto', entryId);
  }
}
