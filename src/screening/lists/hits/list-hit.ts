import type { RefPlace } from '../detail-store.ts';
import type { ListName, ListReason, ListScope } from '../entry.ts';

/** One entry's part in one decision. It names no person, and not who contributed the entry. */
export interface ListHit {
  /** RFC 3339, business time. */
  readonly at: string;
  readonly application_id: string | null;
  readonly precheck_id: string | null;
  /** null when it cannot be told: a person known in plain was asked about by another form, and nothing else is known of it. */
  readonly entry_id: string | null;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly reason: ListReason;
  /** `block`: kept at least one funder, or all, from lending; `annotation`: told, and decided nothing. */
  readonly effect: 'block' | 'annotation';
}

/** What was decided: an application, or a question. */
export type HitSubject = { readonly applicationId: string } | { readonly precheckId: string };

/** A hit before it is known which decision it belongs to. */
export interface HitDraft extends Pick<ListHit, 'list' | 'scope' | 'reason' | 'effect'> {
  readonly entryId: string | null;
  /** Where the entry's id can be looked up; null = it is known, or cannot be told. */
  readonly place: RefPlace | null;
}
