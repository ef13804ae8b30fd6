import type { Statement, StatementStatus } from '../statement.ts';
import type { Share } from './settle-statements.ts';
import { type Settlement, standingInvoice } from './settlement.ts';

export interface StatusFacts {
  readonly settlement: Settlement;
  /** Absent: nothing was issued that it belongs to. */
  readonly share: Share | undefined;
  readonly openDisputes: number;
}

/**
 * Where a statement stands now. What was locked and signed never changes; this follows from what has happened to it since:
 * draft → issued → accepted | disputed → invoiced → part_paid → paid, or carried.
 */
export function statementStatus(
  { status }: Pick<Statement, 'status'>,
  { settlement, share, openDisputes }: StatusFacts,
): StatementStatus {
  if (status === 'draft' || status === 'carried') return status;
  if (share !== undefined && share.paid >= share.due) return 'paid';
  if (openDisputes > 0) return 'disputed';
  if (share !== undefined && share.paid > 0n) return 'part_paid';
  if (standingInvoice(settlement) !== undefined) return 'invoiced';
  return settlement.acceptance === null ? 'issued' : 'accepted';
}
