import { type CommissionBase, commissionBase } from './commission-base.ts';
import type { CounterValue } from './counters.ts';
import { spoken } from './decimal-money.ts';
import type { MoneyEvent } from './money-event.ts';
import { annualise, annualisedMonths, inYears, type PricedPay, percentOf } from './percent-of.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { priceTiers } from './tiers.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/**
 * Prices one rule: exact rationals throughout, one rounding at the end.
 * @param counter the rule's tier counter before this line; only tiers look at it
 */
export function pricePay(
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  counter: CounterValue,
): PricedPay {
  const { pay } = rule;
  const ways = [pay.fixed, pay.percent, pay.tiers].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new UnsupportedTerms('terms_unsupported', terms.id, rule.id, 'pay needs one of fixed, percent, tiers');
  }
  if (pay.fixed !== undefined) {
    const amount = BigInt(pay.fixed);
    return { base: null, rate: null, amount, how: `A fixed ${spoken(amount, terms.currency)}` };
  }
  if (pay.percent !== undefined) {
    const base = commissionBase(terms, rule, event);
    return percentPay(terms, rule, event, base, pay.percent);
  }
  return priceTiers(terms, rule, event, counter);
}

function percentPay(
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  base: CommissionBase,
  percent: string,
): PricedPay {
  const months = annualisedMonths(terms, rule, event);
  const exact = months === null ? percentOf(base.amount, percent) : annualise(percentOf(base.amount, percent), months);
  return {
    base: base.amount,
    rate: percent,
    amount: exact.round(terms.rounding),
    how: `${percent} % of ${base.name} ${spoken(base.amount, terms.currency)}${inYears(months)}`,
  };
}
