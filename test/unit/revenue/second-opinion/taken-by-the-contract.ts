import type { MoneyEvent } from '../../../../src/revenue/money-event.ts';
import type { ClawbackRule, ContractTerms } from '../../../../src/revenue/terms.ts';
import { dayOf, endOfTermDay, periodStart } from './days.ts';
import { type Fraction, fraction, fractionOfDecimal, rounded, times } from './fractions.ts';
import { CannotBePriced, type SoughtBook, type SoughtLine } from './sought.ts';

export interface Taking {
  readonly line: SoughtLine;
  /** The held line that is given up whole instead. */
  readonly whole: SoughtLine | null;
}

/** Rule 7. */
export function takenBy(book: SoughtBook, versions: readonly ContractTerms[], event: MoneyEvent): Taking[] {
  if (!versions.some(({ clawback }) => clawback.some(({ on }) => on === event.type))) return [];
  const isPayment = event.type.startsWith('installment.');
  const isOfLoan = /^(loan|repayment)/.test(event.type) || (event.type.startsWith('complaint') && event.loan !== null);
  const isOfObject = (line: SoughtLine): boolean => {
    if (isPayment) return line.loan === event.loan?.id && line.payment === event.payment?.ref;
    if (isOfLoan) return line.loan === event.loan?.id;
    return line.application !== null && line.application === event.application?.id;
  };
  return book.lines
    .filter((line) => line.contract === versions[0]?.contract && line.kind === 'accrual')
    .filter((line) => line.voided === null && isOfObject(line))
    .flatMap((line) => {
      const terms = versions.find(({ id }) => id === line.terms);
      if (terms === undefined) throw new CannotBePriced('the version is gone');
      const age = dayOf(terms.timezone, event.occurredAtMs) - dayOf(terms.timezone, line.occurred);
      const clawback = terms.clawback.find(
        (one) =>
          one.on === event.type &&
          (one.rules ?? [line.rule]).includes(line.rule) &&
          (one.within_days ?? Number.POSITIVE_INFINITY) >= age,
      );
      return clawback === undefined ? [] : (takenOf(book, terms, clawback, line, event) ?? []);
    });
}

function takenOf(
  book: SoughtBook,
  terms: ContractTerms,
  { take }: ClawbackRule,
  line: SoughtLine,
  event: MoneyEvent,
): Taking | null {
  const earlier = book.lines.filter(({ reverses }) => reverses === line);
  const left = line.amount + earlier.reduce((sum, { amount }) => sum + amount, 0n);
  // The same thing happening again takes no more than its share; complaints are each their own.
  const same = event.type.startsWith('complaint') ? [] : earlier.filter(({ on }) => on === event.type);
  let wanted = BigInt(take.fixed ?? 0);
  if (take.percent !== undefined) {
    const share = take.pro_rata === undefined ? fraction(1n) : unexpired(terms, line, event);
    wanted = rounded(times(times(fractionOfDecimal(take.percent), fraction(line.amount, 100n)), share), terms.rounding);
  }
  const more = wanted + same.reduce((sum, { amount }) => sum + amount, 0n);
  const amount = more < left ? more : left;
  if (amount <= 0n) return null;
  const isHeld = line.hold !== null && event.recordedAtMs < line.hold;
  const isWhole = isHeld && earlier.length === 0 && amount === line.amount;
  const payable = Math.max(event.occurredAtMs, line.payable);
  const own = periodStart(terms, payable);
  const open = book.open.get(line.contract);
  const isCut = open !== undefined && own < open;
  return {
    whole: isWhole ? line : null,
    line: {
      ...line,
      ...{ event: event.id, on: event.type, kind: 'clawback', base: line.amount, rate: take.percent ?? null },
      ...{ amount: -amount, occurred: event.occurredAtMs, payable, hold: isHeld ? line.hold : null, key: '' },
      ...{ period: isCut ? open : own, original: isCut ? own : null, reverses: line, voided: null },
    },
  };
}

/** Days of the term that were still to run, of all its days. */
function unexpired(terms: ContractTerms, line: SoughtLine, { loan, occurredAtMs }: MoneyEvent): Fraction {
  const start = loan?.disbursedAtMs ?? (line.payment === null ? line.occurred : null);
  if (loan === null || start === null || start === undefined) throw new CannotBePriced('no start');
  const first = dayOf(terms.timezone, start);
  const last = loan.termDays ? first + loan.termDays : loan.termMonths ? endOfTermDay(first, loan.termMonths) : null;
  if (last === null || last <= first) throw new CannotBePriced('no term');
  const run = Math.min(last - first, Math.max(0, dayOf(terms.timezone, occurredAtMs) - first));
  return fraction(BigInt(last - first - run), BigInt(last - first));
}
