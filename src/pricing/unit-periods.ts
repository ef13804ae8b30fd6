import { calendarMonths, daysBetween, dueDate, monthEnd } from './due-date.ts';
import type { TermUnit } from './schedule.ts';

/** How long after the payout something falls due: whole unit-periods, and the fraction of one that comes before them. */
export type UnitTime = { whole: number; fraction: number };

/** The measure of a loan's time (12 CFR 1026, appendix J (b)(4) and (5)). */
export type UnitPeriods = {
  periodsPerYear: number;
  times: UnitTime[];
  /** Days from the payout to each payment; only where the payments do not come at the ends of the periods 1, 2, 3 … */
  days?: number[];
};

const MONTHS_PER_YEAR = 12;
const WEEKS_PER_YEAR = 52;
const DAYS_PER_YEAR = 365;
const DAYS_PER_WEEK = 7;
/** Appendix J (b)(5)(ii): the odd days of a loan counted in months are thirtieths of one. */
const DAYS_PER_ODD_MONTH = 30;
const SHORTEST_MONTH_DAYS = 28;

/**
 * Measures a loan by its dates. The unit is a month, where payments come about every month; of payments that come more often
 * it is the commonest interval in days; of one payment it is the whole term. Months are counted back from the due date, the
 * days that are left over at the beginning are thirtieths of a month. Due dates at the ends of months are a month apart.
 *
 * @param startOn the day of payout, `YYYY-MM-DD`
 * @param dueOns at least one, in order
 * @param termUnit whether a single payment is counted in months or days
 */
export function unitPeriods(startOn: string, dueOns: readonly string[], termUnit: TermUnit): UnitPeriods {
  const days = dueOns.map((dueOn) => Math.max(0, daysBetween(startOn, dueOn)));
  if (dueOns.length === 1) return onePayment(startOn, dueOns[0] ?? startOn, termUnit);
  const interval = commonInterval(days);
  const measured = interval < SHORTEST_MONTH_DAYS ? inDays(days, interval) : inMonths(startOn, dueOns);
  const isRegular = measured.times.every(({ whole, fraction }, at) => whole === at + 1 && fraction === 0);
  return isRegular ? measured : { ...measured, days };
}

function onePayment(startOn: string, dueOn: string, termUnit: TermUnit): UnitPeriods {
  const times = [{ whole: 1, fraction: 0 }];
  const days = Math.max(1, daysBetween(startOn, dueOn));
  if (termUnit === 'day') return { periodsPerYear: DAYS_PER_YEAR / days, times };
  const { whole, fraction } = monthsTo(startOn, dueOn, false);
  const periodsPerYear = MONTHS_PER_YEAR / Math.max(whole + fraction, 1 / DAYS_PER_ODD_MONTH);
  return fraction === 0 ? { periodsPerYear, times } : { periodsPerYear, times, days: [days] };
}

function inDays(days: readonly number[], unit: number): UnitPeriods {
  const times = days.map((day) => ({ whole: Math.floor(day / unit), fraction: (day % unit) / unit }));
  const periodsPerYear = unit % DAYS_PER_WEEK === 0 ? WEEKS_PER_YEAR / (unit / DAYS_PER_WEEK) : DAYS_PER_YEAR / unit;
  return { periodsPerYear, times };
}

function inMonths(startOn: string, dueOns: readonly string[]): UnitPeriods {
  const [firstOn = startOn] = dueOns;
  const byMonthEnd = dueOns.every((dueOn) => dueOn === monthEnd(dueOn));
  const first = monthsTo(startOn, firstOn, byMonthEnd);
  const times = dueOns.map((dueOn) => {
    if (wholeMonths(startOn, dueOn, byMonthEnd)) return { whole: calendarMonths(startOn, dueOn), fraction: 0 };
    if (!wholeMonths(firstOn, dueOn, byMonthEnd)) return monthsTo(startOn, dueOn, byMonthEnd);
    return { whole: first.whole + calendarMonths(firstOn, dueOn), fraction: first.fraction };
  });
  return { periodsPerYear: MONTHS_PER_YEAR, times };
}

function wholeMonths(from: string, to: string, byMonthEnd: boolean): boolean {
  if (byMonthEnd && from === monthEnd(from)) return to >= from;
  return to >= from && dueDate(from, calendarMonths(from, to), 'month') === to;
}

function monthsTo(startOn: string, dueOn: string, byMonthEnd: boolean): UnitTime {
  if (dueOn <= startOn) return { whole: 0, fraction: 0 };
  const upTo = calendarMonths(startOn, dueOn);
  if (wholeMonths(startOn, dueOn, byMonthEnd)) return { whole: upTo, fraction: 0 };
  const back = (months: number): string => (byMonthEnd ? monthEnd(dueOn, -months) : dueDate(dueOn, -months, 'month'));
  const whole = back(upTo) >= startOn ? upTo : upTo - 1;
  return { whole, fraction: daysBetween(startOn, back(whole)) / DAYS_PER_ODD_MONTH };
}

/** The interval that comes most often; of several the shortest. Payments on one day count once. */
function commonInterval(days: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const [at, day] of days.entries()) {
    const interval = at === 0 ? 0 : day - (days[at - 1] ?? 0);
    if (interval > 0) counts.set(interval, (counts.get(interval) ?? 0) + 1);
  }
  const [commonest] = [...counts].sort(([one, often], [other, oftener]) => oftener - often || one - other);
  return commonest?.[0] ?? SHORTEST_MONTH_DAYS;
}
