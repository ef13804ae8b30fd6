import { DateTime } from 'luxon';

/** Zones differ from UTC by whole quarters of an hour, so within one of them the day is the same. */
const QUARTER_MS = 15 * 60_000;

interface KnownDay {
  readonly quarter: number;
  readonly day: string;
}

/** Time zone arithmetic is dear beside counting an event, and events come in the order of time: the last day is kept. */
const lastDays = new Map<string, KnownDay>();

/**
 * The calendar day of an instant in a zone, `YYYY-MM-DD`.
 * @throws TypeError when there is no such zone
 */
export function businessDay(atMs: number, zone: string): string {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = lastDays.get(zone);
  if (known?.quarter === quarter) return known.day;
  const day = DateTime.fromMillis(atMs, { zone }).toISODate();
  if (day === null) throw new TypeError(`${zone} is not a time zone`);
  lastDays.set(zone, { quarter, day });
  return day;
}
