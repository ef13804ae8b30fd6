import { CANONICAL_FORM } from '../../../identity/hash-forms.ts';
import type { ListToken } from '../entry.ts';
import { dayOf } from '../entry-rules.ts';
import { isAnotherPerson, isSeen, type ListView } from '../judge-lists.ts';
import type { FoundMembership } from '../list-lookup.ts';
import { entryIdOf } from '../store-parts.ts';
import type { HitDraft } from './list-hit.ts';

/**
 * The entries that had a part in a decision, each once: blocking ones that count in this view, and those of another person
 * with the same phone, which are only told. Made of what the decision was made of, so that it tells the same.
 * @param memberships as `ListStore.read` answered them
 * @param tokens of the subject, as they were looked up
 */
export function hitsOf(
  memberships: readonly FoundMembership[],
  view: ListView,
  tokens: readonly ListToken[],
): HitDraft[] {
  if (memberships.length === 0) return [];
  const today = dayOf(view.nowMs);
  const byName = new Map<string, HitDraft>();
  for (const one of memberships) {
    if (one.isSuspended || (one.expiresDay ?? today) < today || !isSeen(one, view)) continue;
    const isAnothers = isAnotherPerson(one, view.idTokens);
    if (!isAnothers && one.list !== 'block') continue;
    const { list, scope, contributor, kind, form, isPlain, reason } = one;
    const name = [list, scope, contributor, kind, isPlain ? '' : form].join('|');
    const known = byName.get(name);
    if (known !== undefined && known.entryId !== null) continue;
    byName.set(name, { ...drafted(one, tokens), list, scope, reason, effect: isAnothers ? 'annotation' : 'block' });
  }
  return [...byName.values()];
}

function drafted(one: FoundMembership, tokens: readonly ListToken[]): Pick<HitDraft, 'entryId' | 'place'> {
  if (one.entryId !== null) return { entryId: one.entryId, place: null };
  const { kind, form, token, list, source } = one;
  if (one.hasDetails) return { entryId: null, place: { token: { kind, form, token }, list, source } };
  const anchor = one.isPlain
    ? tokens.find((each) => each.kind === kind && (each.form === CANONICAL_FORM || each.form === 'plain'))?.token
    : token;
  return { entryId: anchor === undefined ? null : entryIdOf(one, list, kind, anchor), place: null };
}
