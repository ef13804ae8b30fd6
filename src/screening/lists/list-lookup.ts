import type { DetailStore, EntryRef, RefPlace } from './detail-store.ts';
import type { ListToken } from './entry.ts';
import type { ListMembership } from './judge-lists.ts';
import type { ListIndex } from './list-index.ts';
import type { ListSources } from './list-sources.ts';
import type { PackedMembership } from './membership.ts';

export interface LookupParts {
  readonly index: ListIndex;
  readonly sources: ListSources;
  readonly details: DetailStore;
}

/** A membership with what leads back to its entry; see `hitsOf`. */
export interface FoundMembership extends ListMembership {
  /** The token that led to it. */
  readonly token: ListToken['token'];
  readonly source: number;
  /** The person is known in plain: the same entry stands under every form. */
  readonly isPlain: boolean;
  /** More than the index holds is known of it. */
  readonly hasDetails: boolean;
  /** null where the lookup had no need to learn it. */
  readonly entryId: string | null;
}

interface Found {
  readonly token: ListToken;
  readonly packed: PackedMembership;
}

/**
 * What stands on the lists about several subjects, in their order. One round of commands, sent in the caller's tick, so it
 * travels with whatever else the caller reads; a second and third round only for matches whose details decide: a refused
 * customer's `retry_at`, and whom a group means when a phone alone matches.
 */
export async function readLists(
  { index, sources, details }: LookupParts,
  subjects: readonly (readonly ListToken[])[],
): Promise<FoundMembership[][]> {
  const read = await Promise.all(subjects.map((tokens) => index.read(tokens)));
  const found = read.map((values, subject) => foundOf(subjects[subject] ?? [], values));
  const all = found.flat();
  if (all.length === 0) return found.map(() => []);
  await sources.ensure(all.map(({ packed }) => packed.source));
  const refs = await refsOf(details, found, subjects);
  const groups = await groupsOf(details, refs);
  return found.map((matches) =>
    matches.flatMap((one) => {
      const source = sources.known(one.packed.source);
      if (source === undefined) return [];
      const ref = refs.get(one);
      return [shown(one, source, ref, ref?.group ? (groups.get(ref.group) ?? []) : [])];
    }),
  );
}

function foundOf(tokens: readonly ListToken[], values: readonly (readonly PackedMembership[])[]): Found[] {
  const found: Found[] = [];
  values.forEach((memberships, at) => {
    const token = tokens[at];
    if (token === undefined) return;
    for (const packed of memberships) found.push({ token, packed });
  });
  return found;
}

async function refsOf(
  details: DetailStore,
  found: readonly (readonly Found[])[],
  subjects: readonly (readonly ListToken[])[],
): Promise<Map<Found, EntryRef>> {
  const wanted = found.flatMap((matches, subject) => {
    const knowsId = (subjects[subject] ?? []).some(({ kind }) => kind === 'id_number');
    return matches.filter((one) => needsDetails(one, knowsId));
  });
  const refs = await details.refs(wanted.map(placeOf));
  return new Map(
    wanted.flatMap((one, at) => {
      const ref = refs[at];
      return ref ? [[one, ref] as const] : [];
    }),
  );
}

function needsDetails({ token, packed }: Found, knowsId: boolean): boolean {
  if (packed.status === 'refused' && packed.hasDetails) return true;
  return knowsId && token.kind === 'phone' && packed.hasGroup;
}

/** The id-number tokens of each group. */
async function groupsOf(
  details: DetailStore,
  refs: ReadonlyMap<Found, EntryRef>,
): Promise<Map<string, readonly ListToken[]>> {
  const names = new Set(
    [...refs].flatMap(([{ token }, { group }]) => (group && token.kind === 'phone' ? [group] : [])),
  );
  return new Map(
    await Promise.all(
      [...names].map(async (name) => {
        const { members } = await details.group(name);
        const tokens = members.flatMap((member) => member.tokens).filter(({ kind }) => kind === 'id_number');
        return [name, tokens] as const;
      }),
    ),
  );
}

function placeOf({ token, packed }: Found): RefPlace {
  return { token, list: packed.list, source: packed.source };
}

function shown(
  { token, packed }: Found,
  source: Pick<ListMembership, 'scope' | 'contributor'>,
  ref: EntryRef | undefined,
  groupIdTokens: readonly ListToken[],
): FoundMembership {
  return {
    kind: token.kind,
    form: token.form,
    token: token.token,
    source: packed.source,
    isPlain: packed.isPlain,
    hasDetails: packed.hasDetails,
    entryId: ref?.id ?? null,
    list: packed.list,
    scope: source.scope,
    contributor: source.contributor,
    reason: packed.reason,
    status: packed.status,
    retryAtMs: ref?.retry_at ? Date.parse(ref.retry_at) : null,
    expiresDay: packed.expiresDay,
    isSuspended: packed.isSuspended,
    groupIdTokens,
  };
}
