import { isoOf } from '../base/clock.ts';
import { account, type Book, pay } from './accounts.ts';
import { jsonMinor } from './commission-line.ts';
import { place } from './contract-calendar.ts';
import { LedgerBatch } from './ledger-batch.ts';
import { type LedgerEntry, recordTransfers } from './ledger-entry.ts';
import type { LedgerStore } from './ledger-store.ts';
import { readStanding, type Standing } from './settlement/read-standing.ts';
import { settleStatements } from './settlement/settle-statements.ts';
import type { StatedPayment } from './settlement/settlement.ts';
import { bookField } from './slot.ts';
import type { ContractTerms } from './terms.ts';
import { type TransferResult, transferResult } from './transfer-result.ts';

export interface Payment {
  /** Transfer id, `pay_…`: the same payment again is found out by it. */
  readonly id: string;
  readonly contract: string;
  /** Minor units paid out; negative = came back. */
  readonly amount: bigint;
  /** Minor units that went to the tax office instead. */
  readonly withheld: bigint;
  readonly paidAtMs: number;
  readonly reference: string;
  /** Statements that it is meant for, minor units > 0; the rest pays the oldest, then stands to the counterparty's credit. */
  readonly allocations?: StatedPayment['allocations'];
  /** Name of the operator. */
  readonly by: string;
}

/**
 * Books money that went out. It counts in the period of `paidAtMs`, or the first that is not cut.
 * @param versions all versions of the contract
 * @returns `created`, or how it compares with what was booked under the id before; nothing is written then
 */
export function bookPayment(
  store: LedgerStore,
  partnerId: string,
  versions: readonly ContractTerms[],
  payment: Payment,
  nowMs: number,
): Promise<TransferResult> {
  const { id, contract, amount, withheld, paidAtMs, reference, by, allocations = [] } = payment;
  const currency = versions[0]?.currency ?? '';
  const book: Book = { contract, currency };
  const transfers = pay(book, amount, withheld);
  const meantFor: LedgerEntry['ref'] = allocations.length === 0 ? {} : { allocations: allocationText(allocations) };
  const ref: LedgerEntry['ref'] = { reference, by, account: account(book, 'paid'), ...meantFor };
  return store.transact<TransferResult>(partnerId, async () => {
    const basis = await store.readBook(partnerId, [bookField.open(contract)]);
    const existing = await store.entryOf(partnerId, id);
    const effective = { effective_at: isoOf(paidAtMs) };
    const wanted = {
      kind: 'payment' as const,
      contract,
      currency,
      ...effective,
      transfers: recordTransfers(transfers),
      ref,
    };
    if (existing !== undefined) return { batch: null, result: transferResult(existing, wanted) };
    const { period } = place(versions, paidAtMs, basis.values[0] ?? undefined);
    const batch = new LedgerBatch(basis, nowMs);
    batch.post({ id, kind: 'payment', book, effectiveAtMs: paidAtMs, period, transfers, ref });
    batch.move(contract, period, 'payments', amount);
    batch.move(contract, period, 'withheld', withheld);
    const recorded = recordOf(payment, { currency, period, bookedAt: isoOf(nowMs) });
    batch.setPayment(recorded);
    const before = await readStanding(store, partnerId);
    for (const statementId of paidBy(before, recorded)) {
      batch.tell({ type: 'statement.paid', about: statementId, occasion: id, occurredAtMs: paidAtMs });
    }
    return { batch, result: 'created' };
  });
}

function recordOf(
  { id, contract, amount, withheld, paidAtMs, reference, allocations = [], by }: Payment,
  { currency, period, bookedAt }: { readonly currency: string; readonly period: string; readonly bookedAt: string },
): StatedPayment {
  const isBack = amount < 0n;
  return {
    id,
    contract,
    currency,
    direction: isBack ? 'in' : 'out',
    amount: jsonMinor(isBack ? -amount : amount),
    withheld: jsonMinor(isBack ? -withheld : withheld),
    paid_at: isoOf(paidAtMs),
    reference,
    allocations,
    period,
    booked_at: bookedAt,
    by,
  };
}

/** Statements that are paid with this payment, and were not before it. */
function paidBy({ statements, payments }: Standing, payment: StatedPayment): string[] {
  const own = statements.map(({ statement }) => statement).filter((one) => one.contract === payment.contract);
  const locked = own.filter(({ status }) => status !== 'draft');
  const of = payments.filter(({ contract }) => contract === payment.contract);
  const [before, after] = [of, [...of, payment]].map((list) => settleStatements(locked, list).shares);
  const isPaid = (shares: typeof before, id: string): boolean => {
    const share = shares?.get(id);
    return share !== undefined && share.paid >= share.due;
  };
  return locked
    .filter(({ id, status }) => status !== 'carried' && isPaid(after, id) && !isPaid(before, id))
    .map(({ id }) => id);
}

/** Allocations as the entry of a payment repeats them. */
export function allocationText(allocations: StatedPayment['allocations']): string {
  return allocations.map(({ statement_id, amount }) => `${statement_id}:${amount}`).join(' ');
}
