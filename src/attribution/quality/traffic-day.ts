/** Upper bounds of the time between a click and its application, seconds; the last class has none. */
export const APPLY_BOUNDS_SECONDS = [5, 15, 60, 300, 3_600, 86_400] as const;
export const APPLY_CLASSES = APPLY_BOUNDS_SECONDS.length + 1;
const HOURS = 24;

/** Counters of one calendar day of a link, or of a whole partner, in the time zone of its product. */
export interface TrafficDay {
  /** Days since 1970-01-01 of the calendar date. */
  readonly day: number;
  /** Unique clicks of persons that went where the link leads, by hour. */
  readonly uniqueByHour: readonly number[];
  /** Applications and registrations known within the hour of their click, by hour. */
  readonly promptByHour: readonly number[];
  /** Arrivals of persons, repeated ones too. */
  readonly raw: number;
  /** Unique clicks from data centres. */
  readonly dataCentre: number;
  readonly applications: number;
  readonly registrations: number;
  /** Applications turned down for what the applicant is, by us or by the lender. */
  readonly rejected: number;
  /** Applications by time since their click, see `APPLY_BOUNDS_SECONDS`. */
  readonly times: readonly number[];
}

/** Past days that a link is compared with: five weeks, so that each hour of the week was there five times. */
export const PAST_DAYS = 35;
/** Days that are kept, today too. */
export const RING_DAYS = PAST_DAYS + 1;

/**
 * A day is 64 numbers of 32 bits: its own number, then the counters. The ring of days is one string of fixed size, however
 * many people click.
 */
export const DAY_SLOTS = 64;
export const SLOTS = {
  day: 0,
  unique: 1,
  prompt: 1 + HOURS,
  raw: 1 + 2 * HOURS,
  dataCentre: 2 + 2 * HOURS,
  applications: 3 + 2 * HOURS,
  registrations: 4 + 2 * HOURS,
  rejected: 5 + 2 * HOURS,
  times: 6 + 2 * HOURS,
} as const;
export const RING_BYTES = RING_DAYS * DAY_SLOTS * 4;

/** A day on which nothing was counted. */
export function emptyDay(day: number): TrafficDay {
  return dayOfSlots(day, () => 0);
}

/** Reads a ring of days; those that were never written, or are older than the ring, are left out. */
export function readRing(ring: Buffer, today: number): ReadonlyMap<number, TrafficDay> {
  const days = new Map<number, TrafficDay>();
  for (let at = 0; at < RING_DAYS; at += 1) {
    const start = at * DAY_SLOTS * 4;
    const slot = (index: number): number => {
      const offset = start + index * 4;
      return offset + 4 <= ring.length ? ring.readUInt32BE(offset) : 0;
    };
    const day = slot(SLOTS.day);
    if (day > today - RING_DAYS && day <= today) days.set(day, dayOfSlots(day, slot));
  }
  return days;
}

/** What was counted on a day after a moment of it. */
export function daySince(day: TrafficDay, before: TrafficDay): TrafficDay {
  const less = (later: number, earlier: number): number => Math.max(0, later - earlier);
  const each = (later: readonly number[], earlier: readonly number[]) =>
    later.map((count, index) => less(count, earlier[index] ?? 0));
  return {
    day: day.day,
    uniqueByHour: each(day.uniqueByHour, before.uniqueByHour),
    promptByHour: each(day.promptByHour, before.promptByHour),
    raw: less(day.raw, before.raw),
    dataCentre: less(day.dataCentre, before.dataCentre),
    applications: less(day.applications, before.applications),
    registrations: less(day.registrations, before.registrations),
    rejected: less(day.rejected, before.rejected),
    times: each(day.times, before.times),
  };
}

/** Sums of some days. */
export interface TrafficSum {
  readonly unique: number;
  readonly prompt: number;
  readonly raw: number;
  readonly dataCentre: number;
  readonly applications: number;
  readonly rejected: number;
  /** People who came to something: applications, or registrations where a lender reports more of those. */
  readonly converted: number;
  readonly times: readonly number[];
}

export function sumOf(days: readonly TrafficDay[]): TrafficSum {
  const total = { unique: 0, prompt: 0, raw: 0, dataCentre: 0, applications: 0, rejected: 0 };
  const times = new Array<number>(APPLY_CLASSES).fill(0);
  let registrations = 0;
  for (const day of days) {
    for (let hour = 0; hour < HOURS; hour += 1) {
      total.unique += day.uniqueByHour[hour] ?? 0;
      total.prompt += day.promptByHour[hour] ?? 0;
    }
    total.raw += day.raw;
    total.dataCentre += day.dataCentre;
    total.applications += day.applications;
    total.rejected += day.rejected;
    registrations += day.registrations;
    for (let at = 0; at < APPLY_CLASSES; at += 1) times[at] = (times[at] ?? 0) + (day.times[at] ?? 0);
  }
  return { ...total, converted: Math.max(total.applications, registrations), times };
}

/** The class of a time between click and application. */
export function applyClassOf(seconds: number): number {
  const at = APPLY_BOUNDS_SECONDS.findIndex((bound) => seconds < bound);
  return at < 0 ? APPLY_BOUNDS_SECONDS.length : at;
}

function dayOfSlots(day: number, slot: (index: number) => number): TrafficDay {
  const run = (start: number, length: number): number[] => Array.from({ length }, (_, index) => slot(start + index));
  return {
    day,
    uniqueByHour: run(SLOTS.unique, HOURS),
    promptByHour: run(SLOTS.prompt, HOURS),
    raw: slot(SLOTS.raw),
    dataCentre: slot(SLOTS.dataCentre),
    applications: slot(SLOTS.applications),
    registrations: slot(SLOTS.registrations),
    rejected: slot(SLOTS.rejected),
    times: run(SLOTS.times, APPLY_CLASSES),
  };
}
