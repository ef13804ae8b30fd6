import { isoOf } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import type { CommissionLine } from '../commission-line.ts';
import type { OpenPeriods } from '../counters.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { bookField } from '../slot.ts';
import type { ContractTerms } from '../terms.ts';
import { bookAdjustment } from './book-adjustment.ts';
import type { Dispute, DisputeLine, DisputeResult } from './dispute.ts';

export interface Resolution {
  /** Number of the line. */
  readonly no: number;
  readonly result: DisputeResult;
  /**
   * Signed minor units to book. Accepted without one: what is claimed less what the line pays; adjusted: required.
   */
  readonly amount: bigint | null;
  readonly reason: string;
}

export type ResolveOutcome =
  | { readonly result: 'resolved' | 'already'; readonly dispute: Dispute; readonly lines: readonly CommissionLine[] }
  | { readonly result: 'unknown' }
  /** It was resolved otherwise before. */
  | { readonly result: 'resolved_otherwise'; readonly no: number }
  /** The amount cannot be told: it must be given. */
  | { readonly result: 'amount_required'; readonly no: number };

/**
 * Resolves lines of a dispute, and books what was agreed: one line each, of kind `dispute`, in the period that is not cut
 * yet. Where the disputed period is still in review a refresh takes it in.
 * @param versions all versions of the dispute's contract
 * @param nowMs business time
 */
export function resolveDispute(
  store: LedgerStore,
  partnerId: string,
  disputeId: string,
  resolutions: readonly Resolution[],
  about: {
    readonly versionsOf: (contract: string) => readonly ContractTerms[];
    readonly by: string;
    readonly nowMs: number;
  },
): Promise<ResolveOutcome> {
  return store.transact<ResolveOutcome>(partnerId, async () => {
    // First of all: whoever resolves it after this has written since.
    const basis = await store.readBook(partnerId);
    const disputes = await store.records<Dispute>(partnerId, 'disputes');
    const dispute = disputes.find(({ id }) => id === disputeId);
    const nothing = (result: ResolveOutcome) => ({ batch: null, result });
    if (dispute === undefined) return nothing({ result: 'unknown' });
    const [open] = (await store.readBook(partnerId, [bookField.open(dispute.contract)])).values;
    const openPeriods: OpenPeriods = open ? { [dispute.contract]: open } : {};
    const named = await store.lines(
      partnerId,
      dispute.lines.flatMap(({ commission_id }) => commission_id ?? []),
    );
    const lineById = new Map(named.map((line) => [line.id, line]));
    const batch = new LedgerBatch(basis, about.nowMs);
    const booked: CommissionLine[] = [];
    const lines: DisputeLine[] = [];
    for (const line of dispute.lines) {
      const wish = resolutions.find(({ no }) => no === line.no);
      if (wish === undefined || isSame(line, wish)) {
        lines.push(line);
        continue;
      }
      if (line.resolution !== null) return nothing({ result: 'resolved_otherwise', no: line.no });
      const of = line.commission_id === null ? null : (lineById.get(line.commission_id) ?? null);
      const amount = amountOf(wish, line, of);
      if (amount === null) return nothing({ result: 'amount_required', no: line.no });
      const adjustmentId = amount === 0n ? null : derivedId('com', disputeId, String(line.no));
      if (adjustmentId !== null) {
        const adjustment = { id: adjustmentId, kind: 'dispute', amount, of, periodId: dispute.period } as const;
        const versions = about.versionsOf(dispute.contract);
        const text = { reason: `${dispute.id} line ${line.no}, ${wish.reason}`, by: about.by };
        booked.push(bookAdjustment(batch, { ...adjustment, ...text }, { partyId: partnerId, versions, openPeriods }));
      }
      const { result, reason } = wish;
      const resolution = { result, amount: Number(amount), adjustment_id: adjustmentId, reason, by: about.by };
      lines.push({ ...line, resolution: { ...resolution, at: isoOf(about.nowMs) } });
    }
    if (lines.every((line, index) => line === dispute.lines[index])) {
      return nothing({ result: 'already', dispute, lines: [] });
    }
    const resolved: Dispute = { ...dispute, lines };
    batch.setDispute(resolved);
    return { batch, result: { result: 'resolved', dispute: resolved, lines: booked } };
  });
}

function isSame({ resolution }: DisputeLine, { result, amount }: Resolution): boolean {
  if (resolution === null || resolution.result !== result) return false;
  return amount === null || BigInt(resolution.amount) === amount;
}

/** What resolving it so books; null when it cannot be told. */
function amountOf({ result, amount }: Resolution, line: DisputeLine, of: CommissionLine | null): bigint | null {
  if (result === 'rejected') return 0n;
  if (amount !== null) return amount;
  if (result === 'adjusted' || line.claimed === null) return null;
  return BigInt(line.claimed) - BigInt(of?.amount ?? 0);
}
