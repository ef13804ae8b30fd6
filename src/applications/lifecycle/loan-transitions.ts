import type { Loan, LoanStatus } from '../model.ts';
import { isBehind, type TransitionTable } from './transitions.ts';

const PAYOUT = {
  'loan.payout_failed': 'payout_failed',
  'loan.disbursed': 'active',
  'loan.cancelled': 'cancelled',
} as const;

const DECISION = { 'loan.declined': 'declined', 'loan.paying_out': 'paying_out', ...PAYOUT } as const;

/**
 * requested → in_review ⇄ needs_input → declined* | paying_out → payout_failed* | active ⇄ overdue → settled | written_off;
 * cancelled* before payout, or from active (* terminal). Steps before payout may be skipped forward; nothing after payout
 * exists without `loan.disbursed`, which brings the schedule. `settled` is left by a reversal only. Money that comes in on a
 * written-off loan is counted and changes no status. A cure of what we have counted as cured already changes nothing.
 */
export const LOAN_TRANSITIONS: TransitionTable<LoanStatus> = {
  requested: { 'loan.in_review': 'in_review', 'action.required': 'needs_input', ...DECISION },
  in_review: { 'action.required': 'needs_input', ...DECISION },
  needs_input: {
    'loan.in_review': 'in_review',
    'action.completed': 'in_review',
    'action.required': 'needs_input',
    ...DECISION,
  },
  paying_out: PAYOUT,
  active: {
    'loan.schedule_updated': 'active',
    'installment.paid': 'active',
    'installment.reversed': 'active',
    'repayment.failed': 'active',
    'loan.overdue': 'overdue',
    'loan.cured': 'active',
    'loan.settled': 'settled',
    'loan.written_off': 'written_off',
    'loan.cancelled': 'cancelled',
  },
  overdue: {
    'loan.schedule_updated': 'overdue',
    'installment.paid': 'overdue',
    'installment.reversed': 'overdue',
    'repayment.failed': 'overdue',
    'loan.overdue': 'overdue',
    'loan.cured': 'active',
    'loan.settled': 'settled',
    'loan.written_off': 'written_off',
  },
  settled: { 'installment.reversed': 'active' },
  written_off: { 'installment.paid': 'written_off', 'installment.reversed': 'written_off' },
  declined: {},
  payout_failed: {},
  cancelled: {},
};

/** Whether an event of a loan comes before the newest that is known of it. */
export function isLateForLoan(
  loan: Pick<Loan, 'status' | 'updated_at'>,
  event: { readonly type: string; readonly occurred_at: string },
): boolean {
  const times = { occurredAt: event.occurred_at, knownUntil: loan.updated_at };
  return isBehind(LOAN_TRANSITIONS, loan.status, event.type, times);
}

export const TERMINAL_LOAN_STATUSES: ReadonlySet<LoanStatus> = new Set<LoanStatus>([
  'declined',
  'payout_failed',
  'cancelled',
]);

/** Why a loan that was paid out may still be cancelled; before payout any other reason may. */
const AFTER_PAYOUT_REASONS: ReadonlySet<string> = new Set(['cooling_off', 'payout_returned']);

export function isAfterPayoutReason(reason: string): boolean {
  return AFTER_PAYOUT_REASONS.has(reason);
}

/** Paid out and not over: instalments fall due. */
export function isRunning(loan: Loan): boolean {
  return loan.status === 'active' || loan.status === 'overdue';
}

/** Whether money of the lender is or was out. */
export function isPaidOut(loan: Loan): boolean {
  return isRunning(loan) || loan.status === 'settled' || loan.status === 'written_off';
}

/** Whether the loan made use of its credit: it was paid out once, or may still be. */
export function isUsed(loan: Loan): boolean {
  return loan.disbursed_at !== null || !TERMINAL_LOAN_STATUSES.has(loan.status);
}
