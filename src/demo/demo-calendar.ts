import { DateTime } from 'luxon';

/** When the demo's people act, epoch ms; all in the time zone of the shipped terms. */
export interface DemoCalendar {
  /** Ten in the morning of the first day of the next month: the months that are closed are whole ones. */
  readonly startMs: number;
  /** The two months, by first day, as periods are named. */
  readonly months: readonly [string, string];
  /** Stops up to the second month, about a week apart. */
  readonly firstMonth: readonly number[];
  /** Stops from there to some days into the third month, when both can be closed. */
  readonly secondMonth: readonly number[];
}

const ZONE = 'Asia/Shanghai';
const START_HOUR = 10;
const STEP_DAYS = 7;
/** Days into a month on which it goes on: repayments of its first day have come in by then. */
const AFTER_DAYS = 3;

/** @param nowMs business time */
export function demoCalendar(nowMs: number): DemoCalendar {
  const start = DateTime.fromMillis(nowMs, { zone: ZONE })
    .startOf('month')
    .plus({ months: 1 })
    .set({ hour: START_HOUR });
  const second = start.plus({ months: 1, days: AFTER_DAYS });
  const end = start.plus({ months: 2, days: AFTER_DAYS });
  return {
    startMs: start.toMillis(),
    months: [start.toFormat('yyyy-MM-dd'), start.plus({ months: 1 }).toFormat('yyyy-MM-dd')],
    firstMonth: weeksTo(start, second),
    secondMonth: weeksTo(second, end),
  };
}

/** A day as people of the demo read it, such as `2026-12-01 10:00`. */
export function shownInstant(ms: number): string {
  return DateTime.fromMillis(ms, { zone: ZONE }).toFormat('yyyy-MM-dd HH:mm');
}

function weeksTo(from: DateTime, to: DateTime): number[] {
  const stops: number[] = [];
  for (let stop = from.plus({ days: STEP_DAYS }); stop < to; stop = stop.plus({ days: STEP_DAYS })) {
    stops.push(stop.toMillis());
  }
  return [...stops, to.toMillis()];
}
