import { DateTime } from 'luxon';

const HALF_HOUR_MS = 1_800_000;

/** Local calendar date of an instant, `YYYY-MM-DD`. */
export function localDate(instantMs: number, timezone: string): string {
  return inZone(instantMs, timezone).toFormat('yyyy-MM-dd');
}

/**
 * First instant whose local date is `date`. Midnight may not exist (clocks jump over it) or happen twice (clocks go
 * back to it); a day starts where the one before it ends, whichever way.
 * @param date `YYYY-MM-DD`
 */
export function startOfLocalDay(date: string, timezone: string): number {
  const start = DateTime.fromISO(date, { zone: timezone });
  if (!start.isValid) throw new RangeError(`not a date in a known time zone: ${date} ${timezone}`);
  const ms = start.startOf('day').toMillis();
  for (const back of [2 * HALF_HOUR_MS, HALF_HOUR_MS]) {
    if (localDate(ms - back, timezone) === date) return ms - back;
  }
  return ms;
}

/** Days from one local date to another, negative when `toMs` is earlier. Hours do not matter, nor do DST changes. */
export function calendarDaysBetween(fromMs: number, toMs: number, timezone: string): number {
  return daysBetweenDates(localDate(fromMs, timezone), localDate(toMs, timezone));
}

/** Same local time so many days later. */
export function plusLocalDays(instantMs: number, days: number, timezone: string): number {
  return inZone(instantMs, timezone).plus({ days }).toMillis();
}

/** Calendar days in a term of so many months that starts at `fromMs`. */
export function calendarDaysOfTerm(fromMs: number, months: number, timezone: string): number {
  const from = inZone(fromMs, timezone);
  return daysBetweenDates(from.toFormat('yyyy-MM-dd'), from.plus({ months }).toFormat('yyyy-MM-dd'));
}

/** Date arithmetic without a zone: `YYYY-MM-DD` plus days. */
export function plusDays(date: string, days: number): string {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
}

function daysBetweenDates(from: string, to: string): number {
  const days = DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days').days;
  return Math.round(days);
}

function inZone(instantMs: number, timezone: string): DateTime {
  const local = DateTime.fromMillis(instantMs, { zone: timezone });
  if (!local.isValid) throw new RangeError(`unknown time zone or instant out of range: ${timezone}`);
  return local;
}
