import { isoOf, msOf } from '../../base/clock.ts';
import { Rational } from '../../base/rational.ts';
import { interestForDays, type NominalRate } from '../../pricing/schedule.ts';
import { remainingOf } from '../lifecycle/available.ts';
import { dayOf, daysBetween, startOfDay } from '../lifecycle/calendar-days.ts';
import type { Fee, Instalment, Loan } from '../model.ts';
import type { AskedInstalments } from './repayment.ts';
import { type RepaymentProblem, repaymentProblem, selectInstalments } from './select-instalments.ts';

/** What paying some instalments takes now. Minor units of `currency`; amount = principal + interest + fees + penalty − waived. */
export interface Payoff {
  readonly installments: AskedInstalments;
  /** The instalments that are paid, in the order in which they fall due. */
  readonly nos: readonly number[];
  readonly currency: string;
  readonly amount: number;
  readonly principal: number;
  readonly interest: number;
  readonly fees: readonly Fee[];
  readonly penalty: number;
  readonly waived: number;
  /** RFC 3339. */
  readonly valid_until: string;
  readonly source: 'local' | 'lender';
}

export type PayoffResult = { readonly ok: true; readonly payoff: Payoff } | RepaymentProblem;

/** What a payoff of ours follows from beyond the loan. */
export interface PayoffTerms {
  /** Nominal rate of the loan; undefined when its product is no longer listed. */
  readonly rate: NominalRate | undefined;
  /** IANA zone in which days are counted. */
  readonly timezone: string;
}

/**
 * What it takes to pay some instalments today, worked out from the schedule.
 *
 * Instalments that are named are paid as they stand: principal, interest and fees less what has been paid on each, also
 * where they are not due yet. `all` (提前结清) is every unpaid instalment: those that are due in full, of the others their
 * principal, with interest for the days since the period began and no fees, which fall due later.
 * Interest of those days is principal × annual rate / 365 × actual days (in leap years too), rounded half to even once; the
 * period began at the last due date, at that of the last instalment paid ahead, or with the payout. It is never more than the
 * instalment of that period asks for, so nobody pays more by paying a day before it is due; interest paid on that instalment
 * already is taken off. Where the rate is not known, it is that instalment's interest by share of its days.
 *
 * Penalties are the lender's to compute and are no part of it. It holds to the end of the day.
 */
export function localPayoff(loan: Loan, asked: AskedInstalments, terms: PayoffTerms, nowMs: number): PayoffResult {
  const selected = selectInstalments(loan, asked);
  if (!selected.ok) return selected;
  const { items } = selected;
  const today = dayOf(nowMs, terms.timezone);
  const ahead = asked === 'all' ? items.filter((item) => item.due_on > today) : [];
  const inFull = items.filter((item) => !ahead.includes(item));
  const principal = sum(items, principalLeft);
  const accrued = accruedInterest(loan, ahead, terms, today);
  const interest = sum(inFull, interestLeft) + accrued;
  const fees = mergeFees(inFull.flatMap(feesLeft));
  // A waiver never makes an instalment cheaper than nothing.
  const waived =
    sum(inFull, (item) => Math.min(item.paid.waived, principalLeft(item) + interestLeft(item) + feesTotal(item))) +
    Math.min(
      sum(ahead, (item) => item.paid.waived),
      sum(ahead, principalLeft) + accrued,
    );
  const amount = principal + interest + fees.reduce((total, fee) => total + fee.amount, 0) - waived;
  if (amount === 0) return repaymentProblem(409, 'nothing_due', '', 'nothing is left to pay today');
  const payoff: Payoff = {
    installments: asked,
    nos: items.map(({ no }) => no),
    currency: loan.amount.currency,
    amount,
    principal,
    interest,
    fees,
    penalty: 0,
    waived,
    valid_until: isoOf(startOfDay(today, terms.timezone, 1)),
    source: 'local',
  };
  return { ok: true, payoff };
}

/**
 * Interest of the running period on what falls due later, minor units.
 * @param ahead unpaid instalments that are not due yet, in order
 */
function accruedInterest(loan: Loan, ahead: readonly Instalment[], terms: PayoffTerms, today: string): number {
  const [next] = ahead;
  if (next === undefined || loan.disbursed_at === null) return 0;
  const disbursedOn = dayOf(msOf(loan.disbursed_at), terms.timezone);
  const began = loan.schedule.reduce((last, item) => {
    const isOver = item.due_on <= today || (item.due_on < next.due_on && remainingOf(item) === 0);
    return isOver && item.due_on > last ? item.due_on : last;
  }, disbursedOn);
  const days = Math.max(0, daysBetween(began, today));
  const accrued = terms.rate
    ? Number(interestForDays(BigInt(sum(ahead, principalLeft)), terms.rate, days))
    : shareOf(next.interest, days, daysBetween(began, next.due_on));
  return Math.max(0, Math.min(accrued, next.interest) - next.paid.interest);
}

function shareOf(amount: number, days: number, periodDays: number): number {
  return Number(Rational.of(amount * days, Math.max(1, periodDays)).round('half_even'));
}

function principalLeft({ principal, paid }: Instalment): number {
  return principal - paid.principal;
}

function interestLeft({ interest, paid }: Instalment): number {
  return interest - paid.interest;
}

/** What was paid on fees goes to them in their order. */
function feesLeft({ fees, paid }: Instalment): Fee[] {
  let credit = paid.fees;
  return fees.flatMap((fee) => {
    const settled = Math.min(credit, fee.amount);
    credit -= settled;
    return fee.amount > settled ? [{ ...fee, amount: fee.amount - settled }] : [];
  });
}

function feesTotal(item: Instalment): number {
  return feesLeft(item).reduce((total, fee) => total + fee.amount, 0);
}

/** One entry a kind and payee. */
function mergeFees(fees: readonly Fee[]): Fee[] {
  const merged: Fee[] = [];
  for (const fee of fees) {
    const at = merged.findIndex(({ kind, payee }) => kind === fee.kind && payee === fee.payee);
    const known = merged[at];
    if (known === undefined) merged.push(fee);
    else merged[at] = { ...known, amount: known.amount + fee.amount };
  }
  return merged;
}

function sum(items: readonly Instalment[], of: (item: Instalment) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
