import { DateTime } from 'luxon';

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. */
export function dayOf(ms: number, timezone: string): string {
  return DateTime.fromMillis(ms, { zone: timezone }).toFormat('yyyy-MM-dd');
}

/** When a calendar day begins in a zone, `days` after the given one; milliseconds. */
export function startOfDay(day: string, timezone: string, days = 0): number {
  return DateTime.fromISO(day, { zone: timezone }).plus({ days }).startOf('day').toMillis();
}

/** Whole days from one calendar day to another; negative when it lies before. */
export function daysBetween(from: string, to: string): number {
  const span = DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days');
  return Math.round(span.days);
}
