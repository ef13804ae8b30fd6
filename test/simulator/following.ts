import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import type { Books, ModelLine } from './books.ts';
import type { Doing, WantedAdjustment } from './doing.ts';
import type { Append } from './observer.ts';
import { must, mustBe } from './violation.ts';

/** One write on its way into the books. */
export interface Following {
  readonly books: Books;
  readonly append: Append;
  readonly doing: Doing;
  readonly nowMs: number;
  /** What it must have told: `<type> <about>` each. */
  readonly told: string[];
  /** Lines that it has booked or changed. */
  readonly touched: Set<string>;
  /** Statements that it has locked. */
  readonly locked: string[];
  /** Wanted and not booked yet. */
  adjustments: readonly WantedAdjustment[];
  hasPaid: boolean;
}

/** A line of any kind is booked, as its entry says it. */
export function bookLine(f: Following, entry: LedgerEntry, line: ModelLine): void {
  must('once', !f.books.lines.has(line.id), `${line.id} is booked a second time`);
  const locked = line.period !== null && f.books.stateOf(line.contract, line.period) !== 'open';
  must('locked', !locked, `${line.id} is booked into ${line.period}, which is cut`);
  checkLegs(entry, 'expense', line.status === 'pending' ? 'pending' : 'payable', line.amount);
  const { period, effective_at: at, ref } = entry;
  const found = { period, at, original: ref.original_period, pending: ref.pending_period, terms: ref.terms_id };
  const { originalPeriod: original, pendingPeriod: pending, version: terms } = line;
  mustBe('lines', `entry of ${line.id}`, found, {
    period: line.period,
    at: iso(line.payableAtMs),
    original,
    pending,
    terms,
  });
  f.books.put(line);
  f.touched.add(line.id);
  f.told.push(`commission.${line.status} ${line.id}`);
}

/** The transfers of an entry are those of one move. */
export function checkLegs(entry: LedgerEntry, from: string, to: string, amount: bigint): void {
  mustBe('legs', `transfers of ${entry.kind} ${entry.id}`, entry.transfers, leg(entry.contract, from, to, amount));
}

/** The transfers of one move: a negative sum goes the other way, nothing makes none. */
export function leg(contract: string, from: string, to: string, amount: bigint) {
  const account = (name: string) => `${contract}/CNY/${name}`;
  if (amount === 0n) return [];
  return amount > 0n
    ? [{ from: account(from), to: account(to), amount: String(amount) }]
    : [{ from: account(to), to: account(from), amount: String(-amount) }];
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
