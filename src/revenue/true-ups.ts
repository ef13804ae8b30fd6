import { isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { accrue } from './accounts.ts';
import { startOfLocalDay } from './calendar.ts';
import { type CommissionLine, jsonMinor } from './commission-line.ts';
import { type CounterValue, tierCounterKey } from './counters.ts';
import { spoken } from './decimal-money.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { entryRefOf } from './line-entry.ts';
import type { Period } from './periods.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { tierTrueUp } from './tiers.ts';

/** A rule that is settled at review, in the newest version that had begun, with the counter that settles it. */
export interface TrueUpRule {
  readonly terms: ContractTerms;
  readonly rule: CommissionRule;
  readonly counterKey: string;
}

/** The rules of a contract whose whole tiers are settled at the end of the period, by what was in force then. */
export function trueUpRules(versions: readonly ContractTerms[], period: Period): TrueUpRule[] {
  const newest = new Map<string, TrueUpRule>();
  const begun = versions.filter(({ from, timezone }) => startOfLocalDay(from, timezone) < period.toMs);
  for (const terms of begun.sort((a, b) => (a.from < b.from ? -1 : 1))) {
    for (const rule of terms.rules) {
      if (rule.pay.mode !== 'whole') continue;
      newest.set(rule.id, { terms, rule, counterKey: tierCounterKey(terms, rule, period.fromMs) });
    }
  }
  return [...newest.values()];
}

/** Books one line for each rule whose lines of the period add up to another amount than the tier reached pays. */
export function postTrueUps(
  batch: LedgerBatch,
  partnerId: string,
  period: Period,
  revision: number,
  settled: readonly (TrueUpRule & { readonly counter: CounterValue })[],
): void {
  for (const { terms, rule, counterKey, counter } of settled) {
    const amount = tierTrueUp(terms, rule, counter);
    if (amount === 0n) continue;
    const id = derivedId('com', partnerId, terms.contract, period.id, rule.id, 'true_up', String(revision));
    const line = trueUpLine(id, period, isoOf(batch.atMs), { terms, rule, counterKey, counter, amount });
    const book = { contract: terms.contract, currency: terms.currency };
    batch.addLine(line);
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
    batch.setCounter(counterKey, { ...counter, paid: counter.paid + amount });
  }
}

interface Settlement extends TrueUpRule {
  readonly counter: CounterValue;
  readonly amount: bigint;
}

function trueUpLine(
  id: string,
  period: Period,
  bookedAt: string,
  { terms, rule, counter, amount }: Settlement,
): CommissionLine {
  const { contract, currency } = terms;
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
      `Rule ${rule.id} of ${terms.id} pays the whole period at the tier reached: ${counter.count} lines on ` +
      `${spoken(counter.base, currency)} were paid ${spoken(counter.paid, currency)}; ${spoken(amount, currency)} settles it.`,
  };
}
