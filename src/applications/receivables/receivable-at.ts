import { outstandingPrincipal, remainingOf } from '../lifecycle/available.ts';
import type { DatedPayment } from '../lifecycle/dated.ts';
import { instalmentPaid } from '../lifecycle/loan-payments.ts';
import { TERMINAL_LOAN_STATUSES } from '../lifecycle/loan-transitions.ts';
import { amountOverdue, type Bucket, bucketOf, daysPastDue } from '../lifecycle/past-due.ts';
import type { Loan } from '../model.ts';

/** Loans that were written off stand beside the buckets: 呆账. */
export type ReceivableBucket = Bucket | 'written_off';

/** What was owed on a loan at an instant, minor units. */
export interface Receivable {
  readonly bucket: ReceivableBucket;
  /** Principal lent and not paid back. */
  readonly outstanding: number;
  /** Principal, interest and fees that were due before that day and not paid. */
  readonly overdue: number;
  readonly daysPastDue: number;
}

/**
 * A loan as it stood when a day ended, whatever has happened since: payments and reversals count by when they were made.
 * The schedule is the one that is in force now.
 * @param endsAt RFC 3339 UTC: the first instant after the day
 * @param day `YYYY-MM-DD`, the day itself: days past due are counted to it
 * @returns undefined when nothing was owed: not yet paid out, paid back, settled, given back
 */
export function receivableAt(loan: Loan, endsAt: string, day: string): Receivable | undefined {
  if (loan.disbursed_at === null || loan.disbursed_at >= endsAt) return undefined;
  if (loan.settled_at !== null && loan.settled_at < endsAt) return undefined;
  if (loan.status === 'cancelled' && loan.updated_at < endsAt) return undefined;
  const payments = loan.payments
    .filter((payment) => payment.paid_at < endsAt)
    .map((payment: DatedPayment) => {
      const cameBack = payment.reversed && (payment.reversed_at ?? '') < endsAt;
      return { ...payment, reversed: cameBack };
    });
  const then: Loan = { ...loan, schedule: loan.schedule.map((item) => instalmentPaid(item, payments)) };
  // Its lender has not said so yet, or a payment that came back since has opened it again.
  if (then.schedule.every((item) => remainingOf(item) === 0)) return undefined;
  const outstanding = outstandingPrincipal(then);
  const overdue = amountOverdue(then, day);
  const days = daysPastDue(then, day);
  if (loan.written_off_at !== undefined && loan.written_off_at < endsAt) {
    return { bucket: 'written_off', outstanding, overdue, daysPastDue: days };
  }
  return { bucket: bucketOf(days), outstanding, overdue, daysPastDue: days };
}

/** Whether no later snapshot can find anything owed on the loan, unless a reversal opens it again. */
export function isOverFor(loan: Loan, endsAt: string): boolean {
  if (loan.disbursed_at === null) return TERMINAL_LOAN_STATUSES.has(loan.status);
  const ended = loan.status === 'cancelled' ? loan.updated_at : loan.settled_at;
  return ended !== null && ended < endsAt;
}
