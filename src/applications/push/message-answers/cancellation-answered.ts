import { isoOf } from '../../../base/clock.ts';
import { withLoan } from '../../lifecycle/decision.ts';
import type { Application, LoanCancellation } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import type { AnsweredMessage } from './message-answer-rule.ts';

/**
 * What a lender's answer to a cancellation changes. An application is cancelled when its partner says so, and goes on only by
 * a payout that had not waited for it; a loan when the lender's `loan.cancelled` comes, so all that is noted is whether it
 * agrees.
 */
export function cancellationAnswered(
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  const loan = application.loans.find(({ id }) => id === about.loan_id);
  const asked = loan?.cancellation;
  if (loan === undefined || asked?.status !== 'pending' || asked.attempts !== about.attempt) {
    return { application, events: [] };
  }
  const refused_for = answer.result === 'rejected' ? (answer.reason ?? 'lender_rejected') : null;
  const status: LoanCancellation['status'] = refused_for === null ? 'accepted' : 'refused';
  const data = { loan_id: loan.id, status, reason: refused_for };
  return {
    application: withLoan(application, { ...loan, cancellation: { ...asked, status, refused_for } }),
    events: [{ type: 'loan.cancel_answered', occurred_at: isoOf(nowMs), data }],
  };
}
