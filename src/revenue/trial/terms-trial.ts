import { createHash } from 'node:crypto';
import { clawbackObject } from '../claw-back-lines.ts';
import type { CommissionDraft } from '../commission-draft.ts';
import { contractPeriodAt, contractPeriodById } from '../contract-calendar.ts';
import { type CounterValue, ZERO_COUNTER } from '../counters.ts';
import type { MoneyEvent, PricedLine } from '../money-event.ts';
import { priceEvent } from '../price-event.ts';
import type { ContractTerms } from '../terms.ts';
import { tierTrueUp } from '../tiers.ts';
import { trueUpRules } from '../true-ups.ts';
import { UnsupportedTerms } from '../unsupported-terms.ts';
import { byContract } from '../version-in-force.ts';

/** What a trial would book. */
export interface TrialLine {
  readonly contract: string;
  readonly termsId: string;
  readonly rule: string;
  /** Event type; null = a true-up, which settles a period. */
  readonly on: string | null;
  /** `void` gives a held line up: its amount is taken off again. */
  readonly kind: CommissionDraft['kind'] | 'true_up';
  readonly base: bigint | null;
  readonly rate: string | null;
  /** Signed minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAtMs: number;
  /** Decides the period. */
  readonly payableAtMs: number;
  /** Id of the period, as long as none is cut before the line comes. */
  readonly period: string;
  readonly voidReason: string | null;
  readonly applicationId: string | null;
  readonly loanId: string | null;
  readonly why: string;
}

/** `unpriced`: nothing of the event would be booked, it would be parked. */
export type TrialOutcome =
  | { readonly result: 'priced'; readonly lines: readonly TrialLine[] }
  | { readonly result: 'unpriced'; readonly problem: string };

const DIGEST_BYTES = 9;

/**
 * What contracts would pay for a sequence of events, priced as the ledger prices them, and kept in memory: counters, once
 * keys as digests, and those lines alone that a later event may take back. Periods are not cut, so nothing is late.
 */
export class TermsTrial {
  readonly #contracts: readonly ContractTerms[];
  readonly #termsIds: ReadonlySet<string>;
  readonly #isReversible: (objectId: string) => boolean;
  readonly #once = new Set<string>();
  readonly #counters = new Map<string, CounterValue>();
  readonly #lines = new Map<string, PricedLine>();
  readonly #byObject = new Map<string, string[]>();
  /** Periods in which something lies, by contract. */
  readonly #periods = new Map<string, Set<string>>();

  /**
   * @param contracts all versions of all contracts
   * @param isReversible whether an event may take back what an application or a loan has earned
   */
  constructor(contracts: readonly ContractTerms[], isReversible: (objectId: string) => boolean) {
    this.#contracts = contracts;
    this.#termsIds = new Set(contracts.map(({ id }) => id));
    this.#isReversible = isReversible;
  }

