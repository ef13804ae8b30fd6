import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import type { SimEvent } from './event-log.ts';
import { bookLine, checkLegs, type Following } from './following.ts';
import { type Expected, type ExpectedLine, expectedOf } from './model.ts';
import { must, mustBe, Violation } from './violation.ts';

/** Follows what events bring: each all that it must, once, and nothing else. */
export class EventFollower {
  readonly #f: Following;
  #group: { readonly event: SimEvent; left: Expected[] } | null = null;

  constructor(following: Following) {
    this.#f = following;
  }

  /** The next entry is for this event, null = for none. */
  turnTo(event: string | null): void {
    if (this.#group !== null && this.#group.event.log.id !== event) this.end();
    if (event !== null && this.#group === null) this.#begin(event);
  }

  #begin(id: string): void {
    const event = this.#f.doing.events?.find(({ log }) => log.id === id);
    if (event === undefined) throw new Violation('once', `an entry for ${id}, which nobody applies now`);
    must('once', !this.#f.books.booked.has(id), `${event.type} ${id} is booked a second time`);
    this.#group = { event, left: expectedOf(this.#f.books, event) };
    this.#f.books.booked.add(id);
  }

  /** The event has brought everything. */
  end(): void {
    const group = this.#group;
    this.#group = null;
    if (group === null || group.left.length === 0) return;
    const missing = group.left.map((one) =>
      one.what === 'void' ? `void of ${one.line.id}` : `${one.kind} by ${one.rule}`,
    );
    throw new Violation('lines', `${group.event.type} ${group.event.log.id} has not brought: ${missing.join(', ')}`);
  }

  #take<T extends Expected>(entry: LedgerEntry, is: (one: Expected) => one is T): T {
    const group = this.#group;
    const found = group?.left.find(is);
    if (group === null || found === undefined) {
      throw new Violation('lines', `entry ${entry.seq}, a ${entry.kind} of ${JSON.stringify(entry.ref)}, must not be`);
    }
    group.left = group.left.filter((one) => one !== found);
    return found;
  }

  earn(entry: LedgerEntry): void {
    const { rule, reverses } = entry.ref;
    const {
      onceKey,
      what: _what,
      ...line
    } = this.#take(
      entry,
      (one): one is ExpectedLine =>
        one.what === 'line' &&
        one.kind === entry.kind &&
        one.contract === entry.contract &&
        one.rule === rule &&
        one.reverses === reverses,
    );
    if (onceKey !== null) this.#f.books.once.add(onceKey);
    bookLine(this.#f, entry, { ...line, id: entry.id });
    if (line.status === 'pending') this.#f.books.move(line.contract, line.pendingPeriod ?? '', 'added', line.amount);
    if (line.reverses !== null) {
      this.#f.touched.add(line.reverses);
      this.#f.told.push(`commission.clawed_back ${line.reverses}`);
    }
  }

  void(entry: LedgerEntry): void {
    const expected = this.#take(
      entry,
      (one): one is Extract<Expected, { what: 'void' }> => one.what === 'void' && one.line.id === entry.ref.line,
    );
    const { line, period } = expected;
    checkLegs(entry, 'pending', 'expense', line.amount);
    mustBe('lines', `period in which ${line.id} is voided`, entry.ref.pending_period, period);
    this.#f.books.put({ ...line, status: 'void', reason: String(entry.ref.on) });
    this.#f.books.move(line.contract, period, 'voided', line.amount);
    this.#f.touched.add(line.id);
    this.#f.told.push(`commission.void ${line.id}`);
  }
}
