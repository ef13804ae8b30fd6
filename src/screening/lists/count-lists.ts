import type { TokenForm } from '../../identity/token.ts';
import type { Contributor, ListKind, ListName, ListScope } from './entry.ts';
import { readTables } from './index-tables.ts';
import type { StoreParts } from './store-parts.ts';

/**
 * How many entries stand on a list. `form`: as they were contributed; a person in plain is one entry, however many forms.
 * `phone_id` counts also people of whom both numbers stand in one group: they are found by the joint hash as well.
 */
export interface ListCount {
  readonly scope: ListScope;
  readonly contributor: Contributor;
  readonly list: ListName;
  readonly kind: ListKind;
  readonly form: TokenForm;
  readonly entries: number;
}

/** Counts of everything, from counters that every change keeps; what has expired counts until it is swept. */
export async function countLists(parts: Pick<StoreParts, 'client' | 'keys' | 'sources'>): Promise<ListCount[]> {
  const tables = await readTables(parts.client, parts.keys);
  await parts.sources.ensure(tables.flatMap(({ counts }) => counts.map(({ source }) => source)));
  const byName = new Map<string, ListCount>();
  for (const { kind, form, counts } of tables) {
    for (const { list, source, isPlain, memberships } of counts) {
      const known = parts.sources.known(source);
      if (known === undefined) continue;
      const base = { ...known, list, kind };
      // A person in plain stands in the tables of all forms: each is summed, and the largest sum below is the number.
      const name = [known.scope, known.contributor, list, kind, isPlain ? `plain of ${form}` : form].join('|');
      const entries = (byName.get(name)?.entries ?? 0) + memberships;
      byName.set(name, { ...base, form: isPlain ? 'plain' : form, entries });
    }
  }
  return largestOf([...byName.values()]);
}

function largestOf(counts: readonly ListCount[]): ListCount[] {
  const byName = new Map<string, ListCount>();
  for (const count of counts) {
    const name = [count.scope, count.contributor, count.list, count.kind, count.form].join('|');
    if ((byName.get(name)?.entries ?? -1) < count.entries) byName.set(name, count);
  }
  return [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}
