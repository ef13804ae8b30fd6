import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { type Contributor, type ListKind, type ListName, type ListScope, partsOf } from './entry.ts';

/** One change of a contributor's own entries. */
export interface ListChange {
  readonly change: 'created' | 'updated' | 'removed' | 'suspended' | 'resumed' | 'imported';
  /** null for an import, which tells its many entries as one change a part. */
  readonly id: string | null;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly kind: ListKind;
  /** RFC 3339, business time. */
  readonly at: string;
  readonly imported?: {
    readonly import_id: string;
    readonly part: number;
    readonly rows: number;
    readonly created: number;
    readonly updated: number;
  };
}

export interface ListChangePage {
  readonly data: readonly ListChange[];
  /** Where to go on; may be asked again later, when there is more. */
  readonly nextCursor: string;
}

/** Older changes fall off; an entry itself stays. */
const KEPT_CHANGES = 100_000;
const START = '0-0';
const CURSOR = /^\d{1,20}-\d{1,20}$/;

/** A contributor's own contributions in the order they were made. A repeated contribution may be told twice. */
export class ChangeFeed {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  async log(contributor: Contributor, changes: readonly ListChange[]): Promise<void> {
    const key = this.#key(contributor);
    await Promise.all(
      changes.map((change) => this.#client.xadd(key, 'MAXLEN', '~', KEPT_CHANGES, '*', 'c', JSON.stringify(change))),
    );
  }

  /**
   * Changes after a cursor.
   * @param cursor as answered before; undefined = from the beginning
   * @returns undefined when the cursor is none of ours
   */
  async read(contributor: Contributor, cursor: string | undefined, limit: number): Promise<ListChangePage | undefined> {
    if (cursor !== undefined && !CURSOR.test(cursor)) return undefined;
    const after = cursor ?? START;
    const entries = await this.#client.xrange(this.#key(contributor), `(${after}`, '+', 'COUNT', limit);
    return {
      data: entries.map(([, [, text = '']]) => JSON.parse(text) as ListChange),
      nextCursor: entries.at(-1)?.[0] ?? after,
    };
  }

  #key(contributor: Contributor): string {
    const { role, party } = partsOf(contributor);
    return this.#keys.partner(party ?? role, 'listchanges', role);
  }
}
