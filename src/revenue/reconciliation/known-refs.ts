import { mapBounded } from '../../base/map-bounded.ts';
import type { CommissionLine } from '../commission-line.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import type { Statement } from '../statement.ts';
import type { Explanation } from './matching/reconciled-row.ts';
import type { KnownLine, KnownRef } from './matching/sides.ts';
import type { RefKind } from './reading/guess-columns.ts';

/** What is known of an application under a reference. */
export interface RefFacts {
  /** null = the reference leads to none that this counterparty may know of. */
  readonly applicationId: string | null;
  /** Why it earned nothing, as far as the application says. */
  readonly fact: Explanation | null;
}

/** Finds applications by the references of a counterparty's file. It tells of no other counterparty. */
export interface RefLookup {
  find(counterpartyId: string, kind: RefKind, ref: string): Promise<RefFacts>;
}

/** References looked up at once. */
const LOOKUPS_AT_ONCE = 32;
const CAP_REASON = 'cap_exceeded';

/** What is known of references beside the lines of a statement. */
export async function knownRefs(
  { ledger, lookup }: { readonly ledger: LedgerReader; readonly lookup: RefLookup },
  counterpartyId: string,
  statement: Pick<Statement, 'contract' | 'period'>,
  kind: RefKind,
  refs: readonly string[],
): Promise<ReadonlyMap<string, KnownRef>> {
  const found = await mapBounded(refs, LOOKUPS_AT_ONCE, async (ref): Promise<[string, KnownRef]> => {
    if (kind === 'commission_id') {
      const lines = await ledger.lines(counterpartyId, [ref]);
      return [ref, { lines: knownLines(lines, statement), fact: null }];
    }
    const { applicationId, fact } = await lookup.find(counterpartyId, kind, ref);
    const lines = applicationId === null ? [] : await ledger.linesOfObject(counterpartyId, applicationId);
    return [ref, { lines: knownLines(lines, statement), fact }];
  });
  return new Map(found);
}

function knownLines(
  lines: readonly CommissionLine[],
  { contract, period }: Pick<Statement, 'contract' | 'period'>,
): KnownLine[] {
  return lines.flatMap((line) => {
    if (line.contract !== contract || line.period === period.id) return [];
    return [{ id: line.id, amount: BigInt(line.amount), explanation: explanationOf(line) }];
  });
}

function explanationOf({ status, reason }: CommissionLine): KnownLine['explanation'] {
  if (status === 'pending') return 'held';
  if (status === 'payable') return 'late';
  return reason === CAP_REASON ? 'capped' : 'voided';
}
