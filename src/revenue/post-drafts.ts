import { isoOf } from '../base/clock.ts';
import { accrue, type Book, voidHeld } from './accounts.ts';
import type { CommissionDraft } from './commission-draft.ts';
import { type CommissionLine, jsonMinor } from './commission-line.ts';
import { laterPeriod, type Placement, place } from './contract-calendar.ts';
import type { CounterValue, OpenPeriods } from './counters.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { entryRefOf } from './line-entry.ts';
import { countMargin } from './margin/count-margin.ts';
import { introducerOf, type MoneyEvent } from './money-event.ts';
import type { ContractTerms } from './terms.ts';

/** What posting drafts must know beside them. */
export interface PostingSurroundings {
  /** All versions of all contracts of the counterparty. */
  readonly contracts: readonly ContractTerms[];
  readonly openPeriods: OpenPeriods;
  /** A line that a draft takes back, as changed by the batch so far. */
  lineOf(id: string): CommissionLine | undefined;
  /** A counter, as changed by the batch so far. */
  counterOf(key: string): CounterValue;
}

/**
 * Adds what one event earns and takes back to a batch: entries, lines, holds, counters, once keys, movements. Throws
 * RangeError, before anything is added, for an amount that no line can hold.
 */
export function postDrafts(
  batch: LedgerBatch,
  event: MoneyEvent,
  drafts: readonly CommissionDraft[],
  around: PostingSurroundings,
): void {
  for (const draft of drafts) {
    jsonMinor(draft.amount);
    jsonMinor(draft.base ?? 0n);
    if (draft.kind === 'void') heldLine(draft, around);
  }
  for (const draft of drafts) {
    if (draft.kind === 'void') postVoid(batch, event, draft, around);
    else postLine(batch, event, draft, around);
  }
}

function postLine(batch: LedgerBatch, event: MoneyEvent, draft: CommissionDraft, around: PostingSurroundings): void {
  const book = bookOf(draft);
  const held = draft.holdUntilMs !== null;
  const taken = draft.reverses === null ? undefined : around.lineOf(draft.reverses);
  const booked = lineOfDraft(batch, event, draft, placements(draft, event, around));
  const line = taken === undefined ? booked : { ...booked, ...objectOf(taken) };
  batch.addLine(line);
  batch.post({
    id: line.id,
    kind: line.kind,
    book,
    effectiveAtMs: draft.payableAtMs,
    period: line.period,
    transfers: accrue(book, draft.amount, held),
    ref: entryRefOf(line, event.id),
  });
  if (draft.holdUntilMs !== null && line.pending_period !== null) {
    batch.hold(line.id, draft.holdUntilMs);
    batch.move(draft.contract, line.pending_period, 'added', draft.amount);
  }
  batch.earnByLink(line, draft.amount);
  countMargin(batch, line, zoneOf(draft, around));
  if (draft.onceKey !== null) batch.markOnce(draft.onceKey, line.id);
  for (const move of draft.counters) {
    const before = around.counterOf(move.key);
    const { count, base, paid } = move;
    batch.setCounter(move.key, { count: before.count + count, base: before.base + base, paid: before.paid + paid });
  }
  if (taken !== undefined) {
    batch.putLine({ ...taken, clawed_back: jsonMinor(BigInt(taken.clawed_back) - draft.amount) });
    const occasion = { occasion: line.id, occurredAtMs: event.occurredAtMs };
    batch.tell({ type: 'commission.clawed_back', about: taken.id, ...occasion });
  }
}

/** All versions of a contract have the same zone. */
function zoneOf({ contract }: CommissionDraft, { contracts }: PostingSurroundings): string {
  return contracts.find((terms) => terms.contract === contract)?.timezone ?? 'UTC';
}

/**
 * What is taken back is found wherever the line is that it takes back: by its loan too, though an event of the application
 * took it. Whoever came later would take it a second time otherwise.
 */
function objectOf({ application_id, loan_id, payment_ref, ...line }: CommissionLine) {
  const { partner_id, product_id, lender_id, funder_id, link_code } = line;
  return { application_id, loan_id, payment_ref, partner_id, product_id, lender_id, funder_id, link_code };
}

