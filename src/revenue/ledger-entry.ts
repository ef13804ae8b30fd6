import { hash as hashOnce } from 'node:crypto';
import { canonicalText } from '../base/canonical-text.ts';
import { applyTransfers, type Transfer } from './accounts.ts';

/** What a posting is. The commission kinds book a line, the rest move lines or money. */
export type LedgerEntryKind =
  | 'accrual'
  | 'clawback'
  | 'correction'
  | 'dispute'
  | 'true_up'
  | 'manual'
  | 'release'
  | 'void'
  | 'lock'
  | 'payment';

/** Transfer with its amount as a decimal string: JSON numbers are not exact beyond 2^53. */
export interface RecordedTransfer {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

/** One link of a counterparty's chain, as stored and exported. */
export interface LedgerEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** Transfer id; a second entry under it is never appended. */
  readonly id: string;
  readonly kind: LedgerEntryKind;
  readonly contract: string;
  readonly currency: string;
  /** When it was booked, RFC 3339 UTC. */
  readonly at: string;
  /** When it counts: payable_at of a line, the instant of a lock or payment. */
  readonly effective_at: string;
  /** Period that it is booked into, null when none (a hold). */
  readonly period: string | null;
  readonly transfers: readonly RecordedTransfer[];
  /** What it is about: ids of event, application, loan, statement; terms and rule; the line it reverses. */
  readonly ref: Readonly<Record<string, string | number | boolean | null>>;
  /** Hash of the entry before, `GENESIS_HASH` on the first. */
  readonly prev_hash: string;
  readonly hash: string;
}

/** Where a chain stands. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** `prev_hash` of the first entry of every chain. */
export const GENESIS_HASH = '0'.repeat(64);

/** Head of an empty chain. */
export const GENESIS_HEAD: ChainHead = { seq: 0, hash: GENESIS_HASH };

/** SHA-256 (hex) over the RFC 8785 form of the entry without `hash`; `prev_hash` is covered, which makes the chain. */
export function hashEntry(entry: Omit<LedgerEntry, 'hash'>): string {
  const { hash: _own, ...covered } = entry as LedgerEntry;
  return sha256(canonicalText(covered));
}

/** An entry with its place in the chain, and the JSON that is stored of it. */
export interface SealedEntry {
  readonly entry: LedgerEntry;
  readonly json: string;
}

/** What a posting says before it has its place in the chain. */
export type UnsealedEntry = Omit<LedgerEntry, 'seq' | 'prev_hash' | 'hash'>;

/** Links an entry to the chain's head. */
export function sealEntry(head: ChainHead, entry: UnsealedEntry): LedgerEntry {
  const { hash: _own, ...unsealed } = entry as LedgerEntry;
  return sealWithText(head, unsealed).entry;
}

/** The same, with the text that is stored. */
export function sealWithText(head: ChainHead, entry: UnsealedEntry): SealedEntry {
  const { at, contract, currency, effective_at, id, kind, period, ref, transfers } = entry;
  // In canonical order, as the ref of a line and recorded transfers are: then nothing has to be put in order.
  const seq = head.seq + 1;
  const linked = {
    at,
    contract,
    currency,
    effective_at,
    id,
    kind,
    period,
    prev_hash: head.hash,
    ref,
    seq,
    transfers,
  };
  const canonical = canonicalText(linked);
  const hash = sha256(canonical);
  // What is stored is what was hashed, with the hash behind it: written once.
  return { entry: { ...linked, hash }, json: `${canonical.slice(0, -1)},"hash":"${hash}"}` };
}

function sha256(text: string): string {
  return hashOnce('sha256', text, 'hex');
}

/** Transfers as an entry records them. */
export function recordTransfers(transfers: readonly Transfer[]): RecordedTransfer[] {
  return transfers.map(({ from, to, amount }) => ({ amount: amount.toString(), from, to }));
}

/** Transfers of an entry as money. */
export function transfersOf(entry: LedgerEntry): Transfer[] {
  return entry.transfers.map(({ from, to, amount }) => ({ from, to, amount: BigInt(amount) }));
}

export type ChainProblem = 'seq_gap' | 'prev_hash_mismatch' | 'hash_mismatch' | 'duplicate_id' | 'transfer_invalid';

/** `entries` counts the links that hold; a broken chain names the first entry that does not. */
export type ChainVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: ChainHead }
  | { readonly ok: false; readonly entries: number; readonly seq: number; readonly problem: ChainProblem };

/** Checks a whole chain from its first entry, or from a head that is already trusted. */
export function verifyChain(entries: Iterable<LedgerEntry>, from: ChainHead = GENESIS_HEAD): ChainVerdict {
  let head = from;
  let count = 0;
  const ids = new Set<string>();
  for (const entry of entries) {
    const problem = checkLink(head, entry) ?? (ids.has(entry.id) ? 'duplicate_id' : null);
    if (problem !== null) return { ok: false, entries: count, seq: entry.seq, problem };
    ids.add(entry.id);
    head = { seq: entry.seq, hash: entry.hash };
    count += 1;
  }
  return { ok: true, entries: count, head };
}

/** What is wrong with one link, null when nothing: for readers that stream a chain. */
export function checkLink(head: ChainHead, entry: LedgerEntry): ChainProblem | null {
  if (entry.seq !== head.seq + 1) return 'seq_gap';
  if (entry.prev_hash !== head.hash) return 'prev_hash_mismatch';
  if (entry.hash !== hashEntry(entry)) return 'hash_mismatch';
  const valid = entry.transfers.every(({ from, to, amount }) => /^[1-9]\d*$/.test(amount) && from !== to);
  return valid ? null : 'transfer_invalid';
}

/** Balance of every account that the entries touch, minor units. */
export function foldBalances(
  entries: Iterable<LedgerEntry>,
  balances: ReadonlyMap<string, bigint> = new Map(),
): Map<string, bigint> {
  let after = new Map(balances);
  for (const entry of entries) after = applyTransfers(transfersOf(entry), after);
  return after;
}
