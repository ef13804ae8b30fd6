import { msOf } from '../../base/clock.ts';
import { dueDate } from '../../pricing/due-date.ts';
import type { Loan } from '../model.ts';
import { dayOf, daysBetween } from './calendar-days.ts';
import type { DatedPayment } from './dated.ts';
import { draft, EARLY, illegalForLoan, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, type LoanContext } from './loan-event-context.ts';
import { isPaidOut, isRunning, LOAN_TRANSITIONS } from './loan-transitions.ts';
import { comesLater } from './transitions.ts';

/**
 * The lender says that nothing is owed any more; it alone knows, whatever the payments come to. Where a reversal that
 * happened later is known already, the loan goes on.
 */
export function applySettlement(context: LoanContext, event: LenderEventOf<'loan.settled'>): Step {
  const { loan } = context;
  const reopened = loan.payments.some((payment: DatedPayment) => (payment.reversed_at ?? '') > event.occurred_at);
  if (!isRunning(loan)) {
    const waits = !isPaidOut(loan) && comesLater(LOAN_TRANSITIONS, loan.status, event.type);
    return waits ? EARLY : illegalForLoan(loan.status, event.type);
  }
  const { settled_at } = event.data;
  const term = expiry(loan, settled_at, context.facts.product.timezone);
  const early = (event.data.early ?? term.wholePeriodLeft) && term.unexpired_days > 0;
  const events = [draft(event, 'loan.settled', { loan_id: loan.id, settled_at, early })];
  if (early) {
    const { unexpired_days, term_days } = term;
    events.push(draft(event, 'loan.settled_early', { loan_id: loan.id, settled_at, unexpired_days, term_days }));
  }
  const changes: Partial<Loan> = reopened ? {} : { status: 'settled', settled_at, days_past_due: 0 };
  return appliedToLoan(context, event, changes, events);
}

interface Expiry {
  readonly unexpired_days: number;
  readonly term_days: number;
  /** A lender that does not say `early` means it when a whole instalment period is left, not a payment a few days ahead. */
  readonly wholePeriodLeft: boolean;
}

/** Counts against the term that was agreed: a prepayment has usually cut the schedule short before the loan is settled. */
function expiry(loan: Loan, settledAt: string, timezone: string): Expiry {
  const settledOn = dayOf(msOf(settledAt), timezone);
  const disbursedOn = dayOf(msOf(loan.disbursed_at ?? settledAt), timezone);
  const agreedEnd = dueDate(disbursedOn, loan.term, loan.term_unit);
  const [end = agreedEnd] = [agreedEnd, ...loan.schedule.map((item) => item.due_on)].sort().reverse();
  const periods = loan.term_unit === 'month' && loan.term > 1;
  const lastPeriodFrom = periods ? dueDate(disbursedOn, loan.term - 1, 'month') : end;
  return {
    unexpired_days: Math.max(0, daysBetween(settledOn, end)),
    term_days: Math.max(0, daysBetween(disbursedOn, end)),
    wholePeriodLeft: settledOn < lastPeriodFrom,
  };
}
