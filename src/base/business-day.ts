import { DateTime } from 'luxon';

/** Zones differ from UTC by whole quarters of an hour, so within one of them the day is the same. */
const QUARTER_MS = 15 * 60_000;

/** A calendar day of a zone. */
export interface BusinessDay {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Its last instant is the one before this one: midnight of the next day, whatever the clocks were set to in between. */
  readonly endsAtMs: number;
}

interface KnownDay extends BusinessDay {
  readonly quarter: number;
}

/** Time zone arithmetic is dear beside counting an event, and events come in the order of time: the last day is kept. */
const lastDays = new Map<string, KnownDay>();

/**
 * The calendar day of an instant in a zone, `YYYY-MM-DD`.
 * @throws TypeError when there is no such zone
 */
export function businessDay(atMs: number, zone: string): string {
  return businessDayAt(atMs, zone).day;
}

/**
 * The same day, with its end.
 * @throws TypeError when there is no such zone
 */
export function businessDayAt(atMs: number, zone: string): BusinessDay {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const last = lastDays.get(zone);
  if (last?.quarter === quarter) return last;
  const at = DateTime.fromMillis(atMs, { zone });
  const day = at.toISODate();
  if (day === null) throw new TypeError(`${zone} is not a time zone`);
  const known = { quarter, day, endsAtMs: at.startOf('day').plus({ days: 1 }).toMillis() };
  lastDays.set(zone, known);
  return known;
}
