import { groupHash } from '../lists/detail-store.ts';
import type { Contributor, ListScope, ListToken } from '../lists/entry.ts';
import type { EntryDoc } from '../lists/entry-doc.ts';
import type { FoundEntry } from '../lists/find-entries.ts';
import { findEntries } from '../lists/find-entries.ts';
import { isAnotherPerson } from '../lists/judge-lists.ts';
import type { StoreParts } from '../lists/store-parts.ts';
import type { AppealEntry } from './appeal.ts';

/** Whom an appeal is about, as the lists look people up. */
export interface AppealSubject {
  readonly tokens: readonly ListToken[];
  /** Kinds that were given in plain: entries about them can be changed under every form. */
  readonly plainKinds: ReadonlySet<ListToken['kind']>;
}

export type MatchedEntries =
  | {
      readonly ok: true;
      /** Entries that could have kept the person out. */
      readonly matched: readonly AppealEntry[];
      /** Those, and whatever else stands in their groups. */
      readonly all: readonly AppealEntry[];
    }
  /** An entry is about somebody known in plain, and was found by a hash of this kind alone: it cannot be suspended. */
  | { readonly ok: false; readonly kind: ListToken['kind'] };

/**
 * The entries that an appeal is about: those that block in one of the scopes that are seen, with their groups. What a phone
 * alone leads to, though its group means another id number, is another person's and stays as it is.
 * @param seen `all` = every scope
 */
export async function matchEntries(
  parts: StoreParts,
  subject: AppealSubject,
  seen: readonly ListScope[] | 'all',
): Promise<MatchedEntries> {
  const idTokens = subject.tokens.filter(({ kind }) => kind === 'id_number');
  const blocking: FoundEntry[] = [];
  const groups: EntryDoc[] = [];
  for (const entry of await findEntries(parts, subject.tokens)) {
    if (entry.list !== 'block' || (entry.state !== 'active' && entry.state !== 'suspended')) continue;
    if (seen !== 'all' && !seen.includes(entry.scope)) continue;
    const members = await groupDocs(parts, entry.contributor, entry.doc?.group ?? null);
    const groupIdTokens = members.flatMap(({ tokens }) => tokens.filter(({ kind }) => kind === 'id_number'));
    if (isAnotherPerson({ kind: entry.kind, groupIdTokens }, idTokens)) continue;
    blocking.push(entry);
    groups.push(...members);
  }
  const hidden = blocking.find((one) => one.doc === null && one.known_in_plain && !subject.plainKinds.has(one.kind));
  if (hidden !== undefined) return { ok: false, kind: hidden.kind };
  const matched = blocking.flatMap((entry) => (entry.id === null ? [] : [appealEntry(entry, entry.id)]));
  const all = [...matched, ...groups.map((doc) => appealEntry(doc, doc.id))];
  return { ok: true, matched, all: [...new Map(all.map((entry) => [entry.id, entry])).values()] };
}

/** The documents of a contributor's group, without those that were withdrawn. */
export async function groupDocs(
  parts: StoreParts,
  contributor: Contributor,
  group: string | null,
): Promise<EntryDoc[]> {
  if (group === null) return [];
  const { members } = await parts.details.group(groupHash(contributor, group));
  const docs = await Promise.all(members.map(({ id }) => parts.details.get(id)));
  return docs.filter((doc) => doc !== undefined).filter(({ state }) => state !== 'withdrawn');
}

function appealEntry(
  entry: Omit<AppealEntry, 'id' | 'group'> & { readonly group?: string | null; readonly doc?: EntryDoc | null },
  id: string,
): AppealEntry {
  const { contributor, list, scope, kind, reason, known_in_plain, tokens } = entry;
  const group = entry.group ?? entry.doc?.group ?? null;
  return { id, contributor, list, scope, kind, reason, group, known_in_plain, tokens };
}
