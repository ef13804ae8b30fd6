import type { CommissionLine } from '../../src/revenue/commission-line.ts';
import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import type { PeriodRecord } from '../../src/revenue/period-record.ts';
import { slotKeys } from '../../src/revenue/slot.ts';
import type { Statement } from '../../src/revenue/statement.ts';
import type { OwnRedis } from './own-redis.ts';

/** What the feed was told. */
export interface ToldEntry {
  readonly id: string;
  readonly type: string;
  readonly about: string;
}

/** What one write has changed in a counterparty's slot, and how things stand after it. */
export interface Append {
  readonly partnerId: string;
  readonly rev: string;
  readonly head: { readonly seq: number; readonly hash: string };
  /** As stored, oldest first. */
  readonly rawEntries: readonly string[];
  readonly entries: readonly LedgerEntry[];
  readonly told: readonly ToldEntry[];
  readonly open: ReadonlyMap<string, string>;
  readonly balances: ReadonlyMap<string, bigint>;
  readonly periods: readonly PeriodRecord[];
  /** By id, as stored. */
  readonly statements: ReadonlyMap<string, string>;
}

const COUNTER = 'count|';

/** Reads what was written since it last looked: on a connection of its own, with plain commands. */
export class Observer {
  readonly #redis: OwnRedis;
  readonly #partnerId: string;
  readonly #contracts: readonly string[];
  #rev = '0';
  #seq = 0;
  #lastTold = '-';

  constructor(redis: OwnRedis, partnerId: string, contracts: readonly string[]) {
    this.#redis = redis;
    this.#partnerId = partnerId;
    this.#contracts = contracts;
  }

  /** The write since the last look, null when there was none. */
  async look(): Promise<Append | null> {
    const { client, keys } = this.#redis;
    const slot = slotKeys(keys, this.#partnerId);
    const fields = ['rev', 'seq', 'head', ...this.#contracts.map((contract) => `open|${contract}`)];
    const [book, ledger, feed, balances, periods, statements] = await Promise.all([
      client.hmget(slot.book, ...fields),
      client.xrange(slot.ledger, `${this.#seq + 1}-0`, '+'),
      client.xrange(slot.feed, this.#lastTold, '+'),
      client.hgetall(slot.balances),
      client.hvals(slot.periods),
      client.hgetall(slot.statements),
    ]);
    const [rev, seq, hash, ...open] = book;
    if ((rev ?? '0') === this.#rev) return null;
    this.#rev = rev ?? '0';
    this.#seq = Number(seq ?? 0);
    const last = feed.at(-1);
    if (last !== undefined) this.#lastTold = `(${last[0]}`;
    const rawEntries = ledger.map(([, values]) => values[1] ?? '');
    return {
      partnerId: this.#partnerId,
      rev: this.#rev,
      head: { seq: this.#seq, hash: hash ?? '' },
      rawEntries,
      entries: rawEntries.map((json) => JSON.parse(json) as LedgerEntry),
      told: feed.map(([, values]) => JSON.parse(values[1] ?? '') as ToldEntry),
      open: new Map(this.#contracts.flatMap((name, at) => (open[at] ? [[name, open[at]] as const] : []))),
      balances: new Map(Object.entries(balances).map(([account, minor]) => [account, BigInt(minor)])),
      periods: periods.map((json) => JSON.parse(json) as PeriodRecord),
      statements: new Map(Object.entries(statements)),
    };
  }

  /** Ids of events (of those asked) that have had their effect. */
  async applied(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const { client, keys } = this.#redis;
    const kept = await client.hmget(slotKeys(keys, this.#partnerId).transfers, ...ids);
    return new Set(ids.filter((_, at) => kept[at] !== null));
  }

  /** Counters of tiers and caps as stored, by their key. */
  async counters(): Promise<ReadonlyMap<string, string>> {
    const book = await this.#redis.client.hgetall(slotKeys(this.#redis.keys, this.#partnerId).book);
    const fields = Object.entries(book).filter(([field]) => field.startsWith(COUNTER));
    return new Map(fields.map(([field, text]) => [field.slice(COUNTER.length), text]));
  }

  /** Stored lines, by id. */
  async lines(ids: readonly string[]): Promise<CommissionLine[]> {
    if (ids.length === 0) return [];
    const { client, keys } = this.#redis;
    const stored = await client.hmget(slotKeys(keys, this.#partnerId).lines, ...ids);
    return stored.flatMap((json) => (json === null ? [] : [JSON.parse(json) as CommissionLine]));
  }
}

export function statementOf(json: string | undefined): Statement | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as Statement);
}
