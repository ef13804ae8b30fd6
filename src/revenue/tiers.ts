import { Rational } from '../base/rational.ts';
import { commissionBase } from './commission-base.ts';
import type { CounterValue } from './counters.ts';
import { spoken } from './decimal-money.ts';
import type { MoneyEvent } from './money-event.ts';
import { annualise, annualisedMonths, inYears, type PricedPay, percentOf } from './percent-of.ts';
import type { CommissionRule, ContractTerms, Tier } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/** How a rule's tiers work, after they have been found to make sense. */
interface TierPlan {
  readonly tiers: readonly Tier[];
  readonly measure: 'amount' | 'count';
  readonly mode: 'marginal' | 'whole';
}

/**
 * Prices one line by tiers. `measure: amount` moves Σ base through them, `measure: count` the number of lines.
 * `marginal`: each part of the base at the tier that it falls into. `whole`: the line at the tier that the counter
 * reaches with it; what that changes for earlier lines is the true-up's. Throws UnsupportedTerms for tiers that have no
 * exact meaning.
 */
export function priceTiers(
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  counter: CounterValue,
): PricedPay {
  const plan = planOf(terms, rule);
  if (plan.measure === 'count') return priceByCount(terms, rule, event, counter, plan);
  const base = commissionBase(terms, rule, event);
  const end = counter.base + base.amount;
  const parts =
    plan.mode === 'whole' ? [{ tier: tierAt(plan, end), part: base.amount }] : partsOf(plan, counter.base, end);
  const months = annualisedMonths(terms, rule, event);
  let exact = Rational.ZERO;
  for (const { tier, part } of parts) exact = exact.add(percentOf(part, tier.percent ?? '0'));
  if (months !== null) exact = annualise(exact, months);
  const words = parts.map(({ tier, part }) => `${tier.percent} % of ${spoken(part, terms.currency)}`).join(' + ');
  return {
    base: base.amount,
    rate: parts.length === 1 ? (parts[0]?.tier.percent ?? null) : null,
    amount: exact.round(terms.rounding),
    how: `With ${spoken(counter.base, terms.currency)} in the period before it, ${words} of ${base.name}${inYears(months)}`,
  };
}

/** What one version has priced with `whole` tiers in a period, and was paid for it. */
export interface WholeShare {
  readonly terms: ContractTerms;
  readonly rule: CommissionRule;
  readonly counter: CounterValue;
}

/**
 * The one line that settles `whole` tiers at review: everything of the period at the tier that it reached, minus what
 * its lines were paid. Where the version has changed, all lines together decide how far the tiers are reached, and the
 * lines of each version are settled at its own. Signed minor units, rounded once by the newest version; zero where nothing
 * is left to settle.
 * @param shares of the versions, the newest last
 * @param reached the rule's counter of the period, over all versions
 */
export function tierTrueUp(shares: readonly WholeShare[], reached: CounterValue): bigint {
  const newest = shares.at(-1);
  if (newest === undefined) return 0n;
  let due = Rational.ZERO;
  let paid = 0n;
  for (const { terms, rule, counter } of shares) {
    due = due.add(dueAtTier(terms, rule, counter, reached));
    paid += counter.paid;
  }
  return due.round(newest.terms.rounding) - paid;
}

function dueAtTier(terms: ContractTerms, rule: CommissionRule, own: CounterValue, reached: CounterValue): Rational {
  const plan = planOf(terms, rule);
  if (plan.mode !== 'whole' || own.count === 0n) return Rational.of(own.paid);
  const tier = tierAt(plan, plan.measure === 'count' ? reached.count : reached.base);
  return tier.fixed === undefined
    ? percentOf(own.base, tier.percent ?? '0')
    : Rational.of(BigInt(tier.fixed) * own.count);
}

function priceByCount(
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  counter: CounterValue,
  plan: TierPlan,
): PricedPay {
  const nth = counter.count + 1n;
  const tier = tierAt(plan, nth);
  if (tier.fixed !== undefined) {
    const amount = BigInt(tier.fixed);
    return { base: null, rate: null, amount, how: `A fixed ${spoken(amount, terms.currency)} as number ${nth}` };
  }
  const percent = tier.percent ?? '0';
  const base = commissionBase(terms, rule, event);
  const months = annualisedMonths(terms, rule, event);
  const exact = percentOf(base.amount, percent);
  return {
    base: base.amount,
    rate: percent,
    amount: (months === null ? exact : annualise(exact, months)).round(terms.rounding),
    how: `${percent} % of ${base.name} ${spoken(base.amount, terms.currency)}${inYears(months)} as number ${nth} of the period`,
  };
}

/** The first tier that a position, limits included, falls into. */
function tierAt(plan: TierPlan, position: bigint): Tier {
  const tier = plan.tiers.find(({ up_to }) => up_to === undefined || position <= BigInt(up_to));
  return tier ?? {};
}

/** A span of base cut at the limits of the tiers. */
function partsOf(plan: TierPlan, start: bigint, end: bigint): { tier: Tier; part: bigint }[] {
  const parts: { tier: Tier; part: bigint }[] = [];
  let from = start;
  for (const tier of plan.tiers) {
    const to = tier.up_to === undefined || BigInt(tier.up_to) > end ? end : BigInt(tier.up_to);
    if (to > from) {
      parts.push({ tier, part: to - from });
      from = to;
    }
  }
  return parts;
}

function planOf(terms: ContractTerms, rule: CommissionRule): TierPlan {
  const { tiers = [], measure, over = 'period', mode = 'marginal', annualised } = rule.pay;
  const refuse = (problem: string) => new UnsupportedTerms('terms_unsupported', terms.id, rule.id, problem);
  if (measure !== 'amount' && measure !== 'count') throw refuse('tiers need measure: amount or count');
  if (mode !== 'marginal' && mode !== 'whole') throw refuse('tiers need mode: marginal or whole');
  if (over !== 'period') throw refuse('tiers count over: period only');
  let previous = 0;
  tiers.forEach((tier, index) => {
    const last = index === tiers.length - 1;
    if (last !== (tier.up_to === undefined)) throw refuse('every tier but the last needs up_to');
    if (tier.up_to !== undefined && tier.up_to <= previous) throw refuse('up_to must rise from tier to tier');
    if ((tier.fixed === undefined) === (tier.percent === undefined)) throw refuse('a tier needs fixed or percent');
    if (tier.fixed !== undefined && measure === 'amount') throw refuse('tiers by amount need percents');
    previous = tier.up_to ?? previous;
  });
  if (tiers.length === 0) throw refuse('tiers is empty');
  if (mode === 'whole' && annualised === true) throw refuse('whole tiers cannot be annualised: terms differ by line');
  if (mode === 'whole' && rule.caps !== undefined)
    throw refuse('whole tiers cannot be capped: the true-up would pass it');
  return { tiers, measure, mode };
}
