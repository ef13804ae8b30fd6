import { isoOf, msOf } from '../base/clock.ts';
import { applyTransfers, type Book, type Transfer } from './accounts.ts';
import type { CommissionLine } from './commission-line.ts';
import type { CounterValue } from './counters.ts';
import { feedEntry, type Told } from './feed-entry.ts';
import { type ChainHead, type LedgerEntry, type LedgerEntryKind, recordTransfers, sealEntry } from './ledger-entry.ts';
import type { PeriodRecord } from './period-record.ts';
import type { Settlement, StatedPayment } from './settlement/settlement.ts';
import { bookField, counterText, lineIndex, type MovementKind, periodField, SLOT_KEYS, type SlotKey } from './slot.ts';
import type { ContractTerms } from './terms.ts';

/** What a batch was computed from. */
export interface LedgerBasis {
  /** Raised by every append; '0' before the first. */
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

type Command = 'HSET' | 'HSETNX' | 'HDEL' | 'HINCRBY' | 'ZADD' | 'ZREM' | 'XADD';

/**
 * Everything that one append writes, gathered in memory: the entries with their links, and the changes beside them. Later
 * postings of a batch see what earlier ones have changed.
 */
export class LedgerBatch {
  readonly basis: LedgerBasis;
  readonly atMs: number;
  readonly entries: LedgerEntry[] = [];
  readonly lines = new Map<string, CommissionLine>();
  readonly counters = new Map<string, CounterValue>();
  readonly once = new Map<string, string>();
  /** Fingerprints of the versions that price in it, by terms id. */
  readonly keptTerms = new Map<string, string>();
  #head: ChainHead;
  #balances: Map<string, bigint> = new Map();
  readonly #sums = new Map<string, bigint>();
  readonly #changes: string[] = [];

  /** @param atMs when the postings are booked */
  constructor(basis: LedgerBasis, atMs: number) {
    this.basis = basis;
    this.atMs = atMs;
    this.#head = basis.head;
  }

  /** Where the chain stands after what was posted so far. */
  get head(): ChainHead {
    return this.#head;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0 && this.lines.size === 0 && this.#changes.length === 0;
  }

  /** Appends an entry. Its transfers move the balances. */
  post(posting: Posting): LedgerEntry {
    const entry = sealEntry(this.#head, {
      id: posting.id,
      kind: posting.kind,
      contract: posting.book.contract,
      currency: posting.book.currency,
      at: isoOf(this.atMs),
      effective_at: isoOf(posting.effectiveAtMs),
      period: posting.period,
      transfers: recordTransfers(posting.transfers),
      ref: posting.ref,
    });
    this.entries.push(entry);
    this.#head = { seq: entry.seq, hash: entry.hash };
    this.#balances = applyTransfers(posting.transfers, this.#balances);
    return entry;
  }

  /** Stores a line that was not there before, and finds it by object and time from then on. */
  addLine(line: CommissionLine): void {
    this.lines.set(line.id, line);
    this.#change('ZADD', 'linesByTime', '0', lineIndex.time(line));
    for (const object of [line.application_id, line.loan_id]) {
      if (object !== null) this.#change('ZADD', 'linesByObject', '0', lineIndex.object(object, line.id));
    }
    if (line.status === 'payable') this.enterPeriod(line);
    this.tell({ type: `commission.${line.status}`, about: line.id, occurredAtMs: msOf(line.occurred_at) });
  }

  /** Stores a line again, changed. */
  putLine(line: CommissionLine): void {
    this.lines.set(line.id, line);
  }

  /** The line is listed by the statement of its period from now on. */
  enterPeriod(line: CommissionLine): void {
    this.#change('ZADD', 'linesByPeriod', '0', lineIndex.period(line));
    if (line.period !== null) this.#touch(line.contract, line.period);
  }

  /** The line, as it was stored, is no longer listed where it lay. */
  leavePeriod(line: CommissionLine): void {
    this.#change('ZREM', 'linesByPeriod', lineIndex.period(line), '');
  }

  hold(lineId: string, untilMs: number): void {
    this.#change('ZADD', 'holds', String(untilMs), lineId);
  }

  unhold(lineId: string): void {
    this.#change('ZREM', 'holds', lineId, '');
  }

