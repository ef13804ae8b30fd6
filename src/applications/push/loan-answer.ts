import { isoOf } from '../../base/clock.ts';
import { derivedIdBeside } from '../../base/ids.ts';
import type { DraftEvent } from '../context.ts';
import { askByAnswer, readAnswerAction } from '../lifecycle/ask-by-answer.ts';
import { endUnused } from '../lifecycle/credit-expiry.ts';
import { withLoan } from '../lifecycle/decision.ts';
import type { Application, Loan, LoanStatus } from '../model.ts';
import type { PushAnswer } from './judge-response.ts';

/** Until it decides, the lender may refuse a drawdown in its answer, and ask for more. */
const UNDECIDED: ReadonlySet<LoanStatus> = new Set<LoanStatus>(['requested', 'in_review', 'needs_input']);

/**
 * What a lender's answer to a drawdown changes. Accepted: the lender's reference is kept, a step for the applicant is asked
 * for, and the loan waits for events. Rejected: declined, unless an event of the lender has already taken the loan further.
 * The same answer again changes nothing: the application that comes back is then the one that was given.
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
  const isUndecided = UNDECIDED.has(loan.status);
  const lender_ref = loan.lender_ref ?? answer.lender_ref ?? null;
  if (answer.result === 'rejected') {
    return isUndecided ? decline(application, { ...loan, lender_ref }, answer, at) : { application, events: [] };
  }
  const isNews = lender_ref !== loan.lender_ref;
  const submitted: DraftEvent = { type: 'loan.submitted', occurred_at: at, data: { loan_id: loanId, lender_ref } };
  // Events are judged late or not by `updated_at`, so the reference alone does not move it.
  const known = isNews ? withLoan(application, { ...loan, lender_ref }) : application;
  const events = isNews ? [submitted] : [];
  const action = isUndecided ? readAnswerAction(answer.next_action, 'drawdown') : undefined;
  if (!action) return { application: known, events };
  const actionId = derivedIdBeside('act', application.id, 'loan', loanId);
  const asked = askByAnswer(known, { actionId, object: { loan_id: loanId }, action }, at);
  return { application: asked.application, events: [...events, ...asked.events] };
}

function decline(application: Application, loan: Loan, answer: PushAnswer, at: string) {
  const refusal = { reason: answer.reason ?? 'lender_rejected', retry_at: answer.retry_at ?? null };
  const declined: Loan = { ...loan, status: 'declined', ...refusal, updated_at: at };
  const { lender_ref } = loan;
  const data = { loan_id: loan.id, ...refusal, ...(lender_ref === null ? {} : { lender_ref }) };
  const event: DraftEvent = { type: 'loan.declined', occurred_at: at, data };
  const after = withLoan(application, declined);
  const ended = endUnused(after);
  const events: DraftEvent[] =
    ended === after ? [event] : [event, { type: 'application.expired', occurred_at: at, data: {} }];
  return { application: ended, events };
}
