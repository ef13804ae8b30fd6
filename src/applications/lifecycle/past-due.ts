import type { Instalment, Loan } from '../model.ts';
import { remainingOf } from './available.ts';
import { daysBetween } from './calendar-days.ts';

/** First days of M1, M2, M3 and M4+ (前期 M1 · 中期 M2–M3 · 后期 M4+). */
export const BUCKET_STARTS = [1, 30, 60, 90] as const;

export type Bucket = 'M0' | 'M1' | 'M2' | 'M3' | 'M4+';

/** The ageing bucket of so many days past due. */
export function bucketOf(daysPastDue: number): Bucket {
  if (daysPastDue >= 90) return 'M4+';
  if (daysPastDue >= 60) return 'M3';
  if (daysPastDue >= 30) return 'M2';
  return daysPastDue >= 1 ? 'M1' : 'M0';
}

/** The instalment that has been due longest and is not fully paid. */
export function oldestUnpaid(loan: Loan): Instalment | undefined {
  const unpaid = loan.schedule.filter((item) => remainingOf(item) > 0);
  return unpaid.reduce<Instalment | undefined>(
    (oldest, item) => (oldest === undefined || item.due_on < oldest.due_on ? item : oldest),
    undefined,
  );
}

/** Days past due by our own count on a calendar day; 0 = current. */
export function daysPastDue(loan: Loan, day: string): number {
  const oldest = oldestUnpaid(loan);
  return oldest === undefined ? 0 : Math.max(0, daysBetween(oldest.due_on, day));
}

/** What is past due on a calendar day, minor units. */
export function amountOverdue(loan: Loan, day: string): number {
  return loan.schedule.reduce((sum, item) => (item.due_on < day ? sum + remainingOf(item) : sum), 0);
}
