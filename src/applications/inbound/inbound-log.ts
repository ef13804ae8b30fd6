import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { InboundRow } from './inbound-row.ts';

export interface InboundDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** What is noted here decides nothing, so a fault is told and goes no further. */
  readonly failed: (error: unknown) => void;
}

export interface InboundQuery {
  /** Only what came at or after this instant, RFC 3339 in business time. */
  readonly since?: string | undefined;
  readonly result?: InboundRow['result'] | undefined;
  /** Goes on after this place. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface InboundPage {
  readonly rows: readonly InboundRow[];
  /** The `after` of the next page; null = that was all. */
  readonly next: string | null;
}

/** Events of one lender that are kept, about. */
const KEPT = 5_000;
const READ_AT_ONCE = 500;
const PLACE = /^\d{1,20}-\d{1,20}$/;

/** What each lender posted lately and how it was answered: bounded, for those who look for a fault. */
export class InboundLog {
  readonly #deps: InboundDeps;

  constructor(deps: InboundDeps) {
    this.#deps = deps;
  }

  /** Notes the answers of one request. Never throws. */
  async note(lenderId: string, rows: readonly InboundRow[]): Promise<void> {
    const { client, keys, failed } = this.#deps;
    const key = keys.partner(lenderId, 'inbound');
    try {
      await Promise.all(rows.map((row) => client.xadd(key, 'MAXLEN', '~', KEPT, '*', 'r', JSON.stringify(row))));
    } catch (error) {
      failed(error);
    }
  }

  /** Oldest first. @returns undefined for an `after` that is no place in the log */
  async page(lenderId: string, { since = '', result, after, limit }: InboundQuery): Promise<InboundPage | undefined> {
    if (after !== undefined && !PLACE.test(after)) return undefined;
    const rows: InboundRow[] = [];
    let place = after;
    for (;;) {
      const entries = await this.#read(lenderId, place);
      for (const [id, [, text = '{}']] of entries) {
        const row = JSON.parse(text) as InboundRow;
        if (row.at < since || (result !== undefined && row.result !== result)) continue;
        // One more than fits: there is a next page, which begins with it.
        if (rows.length === limit) return { rows, next: place ?? null };
        rows.push(row);
        place = id;
      }
      if (entries.length < READ_AT_ONCE) return { rows, next: null };
      place = entries.at(-1)?.[0] ?? place;
    }
  }

  #read(lenderId: string, after: string | undefined): Promise<[id: string, fields: string[]][]> {
    const { client, keys } = this.#deps;
    const from = after === undefined ? '-' : `(${after}`;
    return client.xrange(keys.partner(lenderId, 'inbound'), from, '+', 'COUNT', READ_AT_ONCE);
  }
}
