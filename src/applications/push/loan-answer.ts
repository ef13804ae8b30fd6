import { isoOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Loan } from '../model.ts';
import type { PushAnswer } from './judge-response.ts';

/**
 * What a lender's answer to a drawdown changes. Accepted: the lender's reference is kept and the loan waits for events.
 * Rejected: declined, unless an event of the lender has already taken the loan further. The same answer again changes
 * nothing: the application that comes back is then the one that was given.
 */
export function applyLoanAnswer(
  application: Application,
  loanId: string,
  answer: PushAnswer,
  nowMs: number,
): { readonly application: Application; readonly events: readonly DraftEvent[] } {
  const loan = application.loans.find((candidate) => candidate.id === loanId);
  if (!loan) return { application, events: [] };
  const at = isoOf(nowMs);
  const declined = answer.result === 'rejected' && (loan.status === 'requested' || loan.status === 'in_review');
  const reference = loan.lender_ref ?? answer.lender_ref ?? null;
  if (!declined && reference === loan.lender_ref) return { application, events: [] };
  const refusal = { reason: answer.reason ?? 'lender_rejected', retry_at: answer.retry_at ?? null };
  const next: Loan = {
    ...loan,
    lender_ref: reference,
    // Events are judged late or not by `updated_at`, so only what changes the status moves it.
    ...(declined ? { status: 'declined' as const, ...refusal, updated_at: at } : {}),
  };
  const loans = application.loans.map((candidate) => (candidate.id === loanId ? next : candidate));
  const events: DraftEvent[] = declined
    ? [{ type: 'loan.declined', occurred_at: at, data: { loan_id: loanId, ...refusal } }]
    : [];
  return { application: { ...application, loans }, events };
}
