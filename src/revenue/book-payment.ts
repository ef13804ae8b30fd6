import { account, type Book, pay } from './accounts.ts';
import { place } from './contract-calendar.ts';
import { LedgerBatch } from './ledger-batch.ts';
import { recordTransfers } from './ledger-entry.ts';
import type { LedgerStore } from './ledger-store.ts';
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
  const { id, contract, amount, withheld, paidAtMs, reference, by } = payment;
  const currency = versions[0]?.currency ?? '';
  const book: Book = { contract, currency };
  const transfers = pay(book, amount, withheld);
  const ref = { reference, by, account: account(book, 'paid') };
  return store.transact<TransferResult>(partnerId, async () => {
    const basis = await store.readBook(partnerId, [bookField.open(contract)]);
    const existing = await store.entryOf(partnerId, id);
    const wanted = { kind: 'payment' as const, contract, currency, transfers: recordTransfers(transfers), ref };
    if (existing !== undefined) return { batch: null, result: transferResult(existing, wanted) };
    const { period } = place(versions, paidAtMs, basis.values[0] ?? undefined);
    const batch = new LedgerBatch(basis, nowMs);
    batch.post({ id, kind: 'payment', book, effectiveAtMs: paidAtMs, period, transfers, ref });
    batch.move(contract, period, 'payments', amount);
    batch.move(contract, period, 'withheld', withheld);
    return { batch, result: 'created' };
  });
}
