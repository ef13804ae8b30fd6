import { dueDate, monthEnd } from './due-date.ts';

/** The day of the month on which every instalment of a product falls due: 1 to 28, or the last one. */
export type DueDay = number | 'month_end';

/** When instalments fall due: on the day of the month of the payout, or on a day of the product's own. */
export type DuePlan = {
  dueDay?: DueDay | undefined;
  /** With `dueDay`: days from payout to the first instalment, at least. */
  firstPeriodMinDays?: number | undefined;
};

/** A first instalment is not asked for sooner after the payout, unless the product says otherwise. */
export const FIRST_PERIOD_MIN_DAYS = 15;

/**
 * The due dates of so many monthly instalments. Without a due day they keep the day of the payout. With one, the first falls
 * on the earliest due day that is at least `firstPeriodMinDays` after the payout, the others a month apart from there; so
 * the first period may be shorter or longer than a month.
 * @throws RangeError when the start is not a date of the calendar
 */
export function monthlyDueDates(startOn: string, count: number, plan: DuePlan): string[] {
  const { dueDay, firstPeriodMinDays = FIRST_PERIOD_MIN_DAYS } = plan;
  if (dueDay === undefined) return Array.from({ length: count }, (_, at) => dueDate(startOn, at + 1, 'month'));
  const earliest = dueDate(startOn, firstPeriodMinDays, 'day');
  const inMonth = onDueDay(earliest, 0, dueDay);
  const skipped = inMonth < earliest ? 1 : 0;
  return Array.from({ length: count }, (_, at) => onDueDay(earliest, at + skipped, dueDay));
}

/** Whether a due date lies exactly one month after the payout, so that the first period is like every other. */
export function isWholeMonth(startOn: string, firstDueOn: string): boolean {
  if (dueDate(startOn, 1, 'month') === firstDueOn) return true;
  return startOn === monthEnd(startOn) && firstDueOn === monthEnd(startOn, 1);
}

function onDueDay(date: string, months: number, dueDay: DueDay): string {
  if (dueDay === 'month_end') return monthEnd(date, months);
  const first = `${date.slice(0, 8)}${String(dueDay).padStart(2, '0')}`;
  return dueDate(first, months, 'month');
}
