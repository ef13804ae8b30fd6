import { msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Fee, Instalment, Loan, Payment } from '../model.ts';
import { dueTotal, remainingOf } from './available.ts';
import { dayOf } from './calendar-days.ts';
import type { DatedPayment } from './dated.ts';
import { defaultEvent } from './days-past-due.ts';
import { draft, EARLY, illegalForLoan, rejected, type Step } from './decision.ts';
import { eventOfHeld } from './held-event.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, assessmentDay, happenedWhileRunning, type LoanContext } from './loan-event-context.ts';
import { isRunning, LOAN_TRANSITIONS } from './loan-transitions.ts';
import { amountOverdue, bucketOf, daysPastDue, oldestUnpaid } from './past-due.ts';
import { comesLater } from './transitions.ts';

type Paid = LenderEventOf<'installment.paid'>;
type Reversed = LenderEventOf<'installment.reversed'>;

/** An instalment with the sums of the payments on it that stand: the order in which they came makes no difference. */
export function instalmentPaid(due: Omit<Instalment, 'paid' | 'paid_at'>, payments: readonly Payment[]): Instalment {
  const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
  let last: string | null = null;
  for (const payment of payments) {
    if (payment.no !== due.no || payment.reversed) continue;
    paid.principal += payment.principal;
    paid.interest += payment.interest;
    paid.fees += sumOf(payment.fees);
    paid.penalty += payment.penalty;
    paid.waived += payment.waived;
    if (last === null || payment.paid_at > last) last = payment.paid_at;
  }
  const { no, due_on, principal, interest, fees } = due;
  const item = { no, due_on, principal, interest, fees, paid, paid_at: null };
  return remainingOf(item) === 0 ? { ...item, paid_at: last } : item;
}

/** Whether more was paid than was due. A penalty is never part of what is due, a waiver is no payment. */
export function overpaid({ paid, principal, interest, fees }: Instalment): boolean {
  return paid.principal > principal || paid.interest > interest || paid.fees > sumOf(fees);
}

/** A payment on one instalment: its own amounts, added to those before it; known by `payment_ref`, counted once. */
export function applyPayment(context: LoanContext, event: Paid): Step {
  const { loan, application } = context;
  const { no, payment_ref } = event.data;
  const refusal = refuseMovement(loan, event);
  if (refusal) return refusal;
  const payment = toPayment(event);
  const known = loan.payments.find((each) => each.payment_ref === payment_ref);
  if (known) {
    if (sameAmounts(known, payment)) return appliedToLoan(context, event, {}, []);
    return rejected('id_reused', `payment_ref ${payment_ref} stands for another payment of this loan`);
  }
  if (!loan.schedule.some((item) => item.no === no)) {
    return rejected('payment_exceeds_due', `the schedule has no instalment ${no}`);
  }
  const payments = insertInOrder(loan.payments, payment);
  const schedule = rebuild(loan, payments, no);
  const over = schedule.find((item) => item.no === no && overpaid(item));
  // A payment whose reversal is known already is gone again within this decision.
  if (over && !reversalIsHeld(application, payment_ref)) {
    return rejected('payment_exceeds_due', `instalment ${no} has ${describeDue(loan, no)} left to pay`);
  }
  const paid = draft(event, 'installment.paid', {
    loan_id: loan.id,
    ...eventAmounts(payment),
    currency: loan.amount.currency,
  });
  const events = [...defaultBefore(context, payment), paid];
  const first_payment_default = loan.first_payment_default || events.length > 1;
  const changed: Loan = { ...loan, payments, schedule, first_payment_default };
  if (loan.status !== 'overdue') return appliedToLoan(context, event, changed, events);
  const days = daysPastDue(changed, assessmentDay(context, event));
  const cured = days > 0 ? [] : [draft(event, 'loan.cured', { loan_id: loan.id })];
  const status: Partial<Loan> = { status: days > 0 ? 'overdue' : 'active', days_past_due: days };
  return appliedToLoan(context, event, { ...changed, ...status }, [...events, ...cured]);
}

/** What is paid that late was unpaid until then, though we hear of loan and payment together. */
function defaultBefore({ loan, facts: { product } }: LoanContext, payment: Payment): DraftEvent[] {
  if (payment.no !== 1 || !isRunning(loan)) return [];
  const paidOn = dayOf(msOf(payment.paid_at), product.timezone);
  const found = defaultEvent(loan, paidOn, { timezone: product.timezone, fpdDays: product.fpd_days });
  return found ? [found] : [];
}

