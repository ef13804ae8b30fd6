import type { UnitPeriods, UnitTime } from './unit-periods.ts';

/** What a loan looks like to its borrower: money in at the start, then payments. Minor units. */
export type CashFlows = Omit<UnitPeriods, 'times'> & {
  received: bigint;
  payments: readonly bigint[];
  /** When each payment falls due; absent = at the ends of the periods 1, 2, 3 … */
  times?: readonly UnitTime[];
};

/** `apr` = rate of return a period × periods a year; `aprEffective` = compounded. Decimal fractions, 8 digits. */
export type Apr = { apr: string; aprEffective: string };

/** Rates are shown with this many decimal digits. */
const RATE_DIGITS = 8;
/** Halvings until a double cannot be halved any more. */
const BISECTIONS = 200;
/** A rate a period or a year beyond this (10⁹ %) is not a loan. */
const RATE_MAX = 1e7;
const DAYS_PER_YEAR = 365;

/**
 * The annual percentage rate with every interest and fee in, from what the borrower gets and pays. The present value falls
 * steadily as the rate rises, so bisection always finds the only root. Rates are not money: doubles serve.
 *
 * `apr` solves received = Σ payment / ((1 + f·i)(1 + i)ᵗ) with t whole periods and a fraction f of one (12 CFR 1026,
 * appendix J (b)(8)), and is i × periods a year. `aprEffective` is (1 + i)ⁿ − 1; where the flows carry `days`, because their
 * periods are uneven, it solves received = Σ payment / (1 + rate)^(days / 365) (known as XIRR).
 *
 * Undefined when the borrower receives nothing (fees eat the loan) or pays nothing: no rate describes that.
 */
export function aprOf(flows: CashFlows): Apr | undefined {
  const periodic = rootOf(flows, (rate) => presentValue(flows, rate));
  if (periodic === undefined) return undefined;
  const effective =
    flows.days === undefined
      ? (1 + periodic) ** flows.periodsPerYear - 1
      : rootOf(flows, (rate) => valueByDays(flows, 1 + rate));
  if (effective === undefined) return undefined;
  return { apr: rateText(periodic * flows.periodsPerYear), aprEffective: rateText(effective) };
}

/** The nominal rate alone, as a number. */
export function nominalApr(flows: CashFlows): number | undefined {
  const periodic = rootOf(flows, (rate) => presentValue(flows, rate));
  return periodic === undefined ? undefined : periodic * flows.periodsPerYear;
}

/** Whether the nominal rate of the flows is above (1), at (0) or below (−1) a rate a year, without finding it. */
export function compareApr(flows: CashFlows, apr: number): number {
  return Math.sign(presentValue(flows, apr / flows.periodsPerYear) - Number(flows.received));
}

/**
 * Whether the flows cost more than a cap (decimal fraction a year). Every payment was rounded to whole minor units, which
 * may lift the rate of a product priced exactly at its cap by a hair: an excess that disappears when each payment is one
 * minor unit lower is rounding, not price.
 */
export function exceedsCap(flows: CashFlows, cap: string): boolean {
  if (flows.received <= 0n) return true;
  return compareApr(lowered(flows), Number(cap)) > 0;
}

/**
 * The same for a loan whose time is counted in days, each a 365th of a year. A loan that bears interest by the days of its
 * unequal periods is at the cap here, though months counted alike would put it above.
 * @param days from payout to each payment
 */
export function exceedsCapByDays(flows: CashFlows, days: readonly number[], cap: string): boolean {
  if (flows.received <= 0n) return true;
  // One payment is one period, however long it is.
  const perYear = days.length === 1 ? DAYS_PER_YEAR / Math.max(1, days[0] ?? 1) : flows.periodsPerYear;
  const yearly = (1 + Number(cap) / perYear) ** perYear;
  return valueByDays({ ...lowered(flows), days: [...days] }, yearly) > Number(flows.received);
}

/** A rate as it is shown: eight digits, never "-0". */
export function rateText(rate: number): string {
  const text = rate.toFixed(RATE_DIGITS);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function lowered(flows: CashFlows): CashFlows {
  return { ...flows, payments: flows.payments.map((payment) => (payment > 0n ? payment - 1n : 0n)) };
}

/** The rate at which the payments are worth what was received; `valueAt` falls as the rate rises. */
function rootOf({ received, payments }: CashFlows, valueAt: (rate: number) => number): number | undefined {
  const paid = payments.reduce((sum, payment) => sum + payment, 0n);
  if (received <= 0n || paid <= 0n) return undefined;
  if (paid === received) return 0;
  const target = Number(received);
  let low = paid > received ? 0 : -1 + 1e-12;
  let high = paid > received ? 1 : 0;
  while (valueAt(high) > target) {
    if (high > RATE_MAX) return undefined;
    high *= 2;
  }
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (valueAt(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function presentValue({ payments, times }: CashFlows, rate: number): number {
  // Horner's rule, from the last payment to the first.
  if (times === undefined) return payments.reduceRight((later, payment) => (later + Number(payment)) / (1 + rate), 0);
  return payments.reduce((sum, payment, at) => {
    const { whole, fraction } = times[at] ?? { whole: at + 1, fraction: 0 };
    return sum + Number(payment) / ((1 + fraction * rate) * (1 + rate) ** whole);
  }, 0);
}

function valueByDays({ payments, days = [] }: CashFlows, yearly: number): number {
  return payments.reduce((sum, payment, at) => sum + Number(payment) / yearly ** ((days[at] ?? 0) / DAYS_PER_YEAR), 0);
}
