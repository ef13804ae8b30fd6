import { isoOf } from '../../base/clock.ts';
import { derivedIdBeside } from '../../base/ids.ts';
import type { DraftEvent } from '../context.ts';
import { askByAnswer, readAnswerAction } from '../lifecycle/ask-by-answer.ts';
import { withLoan } from '../lifecycle/decision.ts';
import type { Application } from '../model.ts';
import { failedRepayment, isPending } from './with-repayments.ts';

/** What of a core's answer a repayment looks at. */
interface Answer {
  readonly result: 'accepted' | 'duplicate' | 'rejected';
  readonly reason?: string | null | undefined;
  readonly next_action?: unknown;
}

/**
 * What a lender's answer to a repayment changes. Accepted: it goes on, perhaps with a step for the applicant; its payments
 * come as events. Rejected: failed. Payments that were quicker than the answer have ended it already: then nothing changes.
 */
export function repaymentAnswered(
  application: Application,
  about: { readonly loan_id?: string; readonly repayment_id?: string },
  answer: Answer,
  nowMs: number,
): { readonly application: Application; readonly events: readonly DraftEvent[] } {
  const loan = application.loans.find(({ id }) => id === about.loan_id);
  const repayment = loan?.repayments?.find(({ id }) => id === about.repayment_id);
  if (loan === undefined || repayment === undefined || !isPending(repayment)) return { application, events: [] };
  const at = isoOf(nowMs);
  if (answer.result === 'rejected') {
    const failed = failedRepayment(loan, repayment, at, answer.reason ?? 'lender_rejected');
    const repayments = loan.repayments?.map((each) => (each === repayment ? failed.repayment : each)) ?? [];
    return { application: withLoan(application, { ...loan, repayments }), events: [failed.event] };
  }
  const action = readAnswerAction(answer.next_action, 'repay');
  if (!action) return { application, events: [] };
  const actionId = derivedIdBeside('act', application.id, 'repayment', repayment.id);
  const object = { loan_id: loan.id, repayment_id: repayment.id };
  return askByAnswer(application, { actionId, object, action }, at);
}
