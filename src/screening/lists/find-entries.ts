import { CANONICAL_FORM } from '../../identity/hash-forms.ts';
import type { Contributor, EntryState, ListKind, ListName, ListScope, ListToken } from './entry.ts';
import type { EntryDoc } from './entry-doc.ts';
import { shownState } from './entry-doc.ts';
import { dateOfDay, dayOf } from './entry-rules.ts';
import type { PackedMembership } from './membership.ts';
import { entryIdOf, refPlaces, type StoreParts } from './store-parts.ts';

/** An entry as it is found about a subject. */
export interface FoundEntry {
  /** null when a person known in plain was asked for by another form than sha256, and the entry has no document. */
  readonly id: string | null;
  readonly kind: ListKind;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly contributor: Contributor;
  readonly reason: PackedMembership['reason'];
  readonly status: PackedMembership['status'];
  readonly expires_on: string | null;
  readonly state: EntryState;
  readonly known_in_plain: boolean;
  /** Every token of the entry that is known here. */
  readonly tokens: readonly ListToken[];
  readonly source: number;
  /** null = it says no more than the index holds. */
  readonly doc: EntryDoc | null;
}

interface Gathered {
  readonly packed: PackedMembership;
  readonly kind: ListKind;
  readonly tokens: ListToken[];
}

/**
 * All entries about a subject, whatever their scope and state, each once: for appeals, the console, and whoever withdraws.
 * @param tokens as `lookupTokens` or `entryTokens` answers them
 */
export async function findEntries(parts: StoreParts, tokens: readonly ListToken[]): Promise<FoundEntry[]> {
  const gathered = gather(tokens, await parts.index.read(tokens));
  await parts.sources.ensure(gathered.map(({ packed }) => packed.source));
  const found = await Promise.all(gathered.map((one) => complete(parts, one)));
  const byDocument = new Map<string, FoundEntry>();
  return found.filter((entry): entry is FoundEntry => {
    if (entry === undefined) return false;
    if (entry.doc === null) return true;
    // The joint hash and the id number lead to one entry.
    const isNew = !byDocument.has(entry.doc.id);
    byDocument.set(entry.doc.id, entry);
    return isNew;
  });
}

/** The forms of one identifier stand together; an entry that is known by a hash alone has that one. */
function gather(tokens: readonly ListToken[], read: readonly (readonly PackedMembership[])[]): Gathered[] {
  const byName = new Map<string, Gathered>();
  tokens.forEach((token, at) => {
    for (const packed of read[at] ?? []) {
      const form = packed.isPlain ? '' : token.form;
      const name = [packed.list, packed.source, token.kind, form].join('|');
      const one = byName.get(name);
      if (one) one.tokens.push(token);
      else byName.set(name, { packed, kind: token.kind, tokens: [token] });
    }
  });
  return [...byName.values()];
}

async function complete(parts: StoreParts, { packed, kind, tokens }: Gathered): Promise<FoundEntry | undefined> {
  const source = parts.sources.known(packed.source);
  if (source === undefined) return undefined;
  const [ref] = packed.hasDetails
    ? (await parts.details.refs(refPlaces(tokens, packed.list, packed.source))).filter((one) => one !== undefined)
    : [];
  const doc = ref ? ((await parts.details.get(ref.id)) ?? null) : null;
  const anchor = packed.isPlain ? tokens.find(({ form }) => form === CANONICAL_FORM || form === 'plain') : tokens[0];
  const today = dayOf(parts.clock.nowMs());
  const expiresOn = packed.expiresDay === null ? null : dateOfDay(packed.expiresDay);
  const state = packed.isSuspended ? 'suspended' : 'active';
  return {
    id: doc?.id ?? (anchor ? entryIdOf(source, packed.list, kind, anchor.token) : null),
    kind: doc?.kind ?? kind,
    list: packed.list,
    scope: source.scope,
    contributor: source.contributor,
    reason: doc?.reason ?? packed.reason,
    status: packed.status,
    expires_on: expiresOn,
    state: shownState({ state, expires_on: expiresOn }, today),
    known_in_plain: packed.isPlain,
    tokens: doc?.tokens ?? tokens,
    source: packed.source,
    doc,
  };
}
