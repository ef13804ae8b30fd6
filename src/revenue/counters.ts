import { localDate } from './calendar.ts';
import { periodOf } from './periods.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/** Running sums of one rule in one span, over the lines booked so far (clawbacks do not move them). */
export interface CounterValue {
  /** Lines. */
  readonly count: bigint;
  /** Σ base, minor units. */
  readonly base: bigint;
  /** Σ amount, minor units. */
  readonly paid: bigint;
}

const MONTH_LENGTH = 'YYYY-MM'.length;

export const ZERO_COUNTER: CounterValue = { count: 0n, base: 0n, paid: 0n };

/** What booking a line adds to one counter. */
export interface CounterMove extends CounterValue {
  readonly key: string;
}

/** First period of each contract that still takes lines; earlier ones are cut, what belongs there counts here. */
export type OpenPeriods = Readonly<Record<string, string>>;

/**
 * Key of the counter that tiers read: (contract, rule, period), the same across versions.
 * @param payableAtMs decides the period, as it does for the line itself
 */
export function tierCounterKey(
  terms: ContractTerms,
  rule: CommissionRule,
  payableAtMs: number,
  openPeriods: OpenPeriods = {},
): string {
  const period = periodOf(terms.cycle, terms.timezone, payableAtMs).id;
  const open = openPeriods[terms.contract];
  const booked = open !== undefined && period < open ? open : period;
  return `${terms.contract}/${rule.id}/period/${booked}`;
}

/** Key of the counter that the rule's caps read: a day or month of `occurred_at`, or the period. */
export function capCounterKey(
  terms: ContractTerms,
  rule: CommissionRule,
  at: { readonly occurredAtMs: number; readonly payableAtMs: number },
  openPeriods: OpenPeriods = {},
): string {
  const day = () => localDate(at.occurredAtMs, terms.timezone);
  switch (rule.caps?.per) {
    case 'day':
      return `${terms.contract}/${rule.id}/day/${day()}`;
    case 'month':
      return `${terms.contract}/${rule.id}/month/${day().slice(0, MONTH_LENGTH)}`;
    case 'period':
      return tierCounterKey(terms, rule, at.payableAtMs, openPeriods);
    default:
      throw new UnsupportedTerms('terms_unsupported', terms.id, rule.id, 'caps.per must be day, month or period');
  }
}

/** Counters that pricing a rule reads, without repeats. */
export function counterKeys(
  terms: ContractTerms,
  rule: CommissionRule,
  at: { readonly occurredAtMs: number; readonly payableAtMs: number },
  openPeriods: OpenPeriods = {},
): string[] {
  const keys = new Set<string>();
  if (rule.pay.tiers !== undefined) keys.add(tierCounterKey(terms, rule, at.payableAtMs, openPeriods));
  if (rule.caps !== undefined) keys.add(capCounterKey(terms, rule, at, openPeriods));
  return [...keys];
}
