import type { DraftEvent } from '../context.ts';
import type { Loan } from '../model.ts';
import { draft, EARLY, illegalForLoan, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, assessmentDay, type LoanContext } from './loan-event-context.ts';
import { LOAN_TRANSITIONS } from './loan-transitions.ts';
import { bucketOf, daysPastDue } from './past-due.ts';
import { judgeTransition } from './transitions.ts';

/**
 * The lender counts the loan as overdue: its word holds from then on. Of an older word only the event is kept, and the
 * present arrears are our own count, since what came after it may have cured it.
 */
export function applyOverdue(context: LoanContext, event: LenderEventOf<'loan.overdue'>): Step {
  const { loan, facts } = context;
  const late = event.occurred_at < loan.updated_at;
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  const { no, days_past_due, amount_overdue } = event.data;
  const { currency } = loan.amount;
  const data = { loan_id: loan.id, no, days_past_due, amount_overdue: amount_overdue.amount, currency };
  // Our own count, or an earlier report, may have said as much already.
  const known = loan.status === 'overdue' && loan.days_past_due >= days_past_due;
  const events: DraftEvent[] = known ? [] : [draft(event, 'loan.overdue', data)];
  const defaulted = no === 1 && days_past_due >= facts.product.fpd_days;
  if (defaulted && !loan.first_payment_default) {
    events.push(draft(event, 'loan.first_payment_default', { loan_id: loan.id, no, days_past_due }));
  }
  const flag: Partial<Loan> = defaulted ? { first_payment_default: true } : {};
  if (!late) {
    // A bucket that was told is not left by a lender that counts behind us, or it would be entered, and told, once more.
    const isBehind = known && bucketOf(days_past_due) < bucketOf(loan.days_past_due);
    const counted = isBehind ? loan.days_past_due : days_past_due;
    return appliedToLoan(context, event, { ...flag, status: 'overdue', days_past_due: counted }, events);
  }
  if (loan.status !== 'active') return appliedToLoan(context, event, flag, events);
  const days = daysPastDue(loan, assessmentDay(context, event));
  const status: Partial<Loan> = days > 0 ? { status: 'overdue', days_past_due: days } : {};
  return appliedToLoan(context, event, { ...flag, ...status }, events);
}

/** The lender counts the loan as current again. Where we do already, nothing is new. */
export function applyCure(context: LoanContext, event: LenderEventOf<'loan.cured'>): Step {
  const { loan } = context;
  const late = event.occurred_at < loan.updated_at;
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  if (loan.status === 'active') return appliedToLoan(context, event, {}, []);
  const events = [draft(event, 'loan.cured', { loan_id: loan.id })];
  const changes: Partial<Loan> = verdict.kind === 'move' ? { status: 'active', days_past_due: 0 } : {};
  return appliedToLoan(context, event, changes, events);
}
