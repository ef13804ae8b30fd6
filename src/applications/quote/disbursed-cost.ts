import { aprOf, exceedsCap, exceedsCapByDays } from '../../pricing/apr.ts';
import { daysBetween } from '../../pricing/due-date.ts';
import { loanFlows } from '../../pricing/loan-flows.ts';
import type { Fee, TermUnit } from '../model.ts';

/** A loan as it was paid out. Minor units; `due_on` as `YYYY-MM-DD`. */
export interface DisbursedLoan {
  readonly received: number;
  /** The day of payout in the product's zone. */
  readonly disbursedOn: string;
  readonly termUnit: TermUnit;
  readonly schedule: readonly {
    readonly due_on: string;
    readonly principal: number;
    readonly interest: number;
    readonly fees: readonly Fee[];
  }[];
}

export interface DisbursedCost {
  /** The yearly cost with every fee, 8 digits; null when no rate describes the loan. */
  readonly apr: string | null;
  readonly aboveCap: boolean;
}

/**
 * What a loan costs a year by the money that was paid out and the schedule that came with it. It is above the cap only when
 * it is so by both customary measures, months that count alike and days of a 365th of a year, and by more than one minor
 * unit a payment: a loan within its cap is never refused for how its lender counts days or rounds.
 * @param cap decimal fraction a year
 */
export function disbursedCost(loan: DisbursedLoan, cap: string): DisbursedCost {
  const { disbursedOn: startOn, termUnit, received } = loan;
  const payments = loan.schedule
    .map(({ due_on, principal, interest, fees }) => {
      const total = fees.reduce((sum, fee) => sum + fee.amount, principal + interest);
      return { dueOn: due_on, total: BigInt(total) };
    })
    .sort((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
  const flows = loanFlows({ received: BigInt(received), startOn, termUnit, payments });
  const days = payments.map(({ dueOn }) => Math.max(0, daysBetween(startOn, dueOn)));
  const aboveCap = exceedsCap(flows, cap) && exceedsCapByDays(flows, days, cap);
  return { apr: aprOf(flows)?.apr ?? null, aboveCap };
}
