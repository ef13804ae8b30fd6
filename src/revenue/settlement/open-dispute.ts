import { isoOf } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { type Dispute, type DisputeLine, isOpen } from './dispute.ts';
import { readStanding } from './read-standing.ts';

export type DisputeWish = Pick<
  DisputeLine,
  'kind' | 'commission_id' | 'partner_ref' | 'lender_ref' | 'claimed' | 'note'
>;

export type OpenDisputeOutcome =
  | { readonly result: 'opened' | 'exists'; readonly dispute: Dispute }
  | { readonly result: 'unknown' }
  /** Accepted, paid, or carried and signed: too late, or nothing to hold against it. */
  | { readonly result: 'too_late'; readonly status: string }
  | { readonly result: 'other_revision'; readonly revision: number }
  /** A line names a commission that the statement does not list. By the number of the line, from 0. */
  | { readonly result: 'unknown_line'; readonly index: number };

/** Statements that can be held against. */
const DISPUTABLE: ReadonlySet<string> = new Set(['draft', 'issued', 'disputed', 'carried']);

/**
 * Opens a dispute; the same lines again are the same dispute.
 * @param nowMs business time
 */
export function openDispute(
  store: LedgerStore,
  partnerId: string,
  statementId: string,
  { revision, lines }: { readonly revision: number; readonly lines: readonly DisputeWish[] },
  nowMs: number,
): Promise<OpenDisputeOutcome> {
  const id = derivedId('dsp', partnerId, statementId, String(revision), JSON.stringify(lines));
  return store.transact<OpenDisputeOutcome>(partnerId, async () => {
    const basis = await store.readBook(partnerId);
    const standing = await readStanding(store, partnerId);
    const found = standing.byId.get(statementId);
    const nothing = (result: OpenDisputeOutcome) => ({ batch: null, result });
    if (found === undefined) return nothing({ result: 'unknown' });
    const existing = found.disputes.find((dispute) => dispute.id === id);
    if (existing !== undefined) return nothing({ result: 'exists', dispute: existing });
    const { statement, status } = found;
    if (!DISPUTABLE.has(status)) return nothing({ result: 'too_late', status });
    if (statement.revision !== revision) return nothing({ result: 'other_revision', revision: statement.revision });
    const named = await store.lines(
      partnerId,
      lines.flatMap(({ commission_id }) => commission_id ?? []),
    );
    const listed = new Set(
      named
        .filter((line) => line.contract === statement.contract && line.period === statement.period.id)
        .map(({ id: line }) => line),
    );
    const unknown = lines.findIndex(({ commission_id }) => commission_id !== null && !listed.has(commission_id));
    if (unknown >= 0) return nothing({ result: 'unknown_line', index: unknown });
    const dispute: Dispute = {
      id,
      statement_id: statementId,
      contract: statement.contract,
      period: statement.period.id,
      revision,
      opened_at: isoOf(nowMs),
      lines: lines.map((line, index) => ({ no: index + 1, ...line, resolution: null })),
    };
    const batch = new LedgerBatch(basis, nowMs);
    batch.setDispute(dispute);
    return { batch, result: { result: 'opened', dispute } };
  });
}

/** How many disputes about a period are open: what stands against locking it. */
export async function openDisputesOf(
  store: LedgerStore,
  partnerId: string,
  contract: string,
  period: string,
): Promise<number> {
  const disputes = await store.records<Dispute>(partnerId, 'disputes');
  return disputes.filter((dispute) => dispute.contract === contract && dispute.period === period && isOpen(dispute))
    .length;
}