  /** Works one event in. Events come in the order in which they were recorded. */
  apply(event: MoneyEvent): TrialOutcome {
    const tried = this.#withKnownPins(event);
    try {
      const drafts = priceEvent(tried, this.#contracts, {
        onceKeysSeen: (key) => this.#once.has(digestOf(key)),
        linesOf: (id) => (this.#byObject.get(id) ?? []).flatMap((lineId) => this.#lines.get(lineId) ?? []),
        counter: (key) => this.#counters.get(key) ?? ZERO_COUNTER,
      });
      return { result: 'priced', lines: drafts.map((draft) => this.#keep(draft, tried)) };
    } catch (error) {
      if (error instanceof UnsupportedTerms) return { result: 'unpriced', problem: error.message };
      throw error;
    }
  }

  /** What settles whole tiers at the end of each period. */
  settle(): TrialLine[] {
    return byContract(this.#contracts).flatMap((versions) => {
      const periods = this.#periods.get(versions[0]?.contract ?? '') ?? [];
      return [...periods].sort().flatMap((id) => this.#settlePeriod(versions, id));
    });
  }

  #settlePeriod(versions: readonly ContractTerms[], id: string): TrialLine[] {
    const period = contractPeriodById(versions, id);
    if (period === null) return [];
    return trueUpRules(versions, period).flatMap((settled): TrialLine[] => {
      const counterOf = (key: string): CounterValue => this.#counters.get(key) ?? ZERO_COUNTER;
      const shares = settled.versions.map(({ key, ...version }) => ({ ...version, counter: counterOf(key) }));
      const amount = tierTrueUp(shares, counterOf(settled.counterKey));
      const newest = settled.versions.at(-1);
      if (newest === undefined || amount === 0n) return [];
      const { terms, rule } = newest;
      const lastMs = period.toMs - 1;
      return [
        {
          contract: terms.contract,
          termsId: terms.id,
          rule: rule.id,
          on: null,
          kind: 'true_up',
          base: null,
          rate: null,
          amount,
          currency: terms.currency,
          occurredAtMs: lastMs,
          payableAtMs: lastMs,
          period: id,
          voidReason: null,
          applicationId: null,
          loanId: null,
          why: `Rule ${rule.id} of ${terms.id} pays the whole period at the tier reached.`,
        },
      ];
    });
  }

  /** A version that these terms do not have cannot have been promised under them. */
  #withKnownPins(event: MoneyEvent): MoneyEvent {
    const { application } = event;
    if (application === null) return event;
    const pins = Object.entries(application.pins).filter(([, termsId]) => this.#termsIds.has(termsId));
    return { ...event, application: { ...application, pins: Object.fromEntries(pins) } };
  }

  #keep(draft: CommissionDraft, event: MoneyEvent): TrialLine {
    if (draft.onceKey !== null) this.#once.add(digestOf(draft.onceKey));
    for (const { key, count, base, paid } of draft.counters) {
      const before = this.#counters.get(key) ?? ZERO_COUNTER;
      this.#counters.set(key, { count: before.count + count, base: before.base + base, paid: before.paid + paid });
    }
    const taken = draft.reverses === null ? undefined : this.#lines.get(draft.reverses);
    const applicationId = taken?.applicationId ?? event.application?.id ?? null;
    const loanId = taken === undefined ? (event.loan?.id ?? null) : taken.loanId;
    if (draft.kind === 'void' && taken !== undefined) this.#lines.set(taken.id, { ...taken, status: 'void' });
    else this.#remember({ ...pricedLineOf(draft, event), applicationId, loanId });
    const versions = this.#contracts.filter(({ contract }) => contract === draft.contract);
    const period = contractPeriodAt(versions, draft.payableAtMs).id;
    if (draft.voidReason === null) this.#lies(draft.contract, period);
    const { contract, termsId, rule, on, kind, base, rate, amount, currency, payableAtMs, voidReason, why } = draft;
    const what = { contract, termsId, rule, on, kind, base, rate, amount, currency, payableAtMs, voidReason, why };
    return { ...what, period, occurredAtMs: event.occurredAtMs, applicationId, loanId };
  }

  #remember(line: PricedLine): void {
    const objects = [line.applicationId, line.loanId].filter((id) => id !== null && this.#isReversible(id));
    if (objects.length === 0 || line.status === 'void') return;
    this.#lines.set(line.id, line);
    for (const object of objects) {
      if (object === null) continue;
      const known = this.#byObject.get(object);
      if (known === undefined) this.#byObject.set(object, [line.id]);
      else known.push(line.id);
    }
  }

  #lies(contract: string, period: string): void {
    const known = this.#periods.get(contract);
    if (known === undefined) this.#periods.set(contract, new Set([period]));
    else known.add(period);
  }
}

/** What an event may take back under any of the contracts: the application or loan; null = nothing. */
export function reversedObject(contracts: readonly ContractTerms[], event: MoneyEvent): string | null {
  return clawbackObject(contracts, event);
}

function pricedLineOf(draft: CommissionDraft, event: MoneyEvent): PricedLine {
  return {
    id: draft.transferId,
    contract: draft.contract,
    termsId: draft.termsId,
    rule: draft.rule,
    on: draft.on,
    kind: draft.kind === 'accrual' ? 'accrual' : 'clawback',
    status: draft.voidReason !== null ? 'void' : draft.holdUntilMs !== null ? 'pending' : 'payable',
    amount: draft.amount,
    currency: draft.currency,
    occurredAtMs: event.occurredAtMs,
    payableAtMs: draft.payableAtMs,
    holdUntilMs: draft.holdUntilMs,
    applicationId: event.application?.id ?? null,
    loanId: event.loan?.id ?? null,
    paymentRef: event.payment?.ref ?? null,
    reverses: draft.reverses,
  };
}

/** 72 bits: of a hundred million keys two are alike once in a million times. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest().subarray(0, DIGEST_BYTES).toString('latin1');
}
