import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DateTime } from 'luxon';
import { dayOf } from '../../applications/lifecycle/calendar-days.ts';
import { DAY_MS } from '../../base/clock.ts';
import { Rational } from '../../base/rational.ts';
import { annualRate, buildSchedule, type FeeAmount, type Schedule } from '../../pricing/schedule.ts';
import type { Asked, BookProduct } from './book.ts';

/** The lender's reference of something that it was told under our id: A an application, L a loan, C a card. */
export function lenderRefOf(kind: 'A' | 'L' | 'C', id: string): string {
  return `SBX-${kind}-${createHash('sha256').update(id).digest('hex').slice(0, 16).toUpperCase()}`;
}

/** The amount brought into the product's range and down to a whole step above its minimum, minor units. */
export function roundToStep(product: Pick<BookProduct, 'amount'>, amount: number): number {
  const { min, max, step } = product.amount;
  const within = Math.min(Math.max(amount, min), max);
  return within - ((within - min) % step);
}

/** What is granted: the requested amount on the product's steps, for a term that it offers. */
export function grantedTerms(product: BookProduct, asked: Asked): Asked {
  const offered = product.term.unit === asked.term_unit && product.term.options.includes(asked.term);
  const [first = asked.term] = product.term.options;
  return {
    amount: roundToStep(product, asked.amount),
    term: offered ? asked.term : first,
    term_unit: product.term.unit,
    purpose: asked.purpose,
  };
}

/** The loan's plan from the day of payout in the product's time zone. */
export function planOf(product: BookProduct, asked: Asked, disbursedMs: number): Schedule {
  const { rate, repayment, fees, due_day: dueDay, first_period_min_days: firstPeriodMinDays } = product;
  return buildSchedule({
    principal: BigInt(asked.amount),
    rate,
    term: asked.term,
    termUnit: asked.term_unit,
    repayment,
    fees,
    startOn: dayOf(disbursedMs, product.timezone),
    dueDay,
    firstPeriodMinDays,
  });
}

/** Who pays late pays one and a half times the nominal rate. */
const PENALTY_FACTOR = Rational.of(3, 2);

/** The penalty on `due` minor units that are some days late: at least one minor unit, rounded half to even. */
export function penaltyOn(product: BookProduct, due: bigint, days: number): bigint {
  if (days <= 0 || due <= 0n) return 0n;
  const rate = annualRate(product.rate).mul(PENALTY_FACTOR);
  const penalty = rate.mul(Rational.of(due)).mul(Rational.of(days, 365)).round('half_even');
  return penalty > 0n ? penalty : 1n;
}

/** Debits run at ten in the morning of the due day. */
export const DEBIT_HOUR = 10;

/** A share of an amount, rounded half to even. */
export function shareOf(amount: bigint, part: number, whole: number): bigint {
  return Rational.of(amount).mul(Rational.of(part, whole)).round('half_even');
}

/** Zones make an instant of a day dear, and the same days are asked for again and again. */
const INSTANTS_MAX = 20_000;
const instants = new LRUCache<string, number>({ max: INSTANTS_MAX });

/** An hour of a calendar day in a time zone, epoch ms. */
export function instantOn({ timezone }: Pick<BookProduct, 'timezone'>, day: string, hour: number, minute = 0): number {
  const key = `${day} ${hour}:${minute} ${timezone}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const ms = DateTime.fromISO(day, { zone: timezone }).set({ hour, minute }).toMillis();
  instants.set(key, ms);
  return ms;
}

/** The calendar day so many days after. */
export function nextDay(day: string, days = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export interface WireMoney {
  readonly amount: number;
  readonly currency: string;
}

export function moneyIn(currency: string): (amount: bigint | number) => WireMoney {
  return (amount) => ({ amount: Number(amount), currency });
}

export interface WireFee {
  readonly kind: string;
  readonly payee: string;
  readonly amount: WireMoney;
}

export function wireFees(currency: string, fees: readonly FeeAmount[]): WireFee[] {
  const money = moneyIn(currency);
  return fees.map(({ kind, payee, amount }) => ({ kind, payee, amount: money(amount) }));
}

export function sumOfFees(fees: readonly FeeAmount[]): bigint {
  return fees.reduce((sum, fee) => sum + fee.amount, 0n);
}
