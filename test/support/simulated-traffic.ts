import { type Afresh, NEVER_HELD, type TopShares, type TrafficReading } from '../../src/attribution/quality/reading.ts';
import { PAST_DAYS, type TrafficDay } from '../../src/attribution/quality/traffic-day.ts';

/** Draws from a seed: the same traffic in each run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    let [count, product] = [0, this.next()];
    const stop = Math.exp(-mean);
    while (product > stop) {
      count += 1;
      product *= this.next();
    }
    return count;
  }
}

/** What comes in one hour of one day. */
export interface TrafficHour {
  readonly people: number;
  /** Share of them who apply. */
  readonly conversion: number;
  /** Unique clicks of nobody's. */
  readonly fakes?: number;
}

/** How a link's people behave, whoever they are. */
export interface LinkHabits {
  /** Arrivals a unique click. */
  readonly ratio: number;
  readonly dataCentre: number;
  /** Share of unique clicks from the 16 busiest addresses, by the busiest visitor. */
  readonly addresses: number;
  readonly visitor: number;
  /** Share of applications that become known within the hour of their click. */
  readonly prompt: number;
  readonly tooQuick: number;
  readonly late: number;
  readonly rejection: number;
  readonly isReported: boolean;
  /** The same of fakes. */
  readonly fakeDataCentre?: number;
  readonly fakeAddresses?: number;
  readonly fakeRatio?: number;
}

type HourOf = (day: number, hour: number) => TrafficHour;

/** A link whose hours are told one after the other, and what a judgement would read then. */
export class SimulatedLink {
  readonly #dice: Dice;
  readonly #habits: LinkHabits;
  readonly #days = new Map<number, Mutable>();
  #today = 0;
  #hour = 0;
  #tops: Top = { people: 0, fakes: 0 };
  afresh: Afresh = NEVER_HELD;

  constructor(dice: Dice, habits: LinkHabits) {
    this.#dice = dice;
    this.#habits = habits;
  }

  /** Five weeks of past. */
  liveThrough(fromDay: number, days: number, hourOf: HourOf): void {
    for (let day = fromDay; day < fromDay + days; day += 1) {
      for (let hour = 0; hour < 24; hour += 1) this.pass(day, hour, hourOf(day, hour));
    }
  }

  /** One hour passes. */
  pass(day: number, hour: number, { people: mean, conversion, fakes: fakeMean = 0 }: TrafficHour): void {
    const dice = this.#dice;
    const habits = this.#habits;
    if (day !== this.#today) this.#tops = { people: 0, fakes: 0 };
    this.#today = day;
    this.#hour = hour;
    this.#days.delete(day - PAST_DAYS - 1);
    let today = this.#days.get(day);
    if (today === undefined) {
      today = blank(day);
      this.#days.set(day, today);
    }
    const people = dice.poisson(mean);
    const fakes = dice.poisson(fakeMean);
    today.uniqueByHour[hour] = people + fakes;
    today.raw += Math.round(people * habits.ratio + fakes * (habits.fakeRatio ?? 1));
    today.dataCentre += dice.poisson(people * habits.dataCentre) + dice.poisson(fakes * (habits.fakeDataCentre ?? 0));
    this.#tops.people += people;
    this.#tops.fakes += fakes;
    this.#apply(today, hour, people * conversion);
  }

  reading(): TrafficReading {
    return {
      today: this.#today,
      hour: this.#hour,
      days: this.#days,
      top: this.#top(),
      afresh: this.afresh,
      isReported: this.#habits.isReported,
      clickMinSeconds: 15,
    };
  }

  #apply(today: Mutable, hour: number, mean: number): void {
    const { tooQuick, late, rejection, prompt } = this.#habits;
    const within = 1 - tooQuick - late;
    const shares = [0, tooQuick, 0, 0.7 * within, 0.3 * within, 0, late];
    for (const [at, share] of shares.entries()) {
      const count = share === 0 ? 0 : this.#dice.poisson(mean * share);
      today.applications += count;
      today.times[at] = (today.times[at] ?? 0) + count;
      today.rejected += Math.round(count * rejection);
      if (at < 5) today.promptByHour[hour] = (today.promptByHour[hour] ?? 0) + Math.round(count * prompt);
    }
  }

