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

/**
 * Key of the counter of what one version has priced of the counter that tiers read. Only `whole` tiers need it: which tier
 * is reached is counted across versions, but each line is settled at the tiers of its own.
 */
export function versionCounterKey(tierKey: string, terms: Pick<ContractTerms, 'id'>): string {
  return `${tierKey}/${terms.id}`;
}

/** When something is counted: a day or month of its event, or the period in which it is payable. */
export interface CountedAt {
  readonly occurredAtMs: number;
  readonly payableAtMs: number;
}

/** Key of the counter that the rule's caps read: a day or month of `occurred_at`, or the period. */
export function capCounterKey(
  terms: ContractTerms,
  rule: CommissionRule,
  at: CountedAt,
  openPeriods: OpenPeriods = {},
): string {
  switch (rule.caps?.per) {
    case 'day':
      return dayKey(terms, rule, at);
    case 'month':
      return monthKey(terms, rule, at);
    case 'period':
      return tierCounterKey(terms, rule, at.payableAtMs, openPeriods);
    default:
      throw new UnsupportedTerms('terms_unsupported', terms.id, rule.id, 'caps.per must be day, month or period');
  }
}

/**
 * Counters that a line of a rule moves, which include those that pricing it reads; without repeats. Counters belong to the
 * rule and run across versions: a line counts also where its own version has neither tiers nor caps, since the next one may
 * bring them in the middle of a month. Days are many, so they are counted only where a version caps by them.
 * @param versions all versions of the contract
 */
export function counterKeys(
  versions: readonly ContractTerms[],
  terms: ContractTerms,
  rule: CommissionRule,
  at: CountedAt,
  openPeriods: OpenPeriods = {},
): string[] {
  const tierKey = tierCounterKey(terms, rule, at.payableAtMs, openPeriods);
  const keys = [tierKey, monthKey(terms, rule, at)];
  const isCappedByDay = versions.some(({ rules }) =>
    rules.some(({ id, caps }) => id === rule.id && caps?.per === 'day'),
  );
  if (isCappedByDay) keys.push(dayKey(terms, rule, at));
  if (rule.pay.mode === 'whole') keys.push(versionCounterKey(tierKey, terms));
  return keys;
}

function dayKey(terms: ContractTerms, rule: CommissionRule, at: CountedAt): string {
  return `${terms.contract}/${rule.id}/day/${dayOf(terms, at)}`;
}

function monthKey(terms: ContractTerms, rule: CommissionRule, at: CountedAt): string {
  return `${terms.contract}/${rule.id}/month/${dayOf(terms, at).slice(0, MONTH_LENGTH)}`;
}

/** By the periods of a day, which are remembered: time zone arithmetic is dear. */
function dayOf({ timezone }: ContractTerms, { occurredAtMs }: CountedAt): string {
  return periodOf('daily', timezone, occurredAtMs).id;
}
