import type { TrafficQuality } from '../../registry/schema/traffic-quality.ts';
import type { Found } from './finding.ts';
import { evidenceDays, pastDays, pastOf, type TrafficReading } from './reading.ts';
import { poissonAtMost, rounded, wilsonBounds } from './statistics.ts';
import { APPLY_BOUNDS_SECONDS, sumOf } from './traffic-day.ts';

const WEEK_DAYS = 7;
/** Days that make a drop: one bad day is an outage, at the lender or at us. */
const DROP_DAYS = 3;
const MIN_EXPECTED = 20;
const CHANCE = 1e-6;
/** Conversion at which late applications are what click spam leaves: somebody applies anyway, days later. */
const SPAM_RATE = 0.002;

/** Applications so soon after their click that no person filled in the form. */
export function judgeTooQuick(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const { times, applications } = timesOf(reading);
  if (applications < settings.times_min_applications) return undefined;
  const classes = APPLY_BOUNDS_SECONDS.filter((bound) => bound <= reading.clickMinSeconds).length;
  const quick = times.slice(0, classes).reduce((sum, count) => sum + count, 0);
  const { lower } = wilsonBounds(quick, applications);
  if (lower < settings.too_quick_watch) return undefined;
  return {
    code: 'too_quick',
    severity: lower >= settings.too_quick_hold ? 'hold' : 'watch',
    numbers: {
      applications,
      too_quick: quick,
      share: rounded(quick / applications),
      click_min_seconds: reading.clickMinSeconds,
    },
  };
}

/**
 * Applications long after their click: whoever clicks for people that know nothing of it, hoping that some apply one day,
 * spreads them evenly over days. Held when very few clicks come to anything too; else it may be a slow lender.
 */
export function judgeTooLate(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const days = evidenceDays(reading, WEEK_DAYS);
  const { times, applications } = timesOf(reading);
  if (applications < settings.times_min_applications) return undefined;
  const late = times.at(-1) ?? 0;
  const { lower } = wilsonBounds(late, applications);
  if (lower < settings.too_late_share) return undefined;
  const { unique, converted } = sumOf(days);
  const isSpam = unique >= settings.conversion_min_clicks && converted / unique <= SPAM_RATE;
  return {
    code: 'too_late',
    severity: isSpam ? 'hold' : 'watch',
    numbers: { applications, after_24_hours: late, share: rounded(late / applications), unique_clicks: unique },
  };
}

/** Clicks that come to nothing: absurdly few applications of a week, or far fewer than in the link's own past. */
export function judgeConversion(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  // Where nobody's applications become known these days, the lender is silent, not the link empty.
  if (!reading.isReported) return undefined;
  const week = sumOf(evidenceDays(reading, WEEK_DAYS));
  if (week.unique >= settings.conversion_min_clicks && week.converted / week.unique <= settings.conversion_floor) {
    return {
      code: 'low_conversion',
      severity: 'hold',
      numbers: {
        unique_clicks: week.unique,
        converted: week.converted,
        rate: rounded(week.converted / week.unique),
        floor: settings.conversion_floor,
      },
    };
  }
  return drop(reading, settings);
}

function drop(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const days = evidenceDays(reading, DROP_DAYS, reading.today - 1);
  const { unique, converted } = sumOf(days);
  if (days.length < DROP_DAYS) return undefined;
  const past = pastOf(reading, reading.today - DROP_DAYS);
  if (past === undefined) return undefined;
  const usual = past.converted / past.unique;
  const expected = usual * unique;
  if (expected < MIN_EXPECTED || converted > expected * settings.conversion_drop) return undefined;
  if (poissonAtMost(converted, expected) >= CHANCE) return undefined;
  const numbers = { unique_clicks: unique, converted, rate: rounded(converted / unique), usual_rate: rounded(usual) };
  return { code: 'low_conversion', severity: 'watch', numbers };
}

/**
 * More of the applicants turned down than in the own past, beyond chance (the Wilson bounds of the two do not meet). Watched
 * only: a lender that becomes stricter turns down everybody's.
 */
export function judgeRejection(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const week = sumOf(evidenceDays(reading, WEEK_DAYS));
  const least = settings.rejection_min_applications;
  if (week.applications < least) return undefined;
  const past = sumOf(pastDays(reading, reading.today - WEEK_DAYS + 1));
  if (past.applications < least) return undefined;
  const rate = week.rejected / week.applications;
  const usual = past.rejected / past.applications;
  if (rate < usual * settings.rejection_factor) return undefined;
  if (wilsonBounds(week.rejected, week.applications).lower <= wilsonBounds(past.rejected, past.applications).upper) {
    return undefined;
  }
  return {
    code: 'high_rejection',
    severity: 'watch',
    numbers: {
      applications: week.applications,
      rejected: week.rejected,
      rate: rounded(rate),
      usual_rate: rounded(usual),
    },
  };
}

/** Applications of the week whose click is known, by the time between. */
function timesOf(reading: TrafficReading): { readonly times: readonly number[]; readonly applications: number } {
  const { times } = sumOf(evidenceDays(reading, WEEK_DAYS));
  return { times, applications: times.reduce((sum, count) => sum + count, 0) };
}
