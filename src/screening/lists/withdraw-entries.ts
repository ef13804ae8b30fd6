import { isoOf } from '../../base/clock.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { groupHash } from './detail-store.ts';
import type { Contributor } from './entry.ts';
import { docInState } from './entry-doc.ts';
import type { ListEntryInput } from './entry-schema.ts';
import { type FoundEntry, findEntries } from './find-entries.ts';
import { entryTokens } from './list-tokens.ts';
import { refPlaces, type StoreParts } from './store-parts.ts';
import { type EntryResult, PLAIN_NEEDED, rejected } from './upsert-entries.ts';

/** Which entry is meant; what else a contribution carries does not matter. */
export type EntryToWithdraw = Pick<ListEntryInput, 'subject' | 'list' | 'scope'>;

/**
 * Takes a contributor's own entries off the lists; the results stand in the order of the entries. Another one's is refused
 * as `not_contributor`, what is not there as `not_found`. The document is marked first and the index follows: after a
 * crash in between, the same request completes it.
 * @param by who wants it: the contributor, or a person in its name
 */
export async function withdrawEntries(
  parts: StoreParts,
  wanted: readonly EntryToWithdraw[],
  { contributor, by = contributor, note }: { contributor: Contributor; by?: string; note?: string },
): Promise<EntryResult[]> {
  return mapBounded(wanted, AT_ONCE, async (one) => {
    const tokens = entryTokens(parts.tokenizer, parts.forms, one.subject);
    if (!tokens.ok) return rejected(tokens.faults);
    const there = (await findEntries(parts, tokens.tokens)).filter(
      ({ list, scope }) => list === one.list && scope === one.scope,
    );
    const own = there.filter((entry) => entry.contributor === contributor);
    if (own.length === 0) return there.length > 0 ? NOT_CONTRIBUTOR : NOT_FOUND;
    const answers = await Promise.all(
      own.map((entry) => withdrawFound(parts, entry, { by, isPlain: tokens.isPlain, note })),
    );
    return answers.find(({ result }) => result === 'rejected') ?? answers[0] ?? NOT_FOUND;
  });
}

/** Entries that are withdrawn at the same time; each takes a few rounds. */
const AT_ONCE = 32;
const NOT_CONTRIBUTOR = rejected([
  { pointer: '', code: 'not_contributor', message: 'was contributed by somebody else; only they withdraw it' },
]);
const NOT_FOUND = rejected([{ pointer: '', code: 'not_found', message: 'is not on this list in this scope' }]);

/**
 * Takes one entry off, whoever contributed it: also the answer to an appeal that was right.
 * @param step.isPlain whether `entry` was found with the person in plain
 */
export async function withdrawFound(
  parts: StoreParts,
  entry: FoundEntry,
  step: { readonly by: string; readonly isPlain: boolean; readonly note?: string | undefined },
): Promise<EntryResult> {
  const { details, writer, feed, clock } = parts;
  const { doc, list, source, scope, contributor, kind } = entry;
  const isPlain = step.isPlain || doc !== null;
  if (entry.known_in_plain && !isPlain) return rejected([PLAIN_NEEDED]);
  const nowMs = clock.nowMs();
  const at = isoOf(nowMs);
  if (doc !== null) {
    const what = { at, what: 'withdrawn' as const, by: step.by, ...(step.note ? { note: step.note } : {}) };
    await details.change(doc.id, nowMs, (stored) => stored && docInState(stored, 'withdrawn', what));
    if (doc.group !== null) await details.leaveGroup(groupHash(contributor, doc.group), doc.id);
  }
  const letters = await writer.amend(
    'remove',
    entry.tokens.map((token) => ({ token, list, source, isPlain })),
  );
  // Somebody was quicker, or the request named it twice.
  if (letters.every((letter) => letter === 'n')) return NOT_FOUND;
  if (doc !== null) await details.dropRefs(refPlaces(doc.tokens, list, source));
  const id = entry.id ?? '';
  await feed.log(contributor, [{ change: 'removed', id, list, scope, kind, at }]);
  return { result: 'removed', id };
}
