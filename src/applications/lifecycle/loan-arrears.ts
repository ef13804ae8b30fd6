import { msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Loan } from '../model.ts';
import { dayOf, daysBetween } from './calendar-days.ts';
import { draft, EARLY, illegalForLoan, type Rejection, rejected, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, assessmentDay, type LoanContext } from './loan-event-context.ts';
import { isLateForLoan, LOAN_TRANSITIONS } from './loan-transitions.ts';
import { bucketOf, daysPastDue } from './past-due.ts';
import { judgeTransition } from './transitions.ts';

/**
 * The lender counts the loan as overdue: its word holds from then on. Of an older word only the event is kept, and the
 * present arrears are our own count, since what came after it may have cured it.
 */
export function applyOverdue(context: LoanContext, event: LenderEventOf<'loan.overdue'>): Step {
  const { loan, facts } = context;
  const late = isLateForLoan(loan, event);
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  const { no, days_past_due, amount_overdue } = event.data;
  const impossible = countRefusal(context, event);
  if (impossible) return impossible;
  const { currency } = loan.amount;
  const data = { loan_id: loan.id, no, days_past_due, amount_overdue: amount_overdue.amount, currency };
  // Our own count, or an earlier report, may have said as much already.
  const known = loan.status === 'overdue' && loan.days_past_due >= days_past_due;
  const events: DraftEvent[] = known ? [] : [draft(event, 'loan.overdue', data)];
  const defaulted = no === 1 && days_past_due >= facts.product.fpd_days && isCredible(context, event);
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

/** Lenders may count the due day itself, and end their days elsewhere. */
const COUNT_SLACK_DAYS = 3;

/** Nothing has been due for longer than the loan has been out. */
function countRefusal(context: LoanContext, event: LenderEventOf<'loan.overdue'>): Rejection | undefined {
  const { days_past_due } = event.data;
  const { disbursed_at } = context.loan;
  const days = disbursed_at === null ? undefined : daysSince(context, dayIn(context, disbursed_at), event);
  if (days === undefined || days_past_due <= days + COUNT_SLACK_DAYS) return undefined;
  return rejected(
    'schema_invalid',
    `/data/days_past_due: ${days_past_due}, but the loan was paid out ${days} days before`,
  );
}

/** By the schedule that the lender has given. A default takes commissions back: our own count tells of it where a slip does not. */
function isCredible(context: LoanContext, event: LenderEventOf<'loan.overdue'>): boolean {
  const { no, days_past_due } = event.data;
  const item = context.loan.schedule.find((each) => each.no === no);
  return item === undefined || days_past_due <= daysSince(context, item.due_on, event) + COUNT_SLACK_DAYS;
}

function daysSince(context: LoanContext, day: string, { occurred_at }: LenderEventOf<'loan.overdue'>): number {
  return daysBetween(day, dayIn(context, occurred_at));
}

function dayIn({ facts }: LoanContext, instant: string): string {
  return dayOf(msOf(instant), facts.product.timezone);
}

/** The lender counts the loan as current again. Where we do already, nothing is new. */
export function applyCure(context: LoanContext, event: LenderEventOf<'loan.cured'>): Step {
  const { loan } = context;
  const late = isLateForLoan(loan, event);
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  if (loan.status === 'active') return appliedToLoan(context, event, {}, []);
  const events = [draft(event, 'loan.cured', { loan_id: loan.id })];
  const changes: Partial<Loan> = verdict.kind === 'move' ? { status: 'active', days_past_due: 0 } : {};
  return appliedToLoan(context, event, changes, events);
}
