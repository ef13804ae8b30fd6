import type {
  Contributor,
  CustomerStatus,
  EntryState,
  ListKind,
  ListName,
  ListReason,
  ListScope,
  ListToken,
} from './entry.ts';
import { dateOfDay } from './entry-rules.ts';
import type { ListEntryInput } from './entry-schema.ts';

/** One step of an entry's life. */
export interface EntryStep {
  readonly at: string;
  readonly what: 'contributed' | 'changed' | 'suspended' | 'resumed' | 'withdrawn' | 'superseded';
  /** Who did it: a contributor, or an operator's name. */
  readonly by: string;
  readonly note?: string;
}

/** An entry that carries more than the index holds, as it is stored. */
export interface EntryDoc {
  readonly id: string;
  readonly kind: ListKind;
  /** Contributed in plain: found under every indexed form. */
  readonly known_in_plain: boolean;
  readonly tokens: readonly ListToken[];
  readonly list: ListName;
  readonly scope: ListScope;
  readonly contributor: Contributor;
  readonly reason: ListReason;
  readonly status: CustomerStatus | null;
  readonly retry_at: string | null;
  readonly group: string | null;
  readonly basis: { readonly kind: string; readonly ref: string } | null;
  readonly note: string | null;
  readonly expires_on: string | null;
  /** Never `expired`: that follows from `expires_on`. */
  readonly state: Exclude<EntryState, 'expired'>;
  readonly created_at: string;
  readonly updated_at: string;
  readonly history: readonly EntryStep[];
}

/** Older steps fall off: an entry's document stays small. */
const HISTORY_MAX = 20;

/** What was contributed, resolved to tokens. */
export interface Contribution {
  readonly id: string;
  readonly kind: ListKind;
  readonly isPlain: boolean;
  readonly tokens: readonly ListToken[];
  readonly input: Omit<ListEntryInput, 'subject'>;
  readonly contributor: Contributor;
  readonly expiresDay: number | null;
}

/** Whether a contribution says more than the index holds. */
export function hasDetails({ group, basis, note, retry_at }: Contribution['input']): boolean {
  return [group, basis, note, retry_at].some((given) => given !== undefined);
}

/**
 * The document after a contribution; the same object when nothing changes.
 * @param before as stored; undefined when there is none
 * @param isSuspended whether its group is under appeal
 */
export function contributedDoc(
  before: EntryDoc | undefined,
  given: Contribution,
  isSuspended: boolean,
  at: string,
): EntryDoc {
  const { input } = given;
  const wasSuspended = before?.state === 'suspended';
  const content = {
    kind: given.kind,
    known_in_plain: given.isPlain,
    tokens: unionOf(before?.tokens ?? [], given.tokens),
    list: input.list,
    scope: input.scope,
    contributor: given.contributor,
    reason: input.reason,
    status: input.status ?? null,
    retry_at: input.retry_at ?? null,
    group: input.group ?? null,
    basis: input.basis ?? null,
    note: input.note ?? null,
    expires_on: given.expiresDay === null ? null : dateOfDay(given.expiresDay),
    state: wasSuspended || isSuspended ? ('suspended' as const) : ('active' as const),
  };
  if (before !== undefined && isSame(before, content)) return before;
  const step: EntryStep = { at, what: before === undefined ? 'contributed' : 'changed', by: given.contributor };
  return {
    id: given.id,
    ...content,
    created_at: before?.created_at ?? at,
    updated_at: at,
    history: [...(before?.history ?? []), step].slice(-HISTORY_MAX),
  };
}

/** The document in another state; the same object when it is in it already. */
export function docInState(before: EntryDoc, state: EntryDoc['state'], step: EntryStep): EntryDoc {
  if (before.state === state) return before;
  return { ...before, state, updated_at: step.at, history: [...before.history, step].slice(-HISTORY_MAX) };
}

/** The state as it is shown: what has expired says so, whatever else it was. */
export function shownState(doc: Pick<EntryDoc, 'state' | 'expires_on'>, today: number): EntryState {
  if (doc.state === 'withdrawn') return 'withdrawn';
  return doc.expires_on !== null && doc.expires_on < dateOfDay(today) ? 'expired' : doc.state;
}

function unionOf(before: readonly ListToken[], added: readonly ListToken[]): readonly ListToken[] {
  const known = new Set(before.map(({ token }) => token));
  return [...before, ...added.filter(({ token }) => !known.has(token))];
}

function isSame(before: EntryDoc, content: Partial<EntryDoc>): boolean {
  return Object.entries(content).every(
    ([field, value]) => JSON.stringify(before[field as keyof EntryDoc]) === JSON.stringify(value),
  );
}
