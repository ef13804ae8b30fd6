import { poissonAtMost } from './statistics.ts';
import { daySince, emptyDay, PAST_DAYS, sumOf, type TrafficDay, type TrafficSum } from './traffic-day.ts';

/** The largest shares of a day's unique clicks, each the least that it can be. */
export interface TopShares {
  /** Unique clicks of the busiest visitor. */
  readonly visitor: number;
  /** Unique clicks from the sixteen busiest addresses. */
  readonly addresses: number;
}

/** From when on a link is judged, after a hold has ended or an operator has lifted it. */
export interface Afresh {
  /** First day that counts as evidence. */
  readonly day: number;
  /** What that day had counted by then. */
  readonly before: TrafficDay | null;
  /** Days of holds that nobody lifted: no past to compare with. */
  readonly heldDays: readonly number[];
  /** Codes that an operator has lifted → until when they are watched only, epoch ms. */
  readonly lifted: Readonly<Record<string, number>>;
}

export const NEVER_HELD: Afresh = { day: 0, before: null, heldDays: [], lifted: {} };

/** Everything that one judgement rests on. */
export interface TrafficReading {
  /** Calendar day in the product's zone, days since 1970. */
  readonly today: number;
  /** 0 to 23. */
  readonly hour: number;
  readonly days: ReadonlyMap<number, TrafficDay>;
  readonly top: TopShares;
  readonly afresh: Afresh;
  /** Whether somebody's applications by links became known for this product since yesterday: a silent lender proves nothing. */
  readonly isReported: boolean;
  /** Applications sooner than this are no person's, by the partner's contract. */
  readonly clickMinSeconds: number;
}

/** Days of evidence, the latest first: none of before the link was judged afresh. */
export function evidenceDays(reading: TrafficReading, count: number, from: number = reading.today): TrafficDay[] {
  const { days, afresh } = reading;
  return Array.from({ length: count }, (_, back) => from - back).flatMap((number) => {
    const day = days.get(number);
    if (day === undefined || number < afresh.day) return [];
    return [number === afresh.day && afresh.before !== null ? daySince(day, afresh.before) : day];
  });
}

/** Days that a link is compared with: before `before`, and not held. */
export function pastDays({ days, today, afresh }: TrafficReading, before: number): TrafficDay[] {
  const held = new Set(afresh.heldDays);
  return [...days.values()].filter(({ day }) => day < before && day >= today - PAST_DAYS && !held.has(day));
}

/** A past of fewer days is none. */
const PAST_MIN_DAYS = 7;
const PAST_MIN_CONVERTED = 20;

/** How a link converted before some day; undefined when it has too little past to say. */
export function pastOf(
  reading: TrafficReading,
  before: number,
  minConverted: number = PAST_MIN_CONVERTED,
): (TrafficSum & { readonly days: number }) | undefined {
  const days = pastDays(reading, before);
  if (days.length < PAST_MIN_DAYS) return undefined;
  const sum = sumOf(days);
  return sum.converted >= minConverted && sum.unique > 0 ? { ...sum, days: days.length } : undefined;
}

const WELL_MIN_CONVERTED = 10;
/** One in a hundred, where nothing is known: people who apply are people. */
const WELL_RATE = 0.01;
/** Half of what it used to be. */
const WELL_SHARE = 0.5;
/** A link that converts seldom is known by fewer. */
const KNOWN_MIN_CONVERTED = 5;
/** Fewer expected may fail to come by chance. */
const TELLING_EXPECTED = 7;
const CHANCE = 1e-4;
/** Days as busy as that are a link's own, where conversion tells nothing. */
const USUAL_TIMES = 4;

/** Whether clicks of these days come to something as people's do: then their look alone is no reason for a hold. */
export function convertsWell(reading: TrafficReading, days: readonly TrafficDay[]): boolean {
  const { unique, converted } = sumOf(days);
  const past = pastOf(reading, Math.min(...days.map(({ day }) => day)), KNOWN_MIN_CONVERTED);
  if (past === undefined) return converted >= WELL_MIN_CONVERTED && converted >= unique * WELL_RATE;
  const expected = (past.converted / past.unique) * unique;
  if (expected < TELLING_EXPECTED) return unique / days.length <= (past.unique / past.days) * USUAL_TIMES;
  return converted >= expected * WELL_SHARE || poissonAtMost(converted, expected) >= CHANCE;
}

export function todayOf(reading: TrafficReading): TrafficDay {
  return evidenceDays(reading, 1)[0] ?? emptyDay(reading.today);
}
