import { DateTime } from 'luxon';
import { quoteLocally } from '../applications/quote/quote.ts';
import { annualRate, buildSchedule, type Instalment, type Schedule } from '../applications/quote/schedule.ts';
import { DAY_MS } from '../base/clock.ts';
import { Rational } from '../base/rational.ts';
import type { Product } from '../registry/schema/product.ts';

/** What is asked for, minor units. */
export interface Asked {
  readonly amount: bigint;
  readonly term: number;
  readonly termUnit: 'month' | 'day';
  readonly purpose: string | null;
}

const RATE_DIGITS = 8;

/** The amount brought into the product's range and down to a whole step above its minimum. */
export function roundToStep(product: Product, amount: bigint): bigint {
  const [min, max, step] = [BigInt(product.amount.min), BigInt(product.amount.max), BigInt(product.amount.step)];
  const within = amount < min ? min : amount > max ? max : amount;
  return within - ((within - min) % step);
}

/** The yearly cost that the lender states with a credit: every fee in; the nominal rate where no quote can be made. */
export function statedApr(product: Product, asked: Asked, atMs: number): string {
  const { amount, term, termUnit } = asked;
  const quoted = quoteLocally(product, { amount, term, termUnit, startOn: dayOf(product, atMs) });
  return quoted.ok ? quoted.quote.apr : annualRate(product.rate).toDecimal(RATE_DIGITS);
}

/** The loan's plan from the day of payout in the product's time zone. */
export function planOf(product: Product, asked: Asked, disbursedMs: number): Schedule {
  const { rate, repayment, fees } = product;
  const startOn = dayOf(product, disbursedMs);
  return buildSchedule({
    principal: asked.amount,
    rate,
    term: asked.term,
    termUnit: asked.termUnit,
    repayment,
    fees,
    startOn,
  });
}

/** Interest on `principal` for some days: a 365th of the nominal annual rate each, rounded half to even. */
export function interestForDays(product: Product, principal: bigint, days: number): bigint {
  return annualRate(product.rate).mul(Rational.of(principal)).mul(Rational.of(days, 365)).round('half_even');
}

/** The calendar day of an instant in the product's time zone, `YYYY-MM-DD`. */
export function dayOf(product: Product, atMs: number): string {
  return DateTime.fromMillis(atMs, { zone: product.timezone }).toFormat('yyyy-MM-dd');
}

/** An hour of a calendar day in the product's time zone, epoch ms. */
export function instantOn(product: Product, day: string, hour: number, minute = 0): number {
  return DateTime.fromISO(day, { zone: product.timezone }).set({ hour, minute }).toMillis();
}

/** The calendar day after. */
export function nextDay(day: string, days = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export interface WireMoney {
  readonly amount: number;
  readonly currency: string;
}

export function moneyIn(currency: string): (amount: bigint) => WireMoney {
  return (amount) => ({ amount: Number(amount), currency });
}

/** An instalment as events carry it. */
export function wireInstalment(currency: string, instalment: Instalment) {
  const money = moneyIn(currency);
  return {
    no: instalment.no,
    due_on: instalment.dueOn,
    principal: money(instalment.principal),
    interest: money(instalment.interest),
    fees: instalment.fees.map(({ kind, payee, amount }) => ({ kind, payee, amount: money(amount) })),
  };
}
