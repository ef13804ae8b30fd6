import { CANONICAL_FORM } from '../../identity/hash-forms.ts';
import type { TokenForm } from '../../identity/token.ts';
import { shownState } from './entry-doc.ts';
import { dateOfDay, dayOf } from './entry-rules.ts';
import { type ExportFilter, type Found, matches, readBucket } from './export-entries.ts';
import type { FoundEntry } from './find-entries.ts';
import { tokenText } from './index-layout.ts';
import { FAMILIES, type IndexTable, readTables } from './index-tables.ts';
import type { ListForms } from './list-tokens.ts';
import { entryIdOf, refPlaces, type StoreParts } from './store-parts.ts';

/** Where a page ends: a table as large as it was when it was begun, a bucket of it, and the last entry there. */
export interface ListPlace {
  readonly family: string;
  readonly shard: number;
  readonly buckets: number;
  readonly bucket: number;
  /** '' = nothing of the bucket yet. */
  readonly last: string;
}

export interface ListPage {
  readonly data: readonly FoundEntry[];
  /** null = there are no more. */
  readonly next: ListPlace | null;
}

/** Buckets that are looked at for one page: about 90 000 tokens. A page may therefore be short, or empty, and go on. */
const BUCKETS_A_PAGE = 2_048;
const BUCKETS_AT_ONCE = 32;

/**
 * A page of the entries in the index that match, each once, however many forms it stands under. What is there throughout all
 * pages is seen once; what comes or goes meanwhile may be missing.
 */
export async function listPage(
  parts: StoreParts,
  filter: ExportFilter,
  after: ListPlace | undefined,
  limit: number,
): Promise<ListPage> {
  const data: FoundEntry[] = [];
  let looked = 0;
  for (const table of await tablesFrom(parts, after)) {
    const begun = isTableOf(table, after) ? after : undefined;
    const sized: IndexTable = begun === undefined ? table : { ...table, buckets: begun.buckets };
    for (let from = begun?.bucket ?? 0; from < sized.buckets; from += BUCKETS_AT_ONCE) {
      if (looked >= BUCKETS_A_PAGE) return { data, next: placeOf(sized, from, '') };
      const numbers = Array.from({ length: Math.min(BUCKETS_AT_ONCE, sized.buckets - from) }, (_, at) => from + at);
      const read = await Promise.all(numbers.map((bucket) => readBucket(parts, sized, bucket)));
      looked += numbers.length;
      for (const [at, found] of read.entries()) {
        const bucket = from + at;
        const last = begun?.bucket === bucket ? begun.last : '';
        for (const { key, one } of await wantedOf(parts, sized, found, filter)) {
          if (key <= last) continue;
          data.push(await entryOf(parts, sized, one));
          if (data.length === limit) return { data, next: placeOf(sized, bucket, key) };
        }
      }
    }
  }
  return { data, next: null };
}

/** Tables in a fixed order, from the one in which the page before ended. */
async function tablesFrom(parts: StoreParts, after: ListPlace | undefined): Promise<IndexTable[]> {
  const wanted = (await readTables(parts.client, parts.keys)).filter(({ form }) => isListed(form, parts.forms));
  const order = ({ family, shard }: Pick<ListPlace, 'family' | 'shard'>): number =>
    FAMILIES.findIndex((one) => one.family === family) * 1_000 + shard;
  return after === undefined ? wanted : wanted.filter((table) => order(table) >= order(after));
}

/** Every form may hold entries of its own; those that are known in plain are shown under one. */
function isListed(form: TokenForm, { hashes }: ListForms): boolean {
  return form === 'plain' || hashes.some((one) => one === form);
}

function shownForm({ hashes }: ListForms): TokenForm | undefined {
  return hashes.includes(CANONICAL_FORM) ? CANONICAL_FORM : hashes[0];
}

async function wantedOf(
  parts: StoreParts,
  { form }: IndexTable,
  found: readonly Found[],
  filter: ExportFilter,
): Promise<{ readonly key: string; readonly one: Found }[]> {
  await parts.sources.ensure(found.map(({ packed }) => packed.source));
  return found
    .filter(({ packed }) => {
      const source = parts.sources.known(packed.source);
      const isShown = !packed.isPlain || form === 'plain' || form === shownForm(parts.forms);
      return isShown && source !== undefined && matches(filter, source, packed);
    })
    .map((one) => ({ key: `${one.token.toString('hex')}.${one.packed.list}.${one.packed.source}`, one }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function entryOf(parts: StoreParts, { kind, form }: IndexTable, { token, packed }: Found): Promise<FoundEntry> {
  const source = parts.sources.known(packed.source);
  if (source === undefined) throw new Error('a list entry is of no source');
  const own = { kind, form, token: tokenText(token) };
  const [ref] = packed.hasDetails ? await parts.details.refs(refPlaces([own], packed.list, packed.source)) : [];
  const doc = ref ? ((await parts.details.get(ref.id)) ?? null) : null;
  const isAnchor = !packed.isPlain || form === CANONICAL_FORM || form === 'plain';
  const expiresOn = packed.expiresDay === null ? null : dateOfDay(packed.expiresDay);
  const state = packed.isSuspended ? 'suspended' : 'active';
  return {
    id: doc?.id ?? (isAnchor ? entryIdOf(source, packed.list, kind, own.token) : null),
    kind,
    list: packed.list,
    scope: source.scope,
    contributor: source.contributor,
    reason: doc?.reason ?? packed.reason,
    status: packed.status,
    expires_on: expiresOn,
    state: shownState({ state, expires_on: expiresOn }, dayOf(parts.clock.nowMs())),
    known_in_plain: packed.isPlain,
    tokens: doc?.tokens ?? [own],
    source: packed.source,
    doc,
  };
}

function isTableOf({ family, shard }: IndexTable, place: ListPlace | undefined): place is ListPlace {
  return place !== undefined && family === place.family && shard === place.shard;
}

function placeOf({ family, shard, buckets }: IndexTable, bucket: number, last: string): ListPlace {
  return { family, shard, buckets, bucket, last };
}
