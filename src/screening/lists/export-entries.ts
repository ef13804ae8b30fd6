import type { TokenForm } from '../../identity/token.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { Contributor, CustomerStatus, EntryState, ListKind, ListName, ListReason, ListScope } from './entry.ts';
import { shownState } from './entry-doc.ts';
import { dateOfDay, dayOf } from './entry-rules.ts';
import { bucketKey, TOKEN_BYTES, tokenText } from './index-layout.ts';
import { type IndexTable, readTables } from './index-tables.ts';
import type { ListSource } from './list-sources.ts';
import { type PackedMembership, unpackMemberships } from './membership.ts';
import { entryIdOf, type StoreParts } from './store-parts.ts';

/** One form of an entry as it is exported: a token cannot be turned back into whom it means. */
export interface ExportedEntry {
  /** null where it cannot be told from this form: a person known in plain has the id of the sha256 form. */
  readonly id: string | null;
  readonly token: string;
  readonly kind: ListKind;
  readonly form: TokenForm;
  readonly known_in_plain: boolean;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly contributor: Contributor;
  readonly reason: ListReason;
  readonly status: CustomerStatus | null;
  readonly expires_on: string | null;
  readonly state: EntryState;
}

export interface ExportFilter {
  readonly scope?: ListScope;
  readonly list?: ListName;
}

const SCAN_COUNT = 512;
/** Buckets that are read together: a page of about 1 400 entries. */
const BUCKETS_A_PAGE = 32;

/**
 * Everything in the index that matches, page by page; memory holds one page. What is there throughout is exported once;
 * what comes or goes meanwhile may be missing.
 */
export async function* exportEntries(parts: StoreParts, filter: ExportFilter): AsyncGenerator<ExportedEntry[]> {
  const today = dayOf(parts.clock.nowMs());
  for (const table of await readTables(parts.client, parts.keys)) {
    for (let from = 0; from < table.buckets; from += BUCKETS_A_PAGE) {
      const buckets = Array.from({ length: Math.min(BUCKETS_A_PAGE, table.buckets - from) }, (_, at) => from + at);
      const found = (await Promise.all(buckets.map((bucket) => readBucket(parts, table, bucket)))).flat();
      await parts.sources.ensure(found.map(({ packed }) => packed.source));
      const page = found.flatMap(({ token, packed }) => {
        const source = parts.sources.known(packed.source);
        return source && matches(filter, source, packed) ? [exported(table, token, packed, source, today)] : [];
      });
      if (page.length > 0) yield page;
    }
  }
}

/** A membership as it lies in a bucket. */
export interface Found {
  readonly token: Buffer;
  readonly packed: PackedMembership;
}

/**
 * What the table's size at the start puts into a bucket: the bucket itself, and those that were split off it since. The
 * bucket is read first and says which those are, so nothing is seen twice, and nothing that moves is missed.
 */
export async function readBucket(
  { client, keys }: { readonly client: RedisClient; readonly keys: Keyspace },
  table: IndexTable,
  bucket: number,
  level = levelOf(bucket, table.buckets),
): Promise<Found[]> {
  const found: Found[] = [];
  let now = level;
  for (const [field, value] of await fieldsOf(client, bucketKey(keys, table.family, table.shard, bucket))) {
    if (field.length === 0) now = Number(value.toString('latin1'));
    else for (const packed of unpackMemberships(value)) found.push({ token: field.subarray(0, TOKEN_BYTES), packed });
  }
  for (let split = level; split < now; split += 1) {
    found.push(...(await readBucket({ client, keys }, table, bucket + 2 ** split, split + 1)));
  }
  return found;
}

/** HGETALL would give the fields as text; a listpack is scanned in one reply, whatever its size. */
async function fieldsOf(client: RedisClient, key: string): Promise<(readonly [Buffer, Buffer])[]> {
  const fields: (readonly [Buffer, Buffer])[] = [];
  let cursor = '0';
  do {
    const [next, flat]: [Buffer, Buffer[]] = await client.hscanBuffer(key, cursor, 'COUNT', SCAN_COUNT);
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [field, value] = [flat[at], flat[at + 1]];
      if (field && value) fields.push([field, value]);
    }
    cursor = next.toString('latin1');
  } while (cursor !== '0');
  return fields;
}

/** To how many bits a bucket has been split in a table of so many buckets. */
function levelOf(bucket: number, buckets: number): number {
  const level = 31 - Math.clz32(buckets);
  const rest = buckets - 2 ** level;
  return bucket < rest || bucket >= 2 ** level ? level + 1 : level;
}

export function matches({ scope, list }: ExportFilter, source: ListSource, packed: PackedMembership): boolean {
  return (scope === undefined || source.scope === scope) && (list === undefined || packed.list === list);
}

function exported(
  { kind, form }: IndexTable,
  token: Buffer,
  packed: PackedMembership,
  source: ListSource,
  today: number,
): ExportedEntry {
  const expiresOn = packed.expiresDay === null ? null : dateOfDay(packed.expiresDay);
  const state = packed.isSuspended ? 'suspended' : 'active';
  const isAnchor = !packed.isPlain || form === 'sha256' || form === 'plain';
  return {
    id: isAnchor ? entryIdOf(source, packed.list, kind, tokenText(token)) : null,
    token: token.toString('hex'),
    kind,
    form,
    known_in_plain: packed.isPlain,
    list: packed.list,
    scope: source.scope,
    contributor: source.contributor,
    reason: packed.reason,
    status: packed.status,
    expires_on: expiresOn,
    state: shownState({ state, expires_on: expiresOn }, today),
  };
}
