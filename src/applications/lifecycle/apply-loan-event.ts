import { msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Loan, LoanStatus } from '../model.ts';
import { applyFailedRepayment, withRepayments } from '../repayments/with-repayments.ts';
import { awaitingLoanStatus, settleLoanActions } from './actions.ts';
import { dayOf, daysBetween } from './calendar-days.ts';
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
import { isAfterPayoutReason, isLateForLoan, isPaidOut, LOAN_TRANSITIONS } from './loan-transitions.ts';
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
  const step = dispatch({ application, loan, facts }, event);
  return step.result === 'applied' ? withRepayments(named(step, loan), loan.id, event) : step;
}

function dispatch(context: LoanContext, event: LoanEvent): Step {
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
      return whileRunning(context, event) ?? applyFailedRepayment(context, event);
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

/** Every event tells the lender's reference, which no event of ours announces when the lender has given it. */
function named(step: Extract<Step, { result: 'applied' }>, { id, lender_ref }: Loan): typeof step {
  if (lender_ref === null) return step;
  const events = step.events.map((event) =>
    event.data.loan_id === id ? { ...event, data: { ...event.data, lender_ref } } : event,
  );
  return { ...step, events };
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
  const late = isLateForLoan(loan, event);
  const misplaced = event.type === 'loan.cancelled' ? refuseCancelling(loan, event) : undefined;
  if (misplaced) return misplaced;
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForLoan(loan.status, event.type);
  const data = { loan_id: loan.id, ...event.data, ...coolingOff(context, event) };
  const events: DraftEvent[] = [draft(event, event.type, data)];
  const application = settleLoanActions(context.application, loan.id, event.occurred_at);
  const changes = verdict.kind === 'history' ? {} : moved(verdict.to, event);
  const status = awaitingLoanStatus(application, { ...loan, ...changes });
  return appliedToLoan({ ...context, application }, event, { ...changes, status }, events);
}

function moved(status: LoanStatus, event: StatusEvent): Partial<Loan> {
  const data = event.data ?? {};
  const reason = 'reason' in data ? (data.reason ?? null) : null;
  const retry_at = 'retry_at' in data ? (data.retry_at ?? null) : null;
  return {
    status,
    reason,
    retry_at,
    ...(status === 'cancelled' ? { days_past_due: 0 } : {}),
    ...('written_off_at' in data ? { written_off_at: data.written_off_at } : {}),
  };
}

type Cancelled = LenderEventOf<'loan.cancelled'>;

/**
 * Whether a loan was returned within the days that its product grants. The lender decides what it takes back, also later;
 * readers of the log can tell one from the other.
 */
function coolingOff({ loan, facts }: LoanContext, event: StatusEvent): Readonly<Record<string, unknown>> {
  if (event.type !== 'loan.cancelled' || event.data.reason !== 'cooling_off' || loan.disbursed_at === null) return {};
  const { timezone, cooling_off_days } = facts.product;
  const days = daysBetween(dayOf(msOf(loan.disbursed_at), timezone), dayOf(msOf(event.occurred_at), timezone));
  return { within_cooling_off: days <= cooling_off_days };
}

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

/** Legal while the loan runs, and later on for what happened while it ran. */
function whileRunning({ loan }: LoanContext, event: LoanEvent): Step | undefined {
  if (LOAN_TRANSITIONS[loan.status][event.type] !== undefined || happenedWhileRunning(loan, event)) return undefined;
  const waits = loan.disbursed_at === null && comesLater(LOAN_TRANSITIONS, loan.status, event.type);
  return waits ? EARLY : illegalForLoan(loan.status, event.type);
}
