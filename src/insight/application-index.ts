import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { lenderIndexKey, updatedIndexKey, userIndexKey } from './index-keys.ts';

export interface ApplicationIndexDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** Status of an application now; undefined when it is gone. */
  readonly statusOf: (applicationId: string) => Promise<string | undefined>;
}

export interface IndexQuery {
  readonly status?: string | undefined;
  /** Changed after this instant, epoch ms. */
  readonly updatedAfterMs?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface PartnerIndexQuery extends IndexQuery {
  readonly partnerUserRef?: string | undefined;
}

export interface IndexPage {
  /** Application ids, those changed longest ago first. */
  readonly ids: readonly string[];
  /** null = this was the last page. A page with a filter may be short, or empty, and still have a next one. */
  readonly nextCursor: string | null;
}

/** So many entries are looked at for one page, so that a rare status never makes a request slow. */
const SCAN_MAX = 1_000;
const CHUNK = 200;
const CURSOR = /^(\d{1,15})\.(app_[0-9a-f]{32})$/;

interface Entry {
  readonly updatedMs: number;
  readonly id: string;
}

/** Whether a text has the form of this index's cursors. */
export function isIndexCursor(text: string): boolean {
  return CURSOR.test(text);
}

/**
 * Applications by last change. The oldest change comes first: what changes while somebody pages through moves to the end
 * and is met again, so nothing is missed.
 */
export class ApplicationIndex {
  readonly #deps: ApplicationIndexDeps;

  constructor(deps: ApplicationIndexDeps) {
    this.#deps = deps;
  }

  /** Applications that a partner may see. @throws RangeError for a cursor that `isIndexCursor` refuses */
  list(partnerId: string, query: PartnerIndexQuery): Promise<IndexPage> {
    const { keys } = this.#deps;
    const { partnerUserRef } = query;
    const key =
      partnerUserRef === undefined ? updatedIndexKey(keys, partnerId) : userIndexKey(keys, partnerId, partnerUserRef);
    return this.#page(key, query);
  }

  /** Applications that a lender has been given. @throws RangeError for a cursor that `isIndexCursor` refuses */
  listOfLender(lenderId: string, query: IndexQuery): Promise<IndexPage> {
    return this.#page(lenderIndexKey(this.#deps.keys, lenderId), query);
  }

  async #page(key: string, query: IndexQuery): Promise<IndexPage> {
    const { status, limit } = query;
    const ids: string[] = [];
    let last = query.cursor === undefined ? undefined : readCursor(query.cursor);
    let scanned = 0;
    for (;;) {
      const wanted = status === undefined ? limit - ids.length + 1 : CHUNK;
      const entries = await this.#after(key, last, query.updatedAfterMs, wanted);
      const matches = await this.#matching(entries, status);
      for (const [index, entry] of entries.entries()) {
        // One more than fits tells that there is a next page.
        if (ids.length === limit) return { ids, nextCursor: last === undefined ? null : cursorOf(last) };
        if (matches[index]) ids.push(entry.id);
        last = entry;
      }
      scanned += entries.length;
      if (entries.length < wanted) return { ids, nextCursor: null };
      if (scanned >= SCAN_MAX && last !== undefined) return { ids, nextCursor: cursorOf(last) };
    }
  }

  async #matching(entries: readonly Entry[], status: string | undefined): Promise<boolean[]> {
    if (status === undefined) return entries.map(() => true);
    const found = await Promise.all(entries.map((entry) => this.#deps.statusOf(entry.id)));
    return found.map((one) => one === status);
  }

  /** The entries behind a place, at least `count` of them unless there are fewer. Equal scores are ordered by id. */
  async #after(key: string, place: Entry | undefined, afterMs: number | undefined, count: number): Promise<Entry[]> {
    const from = place?.updatedMs ?? (afterMs === undefined ? '-inf' : `(${afterMs}`);
    for (let take = count; ; take *= 2) {
      const pairs = await this.#deps.client.zrange(key, from, '+inf', 'BYSCORE', 'LIMIT', 0, take, 'WITHSCORES');
      const entries = toEntries(pairs);
      const fresh = place === undefined ? entries : entries.filter((entry) => isBehind(entry, place));
      // Entries of the same millisecond as the place may fill what was read; then more is read.
      if (fresh.length >= count || entries.length < take) return fresh;
    }
  }
}

function toEntries(pairs: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    entries.push({ id: pairs[at] ?? '', updatedMs: Number(pairs[at + 1]) });
  }
  return entries;
}

function isBehind(entry: Entry, place: Entry): boolean {
  return entry.updatedMs > place.updatedMs || (entry.updatedMs === place.updatedMs && entry.id > place.id);
}

function cursorOf({ updatedMs, id }: Entry): string {
  return `${updatedMs}.${id}`;
}

function readCursor(text: string): Entry {
  const [, updatedMs, id] = CURSOR.exec(text) ?? [];
  if (updatedMs === undefined || id === undefined) throw new RangeError('not a cursor of this index');
  return { updatedMs: Number(updatedMs), id };
}
