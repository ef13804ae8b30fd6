import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { CommissionLine } from './commission-line.ts';
import type { LedgerBasis } from './ledger-batch.ts';
import { GENESIS_HASH, type LedgerEntry } from './ledger-entry.ts';
import type { LoanFacts } from './loan-facts.ts';
import { scanHash } from './scan-hash.ts';
import { bookField, lineIdOf, objectField, rangeOf, type SlotKey, slotKeys } from './slot.ts';

/** Fields of the book that every basis consists of. */
export const BASIS_FIELDS = ['rev', 'seq', 'head'] as const;
const PAGE = 500;
/** As the append script keeps them. */
const SNAPSHOT_EVERY = 1_024;
/** One append may pass over some, if it is longer than a stretch. */
const SNAPSHOTS_TRIED = 16;

/** The hashes that hold documents by id. */
export type DocumentKey = 'lines' | 'statements' | 'settlements' | 'payments' | 'disputes';

/** Balances after an entry. */
export interface BalanceSnapshot {
  readonly seq: number;
  readonly balances: ReadonlyMap<string, bigint>;
}

/** The ledgers of all counterparties, read only. What is long comes in pages. */
export class LedgerReader {
  protected readonly client: RedisClient;
  protected readonly keys: Keyspace;
  readonly #slots = new Map<string, Readonly<Record<SlotKey, string>>>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.client = client;
    this.keys = keys;
  }

  /** Basis and further fields of the book, as of one moment. */
  async readBook(partnerId: string, fields: readonly string[] = []) {
    const values = await this.client.hmget(this.key(partnerId, 'book'), ...BASIS_FIELDS, ...fields);
    return { ...basisOf(values), values: values.slice(BASIS_FIELDS.length) };
  }

  /** The entry that a transfer id was booked by. */
  async entryOf(partnerId: string, transferId: string): Promise<LedgerEntry | undefined> {
    const seq = await this.client.hget(this.key(partnerId, 'transfers'), transferId);
    if (!seq) return undefined;
    return this.entryAt(partnerId, Number(seq));
  }

  /** The chain behind a place, oldest first. @param after seq that comes before the first; 0 = the whole chain */
  async *entries(partnerId: string, after = 0): AsyncGenerator<LedgerEntry> {
    for await (const page of this.entryPages(partnerId, after)) yield* page;
  }

  /** The same page by page; the next is on its way while one is looked at. */
  async *entryPages(partnerId: string, after = 0): AsyncGenerator<LedgerEntry[]> {
    const read = (from: string) => {
      const page = this.client.xrange(this.key(partnerId, 'ledger'), `(${from}`, '+', 'COUNT', PAGE);
      // Whoever stops before it has come does not hear of its failure either.
      page.catch(() => undefined);
      return page;
    };
    let next = read(`${after}-0`);
    for (;;) {
      const page = await next;
      const last = page.at(-1);
      if (last === undefined) return;
      next = read(last[0]);
      yield page.map(([, fields]) => readEntry(fields));
    }
  }

  /** The entry at a place of the chain. */
  async entryAt(partnerId: string, seq: number): Promise<LedgerEntry | undefined> {
    const [found] = await this.client.xrange(this.key(partnerId, 'ledger'), `${seq}-0`, `${seq}-0`);
    return found === undefined ? undefined : readEntry(found[1]);
  }

  /** Where transfers stand in the chain, null where there is none of the id. */
  async placesOf(partnerId: string, transferIds: readonly string[]): Promise<(number | null)[]> {
    if (transferIds.length === 0) return [];
    const places = await this.client.hmget(this.key(partnerId, 'transfers'), ...transferIds);
    return places.map((seq) => (seq === null ? null : Number(seq)));
  }

  /** Documents by id, null where there is none. */
  async documents<T>(partnerId: string, name: DocumentKey, ids: readonly string[]): Promise<(T | null)[]> {
    if (ids.length === 0) return [];
    const stored = await this.client.hmget(this.key(partnerId, name), ...ids);
    return stored.map((json) => (json === null ? null : (JSON.parse(json) as T)));
  }

  /** How many documents there are. */
  countOf(partnerId: string, name: DocumentKey): Promise<number> {
    return this.client.hlen(this.key(partnerId, name));
  }

  /** Ids of all documents, in no order, some perhaps twice. */
  async *idsOf(partnerId: string, name: DocumentKey): AsyncGenerator<string[]> {
    let cursor = '0';
    do {
      const [next, page] = await this.client.hscan(this.key(partnerId, name), cursor, 'COUNT', PAGE);
      yield page.filter((_, at) => at % 2 === 0);
      cursor = next;
    } while (cursor !== '0');
  }

  /** Balances as they were kept along the way, oldest first: after every 1024th entry or the first append beyond it. */
  async snapshots(partnerId: string): Promise<BalanceSnapshot[]> {
    const stored = await this.client.hvals(this.key(partnerId, 'snapshots'));
    return stored.map(readSnapshot).sort((a, b) => a.seq - b.seq);
  }

  /** The last kept balances that are not after a place of the chain, undefined when none are. */
  async snapshotBefore(partnerId: string, seq: number): Promise<BalanceSnapshot | undefined> {
    const reached = Math.floor(seq / SNAPSHOT_EVERY);
    // The snapshot of a stretch is of the first append beyond its beginning: perhaps after the place that is asked for.
    for (let at = reached; at > 0 && at > reached - SNAPSHOTS_TRIED; at -= 1) {
      const json = await this.client.hget(this.key(partnerId, 'snapshots'), String(at));
      const snapshot = json === null ? undefined : readSnapshot(json);
      if (snapshot !== undefined && snapshot.seq <= seq) return snapshot;
    }
    return undefined;
  }

  /** Lines on the statement of a period, in the order of `compareStatementLines`, in pages. */
  async *linesOfPeriod(partnerId: string, contract: string, period: string): AsyncGenerator<CommissionLine> {
    let from: string | null = null;
    do {
      const page = await this.linesOfPeriodPage(partnerId, contract, period, from, PAGE);
      yield* page.lines;
      from = page.next;
    } while (from !== null);
  }

  /** @param after `next` of the page before, null for the first */
  async linesOfPeriodPage(partnerId: string, contract: string, period: string, after: string | null, count: number) {
    const { min, max } = rangeOf(contract, period);
    // A position of another list reads from the start.
    const start = after?.startsWith(min.slice(1)) ? `(${after}` : min;
    const key = this.key(partnerId, 'linesByPeriod');
    const members = await this.client.zrange(key, start, max, 'BYLEX', 'LIMIT', 0, count);
    const lines = await this.lines(partnerId, members.map(lineIdOf));
    return { lines, next: members.length < count ? null : (members.at(-1) ?? null) };
  }

  /** Lines by time of their event, newest first, within [`from`, `to`) in RFC 3339; `before` as `next` of the page before. */
  async linesByTimePage(partnerId: string, from: string, to: string, before: string | null, count: number) {
    const start = `(${before ?? to}`;
    const key = this.key(partnerId, 'linesByTime');
    const members = await this.client.zrange(key, start, `[${from}`, 'BYLEX', 'REV', 'LIMIT', 0, count);
    const lines = await this.lines(partnerId, members.map(lineIdOf));
    return { lines, members };
  }

  /** Lines of an application (its loans' too) or of a loan. */
  async linesOfObject(partnerId: string, object: string): Promise<CommissionLine[]> {
    const key = this.key(partnerId, 'objects');
    const [first, more] = await this.client.hmget(key, object, objectField(object, 'n'));
    if (!first) return [];
    const fields = Array.from({ length: Number(more ?? 0) }, (_, index) => objectField(object, index + 1));
    const ids = fields.length === 0 ? [] : await this.client.hmget(key, ...fields);
    const known = ids.filter((id) => id !== null);
    return this.lines(partnerId, [first, ...known]);
  }

  /** Lines by id, in that order; an id without a line is left out. */
  async lines(partnerId: string, ids: readonly string[]): Promise<CommissionLine[]> {
    if (ids.length === 0) return [];
    const stored = await this.client.hmget(this.key(partnerId, 'lines'), ...ids);
    return stored.flatMap((json) => (json === null ? [] : [JSON.parse(json) as CommissionLine]));
  }

  /** Commission that each once key has paid, null for one that has paid none. */
  async onceLines(partnerId: string, keys: readonly string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? [] : this.client.hmget(this.key(partnerId, 'once'), ...keys);
  }

  /** Sums of the counterparty's business in the fields that match; see `countMargin`. */
  margin(partnerId: string, pattern: string): Promise<Map<string, bigint>> {
    return scanHash(this.client, this.key(partnerId, 'margin'), pattern);
  }

  /** Every stored line, in no order, in pages. */
  async *allLines(partnerId: string): AsyncGenerator<CommissionLine> {
    let cursor = '0';
    do {
      const [next, page] = await this.client.hscan(this.key(partnerId, 'lines'), cursor, 'COUNT', PAGE);
      for (let at = 1; at < page.length; at += 2) yield JSON.parse(page[at] ?? '') as CommissionLine;
      cursor = next;
    } while (cursor !== '0');
  }

  /** How many lines the indexes list. */
  async indexSizes(partnerId: string) {
    const [linesByTime, linesByPeriod, holds] = await Promise.all(
      (['linesByTime', 'linesByPeriod', 'holds'] as const).map((name) => this.client.zcard(this.key(partnerId, name))),
    );
    return { linesByTime: linesByTime ?? 0, linesByPeriod: linesByPeriod ?? 0, holds: holds ?? 0 };
  }

  /** Balance of every account, minor units. */
  async balances(partnerId: string): Promise<Map<string, bigint>> {
    const stored = await this.client.hgetall(this.key(partnerId, 'balances'));
    return new Map(Object.entries(stored).map(([account, minor]) => [account, BigInt(minor)]));
  }

  /** What a link has earned: accruals less clawbacks, held ones too. Minor units. */
  async linkEarnings(partnerId: string, code: string, currency: string): Promise<bigint> {
    return BigInt((await this.client.hget(this.key(partnerId, 'book'), bookField.link(code, currency))) ?? 0);
  }

  /** What is remembered of loans; null where a loan was never disbursed under this counterparty. */
  async loanFacts(partnerId: string, loanIds: readonly string[]): Promise<(LoanFacts | null)[]> {
    if (loanIds.length === 0) return [];
    const stored = await this.client.hmget(this.key(partnerId, 'loans'), ...loanIds);
    return stored.map((json) => (json === null ? null : (JSON.parse(json) as LoanFacts)));
  }

  /** Fingerprint of every version of terms that has priced something, by terms id. */
  async pricedTerms(partnerId: string): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.client.hgetall(this.key(partnerId, 'terms'))));
  }

  /** All documents of one of the hashes that hold JSON by id. */
  async records<T>(partnerId: string, name: 'statements' | 'settlements' | 'payments' | 'disputes'): Promise<T[]> {
    const stored = await this.client.hvals(this.key(partnerId, name));
    return stored.map((json) => JSON.parse(json) as T);
  }

  /** Ids of held lines whose release time is not after `untilMs`, oldest first. */
  dueHolds(partnerId: string, untilMs: number, count: number): Promise<string[]> {
    return this.client.zrange(this.key(partnerId, 'holds'), '-inf', untilMs, 'BYSCORE', 'LIMIT', 0, count);
  }

  /** When the next held line is released, null when none is held. */
  async nextRelease(partnerId: string): Promise<number | null> {
    const [, score] = await this.client.zrange(this.key(partnerId, 'holds'), 0, 0, 'WITHSCORES');
    return score === undefined ? null : Number(score);
  }

  /** Keys of a counterparty's slot. */
  slot(partnerId: string): Readonly<Record<SlotKey, string>> {
    const known = this.#slots.get(partnerId);
    if (known !== undefined) return known;
    const slot = slotKeys(this.keys, partnerId);
    this.#slots.set(partnerId, slot);
    return slot;
  }

  protected key(partnerId: string, name: SlotKey): string {
    return this.slot(partnerId)[name];
  }
}

/** @param book values of `BASIS_FIELDS`, then others */
export function basisOf(book: readonly (string | null)[]): LedgerBasis {
  const [rev, seq, hash] = book;
  return { rev: rev ?? '0', head: { seq: Number(seq ?? 0), hash: hash ?? GENESIS_HASH } };
}

/** @param fields of a stream entry: `e` and its JSON */
function readEntry(fields: readonly string[]): LedgerEntry {
  return JSON.parse(fields[1] ?? '') as LedgerEntry;
}

/** @param json `[seq, account, minor units, account, …]`, all as text */
function readSnapshot(json: string): BalanceSnapshot {
  const [seq, ...values] = JSON.parse(json) as string[];
  const balances = new Map<string, bigint>();
  for (let at = 0; at + 1 < values.length; at += 2) balances.set(values[at] ?? '', BigInt(values[at + 1] ?? ''));
  return { seq: Number(seq), balances };
}
