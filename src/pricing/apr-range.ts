import { type CashFlows, compareApr, exceedsCap, nominalApr, rateText } from './apr.ts';
import { daysBetween, dueDate } from './due-date.ts';
import { type DueDay, type DuePlan, isWholeMonth, monthlyDueDates } from './due-plan.ts';
import { loanFlows } from './loan-flows.ts';
import {
  buildSchedule,
  type FeeRule,
  interestForDays,
  isSinglePayment,
  type NominalRate,
  type Repayment,
  type Schedule,
  type TermUnit,
} from './schedule.ts';
import { type UnitTime, unitPeriods } from './unit-periods.ts';

/** What the price of a loan follows from. Amounts are minor units. */
export type PricedProduct = {
  readonly amount: { readonly min: bigint | number; readonly max: bigint | number };
  readonly term: { readonly options: readonly number[]; readonly unit: TermUnit };
  readonly repayment: Repayment;
  readonly rate: NominalRate;
  readonly fees: readonly FeeRule[];
  readonly due_day?: DueDay | undefined;
  readonly first_period_min_days?: number | undefined;
};

/** An offer of a product at one of the extremes of its price. */
export type Corner = { amount: bigint; term: number; startOn: string; flows: CashFlows };

/**
 * The lowest and highest yearly cost of a product, every fee in, before any cap; decimal fractions of 8 digits. Undefined
 * when fees eat every loan.
 *
 * Fixed fees weigh more on small amounts, so the extremes lie at the smallest and the largest amount of some term; where
 * due days are fixed, each length that a first period can have is looked at.
 */
export function aprRange(product: PricedProduct): { min: string; max: string } | undefined {
  let [min, max]: (number | undefined)[] = [];
  for (const { flows } of corners(product)) {
    if (flows.received <= 0n) continue;
    // Finding a rate takes fifty times as long as comparing with one.
    if (max === undefined || compareApr(flows, max) > 0) max = nominalApr(flows) ?? max;
    if (min === undefined || compareApr(flows, min) < 0) min = nominalApr(flows) ?? min;
  }
  return min === undefined || max === undefined ? undefined : { min: rateText(min), max: rateText(max) };
}

/** An offer that costs more than a cap (decimal fraction a year), rounding aside; undefined when there is none. */
export function offerAboveCap(product: PricedProduct, cap: string): Corner | undefined {
  return corners(product).find(({ flows }) => exceedsCap(flows, cap));
}

/** Months count alike whenever they begin: without fixed due days the day of payout moves due dates, never the rate. */
const ANY_DAY = '2026-01-01';

function corners(product: PricedProduct): Corner[] {
  const amounts = [...new Set([BigInt(product.amount.min), BigInt(product.amount.max)])];
  const found: Corner[] = [];
  for (const amount of amounts) {
    for (const term of product.term.options) found.push(...cornersOf(product, amount, term));
  }
  return found;
}

function cornersOf(product: PricedProduct, amount: bigint, term: number): Corner[] {
  const { rate, repayment, fees, due_day: dueDay } = product;
  const loan = { principal: amount, rate, term, termUnit: product.term.unit, repayment, fees, startOn: ANY_DAY };
  const regular = buildSchedule(loan);
  if (dueDay === undefined || isSinglePayment(loan)) {
    return [{ amount, term, startOn: ANY_DAY, flows: flowsOf(regular, product.term.unit) }];
  }
  return firstPeriods({ dueDay, firstPeriodMinDays: product.first_period_min_days }).map((first) => {
    return { amount, term, startOn: first.startOn, flows: flowsAfter(first, regular, amount, rate) };
  });
}

function flowsOf({ received, schedule }: Schedule, termUnit: TermUnit): CashFlows {
  return loanFlows({ received, startOn: ANY_DAY, termUnit, payments: schedule });
}

/** The flows of a loan that differs from a regular one in its first period only. */
function flowsAfter(first: FirstPeriod, regular: Schedule, amount: bigint, rate: NominalRate): CashFlows {
  const usual = regular.schedule[0]?.interest ?? 0n;
  const interest = first.isMonth ? usual : interestForDays(amount, rate, first.days);
  const payments = regular.schedule.map(({ total }, at) => (at === 0 ? total - usual + interest : total));
  const { whole, fraction } = first.time;
  if (payments.length === 1) {
    return { received: regular.received, payments, periodsPerYear: 12 / (whole + fraction) };
  }
  const times = payments.map((_, at) => ({ whole: whole + at, fraction }));
  return { received: regular.received, payments, periodsPerYear: 12, times };
}

type FirstPeriod = { startOn: string; days: number; isMonth: boolean; time: UnitTime };

/** Four years hold every length of month beside every other. */
const CYCLE_DAYS = 1_461;
const known = new Map<string, readonly FirstPeriod[]>();

/** Every first period that a due day can lead to, each with a day of payout that does. */
function firstPeriods(plan: DuePlan & { dueDay: DueDay }): readonly FirstPeriod[] {
  const name = `${plan.dueDay} ${plan.firstPeriodMinDays}`;
  const remembered = known.get(name);
  if (remembered) return remembered;
  const found = new Map<string, FirstPeriod>();
  for (let day = 0; day < CYCLE_DAYS; day += 1) {
    const startOn = dueDate(ANY_DAY, day, 'day');
    const dueOns = monthlyDueDates(startOn, 2, plan);
    const days = daysBetween(startOn, dueOns[0] ?? startOn);
    const [time = { whole: 1, fraction: 0 }] = unitPeriods(startOn, dueOns, 'month').times;
    const key = `${days} ${time.whole} ${time.fraction}`;
    if (!found.has(key)) found.set(key, { startOn, days, isMonth: isWholeMonth(startOn, dueOns[0] ?? startOn), time });
  }
  const periods = [...found.values()];
  known.set(name, periods);
  return periods;
}
