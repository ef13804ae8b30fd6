import type { Books, ModelStatement } from './books.ts';
import { versionOn } from './model.ts';
import { endOf, POINTS, pointsOf, rounded } from './model-arithmetic.ts';

/** The figures of a statement, in plain sums. */
export interface ExpectedStatement extends ModelStatement {
  readonly figures: Readonly<Record<string, bigint | number | string>>;
  readonly net: bigint;
  readonly tax: bigint;
  readonly taxIncluded: bigint;
  /** What the lock itself withholds. */
  readonly withheldAtLock: bigint;
}

export function expectedStatement(books: Books, id: string, contract: string, period: string): ExpectedStatement {
  const version = versionOn(books.versionsOf(contract), endOf(books.cycleOf(contract), period) - 1);
  if (version === undefined) throw new RangeError(`${contract} has no version at the end of ${period}`);
  const lines = books.linesIn(contract, period);
  let [accruals, adjustments] = [0n, 0n];
  for (const { kind, amount } of lines) {
    if (kind === 'accrual') accruals += amount;
    else adjustments += amount;
  }
  const net = accruals + adjustments;
  const points = pointsOf(net, version.tax.points);
  const isInclusive = version.tax.mode === 'inclusive';
  const tax = isInclusive ? 0n : rounded(points, POINTS, version.rounding);
  const taxIncluded = isInclusive ? rounded(points, POINTS + BigInt(version.tax.points), version.rounding) : 0n;
  const withheldAtLock = rounded(pointsOf(net, version.withhold), POINTS, version.rounding);
  const moved = (what: Parameters<Books['movedIn']>[2]) => books.movedIn(contract, period, what);
  const before = books.statements.filter((one) => one.contract === contract && one.period < period).at(-1);
  const opening = before?.closing ?? 0n;
  const pendingOpening = before?.pendingClosing ?? 0n;
  const withheld = withheldAtLock + moved('withheld');
  const closing = opening + net + tax - withheld - moved('payments');
  const pendingClosing = pendingOpening + moved('added') - moved('released') - moved('voided');
  const status = closing <= 0n || closing < BigInt(version.payoutMin) ? 'carried' : 'issued';
  const revision = books.revisions.get(`${contract}|${period}`) ?? 0;
  const figures = {
    ...{ revision, opening, accruals, adjustments, tax, withheld, payments: moved('payments'), closing },
    ...{ tax_included: taxIncluded, lines_count: lines.length },
    ...{ 'pending.opening': pendingOpening, 'pending.added': moved('added'), 'pending.released': moved('released') },
    ...{ 'pending.voided': moved('voided'), 'pending.closing': pendingClosing },
  };
  const own = net + tax - withheldAtLock;
  return {
    ...{ id, contract, period, closing, pendingClosing, own, status },
    ...{ figures, net, tax, taxIncluded, withheldAtLock },
  };
}
