import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import { isClosing } from '../../src/revenue/period-record.ts';
import { type Following, leg } from './following.ts';
import { endOf } from './model-arithmetic.ts';
import { expectedStatement } from './model-statement.ts';
import { statementOf } from './observer.ts';
import { must, mustBe, Violation } from './violation.ts';

/** Periods that this write has cut; nothing that is due may be left behind. */
export function followCuts(f: Following): void {
  for (const [contract, open] of f.append.open) {
    const before = f.books.open.get(contract);
    if (before === open) continue;
    must('periods', f.doing.closes === true, `${contract} was cut by what cuts nothing`);
    must('periods', before === undefined || before < open, `${contract} was opened again: ${open} after ${before}`);
    const cut = f.append.periods.find(
      (record) =>
        record.contract === contract && record.state === 'review' && f.books.stateOf(contract, record.id) === 'open',
    );
    if (cut === undefined) throw new Violation('periods', `${contract} is open from ${open} and nothing is in review`);
    const endMs = endOf(f.books.cycleOf(contract), cut.id);
    must('periods', f.nowMs >= endMs, `${cut.id} of ${contract} was cut before it was over`);
    for (const line of f.books.lines.values()) {
      const isLeft = line.contract === contract && line.status === 'pending' && line.payableAtMs < endMs;
      must('periods', !isLeft, `${line.id} is due in ${cut.id} of ${contract} and was held when that was cut`);
    }
    f.books.cut(contract, cut.id);
    mustBe('periods', `first open period of ${contract}`, open, f.books.open.get(contract));
  }
  for (const record of f.append.periods) {
    const { contract, id, state } = record;
    if (state === 'passed' && f.books.stateOf(contract, id) === 'open') {
      mustBe('periods', `lines of ${id}, locked in passing`, f.books.linesIn(contract, id).length, 0);
      f.books.states.set(`${contract}|${id}`, 'passed');
    }
    if (isClosing(record)) f.books.revisions.set(`${contract}|${id}`, record.revision);
  }
}

/** A period is locked: its statement, its transfers. */
export function followLock(f: Following, entry: LedgerEntry): void {
  const { contract } = entry;
  const period = entry.period ?? '';
  must('periods', f.doing.closes === true, `${period} of ${contract} was locked by what locks nothing`);
  mustBe('locked', `state of ${period} of ${contract} before its lock`, f.books.stateOf(contract, period), 'review');
  const expected = expectedStatement(f.books, entry.id, contract, period);
  const { net, tax, taxIncluded, withheldAtLock } = expected;
  const legs = [
    ...leg(contract, 'payable', 'stated', net),
    ...leg(contract, 'tax', 'stated', tax),
    ...leg(contract, 'tax', 'expense', taxIncluded),
    ...leg(contract, 'stated', 'withheld', withheldAtLock),
  ];
  mustBe('legs', `transfers of lock ${entry.id}`, entry.transfers, legs);
  const statement = statementOf(f.append.statements.get(entry.id));
  mustBe('identities', `statement ${entry.id} of ${period}`, figuresOf(statement), expected.figures);
  mustBe('identities', `status of ${entry.id}`, statement?.status, expected.status);
  mustBe('locked', `ledger head of ${entry.id}`, statement?.ledger_head, entry.hash);
  f.books.statements.push(expected);
  f.books.states.set(`${contract}|${period}`, 'locked');
  f.locked.push(entry.id);
  f.told.push(`statement.issued ${entry.id}`);
}

/** Money has moved. */
export function followPayment(f: Following, entry: LedgerEntry): void {
  const wanted = f.doing.payment;
  if (wanted === undefined) throw new Violation('once', `entry ${entry.seq} is a payment that nobody makes`);
  const { contract, direction, amount, withheld, reference, paidAtMs } = wanted;
  const key = `payment ${contract} ${reference}`;
  must('once', !f.books.once.has(key), `payment ${reference} is booked a second time`);
  f.books.once.add(key);
  const sign = direction === 'out' ? 1n : -1n;
  const legs = [
    ...leg(contract, 'stated', 'paid', sign * BigInt(amount)),
    ...leg(contract, 'stated', 'withheld', sign * BigInt(withheld)),
  ];
  mustBe('legs', `transfers of payment ${reference}`, entry.transfers, legs);
  const { period } = f.books.place(contract, paidAtMs);
  mustBe('lines', `period of payment ${reference}`, entry.period, period);
  f.books.move(contract, period, 'payments', sign * BigInt(amount));
  f.books.move(contract, period, 'withheld', sign * BigInt(withheld));
  f.hasPaid = true;
}

/** Drafts that this write has stored. */
export function followDrafts(f: Following): void {
  for (const { type, about } of f.append.told) {
    if (type !== 'statement.draft') continue;
    const statement = statementOf(f.append.statements.get(about));
    must('identities', statement?.status === 'draft', `${about} is told as a draft and is ${statement?.status}`);
    const { contract = '', period } = statement ?? {};
    const expected = expectedStatement(f.books, about, contract, period?.id ?? '');
    mustBe('identities', `draft ${about} of ${period?.id}`, figuresOf(statement), expected.figures);
    f.told.push(`statement.draft ${about}`);
  }
}

function figuresOf(statement: ReturnType<typeof statementOf>) {
  if (statement === undefined) return undefined;
  const { revision, opening, accruals, adjustments, tax, withheld, payments, closing, pending } = statement;
  return {
    ...{ revision, opening, accruals, adjustments, tax, withheld, payments, closing },
    ...{ tax_included: statement.tax_included, lines_count: statement.lines_count },
    ...{ 'pending.opening': pending.opening, 'pending.added': pending.added, 'pending.released': pending.released },
    ...{ 'pending.voided': pending.voided, 'pending.closing': pending.closing },
  };
}
