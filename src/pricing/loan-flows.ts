import type { CashFlows } from './apr.ts';
import type { TermUnit } from './schedule.ts';
import { unitPeriods } from './unit-periods.ts';

/** A loan as dates and sums; minor units, days as `YYYY-MM-DD`. */
export type DatedLoan = {
  received: bigint;
  /** The day of payout. */
  startOn: string;
  termUnit: TermUnit;
  /** In order of their dates. */
  payments: readonly { dueOn: string; total: bigint }[];
};

/** What of a loan its yearly rate is found from: the one measure for quotes of ours, of lenders, and for what is disbursed. */
export function loanFlows({ received, startOn, termUnit, payments }: DatedLoan): CashFlows {
  const dueOns = payments.map(({ dueOn }) => dueOn);
  const { periodsPerYear, times, days } = unitPeriods(startOn, dueOns, termUnit);
  const flows = { received, payments: payments.map(({ total }) => total), periodsPerYear };
  return days === undefined ? flows : { ...flows, times, days };
}
