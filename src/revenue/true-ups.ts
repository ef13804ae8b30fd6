import { isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { funderOf, isFunder } from '../base/ledger-party.ts';
import { accrue } from './accounts.ts';
import { startOfLocalDay } from './calendar.ts';
import { type CommissionLine, jsonMinor } from './commission-line.ts';
import { type CounterValue, tierCounterKey, versionCounterKey } from './counters.ts';
import { spoken } from './decimal-money.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { entryRefOf } from './line-entry.ts';
import { countMargin } from './margin/count-margin.ts';
import type { Period } from './periods.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { tierTrueUp, type WholeShare } from './tiers.ts';

/** A rule that is settled at review: in every version that had begun, each with the counter of what it has priced. */
export interface TrueUpRule {
  /** Oldest first: the last one books the line. */
  readonly versions: readonly { readonly terms: ContractTerms; readonly rule: CommissionRule; readonly key: string }[];
  /** Of all versions together: how far the tiers are reached. */
  readonly counterKey: string;
}

/** Counters that settling the rules reads. */
export function trueUpCounters(rules: readonly TrueUpRule[]): string[] {
  return rules.flatMap(({ counterKey, versions }) => [counterKey, ...versions.map(({ key }) => key)]);
}

/** The rules of a contract whose whole tiers are settled at the end of the period, in the versions that had begun then. */
export function trueUpRules(versions: readonly ContractTerms[], period: Period): TrueUpRule[] {
  const found = new Map<string, TrueUpRule>();
  const begun = versions.filter(({ from, timezone }) => startOfLocalDay(from, timezone) < period.toMs);
  for (const terms of begun.sort((a, b) => (a.from < b.from ? -1 : 1))) {
    for (const rule of terms.rules) {
      if (rule.pay.mode !== 'whole') continue;
      const counterKey = tierCounterKey(terms, rule, period.fromMs);
      const version = { terms, rule, key: versionCounterKey(counterKey, terms) };
      found.set(rule.id, { counterKey, versions: [...(found.get(rule.id)?.versions ?? []), version] });
    }
  }
  return [...found.values()];
}

/**
 * Books one line for each rule whose lines of the period add up to another amount than the tier reached pays.
 * @param counterOf as the batch leaves them
 */
export function postTrueUps(
  batch: LedgerBatch,
  partnerId: string,
  period: Period,
  revision: number,
  rules: readonly TrueUpRule[],
  counterOf: (key: string) => CounterValue,
): void {
  for (const { versions, counterKey } of rules) {
    const reached = counterOf(counterKey);
    const shares = versions.map(({ terms, rule, key }) => ({ terms, rule, key, counter: counterOf(key) }));
    const newest = shares.at(-1);
    const amount = tierTrueUp(shares, reached);
    if (newest === undefined || amount === 0n) continue;
    const { terms, rule } = newest;
    const id = derivedId('com', partnerId, terms.contract, period.id, rule.id, 'true_up', String(revision));
    const line = trueUpLine({ id, partnerId }, period, isoOf(batch.atMs), { shares, terms, rule, amount });
    const book = { contract: terms.contract, currency: terms.currency };
    batch.addLine(line);
    countMargin(batch, line, terms.timezone);
    batch.post({
      id: line.id,
      kind: 'true_up',
      book,
      effectiveAtMs: period.toMs - 1,
      period: period.id,
      transfers: accrue(book, amount, false),
      ref: entryRefOf(line, null),
    });
    batch.keepTerms(terms);
    batch.setCounter(counterKey, { ...reached, paid: reached.paid + amount });
    batch.setCounter(newest.key, { ...newest.counter, paid: newest.counter.paid + amount });
  }
}

interface Settlement {
  readonly shares: readonly WholeShare[];
  /** The newest version. */
  readonly terms: ContractTerms;
  readonly rule: CommissionRule;
  readonly amount: bigint;
}

function trueUpLine(
  { id, partnerId }: { readonly id: string; readonly partnerId: string },
  period: Period,
  bookedAt: string,
  { shares, terms, rule, amount }: Settlement,
): CommissionLine {
  const { contract, currency } = terms;
  const [count, base, paid] = (['count', 'base', 'paid'] as const).map((name) =>
    shares.reduce((sum, { counter }) => sum + counter[name], 0n),
  ) as [bigint, bigint, bigint];
  const of = shares.filter(({ counter }) => counter.count > 0n).map((share) => share.terms.id);
  return {
    id,
    contract,
    terms_id: terms.id,
    rule: rule.id,
    on: null,
    kind: 'true_up',
    application_id: null,
    loan_id: null,
    partner_ref: null,
    lender_ref: null,
    payment_ref: null,
    link_code: null,
    partner_id: isFunder(partnerId) ? null : partnerId,
    product_id: null,
    lender_id: null,
    funder_id: funderOf(partnerId),
    base: null,
    rate: null,
    amount: jsonMinor(amount),
    currency,
    status: 'payable',
    reason: null,
    hold_until: null,
    payable_at: isoOf(period.toMs - 1),
    occurred_at: isoOf(period.toMs - 1),
    booked_at: bookedAt,
    period: period.id,
    original_period: null,
    pending_period: null,
    reverses: null,
    clawed_back: 0,
    why:
      `Rule ${rule.id} of ${of.join(' and ')} pays the whole period at the tier reached: ${count} lines on ` +
      `${spoken(base, currency)} were paid ${spoken(paid, currency)}; ${spoken(amount, currency)} settles it.`,
  };
}
