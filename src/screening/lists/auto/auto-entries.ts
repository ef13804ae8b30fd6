import { createHash } from 'node:crypto';
import { contributeKnown, type KnownEntry } from '../contribute-known.ts';
import type { Contributor, ListKind, ListScope, ListToken } from '../entry.ts';
import { dateOfDay, dayOfDate, LIFE_DAYS } from '../entry-rules.ts';
import type { FoundEntry } from '../find-entries.ts';
import { entryIdOf, type StoreParts } from '../store-parts.ts';
import { withdrawFound } from '../withdraw-entries.ts';
import type { AutoHold, AutoHolds } from './auto-holds.ts';

/** Whoever contributes automatic entries; what people contribute for the same borrower stands beside them. */
export const AUTO_CONTRIBUTOR: Contributor = 'gateway';

/** One identifier of a borrower, under which an automatic entry may stand. */
export interface AutoSubject {
  readonly funderId: string;
  readonly kind: Extract<ListKind, 'phone' | 'id_number'>;
  /** Token that the entry's id is derived from. */
  readonly anchor: string;
  readonly isPlain: boolean;
  readonly tokens: readonly ListToken[];
  /** Token of the person, by which phone and id number are one group. */
  readonly person: string;
}

/** Writes again when what was wanted changed meanwhile: as many times at the most. */
const TRIES = 20;

/** The id of the automatic entry of an identifier. */
export function autoEntryId({ funderId, kind, anchor }: AutoSubject): string {
  return entryIdOf({ scope: scopeOf(funderId), contributor: AUTO_CONTRIBUTOR }, 'block', kind, anchor);
}

/**
 * Makes the lists say what the loans that hold an entry say: it stands while there is one. Several workers may do so at the
 * same time, for loans of one person in several shards: each looks again after it has written, so that the last word is
 * what the holds say. Doing it again changes nothing.
 */
export async function settleAutoEntry(parts: StoreParts, holds: AutoHolds, subject: AutoSubject): Promise<void> {
  const id = autoEntryId(subject);
  let held = await holds.holding(id);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (held.length === 0) await withdrawAuto(parts, subject);
    else await contributeKnown(parts, [entryOf(subject, held)], AUTO_CONTRIBUTOR);
    const now = await holds.holding(id);
    if (JSON.stringify(now) === JSON.stringify(held)) return;
    held = now;
  }
  throw new Error(`the loans behind the list entry ${id} change all the time`);
}

/** What the entry says follows from the holds alone, so that a replay of the log gives the same. */
function entryOf(subject: AutoSubject, held: readonly AutoHold[]): KnownEntry {
  const [first] = held;
  const latest = held.reduce((day, { since }) => (since > day ? since : day), '');
  const lastDay = dateOfDay(dayOfDate(latest) + LIFE_DAYS[subject.kind]);
  return {
    id: autoEntryId(subject),
    kind: subject.kind,
    isPlain: subject.isPlain,
    tokens: subject.tokens,
    input: {
      list: 'block',
      scope: scopeOf(subject.funderId),
      reason: 'overdue',
      group: `overdue:${createHash('sha256').update(`${subject.funderId}\0${subject.person}`).digest('hex').slice(0, 32)}`,
      basis: { kind: 'loan', ref: first?.loanId ?? '' },
      expires_on: lastDay,
    },
  };
}

async function withdrawAuto(parts: StoreParts, subject: AutoSubject): Promise<void> {
  const id = autoEntryId(subject);
  const doc = await parts.details.get(id);
  if (doc === undefined) return;
  // Also when it is withdrawn already: whoever did so may have died before the index followed.
  const source = await parts.sources.intern(doc);
  const entry: FoundEntry = { ...doc, source, state: doc.state, doc };
  await withdrawFound(parts, entry, { by: AUTO_CONTRIBUTOR, isPlain: true, note: 'no loan is overdue any more' });
}

function scopeOf(funderId: string): ListScope {
  return `funder:${funderId}`;
}
