import { randomUUID } from 'node:crypto';
import { isoOf, msOf } from '../base/clock.ts';
import { applyTransfers, type Book, type Transfer } from './accounts.ts';
import type { CommissionLine } from './commission-line.ts';
import type { CounterValue } from './counters.ts';
import { feedEntry, type Told } from './feed-entry.ts';
import {
  type ChainHead,
  type LedgerEntry,
  type LedgerEntryKind,
  recordTransfers,
  sealWithText,
} from './ledger-entry.ts';
import { LedgerWrites } from './ledger-writes.ts';
import type { PeriodRecord } from './period-record.ts';
import type { Settlement, StatedPayment } from './settlement/settlement.ts';
import { bookField, counterText, lineIndex, type MovementKind, periodField } from './slot.ts';
import type { ContractTerms } from './terms.ts';

/** What a batch was computed from. */
export interface LedgerBasis {
  /** Another after every append; '0' before the first. */
  readonly rev: string;
  readonly head: ChainHead;
}

/** One posting; seq and hashes come from its place in the chain. */
export interface Posting {
  readonly id: string;
  readonly kind: LedgerEntryKind;
  readonly book: Book;
  readonly effectiveAtMs: number;
  readonly period: string | null;
  readonly transfers: readonly Transfer[];
  readonly ref: LedgerEntry['ref'];
}

/**
 * Everything that one append writes, gathered in memory: the entries with their links, and the changes beside them. Later
 * postings of a batch see what earlier ones have changed. A long batch goes out in several appends, each on the basis that
 * the one before it has left: `startNext`.
 */
export class LedgerBatch {
  readonly atMs: number;
  readonly lines = new Map<string, CommissionLine>();
  readonly counters = new Map<string, CounterValue>();
  readonly once = new Map<string, string>();
  /** Fingerprints of the versions that price in it, by terms id. */
  readonly keptTerms = new Map<string, string>();
  /** `atMs` as text. */
  readonly #at: string;
  #basis: LedgerBasis;
  /** Never had before: what follows on it follows on this batch, not on somebody else's write. */
  #nextRev: string = randomUUID();
  #head: ChainHead;
  /** Since the last append: what the next one writes. */
  #sealed: { readonly id: string; readonly json: string }[] = [];
  #balances: Map<string, bigint> = new Map();
  #dirty = new Map<string, CommissionLine>();
  #writes = new LedgerWrites();

  /** @param atMs when the postings are booked */
  constructor(basis: LedgerBasis, atMs: number) {
    this.#basis = basis;
    this.atMs = atMs;
    this.#at = isoOf(atMs);
    this.#head = basis.head;
  }

  /** What the next append is conditional on. */
  get basis(): LedgerBasis {
    return this.#basis;
  }

  /** Where the chain stands after what was posted so far. */
  get head(): ChainHead {
    return this.#head;
  }

  get isEmpty(): boolean {
    return this.#sealed.length === 0 && this.#dirty.size === 0 && this.#writes.isEmpty;
  }

  /** After `toArguments` went out: what follows belongs to an append of its own, which that one must precede. */
  startNext(): void {
    this.#basis = { rev: this.#nextRev, head: this.#head };
    this.#nextRev = randomUUID();
    this.#sealed = [];
    this.#balances = new Map();
    this.#dirty = new Map();
    this.#writes = new LedgerWrites();
  }

