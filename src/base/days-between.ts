import { DateTime } from 'luxon';

/** The calendar days from one to another, both in it, `YYYY-MM-DD`; undefined when they are not 1 to `max` days. */
export function daysBetween(from: string, to: string, max: number): string[] | undefined {
  const start = DateTime.fromISO(from, { zone: 'utc' });
  const count = DateTime.fromISO(to, { zone: 'utc' }).diff(start, 'days').days + 1;
  if (!(count >= 1 && count <= max)) return undefined;
  return Array.from({ length: count }, (_, at) => start.plus({ days: at }).toFormat('yyyy-MM-dd'));
}
