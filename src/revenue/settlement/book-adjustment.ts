import { isoOf } from '../../base/clock.ts';
import { funderOf, isFunder } from '../../base/ledger-party.ts';
import { accrue, type Book } from '../accounts.ts';
import { type CommissionLine, jsonMinor } from '../commission-line.ts';
import { contractPeriodById, place } from '../contract-calendar.ts';
import type { OpenPeriods } from '../counters.ts';
import { spoken } from '../decimal-money.ts';
import type { LedgerBatch } from '../ledger-batch.ts';
import { entryRefOf } from '../line-entry.ts';
import { countMargin } from '../margin/count-margin.ts';
import { termsOfPeriod } from '../statement-basis.ts';
import type { ContractTerms } from '../terms.ts';

/** A line that an operator books: no event has earned it. */
export interface Adjustment {
  /** `com_…`, made of what makes it unique: the same again is found out by it. */
  readonly id: string;
  /** `correction`: puts a line right; `dispute`: agreed with the counterparty; `manual`: anything else. */
  readonly kind: 'correction' | 'dispute' | 'manual';
  /** Signed minor units, not 0. */
  readonly amount: bigint;
  readonly reason: string;
  /** Line that it changes; its references are repeated. */
  readonly of: CommissionLine | null;
  /** References of a line that is missing: without one to repeat, it carries these. */
  readonly about?: Partial<Pick<CommissionLine, 'application_id' | 'partner_ref' | 'lender_ref'>>;
  /** Commission or statement that its operator named. */
  readonly refersTo?: string | null;
  /** Period that it belongs to by its nature; null = the present one. */
  readonly periodId: string | null;
  /** Name of the operator. */
  readonly by: string;
}

export interface AdjustmentSurroundings {
  /** Whose ledger it is booked in. */
  readonly partyId: string;
  /** All versions of the contract. */
  readonly versions: readonly ContractTerms[];
  readonly openPeriods: OpenPeriods;
}

/**
 * Adds an adjustment to a batch. It is listed by the first period that is not cut, and where it belongs to an earlier one it
 * says so; a refresh takes it into a draft that is still in review.
 */
export function bookAdjustment(
  batch: LedgerBatch,
  adjustment: Adjustment,
  around: AdjustmentSurroundings,
): CommissionLine {
  const { partyId, versions, openPeriods } = around;
  const { of, kind, id, amount, reason, by } = adjustment;
  const about = of ?? adjustment.about;
  const contract = versions[0]?.contract ?? '';
  const period = adjustment.periodId === null ? null : contractPeriodById(versions, adjustment.periodId);
  // The last instant of its period: there the terms of that period apply, and there it is listed last.
  const atMs = period === null ? batch.atMs : Math.min(period.toMs - 1, batch.atMs);
  const { period: listed, originalPeriod } = place(versions, atMs, openPeriods[contract]);
  const terms = termsOfPeriod(
    versions,
    contractPeriodById(versions, listed) ?? { id: listed, fromMs: atMs, toMs: atMs },
  );
  const book: Book = { contract, currency: terms.currency };
  const line: CommissionLine = {
    id,
    contract,
    terms_id: of?.terms_id ?? terms.id,
    rule: of?.rule ?? null,
    on: null,
    kind,
    application_id: about?.application_id ?? null,
    loan_id: of?.loan_id ?? null,
    partner_ref: about?.partner_ref ?? null,
    lender_ref: about?.lender_ref ?? null,
    payment_ref: of?.payment_ref ?? null,
    link_code: of?.link_code ?? null,
    partner_id: of?.partner_id ?? (isFunder(partyId) ? null : partyId),
    product_id: of?.product_id ?? null,
    lender_id: of?.lender_id ?? null,
    funder_id: of?.funder_id ?? funderOf(partyId),
    base: null,
    rate: null,
    amount: jsonMinor(amount),
    currency: terms.currency,
    status: 'payable',
    reason: null,
    hold_until: null,
    payable_at: isoOf(atMs),
    occurred_at: isoOf(atMs),
    booked_at: isoOf(batch.atMs),
    period: listed,
    original_period: originalPeriod,
    pending_period: null,
    reverses: of?.id ?? null,
    clawed_back: 0,
    why: `${spoken(amount, terms.currency)} booked by ${by}: ${reason}`,
  };
  batch.addLine(line);
  batch.post({
    id,
    kind,
    book,
    effectiveAtMs: atMs,
    period: listed,
    transfers: accrue(book, amount, false),
    ref: { ...entryRefOf(line, null), by, said: reason, refers_to: adjustment.refersTo ?? null },
  });
  batch.earnByLink(line, amount);
  countMargin(batch, line, terms.timezone);
  return line;
}
