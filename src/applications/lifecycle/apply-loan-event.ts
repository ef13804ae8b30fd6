import type { DraftEvent } from '../context.ts';
import type { Application, Loan, LoanStatus } from '../model.ts';
import { draft, EARLY, illegalForLoan, type LenderFacts, rejected, type Step } from './decision.ts';
import { eventOfHeld } from './held-event.ts';
import type { LenderEventOf, LenderEventType } from './lender-event.ts';
import { applyCure, applyOverdue } from './loan-arrears.ts';
import { applyDisbursal } from './loan-disbursed.ts';
import { appliedToLoan, happenedWhileRunning, type LoanContext } from './loan-event-context.ts';
import { applyPayment, applyReversal } from './loan-payments.ts';
import { lenderLoanId } from './loan-requested.ts';
import { applyScheduleUpdate } from './loan-schedule.ts';
import { applySettlement } from './loan-settled.ts';
import { isAfterPayoutReason, isPaidOut, LOAN_TRANSITIONS } from './loan-transitions.ts';
import { comesLater, judgeTransition } from './transitions.ts';

/** Events about a loan that exists. */
export type LoanEventType = Exclude<
  Extract<LenderEventType, `loan.${string}` | `installment.${string}` | `repayment.${string}`>,
  'loan.requested'
>;
export type LoanEvent = LenderEventOf<LoanEventType>;

type StatusEvent = LenderEventOf<
  'loan.in_review' | 'loan.declined' | 'loan.paying_out' | 'loan.payout_failed' | 'loan.written_off' | 'loan.cancelled'
>;

/** Finds the loan and lets the event work on it. A loan that only this lender's earlier event can bring is waited for. */
export function applyLoanEvent(application: Application, event: LoanEvent, facts: LenderFacts): Step {
  const loan = findLoan(application, event);
  if (!loan) {
    if (mayStillBegin(application, event)) return EARLY;
    return rejected('unknown_loan', 'the application has no such loan: name it by loan_id or by your lender_ref of it');
  }
  const context: LoanContext = { application, loan, facts };
  switch (event.type) {
    case 'loan.disbursed':
      return applyDisbursal(context, event);
    case 'loan.schedule_updated':
      return applySchedule(context, event);
    case 'installment.paid':
      return applyPayment(context, event);
    case 'installment.reversed':
      return applyReversal(context, event);
    case 'repayment.failed':
      return applyFailedRepayment(context, event);
    case 'loan.overdue':
      return applyOverdue(context, event);
    case 'loan.cured':
      return applyCure(context, event);
    case 'loan.settled':
      return applySettlement(context, event);
    case 'loan.in_review':
    case 'loan.declined':
    case 'loan.paying_out':
    case 'loan.payout_failed':
    case 'loan.written_off':
    case 'loan.cancelled':
      return moveLoan(context, event);
  }
}

function findLoan({ loans }: Application, { loan_id, lender_ref }: LoanEvent): Loan | undefined {
  const byId = loans.find((loan) => loan.id === loan_id);
  return byId ?? (lender_ref === undefined ? undefined : loans.find((loan) => loan.lender_ref === lender_ref));
}

/** Only a loan that begins at the lender can be heard of before it exists here. */
function mayStillBegin(application: Application, event: LoanEvent): boolean {
  const { loan_id, lender_ref } = event;
  const announced = application.held.some((held) => {
    const waiting = eventOfHeld(held);
    if (waiting.type !== 'loan.requested') return false;
    const reference = waiting.data.lender_ref;
    return reference === lender_ref || lenderLoanId(application.id, reference) === loan_id;
  });
  return announced || (lender_ref !== undefined && event.application_id !== undefined);
}

/** Steps before payout, and the ends of a loan that carry no figures. */
function moveLoan(context: LoanContext, event: StatusEvent): Step {
  const { loan } = context;
  const late = event.occurred_at < loan.updated_at;
  const misplaced = event.type === 'loan.cancelled' ? refuseCancelling(loan, event) : undefined;
  if (misplaced) return misplaced;
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  const events: DraftEvent[] = [draft(event, event.type, { loan_id: loan.id, ...event.data })];
  if (verdict.kind === 'history') return appliedToLoan(context, event, {}, events);
  const actionDone = context.application.next_action?.scene === 'drawdown';
  const application: Application = actionDone ? { ...context.application, next_action: null } : context.application;
  return appliedToLoan({ ...context, application }, event, moved(verdict.to, event), events);
}

function moved(status: LoanStatus, event: StatusEvent): Partial<Loan> {
  const data = event.data ?? {};
  const reason = 'reason' in data ? (data.reason ?? null) : null;
  const retry_at = 'retry_at' in data ? (data.retry_at ?? null) : null;
  return { status, reason, retry_at, ...(status === 'cancelled' ? { days_past_due: 0 } : {}) };
}

type Cancelled = LenderEventOf<'loan.cancelled'>;

/**
 * A cooling-off return or a returned payout presupposes the payout; any other reason presupposes that there was none. A loan
 * in arrears is cured before it can be cancelled, and nobody holds an event for that.
 */
function refuseCancelling(loan: Loan, event: Cancelled): Step | undefined {
  const illegal = illegalForLoan(loan.status, event.type);
  if (loan.status === 'overdue') return illegal;
  if (!isAfterPayoutReason(event.data.reason)) {
    if (!isPaidOut(loan)) return undefined;
    return { ...illegal, detail: 'a loan that was paid out is cancelled for cooling_off or payout_returned only' };
  }
  if (isPaidOut(loan)) return undefined;
  const payoutMayCome = comesLater(LOAN_TRANSITIONS, loan.status, 'loan.disbursed') || loan.status === 'paying_out';
  return payoutMayCome ? EARLY : illegal;
}

function applySchedule(context: LoanContext, event: LenderEventOf<'loan.schedule_updated'>): Step {
  return whileRunning(context, event) ?? applyScheduleUpdate(context, event);
}

function applyFailedRepayment(context: LoanContext, event: LenderEventOf<'repayment.failed'>): Step {
  const { no = null, reason } = event.data;
  const failed = draft(event, 'repayment.failed', { loan_id: context.loan.id, no, reason });
  return whileRunning(context, event) ?? appliedToLoan(context, event, {}, [failed]);
}

/** Legal while the loan runs, and later on for what happened while it ran. */
function whileRunning({ loan }: LoanContext, event: LoanEvent): Step | undefined {
  if (LOAN_TRANSITIONS[loan.status][event.type] !== undefined || happenedWhileRunning(loan, event)) return undefined;
  const waits = loan.disbursed_at === null && comesLater(LOAN_TRANSITIONS, loan.status, event.type);
  return waits ? EARLY : illegalForLoan(loan.status, event.type);
}
