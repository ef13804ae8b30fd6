import type { Instalment, Loan, Payment } from '../model.ts';
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

/** Whether the principal of all instalments is what was lent; a waiver may let some of it go. */
export function sumRefusal(schedule: readonly Instalment[], principal: number, waived: boolean): Rejection | undefined {
  const sum = schedule.reduce((total, item) => total + item.principal, 0);
  if (sum === principal || (waived && sum < principal)) return undefined;
  return rejected('schedule_sum_mismatch', `the schedule's principal sums to ${sum}, the loan's is ${principal}`);
}

/**
 * A new schedule replaces the old one; instalments that it leaves out stay when something was paid on them. Of two
 * schedules the one that was made later stands, whichever is heard of first.
 */
export function applyScheduleUpdate(context: LoanContext, event: LenderEventOf<'loan.schedule_updated'>): Step {
  const loan: DatedLoan = context.loan;
  const { reason } = event.data;
  const fresh = buildInstalments(event.data.schedule, loan.payments);
  const kept = loan.schedule.filter((old) => isPaidOn(loan, old.no) && !fresh.some((item) => item.no === old.no));
  const schedule = [...fresh, ...kept].sort((one, other) => one.no - other.no);
  const refusal = sumRefusal(schedule, loan.amount.amount, reason === 'waiver');
  if (refusal) return refusal;
  const updated = draft(event, 'loan.schedule_updated', { loan_id: loan.id, reason });
  const superseded = loan.schedule_at !== undefined && event.occurred_at < loan.schedule_at;
  if (superseded) return appliedToLoan(context, event, {}, [updated]);
  const over = schedule.find((item) => overpaid(item));
  if (over) return rejected('payment_exceeds_due', `more has been paid on instalment ${over.no} than would be due`);
  const changes: Partial<DatedLoan> = { schedule, schedule_at: event.occurred_at };
  if (loan.status !== 'overdue') return appliedToLoan(context, event, changes, [updated]);
  const days = daysPastDue({ ...loan, schedule }, assessmentDay(context, event));
  const status: Partial<Loan> = { status: days > 0 ? 'overdue' : 'active', days_past_due: days };
  const cured = days > 0 ? [] : [draft(event, 'loan.cured', { loan_id: loan.id })];
  return appliedToLoan(context, event, { ...changes, ...status }, [updated, ...cured]);
}

function isPaidOn(loan: Loan, no: number): boolean {
  return loan.payments.some((payment) => payment.no === no && !payment.reversed);
}
