import { derivedId } from '../../base/ids.ts';
import { bookPayment } from '../book-payment.ts';
import { contractPeriodById } from '../contract-calendar.ts';
import type { LedgerStore } from '../ledger-store.ts';
import type { Statement } from '../statement.ts';
import { termsOfPeriod } from '../statement-basis.ts';
import type { ContractTerms } from '../terms.ts';
import type { TransferDifference, TransferResult } from '../transfer-result.ts';
import { readStanding, type Standing } from './read-standing.ts';
import { type StatedPayment, standingInvoice } from './settlement.ts';

/** Money that an operator says has moved. Minor units. */
export interface PaymentWish {
  readonly contract: string;
  readonly direction: 'out' | 'in';
  readonly amount: number;
  readonly withheld: number;
  readonly paidAtMs: number;
  /** Of the bank: the same reference on the same contract is the same payment. */
  readonly reference: string;
  readonly allocations: StatedPayment['allocations'];
  readonly by: string;
  /** Why it is paid although something stands against it; null = nothing may. */
  readonly override: string | null;
}

export type PayOutcome =
  | { readonly result: Extract<TransferResult, 'created' | 'exists'>; readonly payment: StatedPayment }
  /** Another payment was booked under this reference. */
  | { readonly result: 'differs'; readonly how: TransferDifference }
  | { readonly result: 'faults'; readonly faults: readonly { pointer: string; message: string }[] }
  /** A statement that is to be paid may not be paid yet. */
  | { readonly result: 'not_due'; readonly reasons: readonly string[] };

/**
 * Books a payment and lays it on statements. Money goes out for statements that are accepted, and invoiced where the
 * contract asks for it, unless the operator says why.
 * @param versions all versions of the contract
 */
export async function payStatements(
  store: LedgerStore,
  partnerId: string,
  versions: readonly ContractTerms[],
  wish: PaymentWish,
  { nowMs, isHeld }: { readonly nowMs: number; readonly isHeld: boolean },
): Promise<PayOutcome> {
  const standing = await readStanding(store, partnerId);
  const faults = faultsOf(wish, standing);
  if (faults.length > 0) return { result: 'faults', faults };
  const id = paymentId(partnerId, wish);
  const isKnown = standing.payments.some((payment) => payment.id === id);
  const against =
    isKnown || wish.direction === 'in' || wish.override !== null
      ? []
      : reasonsAgainst(wish, standing, versions, isHeld);
  if (against.length > 0) return { result: 'not_due', reasons: against };
  const sign = wish.direction === 'out' ? 1n : -1n;
  const { contract, paidAtMs, reference, by, allocations } = wish;
  const amounts = { amount: sign * BigInt(wish.amount), withheld: sign * BigInt(wish.withheld) };
  const payment = { id, contract, ...amounts, paidAtMs, reference, by, allocations };
  const how = await bookPayment(store, partnerId, versions, payment, nowMs);
  if (how !== 'created' && how !== 'exists') return { result: 'differs', how };
  const booked = (await readStanding(store, partnerId)).payments.find((one) => one.id === id);
  if (booked === undefined) throw new Error(`payment ${id} was booked and is not there`);
  return { result: how, payment: booked };
}

/** The same reference on the same contract is the same payment: one the other way round under it is told to differ. */
function paymentId(partnerId: string, { contract, reference }: PaymentWish): string {
  return derivedId('pay', partnerId, contract, reference);
}

function faultsOf({ allocations, contract, amount, withheld }: PaymentWish, { byId }: Standing) {
  const faults = allocations.flatMap(({ statement_id }, index) => {
    const statement = byId.get(statement_id)?.statement;
    const isOwn = statement?.contract === contract && statement.status !== 'draft';
    return isOwn
      ? []
      : [{ pointer: `/allocations/${index}/statement_id`, message: 'is no locked statement of this contract' }];
  });
  const sum = allocations.reduce((total, one) => total + one.amount, 0);
  if (sum > amount + withheld) faults.push({ pointer: '/allocations', message: `sum to ${sum}, more than was paid` });
  return faults;
}

/** What stands against paying the statements that the payment is meant for; without a purpose, those that it would reach. */
function reasonsAgainst(
  { allocations, amount, withheld, contract }: PaymentWish,
  { byId, statements }: Standing,
  versions: readonly ContractTerms[],
  isHeld: boolean,
): string[] {
  const reasons = isHeld ? ['payouts are held while the partner is not active'] : [];
  const named = allocations.flatMap(({ statement_id }) => byId.get(statement_id) ?? []);
  let left = BigInt(amount + withheld);
  const reached = statements.filter(({ statement, share, status }) => {
    if (statement.contract !== contract || share === undefined || status === 'carried' || left <= 0n) return false;
    const open = share.due - share.paid;
    if (open <= 0n) return false;
    left -= open;
    return true;
  });
  for (const { statement, status, settlement } of allocations.length > 0 ? named : reached) {
    if (status === 'disputed') reasons.push(`${statement.id} is disputed`);
    else if (settlement.acceptance === null && status !== 'carried') reasons.push(`${statement.id} is not accepted`);
    const needsInvoice = termsFor(statement, versions)?.payout.invoice === 'required';
    if (needsInvoice && standingInvoice(settlement) === undefined) reasons.push(`${statement.id} has no invoice`);
  }
  return reasons;
}

function termsFor({ period }: Statement, versions: readonly ContractTerms[]): ContractTerms | undefined {
  const found = contractPeriodById(versions, period.id);
  return found === null ? undefined : termsOfPeriod(versions, found);
}
