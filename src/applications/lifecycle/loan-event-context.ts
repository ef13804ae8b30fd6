import { msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Loan } from '../model.ts';
import { dayOf } from './calendar-days.ts';
import { applied, type LenderFacts, latest, type Step, withLoan } from './decision.ts';
import { isRunning } from './loan-transitions.ts';
import { daysPastDue } from './past-due.ts';

/** One loan event on its way through: where it belongs and what it is judged by. */
export interface LoanContext {
  readonly application: Application;
  readonly loan: Loan;
  readonly facts: LenderFacts;
}

/** The loan as changed by an event of the lender; `updated_at` is when the newest of them happened. */
export function appliedToLoan(
  context: LoanContext,
  event: { readonly occurred_at: string },
  changes: Partial<Loan>,
  events: readonly DraftEvent[],
): Step {
  const { application, loan } = context;
  const changed: Loan = { ...loan, ...changes, updated_at: latest(loan.updated_at, event.occurred_at) };
  // Nobody reports the arrears of a written-off loan any more: they are our own count.
  const days = changed.status === 'written_off' ? daysPastDue(changed, assessmentDay(context, event)) : undefined;
  return applied(withLoan(application, days === undefined ? changed : { ...changed, days_past_due: days }), events);
}

/** The calendar day of the newest thing known of the loan, this event included: the day its arrears are counted on. */
export function assessmentDay(context: LoanContext, event: { readonly occurred_at: string }): string {
  return dayOf(msOf(latest(context.loan.updated_at, event.occurred_at)), context.facts.product.timezone);
}

/** Whether it happened while the loan ran, though the loan has ended since: it still counts, and changes no status. */
export function happenedWhileRunning(loan: Loan, event: { readonly occurred_at: string }): boolean {
  return loan.disbursed_at !== null && !isRunning(loan) && event.occurred_at <= loan.updated_at;
}
