import { normaliseSubject } from '../../identity/normalise-subject.ts';
import type { Subject } from '../../identity/subject.ts';
import type { ListToken } from '../../screening/lists/entry.ts';
import type { EntryFault } from '../../screening/lists/entry-rules.ts';
import type { FoundMembership } from '../../screening/lists/list-lookup.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import { lookupTokens } from '../../screening/lists/list-tokens.ts';
import type { ReadItem } from './change-entries.ts';

/** A subject as the lists look it up. */
export interface LookedUpSubject {
  readonly tokens: readonly ListToken[];
  /** Kinds that were given in plain. */
  readonly plainKinds: ReadonlySet<ListToken['kind']>;
}

const KINDS = ['phone', 'id_number', 'bank_card', 'device_id'] as const;

/**
 * The tokens of a subject; pointers of faults count from what holds it. What cannot be looked up is a fault: it must never
 * read as if nothing were known.
 */
export function readListSubject(subject: Subject, { parts }: ListStore): ReadItem<LookedUpSubject> {
  const identity = normaliseSubject(subject);
  const under = (faults: readonly EntryFault[]) =>
    faults.map((fault) => ({ ...fault, pointer: `/subject${fault.pointer}` }));
  if (!identity.ok) return { ok: false, faults: under(identity.errors) };
  const looked = lookupTokens(parts.tokenizer, parts.forms, parts.tokenizer.tokensOfSubject(identity.subject));
  if (!looked.ok) return { ok: false, faults: under(looked.faults) };
  if (looked.tokens.length === 0) {
    const message = 'holds nothing that lists are kept by: a masked identifier is nobody';
    return { ok: false, faults: [{ pointer: '/subject', code: 'masked_not_listed', message }] };
  }
  const plain: ListToken['kind'][] = KINDS.filter((kind) => typeof subject[kind] === 'string');
  if (plain.includes('phone') && plain.includes('id_number')) plain.push('phone_id');
  return { ok: true, value: { tokens: looked.tokens, plainKinds: new Set(plain) } };
}

export type SubjectCheck<Verdict> =
  | { readonly ok: true; readonly verdict: Verdict }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

/** What the lists say of each subject that can be looked up, in their order; one round of Redis. */
export async function checkSubjects<Item extends LookedUpSubject, Verdict>(
  lists: ListStore,
  items: readonly ReadItem<Item>[],
  judge: (memberships: readonly FoundMembership[], item: Item) => Verdict,
): Promise<SubjectCheck<Verdict>[]> {
  const good = items.flatMap((item) => (item.ok ? [item.value] : []));
  const read = good.length === 0 ? [] : await lists.read(good.map(({ tokens }) => tokens));
  let place = 0;
  return items.map((item) => {
    if (!item.ok) return item;
    const memberships = read[place] ?? [];
    place += 1;
    return { ok: true, verdict: judge(memberships, item.value) };
  });
}
