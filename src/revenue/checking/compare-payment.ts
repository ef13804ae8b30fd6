import { pay } from '../accounts.ts';
import { allocationText } from '../book-payment.ts';
import { type LedgerEntry, recordTransfers } from '../ledger-entry.ts';
import type { StatedPayment } from '../settlement/settlement.ts';

/** What a stored payment says otherwise than the entry that booked it. */
export function comparePayment(entry: LedgerEntry, payment: StatedPayment | null): string[] {
  if (payment === null) return ['an entry booked it, and it is not stored'];
  const { contract, currency, reference, by, allocations } = payment;
  const sign = payment.direction === 'out' ? 1n : -1n;
  const transfers = pay({ contract, currency }, sign * BigInt(payment.amount), sign * BigInt(payment.withheld));
  const allocated = allocations.length === 0 ? undefined : allocationText(allocations);
  const pairs: readonly (readonly [name: string, stored: unknown, booked: unknown])[] = [
    ['id', payment.id, entry.id],
    ['contract', contract, entry.contract],
    ['currency', currency, entry.currency],
    ['amounts', JSON.stringify(recordTransfers(transfers)), JSON.stringify(entry.transfers.map(inOrder))],
    ['period', payment.period, entry.period],
    ['paid_at', payment.paid_at, entry.effective_at],
    ['booked_at', payment.booked_at, entry.at],
    ['reference', reference, entry.ref.reference],
    ['by', by, entry.ref.by],
    ['allocations', allocated, entry.ref.allocations],
  ];
  const differing = pairs.filter(([, stored, booked]) => stored !== booked).map(([name]) => name);
  return differing.length === 0 ? [] : [`${differing.join(', ')} are not as booked`];
}

function inOrder({ from, to, amount }: LedgerEntry['transfers'][number]) {
  return { amount, from, to };
}
