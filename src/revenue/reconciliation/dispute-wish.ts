import type { DisputeKind } from '../settlement/dispute.ts';
import type { DisputeWish } from '../settlement/open-dispute.ts';
import type { Category } from './matching/reconciled-row.ts';
import type { RefKind } from './reading/guess-columns.ts';
import type { StoredRow } from './stored-row.ts';

const KINDS: Readonly<Record<Category, DisputeKind>> = {
  matched: 'amount',
  matched_within_tolerance: 'amount',
  amount_mismatch: 'amount',
  tax_basis: 'amount',
  rate_mismatch: 'rate',
  status_mismatch: 'status',
  currency_mismatch: 'amount',
  date_out_of_period: 'missing',
  missing_in_ours: 'missing',
  missing_in_theirs: 'status',
  duplicate_in_ours: 'duplicate',
  duplicate_in_theirs: 'missing',
  invalid_row: 'missing',
};

/** A row as a line of a dispute: what theirs says is what is claimed. */
export function disputeWishOf(row: StoredRow, kind: RefKind, note: string): DisputeWish {
  const commissionId = row.ours?.commission_ids[0] ?? null;
  const isMissing = commissionId === null;
  return {
    kind: row.explanation === 'attributed_elsewhere' && isMissing ? 'attribution' : KINDS[row.category],
    commission_id: commissionId,
    partner_ref: isMissing && kind === 'partner_ref' ? row.ref : null,
    lender_ref: isMissing && kind === 'lender_ref' ? row.ref : null,
    claimed: row.theirs?.amount ?? 0,
    note: isMissing && kind === 'application_id' ? `${row.ref}: ${note}` : note,
  };
}