function postVoid(batch: LedgerBatch, event: MoneyEvent, draft: CommissionDraft, around: PostingSurroundings): void {
  const { line, since } = heldLine(draft, around);
  const book = bookOf(draft);
  // Money leaves what is held no earlier than it came in.
  const period = laterPeriod(placedAt(draft, event.occurredAtMs, around).period, since);
  batch.post({
    id: draft.transferId,
    kind: 'void',
    book,
    effectiveAtMs: event.occurredAtMs,
    period: null,
    transfers: voidHeld(book, -draft.amount),
    ref: { event: event.id, line: line.id, on: draft.on, pending_period: period },
  });
  countMargin(batch, line, zoneOf(draft, around), -1n);
  batch.putLine({ ...line, status: 'void', reason: draft.on });
  batch.tell({ type: 'commission.void', about: line.id, occurredAtMs: event.occurredAtMs });
  batch.unhold(line.id);
  batch.earnByLink(line, draft.amount);
  batch.move(draft.contract, period, 'voided', -draft.amount);
}

/** The line that a void gives up, and the period in which it began to be held. */
function heldLine(draft: CommissionDraft, around: PostingSurroundings): { line: CommissionLine; since: string } {
  const line = draft.reverses === null ? undefined : around.lineOf(draft.reverses);
  if (line === undefined || line.pending_period === null) throw new RangeError(`${draft.reverses} is not a held line`);
  return { line, since: line.pending_period };
}

interface Placements {
  readonly payable: Placement;
  readonly occurred: Placement;
}

function placements(draft: CommissionDraft, event: MoneyEvent, around: PostingSurroundings): Placements {
  return {
    payable: placedAt(draft, draft.payableAtMs, around),
    occurred: placedAt(draft, event.occurredAtMs, around),
  };
}

function placedAt(draft: CommissionDraft, instantMs: number, around: PostingSurroundings): Placement {
  const versions = around.contracts.filter(({ contract }) => contract === draft.contract);
  return place(versions, instantMs, around.openPeriods[draft.contract]);
}

function lineOfDraft(
  batch: LedgerBatch,
  event: MoneyEvent,
  draft: CommissionDraft,
  { payable, occurred }: Placements,
): CommissionLine {
  const status = draft.voidReason !== null ? 'void' : draft.holdUntilMs !== null ? 'pending' : 'payable';
  return {
    id: draft.transferId,
    contract: draft.contract,
    terms_id: draft.termsId,
    rule: draft.rule,
    on: draft.on,
    kind: draft.kind === 'clawback' ? 'clawback' : 'accrual',
    application_id: event.application?.id ?? null,
    loan_id: event.loan?.id ?? null,
    partner_ref: event.application?.partnerRef ?? null,
    lender_ref: event.application?.lenderRef ?? null,
    payment_ref: event.payment?.ref ?? null,
    link_code: event.application?.linkCode ?? event.click?.linkCode ?? null,
    partner_id: introducerOf(event),
    product_id: event.application?.productId ?? event.click?.productId ?? null,
    lender_id: event.application?.lenderId ?? event.click?.lenderId ?? null,
    funder_id: event.application?.funderId ?? null,
    base: draft.base === null ? null : jsonMinor(draft.base),
    rate: draft.rate,
    amount: jsonMinor(draft.amount),
    currency: draft.currency,
    status,
    reason: draft.voidReason,
    hold_until: draft.holdUntilMs === null ? null : isoOf(draft.holdUntilMs),
    payable_at: isoOf(draft.payableAtMs),
    occurred_at: isoOf(event.occurredAtMs),
    booked_at: isoOf(batch.atMs),
    period: status === 'payable' ? payable.period : null,
    original_period: status === 'payable' ? payable.originalPeriod : null,
    pending_period: status === 'pending' ? occurred.period : null,
    reverses: draft.reverses,
    clawed_back: 0,
    why: draft.why,
  };
}

function bookOf({ contract, currency }: CommissionDraft): Book {
  return { contract, currency };
}