  #top(): TopShares {
    const { addresses, visitor, fakeAddresses = 0 } = this.#habits;
    const { people, fakes } = this.#tops;
    return { addresses: people * addresses + fakes * fakeAddresses, visitor: people * visitor };
  }
}

interface Top {
  people: number;
  fakes: number;
}

type Mutable = { -readonly [Key in keyof TrafficDay]: TrafficDay[Key] extends number ? number : number[] };

function blank(day: number): Mutable {
  const hours = (): number[] => new Array<number>(24).fill(0);
  return {
    day,
    uniqueByHour: hours(),
    promptByHour: hours(),
    raw: 0,
    dataCentre: 0,
    applications: 0,
    registrations: 0,
    rejected: 0,
    times: new Array<number>(7).fill(0),
  };
}

/** Share of a day's people by hour: asleep at night, at lunch, in the evening. */
const BY_HOUR: readonly number[] = [
  0.015, 0.008, 0.004, 0.003, 0.003, 0.006, 0.014, 0.028, 0.042, 0.052, 0.055, 0.056, 0.064, 0.056, 0.05, 0.05, 0.05,
  0.05, 0.054, 0.064, 0.078, 0.084, 0.072, 0.042,
];

/** An honest link of any size and kind: weekends, better and worse days, now and then a newsletter. */
export function honestLink(dice: Dice): { readonly link: SimulatedLink; readonly hourOf: HourOf } {
  const perDay = Math.exp(dice.between(Math.log(3), Math.log(40_000)));
  const conversion = Math.exp(dice.between(Math.log(0.003), Math.log(0.12)));
  const isSlowLender = dice.next() < 0.2;
  const isOneShop = perDay < 250 && dice.next() < 0.5;
  const habits: LinkHabits = {
    ratio: dice.between(1.05, 2.5),
    dataCentre: dice.between(0, 0.08),
    addresses: isOneShop ? dice.between(0.5, 1) : perDay < 1_000 ? dice.between(0.05, 0.3) : dice.between(0.005, 0.08),
    visitor: dice.between(0, 0.01),
    prompt: isSlowLender ? 0 : dice.between(0.4, 0.95),
    tooQuick: dice.between(0, 0.02),
    late: isSlowLender ? dice.between(0.2, 0.7) : dice.between(0.01, 0.15),
    rejection: dice.between(0.2, 0.7),
    isReported: true,
  };
  const weekend = dice.between(0.5, 1.4);
  const ofDay = new Map<number, number>();
  const newsletter = { day: -1, hour: 0, hours: 0, times: 1, conversion: 1 };
  const hourOf: HourOf = (day, hour) => {
    if (!ofDay.has(day)) {
      ofDay.set(day, perDay * Math.exp(0.25 * dice.normal()) * (day % 7 === 2 || day % 7 === 3 ? weekend : 1));
      if (dice.next() < 0.07) {
        newsletter.day = day;
        newsletter.hour = Math.floor(dice.between(7, 20));
        newsletter.hours = Math.ceil(dice.between(0, 4));
        newsletter.times = dice.between(3, 30);
        newsletter.conversion = dice.between(0.4, 1);
      }
    }
    const isBurst = day === newsletter.day && hour >= newsletter.hour && hour < newsletter.hour + newsletter.hours;
    return {
      people: (ofDay.get(day) ?? 0) * (BY_HOUR[hour] ?? 0) * (isBurst ? newsletter.times : 1),
      conversion: conversion * (isBurst ? newsletter.conversion : 1),
    };
  };
  return { link: new SimulatedLink(dice, habits), hourOf };
}
