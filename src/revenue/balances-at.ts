import { msOf } from '../base/clock.ts';
import { type ChainHead, GENESIS_HEAD, transfersOf } from './ledger-entry.ts';
import type { LedgerReader } from './ledger-reader.ts';

/** Balances of a counterparty's accounts at a moment that may be long past. */
export interface BalancesAt {
  /** The last entry that they contain. */
  readonly head: ChainHead;
  /** By account, minor units. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/**
 * Balances as they stood at an instant by the time of booking: what the ledger said then. Entries are in the order of their
 * booking, so the last of them is found by halving, and the balances from those that were kept along the way: the time it
 * takes hardly grows with the ledger.
 * @param atMs inclusive
 */
export async function balancesBookedBy(reader: LedgerReader, partyId: string, atMs: number): Promise<BalancesAt> {
  const { head: last } = await reader.readBook(partyId);
  const seq = await lastBookedBy(reader, partyId, atMs, last.seq);
  const snapshot = await reader.snapshotBefore(partyId, seq);
  const balances = new Map(snapshot?.balances);
  for await (const page of reader.entryPages(partyId, snapshot?.seq ?? 0)) {
    for (const entry of page) {
      if (entry.seq > seq) break;
      addTo(balances, entry);
    }
    if ((page.at(-1)?.seq ?? seq) >= seq) break;
  }
  return { head: await headAt(reader, partyId, seq), balances };
}

/**
 * Balances by the time from which each entry counts (`effective_at`), as the ledger knows it today: what was booked later for
 * an earlier time is in it. Reads the whole chain.
 * @param atMs inclusive
 */
export async function balancesEffectiveBy(
  reader: LedgerReader,
  partyId: string,
  atMs: number,
  progress?: (done: number) => void,
): Promise<BalancesAt> {
  const balances = new Map<string, bigint>();
  let head = GENESIS_HEAD;
  for await (const page of reader.entryPages(partyId)) {
    for (const entry of page) {
      if (msOf(entry.effective_at) <= atMs) addTo(balances, entry);
      head = { seq: entry.seq, hash: entry.hash };
    }
    progress?.(head.seq);
  }
  return { head, balances };
}

/** Place of the last entry that was booked by an instant, 0 when none was. @param last place of the chain's head */
export async function lastBookedBy(reader: LedgerReader, partyId: string, atMs: number, last: number): Promise<number> {
  let [booked, later] = [0, last + 1];
  while (later - booked > 1) {
    const middle = Math.floor((booked + later) / 2);
    const entry = await reader.entryAt(partyId, middle);
    if (entry === undefined)
      throw new RangeError(`entry ${middle} of ${partyId} is not there: run sluice ledger check`);
    if (msOf(entry.at) <= atMs) booked = middle;
    else later = middle;
  }
  return booked;
}

async function headAt(reader: LedgerReader, partyId: string, seq: number): Promise<ChainHead> {
  const entry = seq === 0 ? undefined : await reader.entryAt(partyId, seq);
  return entry === undefined ? GENESIS_HEAD : { seq, hash: entry.hash };
}

function addTo(balances: Map<string, bigint>, entry: Parameters<typeof transfersOf>[0]): void {
  for (const { from, to, amount } of transfersOf(entry)) {
    balances.set(from, (balances.get(from) ?? 0n) - amount);
    balances.set(to, (balances.get(to) ?? 0n) + amount);
  }
}
