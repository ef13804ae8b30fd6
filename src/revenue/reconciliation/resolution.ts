import { hash } from 'node:crypto';
import type { StoredRow } from './stored-row.ts';

/**
 * What becomes of a row that differs. `accept_theirs`: the difference is booked; `write_off`: the same for small ones, within a
 * limit; `keep_ours`: nothing is booked, their file is wrong; `dispute`: it becomes a line of a dispute, settled there.
 */
export const RESOLVE_ACTIONS = ['accept_theirs', 'keep_ours', 'write_off', 'dispute'] as const;
export type ResolveAction = (typeof RESOLVE_ACTIONS)[number];

/** How an issue was resolved. */
export interface RowResolution {
  readonly action: ResolveAction;
  /** Report that it was resolved in. */
  readonly reconciliation_id: string;
  /** Signed minor units that were booked, 0 when none. */
  readonly amount: number;
  /** The line that was booked. */
  readonly adjustment_id: string | null;
  /** The dispute that was opened. */
  readonly dispute_id: string | null;
  readonly reason: string;
  /** Name of the operator. */
  readonly by: string;
  readonly at: string;
}

/** Largest difference that is written off without a look at the row, minor units. */
export const WRITE_OFF_MAX_MINOR = 10_000;

/**
 * What tells an issue of a statement from others, in whichever report it shows up: a corrected file sent again must not book
 * the same difference a second time. The lines of ours that it is about, else their reference, amount and day.
 */
export function issueOf(row: StoredRow): string {
  const { ours, theirs, ref } = row;
  const about =
    ours === null || ours.commission_ids.length === 0
      ? ['theirs', ref ?? row.id, theirs?.amount ?? 0, theirs?.currency ?? '', theirs?.date ?? '', againOf(row)]
      : ['ours', ...ours.commission_ids];
  return hash('sha256', JSON.stringify(about), 'hex').slice(0, 32);
}

/** The second of two equal rows is an issue of its own. */
function againOf({ category, id }: StoredRow): string {
  return category === 'duplicate_in_theirs' || category === 'invalid_row' ? id : '';
}

/** Why a row cannot be resolved so; null = it can. */
export function whyNotResolved(row: StoredRow, action: ResolveAction, limit: number): UnresolvedReason | null {
  if (row.category === 'matched') return 'nothing_to_resolve';
  if (action === 'keep_ours') return null;
  if (row.category === 'invalid_row' || row.category === 'currency_mismatch') return 'not_comparable';
  if (action === 'dispute') return row.ref === null && row.ours === null ? 'not_comparable' : null;
  // It is booked and will be paid by itself: booking the difference would pay it twice.
  if (row.explanation === 'held' || row.explanation === 'late') return 'will_be_paid';
  if (action === 'write_off' && Math.abs(row.difference) > limit) return 'above_limit';
  return null;
}

/** `nothing_to_resolve`: it is matched. `will_be_paid`: held or in another period. `not_comparable`: unreadable, other currency. */
export const UNRESOLVED_REASONS = [
  'nothing_to_resolve',
  'not_comparable',
  'will_be_paid',
  'above_limit',
  'resolved_otherwise',
] as const;
export type UnresolvedReason = (typeof UNRESOLVED_REASONS)[number];
