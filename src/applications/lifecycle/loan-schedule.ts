import { msOf } from '../../base/clock.ts';
import type { Instalment, Loan, Payment } from '../model.ts';
import { dayOf, daysBetween } from './calendar-days.ts';
import type { DatedLoan } from './dated.ts';
import { draft, type Rejection, rejected, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import type { ScheduleData } from './lender-event-data.ts';
import { appliedToLoan, assessmentDay, type LoanContext } from './loan-event-context.ts';
import { instalmentPaid, overpaid } from './loan-payments.ts';
import { daysPastDue } from './past-due.ts';

/** The instalments of a lender's schedule with what the payments so far make of them, in order of `no`. */
export function buildInstalments(items: ScheduleData, payments: readonly Payment[]): Instalment[] {
  const instalments = items.map((item) => {
    const due = {
      no: item.no,
      due_on: item.due_on,
      principal: item.principal.amount,
      interest: item.interest.amount,
      fees: item.fees.map(({ kind, payee, amount }) => ({ kind, payee, amount: amount.amount })),
    };
    return instalmentPaid(due, payments);
  });
  return instalments.sort((one, other) => one.no - other.no);
}

/** An instalment as events tell it: what is due, minor units; payments have events of their own. */
export function dueOf({ no, due_on, principal, interest, fees }: Instalment) {
  return { no, due_on, principal, interest, fees };
}

/** Refuses a schedule whose principal does not sum to one of the amounts that may be owed. */
export function sumRefusal(schedule: readonly Instalment[], owed: readonly number[]): Rejection | undefined {
  const sum = principalOf(schedule);
  if (owed.includes(sum)) return undefined;
  const expected = [...new Set(owed)].join(' or ');
  return rejected('schedule_sum_mismatch', `the schedule's principal sums to ${sum}, the loan's is ${expected}`);
}

/** A lender's day may have begun when ours had not. */
const DAYS_BEFORE_PAYOUT = 1;

/** Refuses instalments that fell due before the loan was paid out: arrears, and a default, would follow from a slip. */
export function datesRefusal(
  items: readonly Pick<Instalment, 'no' | 'due_on'>[],
  disbursedAt: string,
  timezone: string,
): Rejection | undefined {
  const disbursedOn = dayOf(msOf(disbursedAt), timezone);
  const early = items.find(({ due_on }) => daysBetween(due_on, disbursedOn) > DAYS_BEFORE_PAYOUT);
  if (early === undefined) return undefined;
  const detail = `/data/schedule: instalment ${early.no} is due on ${early.due_on}, before the payout on ${disbursedOn}`;
  return rejected('schema_invalid', detail);
}

/**
 * A new schedule replaces the old one. An instalment that it leaves out stays, with what was paid on it and no more: what it
 * had left to pay has gone into the new ones. The principal of all is what was lent, or what an earlier waiver left of it; a
 * waiver may let some of it go. Of two schedules the one that was made later stands, whichever is heard of first.
 */
export function applyScheduleUpdate(context: LoanContext, event: LenderEventOf<'loan.schedule_updated'>): Step {
  const loan: DatedLoan = context.loan;
  const { reason } = event.data;
  const { disbursed_at } = loan;
  const { timezone } = context.facts.product;
  const misdated = disbursed_at === null ? undefined : datesRefusal(event.data.schedule, disbursed_at, timezone);
  if (misdated) return misdated;
  const fresh = buildInstalments(event.data.schedule, loan.payments);
  const kept = loan.schedule
    .filter((old) => isPaidOn(loan, old.no) && !fresh.some((item) => item.no === old.no))
    .map((old) => instalmentPaid(cutToPaid(old), loan.payments));
  const schedule = [...fresh, ...kept].sort((one, other) => one.no - other.no);
  const owed = [loan.amount.amount, principalOf(loan.schedule)];
  const isLess = reason === 'waiver' && principalOf(schedule) < loan.amount.amount;
  const refusal = isLess ? undefined : sumRefusal(schedule, owed);
  if (refusal) return refusal;
  const superseded = loan.schedule_at !== undefined && event.occurred_at < loan.schedule_at;
  // Of money that was thought to be another's: its owner is put right with the rest.
  const funder = typeof event.data.funder_id === 'string' ? { funder_id: event.data.funder_id } : {};
  const told = { loan_id: loan.id, reason, schedule: schedule.map(dueOf), ...funder };
  const data = { ...told, ...(superseded ? { superseded } : {}) };
  const updated = draft(event, 'loan.schedule_updated', data);
  if (superseded) return appliedToLoan(context, event, {}, [updated]);
  const over = schedule.find((item) => overpaid(item));
  if (over) return rejected('payment_exceeds_due', `more has been paid on instalment ${over.no} than would be due`);
  const changes: Partial<DatedLoan> = { schedule, schedule_at: event.occurred_at, ...funder };
  if (loan.status !== 'overdue') return appliedToLoan(context, event, changes, [updated]);
  const days = daysPastDue({ ...loan, schedule }, assessmentDay(context, event));
  const status: Partial<Loan> = { status: days > 0 ? 'overdue' : 'active', days_past_due: days };
  const cured = days > 0 ? [] : [draft(event, 'loan.cured', { loan_id: loan.id })];
  return appliedToLoan(context, event, { ...changes, ...status }, [updated, ...cured]);
}

/** Fees go in their order, as they are paid. */
function cutToPaid(item: Instalment): Instalment {
  let left = item.paid.fees;
  const fees = item.fees.flatMap((fee) => {
    const amount = Math.min(fee.amount, left);
    left -= amount;
    return amount > 0 ? [{ ...fee, amount }] : [];
  });
  return { ...item, principal: item.paid.principal, interest: item.paid.interest, fees };
}

function principalOf(schedule: readonly Instalment[]): number {
  return schedule.reduce((sum, item) => sum + item.principal, 0);
}

function isPaidOn(loan: Loan, no: number): boolean {
  return loan.payments.some((payment) => payment.no === no && !payment.reversed);
}