  /** Counts money that was held, released, voided or paid in a period. */
  move(contract: string, period: string, kind: MovementKind, amount: bigint): void {
    if (amount === 0n) return;
    const field = bookField.moved(contract, period, kind);
    this.#sums.set(field, (this.#sums.get(field) ?? 0n) + amount);
    this.#touch(contract, period);
  }

  /** Adds to what the line's link has earned, if it came by one. */
  earnByLink({ link_code, currency }: CommissionLine, amount: bigint): void {
    if (link_code === null || amount === 0n) return;
    const field = bookField.link(link_code, currency);
    this.#sums.set(field, (this.#sums.get(field) ?? 0n) + amount);
  }

  setCounter(key: string, value: CounterValue): void {
    this.counters.set(key, value);
  }

  /** A rule has paid under this key. */
  markOnce(key: string, lineId: string): void {
    this.once.set(key, lineId);
  }

  /** An event has had its effect, even if that was none: applied again it must not find lines that came after it. */
  markApplied(eventId: string): void {
    this.#change('HSET', 'transfers', eventId, String(this.#head.seq));
  }

  rememberLoan(loanId: string, facts: object): void {
    this.#change('HSETNX', 'loans', loanId, JSON.stringify(facts));
  }

  /** The version has priced something: from now on its content is what it is. */
  keepTerms({ id, fingerprint }: ContractTerms): void {
    if (fingerprint === undefined || this.keptTerms.has(id)) return;
    this.keptTerms.set(id, fingerprint);
    this.#change('HSETNX', 'terms', id, fingerprint);
  }

  setOpenPeriod(contract: string, period: string): void {
    this.#change('HSET', 'book', bookField.open(contract), period);
  }

  setPeriod(record: PeriodRecord): void {
    this.#change('HSET', 'periods', periodField(record.contract, record.id), JSON.stringify(record));
  }

  setStatement(statement: { readonly id: string }): void {
    this.#change('HSET', 'statements', statement.id, JSON.stringify(statement));
  }

  setSettlement(settlement: Settlement): void {
    this.#change('HSET', 'settlements', settlement.statement_id, JSON.stringify(settlement));
  }

  setPayment(payment: StatedPayment): void {
    this.#change('HSET', 'payments', payment.id, JSON.stringify(payment));
  }

  setDispute(dispute: { readonly id: string }): void {
    this.#change('HSET', 'disputes', dispute.id, JSON.stringify(dispute));
  }

  /**
   * Tells the counterparty, if it is one that is told anything: written by the script that books what it tells of, so that
   * nothing is told that did not happen, and everything that did is told once.
   */
  tell(told: Told): void {
    this.#change('XADD', 'feed', JSON.stringify(feedEntry(told, this.atMs)), '');
  }

  /** Arguments of the append script. */
  toArguments(): string[] {
    const written = [
      ...[...this.#balances].map(([account, delta]) => flat('HINCRBY', 'balances', account, delta.toString())),
      ...[...this.#sums].map(([field, delta]) => flat('HINCRBY', 'book', field, delta.toString())),
      ...[...this.counters].map(([key, value]) => flat('HSET', 'book', bookField.counter(key), counterText(value))),
      ...[...this.once].map(([key, lineId]) => flat('HSET', 'once', key, lineId)),
      ...[...this.lines.values()].map((line) => flat('HSET', 'lines', line.id, JSON.stringify(line))),
    ];
    return [
      this.basis.rev,
      String(this.entries.length),
      ...this.entries.flatMap((entry) => [String(entry.seq), entry.id, JSON.stringify(entry)]),
      this.entries.at(-1)?.hash ?? '',
      ...written.flat(),
      ...this.#changes,
    ];
  }

  /** A period is known as soon as anything lies in it. */
  #touch(contract: string, period: string): void {
    const record = JSON.stringify({ contract, id: period, state: 'open' });
    this.#change('HSETNX', 'periods', periodField(contract, period), record);
  }

  #change(command: Command, key: SlotKey, a: string, b: string): void {
    this.#changes.push(...flat(command, key, a, b));
  }
}

function flat(command: Command, key: SlotKey, a: string, b: string): string[] {
  return [command, String(SLOT_KEYS.indexOf(key) + 1), a, b];
}
