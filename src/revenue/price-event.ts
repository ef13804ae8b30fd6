import { isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { plusLocalDays } from './calendar.ts';
import { applyCaps } from './caps.ts';
import { clawBackLines } from './claw-back-lines.ts';
import type { CommissionDraft } from './commission-draft.ts';
import {
  type CounterValue,
  capCounterKey,
  counterKeys,
  type OpenPeriods,
  tierCounterKey,
  ZERO_COUNTER,
} from './counters.ts';
import { spoken } from './decimal-money.ts';
import { matchRules } from './match-rule.ts';
import type { MoneyEvent, PricedLine } from './money-event.ts';
import { onceKey } from './once-key.ts';
import type { PricedPay } from './percent-of.ts';
import { pricePay } from './price-pay.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { byContract, versionFor } from './version-in-force.ts';

/** What the ledger already holds, read beforehand (see `readsFor`). */
export interface PricingHistory {
  /** Whether a once key has paid. */
  onceKeysSeen(key: string): boolean;
  /** Lines of an application (its loans' too) or of a loan. */
  linesOf(objectId: string): readonly PricedLine[];
  /** Counter before this event; one never written is zero. */
  counter(key: string): CounterValue;
  /** First period of each contract that is not yet cut; absent = none was. */
  readonly openPeriods?: OpenPeriods;
}

/**
 * What one event earns and takes back under every contract of its counterparty, in order of contracts and rules. Pure:
 * the same event, terms and history give the same drafts with the same ids. A rule whose once key was seen, or whose
 * base is zero, gives none.
 * @param contracts all versions of all contracts of the event's counterparty
 * Throws UnsupportedTerms when something cannot be priced exactly; nothing of the event may be booked then.
 */
export function priceEvent(
  event: MoneyEvent,
  contracts: readonly ContractTerms[],
  history: PricingHistory,
): CommissionDraft[] {
  return byContract(contracts).flatMap((versions) => {
    const terms = earningVersion(versions, event);
    const accruals =
      terms === null
        ? []
        : matchRules(terms, event).flatMap((rule) => accrualDraft(versions, terms, rule, event, history));
    return [...accruals, ...clawBackLines(versions, event, history)];
  });
}

/** The version whose rules an event may earn under; an event that nobody introduced earns nothing. */
export function earningVersion(versions: readonly ContractTerms[], event: MoneyEvent): ContractTerms | null {
  const introduced = event.application !== null || (event.click ?? null) !== null;
  return introduced ? versionFor(versions, event) : null;
}

/** When a line of this rule is payable: at the end of its hold, else when the event occurred. */
export function payableAtMs(terms: ContractTerms, rule: CommissionRule, event: MoneyEvent): number {
  const holdDays = rule.hold_days ?? 0;
  return holdDays === 0 ? event.occurredAtMs : plusLocalDays(event.occurredAtMs, holdDays, terms.timezone);
}

function accrualDraft(
  versions: readonly ContractTerms[],
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  history: PricingHistory,
): CommissionDraft[] {
  const key = onceKey(terms, rule, event);
  if (history.onceKeysSeen(key)) return [];
  const at = { occurredAtMs: event.occurredAtMs, payableAtMs: payableAtMs(terms, rule, event) };
  const tierCounter =
    rule.pay.tiers === undefined
      ? ZERO_COUNTER
      : history.counter(tierCounterKey(terms, rule, at.payableAtMs, history.openPeriods));
  const priced = pricePay(terms, rule, event, tierCounter);
  if (priced.base === 0n) return [];
  const capCounter =
    rule.caps === undefined ? ZERO_COUNTER : history.counter(capCounterKey(terms, rule, at, history.openPeriods));
  const cap = applyCaps(terms, rule, priced.amount, capCounter);
  const capped = cap.result === 'exceeded';
  const amount = capped ? 0n : cap.result === 'reduced' ? cap.amount : priced.amount;
  // A lender's clock may run ahead of ours by minutes: that alone holds nothing.
  const held = !capped && (rule.hold_days ?? 0) > 0 && at.payableAtMs > event.recordedAtMs;
  const moves = { count: 1n, base: priced.base ?? 0n, paid: amount };
  return [
    {
      transferId: derivedId('com', event.counterparty, event.id, terms.contract, rule.id),
      contract: terms.contract,
      termsId: terms.id,
      rule: rule.id,
      on: event.type,
      kind: 'accrual',
      base: priced.base,
      rate: priced.rate,
      amount,
      currency: terms.currency,
      onceKey: capped ? null : key,
      holdUntilMs: held ? at.payableAtMs : null,
      payableAtMs: at.payableAtMs,
      reverses: null,
      voidReason: capped ? 'cap_exceeded' : null,
      counters: capped
        ? []
        : counterKeys(versions, terms, rule, at, history.openPeriods).map((counter) => ({ key: counter, ...moves })),
      why: sentence(terms, rule, priced, { amount, held, payableAtMs: at.payableAtMs }, cap),
    },
  ];
}

function sentence(
  terms: ContractTerms,
  rule: CommissionRule,
  priced: PricedPay,
  line: { readonly amount: bigint; readonly held: boolean; readonly payableAtMs: number },
  cap: ReturnType<typeof applyCaps>,
): string {
  const result = ` is ${spoken(priced.amount, terms.currency)}`;
  const calculation = priced.base === null ? priced.how : `${priced.how}${result}`;
  const by = ` by rule ${rule.id} of ${terms.id}`;
  if (cap.result === 'exceeded') return `${calculation}${by}; not paid, ${cap.how}.`;
  const reduced = cap.result === 'reduced' ? `; ${cap.how}` : '';
  const held = line.held ? `; held ${rule.hold_days} days, until ${isoOf(line.payableAtMs)}` : '';
  return `${calculation}${by}${reduced}${held}.`;
}