  /** Appends an entry. Its transfers move the balances. */
  post(posting: Posting): LedgerEntry {
    const { entry, json } = sealWithText(this.#head, {
      id: posting.id,
      kind: posting.kind,
      contract: posting.book.contract,
      currency: posting.book.currency,
      at: this.#at,
      effective_at: posting.effectiveAtMs === this.atMs ? this.#at : isoOf(posting.effectiveAtMs),
      period: posting.period,
      transfers: recordTransfers(posting.transfers),
      ref: posting.ref,
    });
    this.#sealed.push({ id: entry.id, json });
    this.#head = { seq: entry.seq, hash: entry.hash };
    this.#balances = applyTransfers(posting.transfers, this.#balances);
    return entry;
  }

  /** Stores a line that was not there before, and finds it by object and time from then on. */
  addLine(line: CommissionLine): void {
    this.putLine(line);
    this.#writes.add('ZADD', 'linesByTime', '0', lineIndex.time(line));
    for (const object of [line.application_id, line.loan_id]) {
      if (object !== null) this.#writes.list('objects', object, line.id);
    }
    if (line.status === 'payable') this.enterPeriod(line);
    this.tell({ type: `commission.${line.status}`, about: line.id, occurredAtMs: msOf(line.occurred_at) });
  }

  /** Stores a line again, changed. */
  putLine(line: CommissionLine): void {
    this.lines.set(line.id, line);
    this.#dirty.set(line.id, line);
  }

  /** The line is listed by the statement of its period from now on. */
  enterPeriod(line: CommissionLine): void {
    this.#writes.add('ZADD', 'linesByPeriod', '0', lineIndex.period(line));
    if (line.period !== null) this.#touch(line.contract, line.period);
  }

  /** The line, as it was stored, is no longer listed where it lay. */
  leavePeriod(line: CommissionLine): void {
    this.#writes.add('ZREM', 'linesByPeriod', lineIndex.period(line), '');
  }

  hold(lineId: string, untilMs: number): void {
    this.#writes.add('ZADD', 'holds', String(untilMs), lineId);
  }

  unhold(lineId: string): void {
    this.#writes.add('ZREM', 'holds', lineId, '');
  }

  /** Counts money that was held, released, voided or paid in a period. */
  move(contract: string, period: string, kind: MovementKind, amount: bigint): void {
    if (amount === 0n) return;
    this.#writes.increase('book', bookField.moved(contract, period, kind), amount);
    this.#touch(contract, period);
  }

  /** Adds to what the line's link has earned, if it came by one. */
  earnByLink({ link_code, currency }: CommissionLine, amount: bigint): void {
    if (link_code === null || amount === 0n) return;
    this.#writes.increase('book', bookField.link(link_code, currency), amount);
  }

  /** Adds to a sum of the counterparty's business; see `countMargin`. */
  countMargin(field: string, amount: bigint): void {
    if (amount !== 0n) this.#writes.increase('margin', field, amount);
  }

  setCounter(key: string, value: CounterValue): void {
    this.counters.set(key, value);
    this.#writes.set('book', bookField.counter(key), counterText(value));
  }

  /** A rule has paid under this key. */
  markOnce(key: string, lineId: string): void {
    this.once.set(key, lineId);
    this.#writes.set('once', key, lineId);
  }

  /** What a rule has paid under this key was never its to pay: the key pays again. */
  forgetOnce(key: string): void {
    this.#writes.add('HDEL', 'once', key, '');
  }

  /** An event has had its effect, even if that was none: applied again it must not find lines that came after it. */
  markApplied(eventId: string): void {
    this.#writes.add('HSET', 'transfers', eventId, String(this.#head.seq));
  }

  rememberLoan(loanId: string, facts: object): void {
    this.#writes.add('HSETNX', 'loans', loanId, JSON.stringify(facts));
  }

  /** The version has priced something: from now on its content is what it is. */
  keepTerms({ id, fingerprint }: ContractTerms): void {
    if (fingerprint === undefined || this.keptTerms.has(id)) return;
    this.keptTerms.set(id, fingerprint);
    this.#writes.add('HSETNX', 'terms', id, fingerprint);
  }

  setOpenPeriod(contract: string, period: string): void {
    this.#writes.add('HSET', 'book', bookField.open(contract), period);
  }

  setPeriod(record: PeriodRecord): void {
    this.#writes.add('HSET', 'periods', periodField(record.contract, record.id), JSON.stringify(record));
  }

  setStatement(statement: { readonly id: string }): void {
    this.#writes.add('HSET', 'statements', statement.id, JSON.stringify(statement));
  }

  setSettlement(settlement: Settlement): void {
    this.#writes.add('HSET', 'settlements', settlement.statement_id, JSON.stringify(settlement));
  }

  setPayment(payment: StatedPayment): void {
    this.#writes.add('HSET', 'payments', payment.id, JSON.stringify(payment));
  }

  setDispute(dispute: { readonly id: string }): void {
    this.#writes.add('HSET', 'disputes', dispute.id, JSON.stringify(dispute));
  }

  /**
   * Tells the counterparty, if it is one that is told anything: written by the script that books what it tells of, so that
   * nothing is told that did not happen, and everything that did is told once.
   */
  tell(told: Told): void {
    this.#writes.append('feed', JSON.stringify(feedEntry(told, this.atMs)));
  }

  /** Arguments of the append script. @param isTold whether the counterparty reads a feed */
  toArguments(isTold = true): string[] {
    for (const [account, delta] of this.#balances) this.#writes.increase('balances', account, delta);
    this.#balances = new Map();
    for (const line of this.#dirty.values()) this.#writes.set('lines', line.id, JSON.stringify(line));
    this.#dirty = new Map();
    const args = [this.#basis.rev, this.#nextRev, String(this.#sealed.length), String(this.#basis.head.seq)];
    for (const { id, json } of this.#sealed) args.push(id, json);
    args.push(this.#sealed.length === 0 ? '' : this.#head.hash);
    this.#writes.pushTo(args, isTold ? null : 'feed');
    return args;
  }

  /** A period is known as soon as anything lies in it. */
  #touch(contract: string, period: string): void {
    const record = JSON.stringify({ contract, id: period, state: 'open' });
    this.#writes.add('HSETNX', 'periods', periodField(contract, period), record);
  }
}
