import { isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Loan, LoanCancellation } from '../model.ts';
import { withStanding } from '../with-standing.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isCrossing } from './apply-application-event.ts';
import { dayOf, daysBetween } from './calendar-days.ts';
import { latest, withLoan } from './decision.ts';
import { isUsed } from './loan-transitions.ts';

export type CancelDecision =
  | { readonly kind: 'cancelled'; readonly application: Application; readonly events: readonly DraftEvent[] }
  /** It was cancelled before. */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'illegal'; readonly message: string };

/**
 * Ends an application because its applicant wants no more of it: until the credit is drawn. What the lender says later of the
 * time before is part of its history; what it says of the time after contradicts.
 */
export function cancelDecision(
  application: Application,
  cause: { readonly reason: string; readonly by: string },
  nowMs: number,
): CancelDecision {
  const { status, credit, loans } = application;
  if (status === 'cancelled') return { kind: 'replayed' };
  if (APPLICATION_TRANSITIONS[status]['application.cancelled'] === undefined) {
    return { kind: 'illegal', message: `an application that is ${status} cannot be cancelled` };
  }
  const used = loans.find(isUsed);
  if (used) {
    return { kind: 'illegal', message: `the credit was drawn: ${used.id} is ${used.status}; cancel the loan instead` };
  }
  const at = isoOf(nowMs);
  const event: DraftEvent = { type: 'application.cancelled', occurred_at: at, data: { ...cause } };
  const cancelled: Application = {
    ...application,
    status: 'cancelled',
    reason: cause.reason,
    called_off: { from: status, known_at: null },
    credit: credit === null ? null : { ...credit, status: 'closed' },
    last_occurred_at: latest(application.last_occurred_at, at),
  };
  return { kind: 'cancelled', application: cancelled, events: withStanding(application, cancelled, [event], at) };
}

/**
 * The application with its loan paid out. Money went out before the lender had heard that our side had ended it: then the end
 * is void, since a loan that runs has an applicant, a credit, and a partner who has earned it.
 */
export function resumedByPayout(application: Application, event: { readonly occurred_at: string }): Application {
  const { status, credit } = application;
  if (status !== 'cancelled' || credit === null || !isCrossing(application, event)) return application;
  const { called_off: _, ...rest } = application;
  const open = event.occurred_at < credit.expires_at;
  return { ...rest, status: 'credit_granted', reason: null, credit: { ...credit, status: open ? 'active' : 'closed' } };
}

export type LoanCancelDecision =
  | {
      readonly kind: 'requested';
      readonly application: Application;
      readonly cancellation: LoanCancellation;
      readonly events: readonly DraftEvent[];
    }
  /** It was asked before, and the lender has not refused; or the loan is cancelled. */
  | { readonly kind: 'replayed'; readonly loan: Loan }
  | { readonly kind: 'illegal'; readonly message: string };

/** Days in which a loan may be returned, and where they are counted. */
export interface CoolingOff {
  readonly cooling_off_days: number;
  readonly timezone: string;
}

/**
 * Asks for a loan to be cancelled: before its payout, and afterwards within the days of cooling-off. The lender decides, since
 * the money may be on its way: the loan ends with its `loan.cancelled`. One that was refused may be asked again.
 */
export function cancelLoanDecision(
  application: Application,
  loan: Loan,
  reason: string,
  cooling: CoolingOff,
  nowMs: number,
): LoanCancelDecision {
  const before = loan.cancellation;
  if (loan.status === 'cancelled' || (before !== undefined && before.status !== 'refused')) {
    return { kind: 'replayed', loan };
  }
  const asked = before?.attempts ?? 0;
  const message = asked < REQUESTS_MAX ? refusal(loan, cooling, nowMs) : `the lender has refused it ${asked} times`;
  if (message !== undefined) return { kind: 'illegal', message };
  const requested_at = isoOf(nowMs);
  const attempts = asked + 1;
  const cancellation: LoanCancellation = { status: 'pending', reason, refused_for: null, attempts, requested_at };
  const data = { loan_id: loan.id, reason, attempt: attempts };
  const event: DraftEvent = { type: 'loan.cancel_requested', occurred_at: requested_at, data };
  const changed = withLoan(application, { ...loan, cancellation });
  return { kind: 'requested', application: changed, cancellation, events: [event] };
}

/** A lender that has refused so often has meant it. */
const REQUESTS_MAX = 10;

const BEFORE_PAYOUT: ReadonlySet<Loan['status']> = new Set<Loan['status']>([
  'requested',
  'in_review',
  'needs_input',
  'paying_out',
]);

function refusal(loan: Loan, { cooling_off_days: days, timezone }: CoolingOff, nowMs: number): string | undefined {
  if (BEFORE_PAYOUT.has(loan.status)) return undefined;
  if (loan.status !== 'active' || loan.disbursed_at === null)
    return `a loan that is ${loan.status} cannot be cancelled`;
  const passed = daysBetween(dayOf(msOf(loan.disbursed_at), timezone), dayOf(nowMs, timezone));
  if (passed <= days) return undefined;
  return `the ${days} days of cooling-off are over; repay the loan instead`;
}