/** A payment that did not hold: what it had paid is due again, and a settled loan lives on. */
export function applyReversal(context: LoanContext, event: Reversed): Step {
  const { loan } = context;
  const refusal = refuseMovement(loan, event);
  if (refusal) return refusal;
  const { payment_ref, reason } = event.data;
  const known = loan.payments.find((payment) => payment.payment_ref === payment_ref);
  if (!known) return EARLY;
  if (known.reversed) return appliedToLoan(context, event, {}, []);
  const payments = loan.payments.map((payment): DatedPayment => {
    return payment === known ? { ...payment, reversed: true, reversed_at: event.occurred_at } : payment;
  });
  const schedule = rebuild(loan, payments, known.no);
  const events: DraftEvent[] = [draft(event, 'installment.reversed', { loan_id: loan.id, payment_ref, reason })];
  const settledSince = loan.status === 'settled' && event.occurred_at < loan.updated_at;
  if (settledSince || loan.status === 'written_off' || loan.status === 'cancelled') {
    return appliedToLoan(context, event, { payments, schedule }, events);
  }
  const changed: Loan = { ...loan, payments, schedule };
  const day = assessmentDay(context, event);
  const days = daysPastDue(changed, day);
  if (days === 0) {
    const reopened: Partial<Loan> = loan.status === 'settled' ? { status: 'active', settled_at: null } : {};
    return appliedToLoan(context, event, { payments, schedule, ...reopened }, events);
  }
  if (loan.status !== 'overdue' || bucketOf(days) > bucketOf(loan.days_past_due)) {
    const no = oldestUnpaid(changed)?.no;
    const amount_overdue = amountOverdue(changed, day);
    const data = { loan_id: loan.id, no, days_past_due: days, amount_overdue, currency: loan.amount.currency };
    events.push(draft(event, 'loan.overdue', data));
  }
  const status: Partial<Loan> = { status: 'overdue', days_past_due: days, settled_at: null };
  return appliedToLoan(context, event, { payments, schedule, ...status }, events);
}

function refuseMovement(loan: Loan, event: Paid | Reversed): Step | undefined {
  if (LOAN_TRANSITIONS[loan.status][event.type] !== undefined || happenedWhileRunning(loan, event)) return undefined;
  const waits = loan.disbursed_at === null && comesLater(LOAN_TRANSITIONS, loan.status, event.type);
  return waits ? EARLY : illegalForLoan(loan.status, event.type);
}

function reversalIsHeld(application: Application, paymentRef: string): boolean {
  return application.held.some((held) => {
    const event = eventOfHeld(held);
    return event.type === 'installment.reversed' && event.data.payment_ref === paymentRef;
  });
}

/** The schedule with one instalment counted anew: the others are as they were. */
function rebuild(loan: Loan, payments: readonly Payment[], no: number): Instalment[] {
  return loan.schedule.map((item) => (item.no === no ? instalmentPaid(item, payments) : item));
}

function insertInOrder(payments: readonly Payment[], payment: Payment): Payment[] {
  const key = (each: Payment): string => `${each.paid_at} ${each.payment_ref}`;
  const at = payments.findIndex((each) => key(each) > key(payment));
  return at < 0 ? [...payments, payment] : payments.toSpliced(at, 0, payment);
}

function toPayment({ data }: Paid): Payment {
  return {
    payment_ref: data.payment_ref,
    no: data.no,
    principal: data.principal.amount,
    interest: data.interest.amount,
    fees: data.fees.map(({ kind, payee, amount }) => ({ kind, payee, amount: amount.amount })),
    penalty: data.penalty?.amount ?? 0,
    waived: data.waived?.amount ?? 0,
    payer: data.payer,
    paid_at: data.paid_at,
    reversed: false,
  };
}

function eventAmounts({ reversed: _, ...amounts }: Payment): Omit<Payment, 'reversed'> {
  return amounts;
}

function sameAmounts(one: Payment, other: Payment): boolean {
  const parts = (payment: Payment): readonly unknown[] => {
    const { no, principal, interest, penalty, waived, payer, fees } = payment;
    return [no, principal, interest, penalty, waived, payer, ...fees.map((fee) => [fee.kind, fee.payee, fee.amount])];
  };
  return JSON.stringify(parts(one)) === JSON.stringify(parts(other));
}

function describeDue(loan: Loan, no: number): string {
  const item = loan.schedule.find((each) => each.no === no);
  if (item === undefined) return 'nothing';
  const { paid } = item;
  const left = [item.principal - paid.principal, item.interest - paid.interest, sumOf(item.fees) - paid.fees];
  return `${left[0]} principal, ${left[1]} interest, ${left[2]} fees (${dueTotal(item)} due in all)`;
}

function sumOf(fees: readonly Fee[]): number {
  return fees.reduce((sum, fee) => sum + fee.amount, 0);
}
