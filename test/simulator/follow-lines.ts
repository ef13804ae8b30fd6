import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import { bookLine, checkLegs, type Following, iso } from './following.ts';
import { versionOn } from './model.ts';
import { endOf } from './model-arithmetic.ts';
import { must, mustBe, Violation } from './violation.ts';

/** A hold has ended. */
export function followRelease(f: Following, entry: LedgerEntry): void {
  must('lines', f.doing.releases === true, `entry ${entry.seq} releases where nothing is released`);
  const line = f.books.line(String(entry.ref.line));
  must('once', line.status === 'pending', `${line.id} is ${line.status} and released`);
  must('lines', line.payableAtMs <= f.nowMs, `${line.id} is released before ${iso(line.payableAtMs)}`);
  const where = f.books.place(line.contract, line.payableAtMs);
  checkLegs(entry, 'pending', 'payable', line.amount);
  const found = { period: entry.period, originalPeriod: entry.ref.original_period };
  mustBe('lines', `where ${line.id} is released`, found, where);
  f.books.put({ ...line, status: 'payable', ...where });
  f.books.move(line.contract, where.period, 'released', line.amount);
  f.touched.add(line.id);
  f.told.push(`commission.payable ${line.id}`);
}

/** A refresh: a line that came late goes where it belongs. */
export function followRefresh(f: Following, entry: LedgerEntry): void {
  const line = f.books.line(String(entry.ref.line));
  const { contract } = line;
  const to = entry.period ?? '';
  mustBe('locked', `state of ${to}, into which ${line.id} is taken`, f.books.stateOf(contract, to), 'review');
  mustBe('lines', `where ${line.id} lay`, entry.ref.moved_from, line.period);
  mustBe('lines', `where ${line.id} is taken from`, line.period, f.books.open.get(contract));
  const isOwn = line.originalPeriod !== null && line.payableAtMs < endOf(f.books.cycleOf(contract), to);
  must('lines', isOwn && f.doing.closes === true, `${line.id} does not belong into ${to}`);
  mustBe('legs', `transfers of ${entry.id}`, entry.transfers, []);
  const from = line.period ?? '';
  const since = line.pendingPeriod !== null && line.pendingPeriod > to ? to : line.pendingPeriod;
  if (line.pendingPeriod !== null && since !== null) {
    f.books.move(contract, from, 'released', -line.amount);
    f.books.move(contract, to, 'released', line.amount);
    f.books.move(contract, line.pendingPeriod, 'added', -line.amount);
    f.books.move(contract, since, 'added', line.amount);
  }
  const originalPeriod = line.originalPeriod === to ? null : line.originalPeriod;
  const countsIn = line.countsIn === '' ? '' : to;
  f.books.put({ ...line, period: to, originalPeriod, pendingPeriod: since, countsIn });
  f.touched.add(line.id);
}

/** An operator has booked something. */
export function followAdjustment(f: Following, entry: LedgerEntry): void {
  const wanted = f.adjustments.find(({ contract, kind, of, amount }) => {
    const [leg] = entry.transfers;
    const signed = leg === undefined ? 0n : BigInt(leg.amount) * (leg.from.endsWith('/expense') ? 1n : -1n);
    return contract === entry.contract && kind === entry.kind && of === entry.ref.reverses && amount === signed;
  });
  if (wanted === undefined) throw new Violation('once', `entry ${entry.seq}, a ${entry.kind} that nobody wants`);
  f.adjustments = f.adjustments.filter((one) => one !== wanted);
  const { contract, kind, amount } = wanted;
  const of = wanted.of === null ? null : f.books.line(wanted.of);
  must('once', !f.books.once.has(`adjustment ${wanted.once}`), `${kind} ${wanted.once} is booked a second time`);
  f.books.once.add(`adjustment ${wanted.once}`);
  const period = kind === 'correction' && of !== null ? of.period : wanted.period;
  const endMs = period === null ? Infinity : endOf(f.books.cycleOf(contract), period);
  const atMs = Math.min(endMs - 1, f.nowMs);
  const where = f.books.place(contract, atMs);
  const listedMs = endOf(f.books.cycleOf(contract), where.period) - 1;
  const version = of?.version ?? versionOn(f.books.versionsOf(contract), listedMs)?.id ?? '';
  const nothing = { base: null, on: null, holdUntilMs: null, reason: null, pendingPeriod: null, countsIn: '' };
  bookLine(f, entry, {
    ...nothing,
    ...where,
    ...{ id: entry.id, contract, kind, version, amount, occurredAtMs: atMs, payableAtMs: atMs, status: 'payable' },
    ...{ rule: of?.rule ?? null, application: of?.application ?? null, loan: of?.loan ?? null },
    ...{ payment: of?.payment ?? null, link: of?.link ?? null, reverses: of?.id ?? null },
  });
}
