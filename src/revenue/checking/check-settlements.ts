import type { LedgerReader } from '../ledger-reader.ts';
import type { Dispute } from '../settlement/dispute.ts';
import type { Settlement, StatedPayment } from '../settlement/settlement.ts';
import type { Statement } from '../statement.ts';
import type { Differences } from './differences.ts';

export interface SettlementCheckDeps {
  readonly store: LedgerReader;
  readonly differences: Differences;
}

/**
 * What happened to statements speaks of statements that were locked, and what disputes say was booked is in the ledger, to
 * the minor unit, and nothing else of its kind.
 * @param disputed what lines of kind `dispute` pay, by id, as the entries say it
 */
export async function checkSettlements(
  { store, differences }: SettlementCheckDeps,
  partnerId: string,
  disputed: ReadonlyMap<string, bigint>,
): Promise<void> {
  const [statements, settlements, payments, disputes] = await Promise.all([
    store.records<Statement>(partnerId, 'statements'),
    store.records<Settlement>(partnerId, 'settlements'),
    store.records<StatedPayment>(partnerId, 'payments'),
    store.records<Dispute>(partnerId, 'disputes'),
  ]);
  const known = new Map(statements.map((statement) => [statement.id, statement]));
  const isLocked = (id: string) => known.get(id) !== undefined && known.get(id)?.status !== 'draft';
  for (const { statement_id: id } of settlements) {
    if (!isLocked(id)) differences.add('settlement', id, 'is of no locked statement');
  }
  for (const { id, contract, allocations } of payments) {
    for (const { statement_id } of allocations) {
      if (isLocked(statement_id) && known.get(statement_id)?.contract === contract) continue;
      differences.add('payment', id, `is meant for ${statement_id}, which is no locked statement of its contract`);
    }
  }
  const unnamed = new Map(disputed);
  for (const { id, statement_id, lines } of disputes) {
    if (!known.has(statement_id)) differences.add('dispute', id, `is about ${statement_id}, which is not stored`);
    for (const { no, resolution } of lines) {
      const adjustment = resolution?.adjustment_id ?? null;
      if (adjustment === null) continue;
      const booked = unnamed.get(adjustment);
      unnamed.delete(adjustment);
      if (booked === BigInt(resolution?.amount ?? 0)) continue;
      const found = booked === undefined ? 'no entry' : `${booked}`;
      differences.add('dispute', id, `line ${no} booked ${resolution?.amount}, ${found} by the entries`);
    }
  }
  for (const id of unnamed.keys()) differences.add('dispute', id, 'was booked for a dispute, and none names it');
}
