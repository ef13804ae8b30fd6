const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/**
 * The date so many months or days after a start date, both `YYYY-MM-DD`; before it, where the count is negative. Months keep
 * the day of the start, or end with the month where it has no such day: 31 January → 28 February → 31 March. Each date is
 * counted from the start, never from the one before, so a short month does not shift the rest.
 *
 * @throws RangeError when the start is not a date of the calendar
 */
export function dueDate(startOn: string, count: number, unit: 'month' | 'day'): string {
  const { year, month, day, atMs } = readDate(startOn);
  if (unit === 'day') return isoDate(atMs + count * DAY_MS);
  // Day 0 of a month is the last of the month before it.
  const lastDay = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return isoDate(Date.UTC(year, month - 1 + count, Math.min(day, lastDay)));
}

/** The last day of the month that lies so many months after that of a date. */
export function monthEnd(date: string, months = 0): string {
  const { year, month } = readDate(date);
  return isoDate(Date.UTC(year, month + months, 0));
}

/** Days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return (readDate(to).atMs - readDate(from).atMs) / DAY_MS;
}

/** How many months later the month of one date is than that of another. */
export function calendarMonths(from: string, to: string): number {
  const [first, last] = [readDate(from), readDate(to)];
  return (last.year - first.year) * 12 + last.month - first.month;
}

function readDate(date: string): { year: number; month: number; day: number; atMs: number } {
  const atMs = Date.parse(`${date}T00:00:00Z`);
  const [, year, month, day] = (DATE.exec(date) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || Number.isNaN(atMs)) {
    throw new RangeError(`Not a date of the form YYYY-MM-DD: ${JSON.stringify(date)}.`);
  }
  if (new Date(atMs).getUTCDate() !== day) throw new RangeError(`${date} is not in the calendar.`);
  return { year, month, day, atMs };
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
