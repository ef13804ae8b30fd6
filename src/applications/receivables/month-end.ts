import { DateTime } from 'luxon';
import { DAY_MS } from '../../base/clock.ts';

/** Lenders report the last day's payments the next morning, wherever they are. */
const LATE_EVENTS_MS = DAY_MS;
/** Where days end last. */
const LAST_ZONE = 'UTC-12';

/** The month of an instant everywhere behind it, `YYYY-MM`: the one that has not ended in every zone. */
export function monthOf(ms: number): string {
  return DateTime.fromMillis(ms, { zone: LAST_ZONE }).toFormat('yyyy-MM');
}

export function nextMonth(month: string): string {
  return DateTime.fromISO(month, { zone: 'utc' }).plus({ months: 1 }).toFormat('yyyy-MM');
}

export function previousMonth(month: string): string {
  return DateTime.fromISO(month, { zone: 'utc' }).minus({ months: 1 }).toFormat('yyyy-MM');
}

/** When a month may be counted: over in every zone, and a day has passed for what is told late. Epoch ms. */
export function countableFrom(month: string): number {
  return DateTime.fromISO(nextMonth(month), { zone: LAST_ZONE }).toMillis() + LATE_EVENTS_MS;
}

/** The last day of a month in a zone, and the first instant after it (RFC 3339 UTC). */
export function monthEnd(month: string, timezone: string): { readonly day: string; readonly endsAt: string } {
  const after = DateTime.fromISO(nextMonth(month), { zone: timezone });
  return { day: after.minus({ days: 1 }).toFormat('yyyy-MM-dd'), endsAt: new Date(after.toMillis()).toISOString() };
}
