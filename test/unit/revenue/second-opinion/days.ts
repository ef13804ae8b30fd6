import type { ContractTerms } from '../../../../src/revenue/terms.ts';

const DAY = 86_400_000;
/** Zones without summer time, so that a day is a number and nothing else. */
export const OFFSETS: Readonly<Record<string, number>> = {
  UTC: 0,
  'Asia/Shanghai': 8 * 3_600_000,
  'Asia/Kolkata': 5.5 * 3_600_000,
};

/** Number of the local day of an instant, counted from 1970. */
export function dayOf(zone: string, at: number): number {
  return Math.floor((at + (OFFSETS[zone] ?? 0)) / DAY);
}

export function dayText(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** The last millisecond of a local day. */
export function lastMomentOf(zone: string, date: string): number {
  return Date.parse(date) + DAY - 1 - (OFFSETS[zone] ?? 0);
}

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Whether a period ends with this day. */
function isClosingDay(cycle: ContractTerms['cycle'], day: number): boolean {
  const [date, next] = [new Date(day * DAY), new Date((day + 1) * DAY)];
  const isMonthEnd = next.getUTCDate() === 1;
  if (cycle === 'daily') return true;
  if (cycle === 'month_end') return isMonthEnd;
  if (cycle === 'half_month') return isMonthEnd || date.getUTCDate() === 15;
  if (typeof cycle === 'string') return WEEKDAYS[date.getUTCDay()] === cycle;
  return date.getUTCDate() === cycle;
}

/** First day of the period of an instant: back, day by day, until one before it closes. */
export function periodStart({ cycle, timezone }: ContractTerms, at: number): string {
  let day = dayOf(timezone, at);
  while (!isClosingDay(cycle, day - 1)) day -= 1;
  return dayText(day);
}

/** First instant after the period that starts on a day. */
export function periodEnd({ cycle, timezone }: ContractTerms, start: string): number {
  let day = Date.parse(start) / DAY;
  while (!isClosingDay(cycle, day)) day += 1;
  return lastMomentOf(timezone, dayText(day)) + 1;
}

/** Day a term of so many months ends: the same day of the month, or its last. */
export function endOfTermDay(first: number, months: number): number {
  const start = new Date(first * DAY);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + months];
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(start.getUTCDate(), length)) / DAY;
}
