import { DateTime } from 'luxon';
import { localDate, plusDays, startOfLocalDay } from './calendar.ts';
import type { Cycle } from './terms.ts';

/** One settlement period: `fromMs` included, `toMs` excluded. */
export interface Period {
  /** Its first day in the contract's time zone, `YYYY-MM-DD`. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MAX_CLOSING_DAY = 28;
const HALF_MONTH_DAY = 15;

/**
 * The period that an instant belongs to. A cycle names the last day of its periods:
 *
 * | cycle | periods |
 * |---|---|
 * | `month_end` | calendar months |
 * | 1 … 28 | from the day after to that day of the next month (25: 26 Jan – 25 Feb) |
 * | `half_month` | 1st–15th, 16th–end of month |
 * | `mon` … `sun` | seven days that end on that weekday (`sun`: Monday – Sunday) |
 * | `daily` | single days |
 *
 * Throws RangeError for any other cycle or an unknown time zone.
 */
export function periodOf(cycle: Cycle, timezone: string, instantMs: number): Period {
  const key = `${cycle} ${timezone}`;
  const recent = recentPeriods.get(key) ?? [];
  const known = recent.find(({ fromMs, toMs }) => fromMs <= instantMs && instantMs < toMs);
  if (known !== undefined) return known;
  const [first, next] = daysOf(cycle, localDate(instantMs, timezone));
  const period = { id: first, fromMs: startOfLocalDay(first, timezone), toMs: startOfLocalDay(next, timezone) };
  recentPeriods.set(key, [period, ...recent].slice(0, RECENT_MAX));
  return period;
}

/** By cycle and zone: time zone arithmetic is most of a posting's cost, and nearly all fall into a few periods. */
const recentPeriods = new Map<string, readonly Period[]>();
const RECENT_MAX = 8;

/** The period with this id. Throws RangeError when no period of the cycle starts on that day. */
export function periodById(cycle: Cycle, timezone: string, id: string): Period {
  const period = periodOf(cycle, timezone, startOfLocalDay(id, timezone));
  if (period.id !== id) throw new RangeError(`no period of cycle ${cycle} starts on ${id}; nearest is ${period.id}`);
  return period;
}

/** The period that starts where this one ends. */
export function nextPeriod(cycle: Cycle, timezone: string, period: Period): Period {
  return periodOf(cycle, timezone, period.toMs);
}

/** First day of the period around `date`, first day of the one after. */
function daysOf(cycle: Cycle, date: string): readonly [string, string] {
  const day = DateTime.fromISO(date, { zone: 'utc' });
  const monthStart = day.startOf('month');
  if (cycle === 'daily') return [date, plusDays(date, 1)];
  if (cycle === 'month_end') return [text(monthStart), text(monthStart.plus({ months: 1 }))];
  if (cycle === 'half_month') {
    const secondHalf = text(monthStart.plus({ days: HALF_MONTH_DAY }));
    return day.day <= HALF_MONTH_DAY
      ? [text(monthStart), secondHalf]
      : [secondHalf, text(monthStart.plus({ months: 1 }))];
  }
  if (typeof cycle === 'string' && WEEKDAYS.includes(cycle)) {
    const closing = WEEKDAYS.indexOf(cycle) + 1;
    const daysUntilClose = (closing - day.weekday + 7) % 7;
    const next = day.plus({ days: daysUntilClose + 1 });
    return [text(next.minus({ days: 7 })), text(next)];
  }
  const closing = Number(cycle);
  if (!Number.isInteger(closing) || closing < 1 || closing > MAX_CLOSING_DAY) {
    throw new RangeError(`unknown cycle ${cycle}`);
  }
  const start = day.day > closing ? monthStart : monthStart.minus({ months: 1 });
  return [text(start.plus({ days: closing })), text(start.plus({ months: 1, days: closing }))];
}

function text(day: DateTime): string {
  return day.toFormat('yyyy-MM-dd');
}
