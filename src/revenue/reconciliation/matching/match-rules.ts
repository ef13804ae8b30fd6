import { Rational } from '../../../base/rational.ts';
import type { ContractTerms } from '../../terms.ts';
import { daysApart, type OurLine } from './sides.ts';

/** By what rows are compared. */
export interface MatchRules {
  readonly currency: string;
  /** Minor units, ≥ 0. */
  readonly tolerance: bigint;
  /** How far two days of the same thing may be apart. */
  readonly windowDays: number;
  readonly tax: Pick<ContractTerms['tax'], 'rate'> & Pick<ContractTerms, 'rounding'>;
  isInPeriod(day: string): boolean;
}

/** What an amount is with the contract's tax on it. */
export function withTax(amount: bigint, { tax }: MatchRules): bigint {
  return amount + Rational.of(amount).mul(Rational.parse(tax.rate)).round(tax.rounding);
}

/** What an amount is without the contract's tax in it. */
export function netOfTax(amount: bigint, { tax }: MatchRules): bigint {
  return Rational.of(amount)
    .div(Rational.ONE.add(Rational.parse(tax.rate)))
    .round(tax.rounding);
}

/** Whether a day of theirs can be the day of a line of ours. */
export function isNear(day: string, { occurred, payable }: OurLine, { windowDays }: MatchRules): boolean {
  return daysApart(day, occurred) <= windowDays || daysApart(day, payable) <= windowDays;
}
