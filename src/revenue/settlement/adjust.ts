import { derivedId } from '../../base/ids.ts';
import type { CommissionLine } from '../commission-line.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerEntry } from '../ledger-entry.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { bookField } from '../slot.ts';
import type { Statement } from '../statement.ts';
import type { ContractTerms } from '../terms.ts';
import type { TransferDifference } from '../transfer-result.ts';
import { type Adjustment, bookAdjustment } from './book-adjustment.ts';

export interface AdjustmentWish {
  /** Signed minor units, not 0. */
  readonly amount: number;
  readonly reason: string;
  /** Commission or statement that it puts right; null = neither. */
  readonly refersTo: string | null;
  /** What tells it from another of the same content: the same again is the same adjustment. */
  readonly reference: string;
  /** What it is about, where it puts no line right but one that is missing. */
  readonly about?: Adjustment['about'];
  readonly by: string;
}

export type AdjustOutcome =
  | { readonly result: 'created' | 'exists'; readonly line: CommissionLine }
  | { readonly result: 'unknown_reference' }
  /** Another adjustment was booked under this reference. */
  | { readonly result: 'differs'; readonly how: TransferDifference };

/**
 * Books an adjustment: a line of its own, in the first period that is not cut. What it refers to stays as it is.
 * @param versions all versions of the contract
 */
export function adjust(
  store: LedgerStore,
  partnerId: string,
  versions: readonly ContractTerms[],
  wish: AdjustmentWish,
  nowMs: number,
): Promise<AdjustOutcome> {
  const contract = versions[0]?.contract ?? '';
  const id = derivedId('com', partnerId, contract, 'adjustment', wish.reference);
  return store.transact<AdjustOutcome>(partnerId, async () => {
    const basis = await store.readBook(partnerId, [bookField.open(contract)]);
    const [existing] = await store.lines(partnerId, [id]);
    if (existing !== undefined) {
      const how = differenceFrom(existing, wish, await store.entryOf(partnerId, id));
      return { batch: null, result: how === null ? { result: 'exists', line: existing } : { result: 'differs', how } };
    }
    const target = await targetOf(store, partnerId, contract, wish.refersTo);
    if (target === undefined) return { batch: null, result: { result: 'unknown_reference' } };
    const [open] = basis.values;
    const batch = new LedgerBatch(basis, nowMs);
    const { about } = wish;
    const said = { id, amount: BigInt(wish.amount), reason: wish.reason, by: wish.by, refersTo: wish.refersTo };
    const adjustment: Adjustment = { ...said, ...target, ...(about === undefined ? {} : { about }) };
    const line = bookAdjustment(batch, adjustment, {
      partyId: partnerId,
      versions,
      openPeriods: open ? { [contract]: open } : {},
    });
    return { batch, result: { result: 'created', line } };
  });
}

/** In what a wish differs from the line that was booked under its reference; null when in nothing. */
function differenceFrom(
  line: CommissionLine,
  { amount, reason, refersTo }: AdjustmentWish,
  entry: LedgerEntry | undefined,
): TransferDifference | null {
  if (line.amount !== amount) return 'exists_with_different_amount';
  const booked = entry?.ref ?? {};
  const isSame = line.reverses === lineOf(refersTo) && booked.refers_to === refersTo && booked.said === reason;
  return isSame ? null : 'exists_with_different_reference';
}

function lineOf(refersTo: string | null): string | null {
  return refersTo?.startsWith('com_') === true ? refersTo : null;
}

/** The line or the period that it is about; undefined when there is none under this id. */
async function targetOf(
  store: LedgerStore,
  partnerId: string,
  contract: string,
  refersTo: string | null,
): Promise<Pick<Adjustment, 'kind' | 'of' | 'periodId'> | undefined> {
  if (refersTo === null) return { kind: 'manual', of: null, periodId: null };
  if (lineOf(refersTo) !== null) {
    const [of] = await store.lines(partnerId, [refersTo]);
    return of?.contract === contract ? { kind: 'correction', of, periodId: of.period } : undefined;
  }
  const statements = await store.records<Statement>(partnerId, 'statements');
  const statement = statements.find((one) => one.id === refersTo && one.contract === contract);
  return statement && { kind: 'correction', of: null, periodId: statement.period.id };
}
