import type { TrafficQuality } from '../../registry/schema/traffic-quality.ts';
import type { Found } from './finding.ts';
import { evidenceDays, pastDays, pastOf, type TrafficReading } from './reading.ts';
import { median, poissonAtMost, robustDeviation, rounded } from './statistics.ts';
import type { TrafficDay } from './traffic-day.ts';

const WEEK_DAYS = 7;
const WEEKS = 5;
/** Two weeks of the same hour and its neighbours. */
const MIN_SAMPLES = 6;
const HOURS = 24;
/** How far back bursts are looked at together. */
const BURST_HOURS = 24;
/** Fewer expected applications may all fail to come by chance. */
const MIN_EXPECTED = 10;
/** A burst is looked at again every few seconds for a day; by chance none of a million may be held. */
const CHANCE = 1e-6;

interface Burst {
  readonly clicks: number;
  readonly usual: number;
  readonly limit: number;
  /** Hours since the beginning of 1970, local. */
  readonly at: number;
  readonly isOver: boolean;
}

/**
 * Far more clicks in an hour than this link has at that hour of the week, judged by the median and the median absolute
 * deviation of five weeks: a link's day and night, its weekends and a burst now and then move them little. A burst alone is
 * watched, for newsletters look like that; one in which next to nobody applies, of those who apply within the hour on other
 * days, is held. Hours of a day are compared, as the field does ("click flooding" is judged hourly at AppsFlyer).
 */
export function judgeFlood(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const bursts = burstsOf(reading, settings);
  const latest = bursts.at(-1);
  if (latest === undefined) return undefined;
  const isHeld = isEmpty(reading, settings, bursts);
  const nowHour = reading.today * HOURS + reading.hour;
  // What is over and had people in it is no news.
  if (!isHeld && latest.at < nowHour - 1) return undefined;
  return {
    code: 'click_flood',
    severity: isHeld ? 'hold' : 'watch',
    numbers: {
      clicks_of_hour: latest.clicks,
      usual_clicks_of_hour: rounded(latest.usual),
      limit_of_hour: Math.ceil(latest.limit),
      hours: bursts.length,
    },
  };
}

function burstsOf(reading: TrafficReading, settings: TrafficQuality): Burst[] {
  const past = new Map(pastDays(reading, reading.today - 1).map((day) => [day.day, day]));
  const days = new Map(evidenceDays(reading, 2).map((day) => [day.day, day]));
  const nowHour = reading.today * HOURS + reading.hour;
  const bursts: Burst[] = [];
  for (let at = nowHour - BURST_HOURS; at <= nowHour; at += 1) {
    const clicks = countAt(days, at, 'uniqueByHour');
    if (clicks < settings.flood_min_clicks) continue;
    const samples = samplesOf(past, at);
    if (samples.length < MIN_SAMPLES) continue;
    const usual = median(samples);
    const deviation = Math.max(robustDeviation(samples), Math.sqrt(usual));
    const limit = Math.max(
      settings.flood_min_clicks,
      usual * settings.flood_factor,
      usual + deviation * settings.flood_deviations,
    );
    if (clicks > limit) bursts.push({ clicks, usual, limit, at, isOver: at < nowHour });
  }
  return bursts;
}

/** Unique clicks of the same hour of the week and the hours beside it, of the weeks that are known. */
function samplesOf(past: ReadonlyMap<number, TrafficDay>, at: number): number[] {
  const samples: number[] = [];
  for (let week = 1; week <= WEEKS; week += 1) {
    for (const beside of [-1, 0, 1]) {
      const hour = at - week * WEEK_DAYS * HOURS + beside;
      const day = past.get(Math.floor(hour / HOURS));
      if (day !== undefined) samples.push(day.uniqueByHour[hour % HOURS] ?? 0);
    }
  }
  return samples;
}

/** Whether next to nobody of a burst has come to anything, where people would have by now. */
function isEmpty(reading: TrafficReading, settings: TrafficQuality, bursts: readonly Burst[]): boolean {
  const over = bursts.filter(({ isOver }) => isOver);
  const clicks = over.reduce((sum, burst) => sum + burst.clicks, 0);
  const days = new Map(evidenceDays(reading, 2).map((day) => [day.day, day]));
  const first = over[0]?.at ?? 0;
  let seen = 0;
  for (let at = first; at <= reading.today * HOURS + reading.hour; at += 1) seen += countAt(days, at, 'promptByHour');
  const past = pastOf(reading, reading.today - 1);
  const expected = past === undefined ? 0 : (past.prompt / past.unique) * clicks;
  if (expected >= MIN_EXPECTED) {
    return seen <= expected * settings.burst_conversion && poissonAtMost(seen, expected) < CHANCE;
  }
  // Nothing is known of how soon its people apply: only where many others' do, and none of very many here.
  const isSilent = past === undefined && reading.isReported;
  return isSilent && clicks >= settings.conversion_min_clicks && seen / clicks <= settings.conversion_floor;
}

function countAt(days: ReadonlyMap<number, TrafficDay>, at: number, what: 'uniqueByHour' | 'promptByHour'): number {
  return days.get(Math.floor(at / HOURS))?.[what][at % HOURS] ?? 0;
}
