import type { ListChangePage } from './change-feed.ts';
import { countLists, type ListCount } from './count-lists.ts';
import type { Contributor, EntryState, ListToken } from './entry.ts';
import { type EntryDoc, shownState } from './entry-doc.ts';
import { dayOf } from './entry-rules.ts';
import type { ListEntryInput } from './entry-schema.ts';
import { type FoundEntry, findEntries } from './find-entries.ts';
import { type FoundMembership, readLists } from './list-lookup.ts';
import { createStoreParts, type StoreDeps, type StoreParts } from './store-parts.ts';
import { type SuspendStep, setFoundSuspended, setGroupSuspended } from './suspend-entries.ts';
import { type EntryResult, upsertEntries } from './upsert-entries.ts';
import { type EntryToWithdraw, withdrawEntries, withdrawFound } from './withdraw-entries.ts';

/** A stored entry with its state as of now. */
export type ShownEntry = Omit<EntryDoc, 'state'> & { readonly state: EntryState };

/** The shared lists: what intake asks, and what the doors and the console change. */
export class ListStore {
  readonly parts: StoreParts;

  constructor(deps: StoreDeps) {
    this.parts = createStoreParts(deps);
  }

  /** What stands about each subject; tokens by `lookupTokens`. Judge it with `judgeLists`. One round, in this tick. */
  read(subjects: readonly (readonly ListToken[])[]): Promise<FoundMembership[][]> {
    return readLists(this.parts, subjects);
  }

  /** Contributes entries; see `upsertEntries`. Whether a contributor may write a scope is the door's to check. */
  upsert(
    entries: readonly ListEntryInput[],
    options: { readonly contributor: Contributor; readonly keepDetails?: boolean },
  ): Promise<EntryResult[]> {
    return upsertEntries(this.parts, entries, options);
  }

  /** Takes a contributor's own entries off; see `withdrawEntries`. */
  withdraw(
    entries: readonly EntryToWithdraw[],
    options: { contributor: Contributor; by?: string; note?: string },
  ): Promise<EntryResult[]> {
    return withdrawEntries(this.parts, entries, options);
  }

  /** All entries about a subject, each once, with documents: for appeals and the console. */
  find(tokens: readonly ListToken[]): Promise<FoundEntry[]> {
    return findEntries(this.parts, tokens);
  }

  /** Takes one found entry off, whoever contributed it. */
  withdrawFound(
    entry: FoundEntry,
    step: { readonly by: string; readonly isPlain: boolean; readonly note?: string },
  ): Promise<EntryResult> {
    return withdrawFound(this.parts, entry, step);
  }

  /** Suspends or resumes found entries, with each the whole group. */
  setSuspended(
    op: 'suspend' | 'resume',
    entries: readonly FoundEntry[],
    options: SuspendStep & { readonly isPlain: boolean },
  ): Promise<{ readonly unreached: number }> {
    const { isPlain, ...step } = options;
    return setFoundSuspended(this.parts, op, entries, isPlain, step);
  }

  /** Suspends or resumes a contributor's group by its reference. */
  setGroupSuspended(
    op: 'suspend' | 'resume',
    group: { readonly contributor: Contributor; readonly group: string },
    step: SuspendStep,
  ): Promise<EntryDoc[]> {
    return setGroupSuspended(this.parts, op, group, step);
  }

  /** An entry by id; undefined when there is none, or it says no more than the index holds. */
  async get(id: string): Promise<ShownEntry | undefined> {
    const doc = await this.parts.details.get(id);
    return doc && { ...doc, state: shownState(doc, dayOf(this.parts.clock.nowMs())) };
  }

  /** A contributor's own changes after a cursor; undefined when the cursor is none of ours. */
  changes(contributor: Contributor, cursor: string | undefined, limit: number): Promise<ListChangePage | undefined> {
    return this.parts.feed.read(contributor, cursor, limit);
  }

  /** How many entries there are, by scope, contributor, list, kind and form. */
  count(): Promise<ListCount[]> {
    return countLists(this.parts);
  }
}
