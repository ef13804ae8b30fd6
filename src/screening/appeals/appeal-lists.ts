import { AUTO_CONTRIBUTOR } from '../lists/auto/auto-entries.ts';
import type { AutoHolds } from '../lists/auto/auto-holds.ts';
import { contributeKnown, type KnownEntry } from '../lists/contribute-known.ts';
import { groupHash } from '../lists/detail-store.ts';
import type { Contributor } from '../lists/entry.ts';
import { type FoundEntry, findEntries } from '../lists/find-entries.ts';
import type { StoreParts } from '../lists/store-parts.ts';
import { setFoundSuspended } from '../lists/suspend-entries.ts';
import { withdrawFound } from '../lists/withdraw-entries.ts';
import type { Appeal, AppealAnswer, AppealCorrection, AppealEntry } from './appeal.ts';
import { entriesOf } from './appeal-rules.ts';
import type { AppealStore } from './appeal-store.ts';
import { groupDocs } from './match-entries.ts';

/** What an appeal does to the lists. Every step may be repeated: a crash is followed by the same steps. */
export interface AppealListsDeps {
  readonly parts: StoreParts;
  readonly holds: AutoHolds;
  readonly appeals: Pick<AppealStore, 'isGuarded'>;
}

/** Entries that are suspended and resumed together: a group, or one that is in none. */
interface Unit {
  readonly contributor: Contributor;
  readonly group: string | null;
  readonly entries: readonly AppealEntry[];
}

/** Suspends what is about the person, whole groups together. */
export async function suspendAppealed({ parts }: AppealListsDeps, appeal: Appeal): Promise<void> {
  for (const unit of unitsOf(appeal.entries)) await setUnit(parts, 'suspend', unit, appeal.id);
}

/** Makes the lists say what a contributor has answered. */
export async function applyAnswer(
  deps: AppealListsDeps,
  appeal: Appeal,
  contributor: Contributor,
  answer: AppealAnswer,
): Promise<void> {
  const own = entriesOf(appeal, contributor);
  if (answer.verdict === 'uphold') return resumeUnguarded(deps, own, appeal.id);
  if (answer.verdict !== 'correct') return withdrawAll(deps, own, appeal.id, answer);
  const correction = answer.correction ?? {};
  const [gone, stay] = split(own, ({ id }) => correction.withdraw?.includes(id) ?? false);
  for (const entry of gone) await withdrawOne(deps, entry, appeal.id, answer.by);
  for (const entry of stay) if (entry.list === 'block') await correctOne(deps, entry, correction);
  await resumeUnguarded(deps, stay, appeal.id);
}

/** Whether a contributor has taken all its entries off, or they have run out. */
export async function hasNoneLeft({ parts }: AppealListsDeps, entries: readonly AppealEntry[]): Promise<boolean> {
  const found = await Promise.all(entries.map((entry) => foundOf(parts, entry)));
  return found.every((entry) => entry === undefined || entry.state === 'expired');
}

async function withdrawAll(
  deps: AppealListsDeps,
  own: readonly AppealEntry[],
  appealId: string,
  { by }: AppealAnswer,
): Promise<void> {
  for (const { contributor, group, entries } of unitsOf(own)) {
    for (const entry of entries) await withdrawOne(deps, entry, appealId, by);
    // What joined the group since the appeal was opened means the same person.
    for (const doc of await groupDocs(deps.parts, contributor, group)) {
      await withdrawOne(deps, doc, appealId, by);
    }
    // The group may be used again, for somebody who is overdue anew.
    if (group !== null) await deps.parts.details.markSuspended(groupHash(contributor, group), false);
  }
}

async function withdrawOne(
  { parts, holds }: AppealListsDeps,
  entry: AppealEntry,
  appealId: string,
  by: string,
): Promise<void> {
  // The rule that contributed it must not do so again for the same loan.
  if (entry.contributor === AUTO_CONTRIBUTOR) await holds.waive(entry.id);
  const found = await foundOf(parts, entry);
  if (found !== undefined) await withdrawFound(parts, found, { by, isPlain: true, note: appealId });
}

async function correctOne(
  { parts }: AppealListsDeps,
  entry: AppealEntry,
  { reason, expires_on, note, basis }: AppealCorrection,
): Promise<void> {
  const found = await foundOf(parts, entry);
  if (found === undefined) return;
  const { list, scope, status, doc } = found;
  const before = {
    reason: found.reason,
    expires_on: found.expires_on,
    ...(status === null ? {} : { status }),
    ...(doc?.retry_at ? { retry_at: doc.retry_at } : {}),
    ...(doc?.group ? { group: doc.group } : {}),
    ...(doc?.note ? { note: doc.note } : {}),
    ...(doc?.basis ? { basis: doc.basis } : {}),
  };
  const given = Object.fromEntries(
    Object.entries({ reason, expires_on, note, basis }).filter(([, value]) => value !== undefined),
  );
  const { id, kind, known_in_plain: isPlain, tokens } = entry;
  const corrected: KnownEntry = { id, kind, isPlain, tokens, input: { ...before, ...given, list, scope } };
  await contributeKnown(parts, [corrected], entry.contributor);
}

/**
 * Lets entries count again that no other appeal keeps suspended. One that is opened at the same moment guards its entries
 * before it suspends them; we look after we have resumed, and suspend again.
 */
async function resumeUnguarded(
  { parts, appeals }: AppealListsDeps,
  entries: readonly AppealEntry[],
  appealId: string,
): Promise<void> {
  for (const unit of unitsOf(entries)) {
    const isGuarded = async (): Promise<boolean> => {
      const guards = await Promise.all(unit.entries.map(({ id }) => appeals.isGuarded(id)));
      return guards.some((guarded) => guarded);
    };
    if (await isGuarded()) continue;
    await setUnit(parts, 'resume', unit, appealId);
    if (await isGuarded()) await setUnit(parts, 'suspend', unit, appealId);
  }
}

async function setUnit(
  parts: StoreParts,
  op: 'suspend' | 'resume',
  { entries }: Unit,
  appealId: string,
): Promise<void> {
  const found = await Promise.all(entries.map((entry) => foundOf(parts, entry)));
  const there = found.filter((entry) => entry !== undefined);
  await setFoundSuspended(parts, op, there, true, { by: 'appeal', note: appealId });
}

/** The entry as it stands now; undefined when it does not. */
async function foundOf(parts: StoreParts, entry: AppealEntry): Promise<FoundEntry | undefined> {
  const found = await findEntries(parts, entry.tokens);
  return found.find(
    ({ kind, list, scope, contributor }) =>
      kind === entry.kind && list === entry.list && scope === entry.scope && contributor === entry.contributor,
  );
}

function unitsOf(entries: readonly AppealEntry[]): Unit[] {
  const units = new Map<string, Unit>();
  for (const entry of entries) {
    const { id, contributor, group } = entry;
    const name = group === null ? id : `${contributor}|${group}`;
    units.set(name, { contributor, group, entries: [...(units.get(name)?.entries ?? []), entry] });
  }
  return [...units.values()];
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
