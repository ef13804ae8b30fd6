import { isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import { remainingOf } from '../lifecycle/available.ts';
import { draft, type Step, withLoan } from '../lifecycle/decision.ts';
import type { LenderEvent, LenderEventOf } from '../lifecycle/lender-event.ts';
import { appliedToLoan, type LoanContext } from '../lifecycle/loan-event-context.ts';
import type { Loan, Payment } from '../model.ts';
import { CLOCK_SKEW_MS, type Repayment } from './repayment.ts';

/**
 * What a lender's event about a loan means for the repayments that a partner asked for: one succeeds when the payments since
 * then cover it, and fails with a loan that is cancelled. One that has failed stays failed; a payment that comes later, because
 * the lender tried again, is a payment all the same.
 */
export function withRepayments(
  step: Extract<Step, { result: 'applied' }>,
  loanId: string,
  event: LenderEvent,
): typeof step {
  const loan = step.application.loans.find((each) => each.id === loanId);
  if (!loan?.repayments?.some(isPending)) return step;
  const events: DraftEvent[] = [];
  const repayments = loan.repayments.map((repayment): Repayment => {
    if (!isPending(repayment)) return repayment;
    if (loan.status === 'cancelled') return fail(loan, repayment, event, 'loan_cancelled', events);
    const payments = paymentsOf(loan, repayment);
    return isCovered(loan, repayment, payments) ? succeed(loan, repayment, event, payments, events) : repayment;
  });
  if (events.length === 0) return step;
  return {
    ...step,
    application: withLoan(step.application, { ...loan, repayments }),
    events: [...step.events, ...events],
  };
}

/**
 * The lender could not collect. Named by its id, or meant by its instalments and by when it happened, the repayment that a
 * partner asked for has failed; a debit of the lender's own that fails is told likewise.
 */
export function applyFailedRepayment(context: LoanContext, event: LenderEventOf<'repayment.failed'>): Step {
  const { loan } = context;
  const { no = null, reason, repayment_id: named } = event.data;
  const events: DraftEvent[] = [];
  const repayments = loan.repayments?.map((repayment): Repayment => {
    const isMeant = named === undefined ? mayMean(repayment, event.occurred_at, no) : repayment.id === named;
    if (!isPending(repayment) || !isMeant) return repayment;
    return fail(loan, repayment, event, reason, events, no);
  });
  if (repayments === undefined || events.length === 0) {
    const data = { loan_id: loan.id, repayment_id: null, no, reason };
    return appliedToLoan(context, event, {}, [draft(event, 'repayment.failed', data)]);
  }
  return appliedToLoan(context, event, { repayments }, events);
}

export function isPending({ status }: Repayment): boolean {
  return status === 'pending';
}

/** A repayment that has failed, and its event. */
export function failedRepayment(
  loan: Loan,
  repayment: Repayment,
  at: string,
  reason: string,
  no: number | null = null,
): { readonly repayment: Repayment; readonly event: DraftEvent } {
  return {
    repayment: { ...repayment, status: 'failed', reason, updated_at: at },
    event: {
      type: 'repayment.failed',
      occurred_at: at,
      data: { loan_id: loan.id, repayment_id: repayment.id, partner_ref: repayment.partner_ref, no, reason },
    },
  };
}

function fail(
  loan: Loan,
  before: Repayment,
  { occurred_at }: LenderEvent,
  reason: string,
  events: DraftEvent[],
  no: number | null = null,
): Repayment {
  const { repayment, event } = failedRepayment(loan, before, occurred_at, reason, no);
  events.push(event);
  return repayment;
}

function succeed(
  loan: Loan,
  repayment: Repayment,
  event: LenderEvent,
  payments: readonly Payment[],
  events: DraftEvent[],
): Repayment {
  const payment_refs = payments.map((payment) => payment.payment_ref);
  const { id, partner_ref, amount } = repayment;
  const { currency } = loan.amount;
  const data = { loan_id: loan.id, repayment_id: id, partner_ref, payment_refs, amount, currency };
  events.push(draft(event, 'repayment.succeeded', data));
  return { ...repayment, status: 'succeeded', payment_refs, updated_at: event.occurred_at };
}

/** Payments that stand, on its instalments, made since; of all instalments, whatever number the lender gives the last one. */
function paymentsOf(loan: Loan, { installments, nos, known_refs, created_at }: Repayment): Payment[] {
  const since = isoOf(msOf(created_at) - CLOCK_SKEW_MS);
  return loan.payments.filter(({ no, payment_ref, paid_at, reversed }) => {
    const isAsked = installments === 'all' || nos.includes(no);
    return isAsked && !reversed && paid_at >= since && !known_refs.includes(payment_ref);
  });
}

/**
 * The lender has collected as much as it was asked to, or nothing is left of what it was asked for. A penalty is collected too,
 * but does not make up for an instalment on which nothing came in; of a loan that is paid off, which parts there are is the
 * lender's to say, so the penalty is left out.
 */
function isCovered(loan: Loan, { installments, nos, amount }: Repayment, payments: readonly Payment[]): boolean {
  if (loan.status === 'settled') return true;
  if (payments.length === 0) return false;
  const asked = loan.schedule.filter(({ no }) => installments === 'all' || nos.includes(no));
  const open = asked.filter((item) => remainingOf(item) > 0);
  if (open.length === 0) return true;
  const byParts = installments === 'all' || open.every(({ no }) => payments.some((payment) => payment.no === no));
  const collected = payments.reduce((sum, payment) => sum + collectedBy(payment), 0);
  const penalties = payments.reduce((sum, { penalty }) => sum + penalty, 0);
  return byParts && collected + (installments === 'all' ? 0 : penalties) >= amount;
}

/** What a payment brought in beside a penalty: what was waived was not collected. */
function collectedBy({ principal, interest, fees }: Payment): number {
  return fees.reduce((sum, fee) => sum + fee.amount, principal + interest);
}

function mayMean({ nos, created_at }: Repayment, occurredAt: string, no: number | null): boolean {
  return msOf(occurredAt) >= msOf(created_at) - CLOCK_SKEW_MS && (no === null || nos.includes(no));
}
