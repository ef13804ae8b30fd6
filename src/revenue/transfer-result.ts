import type { LedgerEntry } from './ledger-entry.ts';

/** What posting a transfer under an id comes to. The first writer of an id wins; everybody else learns how theirs differs. */
export type TransferResult =
  | 'created'
  | 'exists'
  | 'exists_with_different_kind'
  | 'exists_with_different_contract'
  | 'exists_with_different_currency'
  | 'exists_with_different_accounts'
  | 'exists_with_different_amount'
  | 'exists_with_different_effective_at'
  | 'exists_with_different_reference';

/** How something differs from what was posted under its id before. */
export type TransferDifference = Exclude<TransferResult, 'created' | 'exists'>;

/** What of an entry is compared: its place in the chain and when it was booked are not the caller's. */
export type ComparedEntry = Pick<LedgerEntry, 'kind' | 'contract' | 'currency' | 'transfers' | 'effective_at' | 'ref'>;

/** Compares what is in the ledger with what was to be posted under the same id. Never `created`. */
export function transferResult(existing: ComparedEntry, wanted: ComparedEntry): TransferResult {
  if (existing.kind !== wanted.kind) return 'exists_with_different_kind';
  if (existing.contract !== wanted.contract) return 'exists_with_different_contract';
  if (existing.currency !== wanted.currency) return 'exists_with_different_currency';
  if (accounts(existing) !== accounts(wanted)) return 'exists_with_different_accounts';
  if (amounts(existing) !== amounts(wanted)) return 'exists_with_different_amount';
  if (existing.effective_at !== wanted.effective_at) return 'exists_with_different_effective_at';
  if (reference(existing) !== reference(wanted)) return 'exists_with_different_reference';
  return 'exists';
}

function accounts({ transfers }: ComparedEntry): string {
  return transfers.map(({ from, to }) => `${from}>${to}`).join();
}

function amounts({ transfers }: ComparedEntry): string {
  return transfers.map(({ amount }) => amount).join();
}

/** Who posts it is left out: the same by a colleague is the same. */
function reference({ ref: { by: _by, ...ref } }: ComparedEntry): string {
  return JSON.stringify(Object.entries(ref).sort(([a], [b]) => (a < b ? -1 : 1)));
}
