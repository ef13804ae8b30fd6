import { DateTime } from 'luxon';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../base/clock.ts';

/** An hour of a calendar day. */
export interface LocalHour {
  /** Days since 1970-01-01 of the calendar date. */
  readonly day: number;
  /** 0 to 23; the hour that a zone's clocks repeat counts as one. */
  readonly hour: number;
}

/** Offsets of zones change at whole quarters of an hour at most. */
const QUARTER_MS = 15 * MINUTE_MS;
const lastOffsets = new Map<string, { readonly quarter: number; readonly offsetMs: number }>();

/** The calendar day and hour of an instant in a zone. */
export function localHour(atMs: number, zone: string): LocalHour {
  const quarter = Math.floor(atMs / QUARTER_MS);
  let known = lastOffsets.get(zone);
  if (known?.quarter !== quarter) {
    known = { quarter, offsetMs: DateTime.fromMillis(atMs, { zone }).offset * MINUTE_MS };
    lastOffsets.set(zone, known);
  }
  const localMs = atMs + known.offsetMs;
  const day = Math.floor(localMs / DAY_MS);
  return { day, hour: Math.floor((localMs - day * DAY_MS) / HOUR_MS) };
}
