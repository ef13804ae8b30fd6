import type { Clock } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import type { Token, Tokenizer } from '../../identity/token.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { ChangeFeed } from './change-feed.ts';
import { DetailStore, type RefPlace } from './detail-store.ts';
import type { Contributor, ListKind, ListName, ListScope, ListToken } from './entry.ts';
import { IndexWriter } from './index-writer.ts';
import { ListIndex } from './list-index.ts';
import { ListSources } from './list-sources.ts';
import type { ListForms } from './list-tokens.ts';

export interface StoreDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly tokenizer: Tokenizer;
  /** Business time: what has expired follows the sandbox clock. */
  readonly clock: Clock;
  readonly forms: ListForms;
}

/** What the operations of the lists work with. */
export interface StoreParts extends StoreDeps {
  readonly index: ListIndex;
  readonly writer: IndexWriter;
  readonly sources: ListSources;
  readonly details: DetailStore;
  readonly feed: ChangeFeed;
}

export function createStoreParts(deps: StoreDeps): StoreParts {
  const { client, keys } = deps;
  return {
    ...deps,
    index: new ListIndex(client, keys),
    writer: new IndexWriter(client, keys),
    sources: new ListSources(client, keys),
    details: new DetailStore(client, keys),
    feed: new ChangeFeed(client, keys),
  };
}

/**
 * The id of an entry: the same contribution has the same id. The contributor is part of it, because two lenders may list
 * one person for the same funder, and what one of them takes back still stands for the other.
 */
export function entryIdOf(
  source: { readonly scope: ListScope; readonly contributor: Contributor },
  list: ListName,
  kind: ListKind,
  anchor: Token,
): string {
  return derivedId('lst', source.scope, source.contributor, list, kind, anchor);
}

/** Where the details of one entry hang, one place a token. */
export function refPlaces(tokens: readonly ListToken[], list: ListName, source: number): RefPlace[] {
  return tokens.map((token) => ({ token, list, source }));
}
