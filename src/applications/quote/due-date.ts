const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/**
 * The date so many months or days after a start date, both `YYYY-MM-DD`. Months keep the day of the start, or end with the
 * month where it has no such day: 31 January → 28 February → 31 March. Each date is counted from the start, never from the
 * one before, so a short month does not shift the rest.
 *
 * @throws RangeError when the start is not a date of the calendar
 */
export function dueDate(startOn: string, count: number, unit: 'month' | 'day'): string {
  const start = Date.parse(`${startOn}T00:00:00Z`);
  const [, year, month, day] = (DATE.exec(startOn) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || Number.isNaN(start)) {
    throw new RangeError(`Not a date of the form YYYY-MM-DD: ${JSON.stringify(startOn)}.`);
  }
  if (new Date(start).getUTCDate() !== day) throw new RangeError(`${startOn} is not in the calendar.`);
  if (unit === 'day') return isoDate(start + count * DAY_MS);
  // Day 0 of a month is the last of the month before it.
  const lastDay = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return isoDate(Date.UTC(year, month - 1 + count, Math.min(day, lastDay)));
}

function isoDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
