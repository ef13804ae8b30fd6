import { isoOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Instalment, Loan } from '../model.ts';
import { remainingOf } from './available.ts';
import { dayOf, daysBetween, startOfDay } from './calendar-days.ts';
import { withLoan } from './decision.ts';
import { isRunning } from './loan-transitions.ts';
import { amountOverdue, BUCKET_STARTS, oldestUnpaid } from './past-due.ts';

/** By whose calendar, and when a first instalment counts as defaulted. */
export interface DayCount {
  /** IANA zone: days past due change at 00:00 there. */
  readonly timezone: string;
  readonly fpdDays: number;
}

export interface Swept {
  /** The one that was given when nothing changed. */
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/**
 * Counts a loan's days past due as of now. It becomes overdue on the day after a due date, and says so again at the start
 * of each further bucket; an unpaid first instalment is a default after `fpdDays`, once. Every event happens at the midnight
 * at which its count was reached, however late the sweep comes; swept twice, nothing happens twice.
 */
export function sweepLoan(application: Application, loanId: string, nowMs: number, count: DayCount): Swept {
  const loan = application.loans.find((each) => each.id === loanId);
  if (!loan || !isRunning(loan)) return { application, events: [] };
  const today = dayOf(nowMs, count.timezone);
  const oldest = oldestUnpaid(loan);
  const days = oldest === undefined ? 0 : daysBetween(oldest.due_on, today);
  if (oldest === undefined || days <= 0) return { application, events: [] };
  const events = overdueEvents(loan, oldest, days, count);
  const defaulted = defaultEvent(loan, today, count);
  if (defaulted) events.push(defaulted);
  events.sort((one, other) => (one.occurred_at < other.occurred_at ? -1 : one.occurred_at > other.occurred_at ? 1 : 0));
  const swept: Loan = {
    ...loan,
    status: 'overdue',
    // A lender that counts ahead of us by a day is not counted back.
    days_past_due: Math.max(loan.days_past_due, days),
    first_payment_default: loan.first_payment_default || defaulted !== undefined,
  };
  const same = loan.status === 'overdue' && swept.days_past_due === loan.days_past_due;
  if (same && events.length === 0) return { application, events };
  return { application: withLoan(application, swept), events };
}

/** When the next sweep of a loan can change anything, epoch ms; null when time alone changes nothing. */
export function nextLoanSweepAt(loan: Loan, nowMs: number, timezone: string): number | null {
  if (!isRunning(loan)) return null;
  const oldest = oldestUnpaid(loan);
  if (oldest === undefined) return null;
  const dayAfterDue = startOfDay(oldest.due_on, timezone, 1);
  return dayAfterDue > nowMs ? dayAfterDue : startOfDay(dayOf(nowMs, timezone), timezone, 1);
}

function overdueEvents(loan: Loan, oldest: Instalment, days: number, count: DayCount): DraftEvent[] {
  const reached = BUCKET_STARTS.filter((start) => start > loan.days_past_due && start <= days);
  return reached.map((start) => {
    const atMs = startOfDay(oldest.due_on, count.timezone, start);
    const data = {
      loan_id: loan.id,
      no: oldest.no,
      days_past_due: start,
      amount_overdue: amountOverdue(loan, dayOf(atMs, count.timezone)),
      currency: loan.amount.currency,
    };
    return { type: 'loan.overdue', occurred_at: isoOf(atMs), data };
  });
}

/**
 * That instalment 1 is unpaid after so many days, once; it happened at the midnight at which it was reached.
 * @param today the day on which it is known to be unpaid
 */
export function defaultEvent(loan: Loan, today: string, count: DayCount): DraftEvent | undefined {
  const first = loan.schedule.find((item) => item.no === 1);
  if (loan.first_payment_default || !first || remainingOf(first) === 0) return undefined;
  if (daysBetween(first.due_on, today) < count.fpdDays) return undefined;
  const occurred_at = isoOf(startOfDay(first.due_on, count.timezone, count.fpdDays));
  return {
    type: 'loan.first_payment_default',
    occurred_at,
    data: { loan_id: loan.id, no: 1, days_past_due: count.fpdDays },
  };
}
