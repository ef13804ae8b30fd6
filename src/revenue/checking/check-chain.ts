import type { CommissionLine } from '../commission-line.ts';
import { checkLink, GENESIS_HEAD, type LedgerEntry, transfersOf } from '../ledger-entry.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import { differencesFromEntry } from '../line-entry.ts';
import type { Partitions } from '../reconciliation/partitions.ts';
import type { StatedPayment } from '../settlement/settlement.ts';
import { comparePayment } from './compare-payment.ts';
import type { Differences } from './differences.ts';
import { bookedState, booksLine, type LineMovement, laterMovement, owedBy, stateOf } from './line-movement.ts';

/** What following the chain has found. */
export interface ReplayedChain {
  readonly entries: number;
  /** Entries that lock a period, by statement id. */
  readonly locks: ReadonlyMap<string, LedgerEntry>;
  /** What lines of kind `dispute` pay, by id. Minor units. */
  readonly disputed: ReadonlyMap<string, bigint>;
  /** Stored documents that entries speak of. */
  readonly found: { readonly lines: number; readonly payments: number };
}

export interface ChainCheckDeps {
  readonly store: LedgerReader;
  readonly movements: Partitions<LineMovement>;
  readonly differences: Differences;
  progress?(done: number, total: number): void;
}

/**
 * Follows the chain link by link, page by page: adds up balances, holds each entry against what is stored of its line or
 * payment, and hands on what it does to lines. Of the entries themselves only locks and disputed lines are kept.
 */
export async function checkChain(deps: ChainCheckDeps, partnerId: string): Promise<ReplayedChain> {
  const { store } = deps;
  const { head } = await store.readBook(partnerId);
  const replay = new ChainReplay(deps, partnerId, await store.snapshots(partnerId));
  for await (const page of store.entryPages(partnerId)) {
    await replay.page(page);
    deps.progress?.(replay.entries, head.seq);
  }
  replay.end(head, await store.balances(partnerId));
  return replay;
}

class ChainReplay implements ReplayedChain {
  readonly locks = new Map<string, LedgerEntry>();
  readonly disputed = new Map<string, bigint>();
  readonly found = { lines: 0, payments: 0 };
  entries = 0;
  readonly #deps: ChainCheckDeps;
  readonly #partnerId: string;
  readonly #snapshots: Map<number, ReadonlyMap<string, bigint>>;
  readonly #balances = new Map<string, bigint>();
  #head = GENESIS_HEAD;

  constructor(
    deps: ChainCheckDeps,
    partnerId: string,
    snapshots: readonly { readonly seq: number; readonly balances: ReadonlyMap<string, bigint> }[],
  ) {
    this.#deps = deps;
    this.#partnerId = partnerId;
    this.#snapshots = new Map(snapshots.map(({ seq, balances }) => [seq, balances]));
  }

  async page(page: readonly LedgerEntry[]): Promise<void> {
    const { store, movements } = this.#deps;
    const booking = page.filter(booksLine);
    const paying = page.filter(({ kind }) => kind === 'payment');
    const [places, lines, payments] = await Promise.all([
      store.placesOf(this.#partnerId, page.map(idOf)),
      store.documents<CommissionLine>(this.#partnerId, 'lines', booking.map(idOf)),
      store.documents<StatedPayment>(this.#partnerId, 'payments', paying.map(idOf)),
    ]);
    for (const [index, entry] of page.entries()) this.#link(entry, places[index] ?? null);
    for (const [index, entry] of booking.entries()) {
      await movements.add(entry.id, this.#booked(entry, lines[index] ?? null));
    }
    for (const entry of page) {
      const later = laterMovement(entry);
      if (later !== undefined) await movements.add(later.line, later);
    }
    for (const [index, entry] of paying.entries()) this.#payment(entry, payments[index] ?? null);
  }

  end(head: { readonly seq: number; readonly hash: string }, stored: ReadonlyMap<string, bigint>): void {
    const { differences } = this.#deps;
    if (this.#head.seq !== head.seq || this.#head.hash !== head.hash) {
      differences.add('head', 'book', `the chain ends at ${this.#head.seq}, the book says ${head.seq}`);
    }
    this.#compare('balance', stored, (account) => account);
    for (const seq of this.#snapshots.keys()) differences.add('snapshot', `entry ${seq}`, 'there is no such entry');
  }

  #link(entry: LedgerEntry, place: number | null): void {
    const { differences } = this.#deps;
    const problem = checkLink(this.#head, entry);
    if (problem !== null) differences.add('chain', `entry ${entry.seq}`, problem);
    // The index of ids is what keeps a second entry from being booked under one.
    if (place !== entry.seq)
      differences.add('transfer', `entry ${entry.seq}`, `its id leads to ${place ?? 'no entry'}`);
    // Going on from what the entry claims finds every further fault, not only the first.
    this.#head = { seq: entry.seq, hash: entry.hash };
    for (const { from, to, amount } of transfersOf(entry)) {
      this.#balances.set(from, (this.#balances.get(from) ?? 0n) - amount);
      this.#balances.set(to, (this.#balances.get(to) ?? 0n) + amount);
    }
    if (entry.kind === 'lock') this.locks.set(entry.id, entry);
    if (entry.kind === 'dispute') this.disputed.set(entry.id, owedBy(entry));
    this.entries += 1;
    const snapshot = this.#snapshots.get(entry.seq);
    if (snapshot === undefined) return;
    this.#snapshots.delete(entry.seq);
    this.#compare('snapshot', snapshot, (account) => `entry ${entry.seq}, ${account}`);
  }

  #compare(what: string, stored: ReadonlyMap<string, bigint>, where: (account: string) => string): void {
    for (const account of new Set([...stored.keys(), ...this.#balances.keys()])) {
      const [expected, found] = [this.#balances.get(account) ?? 0n, stored.get(account) ?? 0n];
      if (expected !== found) {
        this.#deps.differences.add(what, where(account), `${expected} by the entries, ${found} stored`);
      }
    }
  }

  #booked(entry: LedgerEntry, line: CommissionLine | null): LineMovement {
    const state = bookedState(entry);
    if (line === null) return { what: 'booked', line: entry.id, state, stored: null, faults: [] };
    this.found.lines += 1;
    const faults = differencesFromEntry(line, entry);
    if (line.id !== entry.id) faults.push('id');
    if (BigInt(line.amount) !== owedBy(entry)) faults.push('amount');
    return { what: 'booked', line: entry.id, state, stored: stateOf(line), faults };
  }

  #payment(entry: LedgerEntry, payment: StatedPayment | null): void {
    if (payment !== null) this.found.payments += 1;
    const faults = comparePayment(entry, payment);
    if (faults.length > 0) this.#deps.differences.add('payment', entry.id, faults.join(', '));
  }
}

function idOf({ id }: LedgerEntry): string {
  return id;
}
