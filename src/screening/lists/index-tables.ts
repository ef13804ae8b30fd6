import { ALL_SHARDS } from '../../base/ids.ts';
import { HASH_FORMS } from '../../identity/hash-forms.ts';
import type { TokenForm } from '../../identity/token.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { LIST_KINDS, LIST_NAMES, type ListKind, type ListName } from './entry.ts';
import { type Family, headKey } from './index-layout.ts';
import { SOURCE_MAX } from './membership.ts';

/** One table of the index: a family in a shard. */
export interface IndexTable {
  readonly kind: ListKind;
  readonly form: TokenForm;
  readonly family: Family;
  readonly shard: number;
  readonly buckets: number;
  /** Memberships by list, source and whether the person is known in plain. */
  readonly counts: readonly TableCount[];
}

export interface TableCount {
  readonly list: ListName;
  readonly source: number;
  readonly isPlain: boolean;
  readonly memberships: number;
}

/** Every family that there can be. */
export const FAMILIES: readonly Pick<IndexTable, 'kind' | 'form' | 'family'>[] = LIST_KINDS.flatMap((kind) => {
  const forms: readonly TokenForm[] = kind === 'ip' || kind === 'region' ? ['plain'] : HASH_FORMS;
  return forms.map((form) => ({ kind, form, family: `${kind}.${form}` as const }));
});

const COUNT_FIELD = /^c(\d+)([ph])$/;

/** All tables that hold anything, by their heads: one round. */
export async function readTables(client: RedisClient, keys: Keyspace): Promise<IndexTable[]> {
  const places = FAMILIES.flatMap((family) => ALL_SHARDS.map((shard) => ({ ...family, shard })));
  const heads = await Promise.all(places.map(({ family, shard }) => client.hgetall(headKey(keys, family, shard))));
  return places.flatMap((place, at) => {
    const { n, ...rest } = heads[at] ?? {};
    return n === undefined ? [] : [{ ...place, buckets: Number(n), counts: countsOf(rest) }];
  });
}

function countsOf(fields: Readonly<Record<string, string>>): TableCount[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const [, lists, origin] = COUNT_FIELD.exec(field) ?? [];
    if (lists === undefined) return [];
    const list = LIST_NAMES[Number(lists) >> 14] ?? 'block';
    return [{ list, source: Number(lists) & SOURCE_MAX, isPlain: origin === 'p', memberships: Number(value) }];
  });
}
