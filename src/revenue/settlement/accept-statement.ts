import { isoOf, msOf } from '../../base/clock.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { readStanding } from './read-standing.ts';
import type { Acceptance } from './settlement.ts';

export type AcceptOutcome =
  | { readonly result: 'accepted' | 'already' }
  | { readonly result: 'unknown' }
  /** Only what was issued can be accepted; `disputed`: first its disputes are settled or taken back. */
  | { readonly result: 'not_issued' | 'disputed' }
  /** What was looked at is another revision than the one that was issued. */
  | { readonly result: 'other_revision'; readonly revision: number };

/**
 * A counterparty agrees to a statement; once, by whatever way came first. @param nowMs business time
 * @param revision the one that it looked at
 */
export function acceptStatement(
  store: LedgerStore,
  partnerId: string,
  statementId: string,
  { revision, how, name }: Omit<Acceptance, 'at'>,
  nowMs: number,
): Promise<AcceptOutcome> {
  return store.transact<AcceptOutcome>(partnerId, async () => {
    const basis = await store.readBook(partnerId);
    const standing = (await readStanding(store, partnerId)).byId.get(statementId);
    const nothing = (result: AcceptOutcome) => ({ batch: null, result });
    if (standing === undefined) return nothing({ result: 'unknown' });
    const { statement, status, settlement } = standing;
    if (status === 'draft' || status === 'carried') return nothing({ result: 'not_issued' });
    if (statement.revision !== revision) return nothing({ result: 'other_revision', revision: statement.revision });
    if (settlement.acceptance !== null) return nothing({ result: 'already' });
    if (status === 'disputed') return nothing({ result: 'disputed' });
    const batch = new LedgerBatch(basis, nowMs);
    batch.setSettlement({ ...settlement, acceptance: { revision, how, name, at: isoOf(nowMs) } });
    return { batch, result: { result: 'accepted' } };
  });
}

/**
 * Accepts by silence what was issued, is not disputed, and whose time to object is over. @returns how many
 * @param nowMs business time
 */
export async function acceptBySilence(store: LedgerStore, partnerId: string, nowMs: number): Promise<number> {
  const { statements } = await readStanding(store, partnerId);
  let accepted = 0;
  for (const { statement, status, settlement } of statements) {
    const isDue = statement.accept_by !== null && msOf(statement.accept_by) <= nowMs;
    if (!isDue || status === 'carried' || status === 'disputed' || settlement.acceptance !== null) continue;
    const wish = { revision: statement.revision, how: 'silence', name: null } as const;
    const { result } = await acceptStatement(store, partnerId, statement.id, wish, nowMs);
    if (result === 'accepted') accepted += 1;
  }
  return accepted;
}
