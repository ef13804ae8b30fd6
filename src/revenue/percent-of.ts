import { Rational } from '../base/rational.ts';
import type { MoneyEvent } from './money-event.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

const MONTHS_A_YEAR = 12;

/** Exactly base × percent / 100. */
export function percentOf(base: bigint, percent: string): Rational {
  return Rational.of(base, 100n).mul(Rational.parse(percent));
}

/** Exactly amount × months / 12. */
export function annualise(amount: Rational, months: number): Rational {
  return amount.mul(Rational.of(months, MONTHS_A_YEAR));
}

/** Months to annualise by, null when the rule does not. Throws UnsupportedTerms when the loan has no term in months. */
export function annualisedMonths(terms: ContractTerms, rule: CommissionRule, event: MoneyEvent): number | null {
  if (rule.pay.annualised !== true) return null;
  const months = event.loan === null ? event.application?.termMonths : event.loan.termMonths;
  if (months === null || months === undefined) {
    throw new UnsupportedTerms(
      'term_unavailable',
      terms.id,
      rule.id,
      'annualised needs a loan whose term is in months',
    );
  }
  return months;
}

/** The factor of `annualise` in words. */
export function inYears(months: number | null): string {
  return months === null ? '' : ` × ${months}/12 years`;
}

/** What a rule pays for one event, before caps. */
export interface PricedPay {
  /** Minor units that a percent applied to, null for a fixed amount. */
  readonly base: bigint | null;
  /** Percent as the terms write it, null for a fixed amount or when several tiers took part. */
  readonly rate: string | null;
  /** Minor units, rounded once by the terms' rounding. */
  readonly amount: bigint;
  /** The calculation in words, without a full stop. */
  readonly how: string;
}
