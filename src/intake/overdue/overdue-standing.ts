import { dayOf, startOfDay } from '../../applications/lifecycle/calendar-days.ts';
import { daysPastDue, oldestUnpaid } from '../../applications/lifecycle/past-due.ts';
import type { Loan } from '../../applications/model.ts';
import { DAY_MS, isoOf } from '../../base/clock.ts';

/** What a loan has to do with an automatic entry now. */
export type OverdueStanding =
  /** `since`: day (UTC) on which it reached the days of the rule. */
  | { readonly kind: 'holds'; readonly since: string }
  /** `checkAtMs`: when it will reach them if nothing is paid; null = not by time alone. */
  | { readonly kind: 'free'; readonly checkAtMs: number | null };

/**
 * A loan holds an entry while it is at least `days` past due, by our own count or the lender's, whichever is more. It lets go
 * when it is settled, cured or cancelled, and when a payment brings it below those days. Writing it off changes nothing: the
 * debt is still owed, and the entry stands until it is paid or the entry has run out.
 * @param timezone of the product, whose midnights count
 */
export function overdueStanding(loan: Loan, days: number, nowMs: number, timezone: string): OverdueStanding {
  const isOwed = loan.status === 'overdue' || loan.status === 'written_off';
  const oldest = oldestUnpaid(loan);
  const isPaid = loan.schedule.length > 0 && oldest === undefined;
  if (!isOwed || isPaid) return { kind: 'free', checkAtMs: null };
  const reachedMs = oldest === undefined ? null : startOfDay(oldest.due_on, timezone, days);
  const own = daysPastDue(loan, dayOf(nowMs, timezone));
  if (reachedMs !== null && own >= days) return { kind: 'holds', since: dayOfInstant(reachedMs) };
  if (loan.days_past_due < days) return { kind: 'free', checkAtMs: reachedMs };
  // The lender counts ahead of us: so many days before now, by its count.
  const aheadMs = (loan.days_past_due - days) * DAY_MS;
  return { kind: 'holds', since: dayOfInstant(nowMs - aheadMs) };
}

function dayOfInstant(ms: number): string {
  return isoOf(ms).slice(0, 10);
}
