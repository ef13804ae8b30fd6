import { isRunning } from '../applications/lifecycle/loan-transitions.ts';
import type { Application, ApplicationStatus, LoanStatus } from '../applications/model.ts';
import { DAY_MS, msOf } from '../base/clock.ts';

/** What somebody's data is still needed for. */
export type UseReason =
  | 'being_decided'
  | 'credit_open'
  | 'loan_open'
  /** Written off: the lender has stopped waiting, the debt is still owed. */
  | 'debt_owed';

export type DataUse =
  | { readonly state: 'in_use'; readonly why: UseReason }
  /** `refused`: nothing was ever lent. `closed`: something was, and all of it is over. */
  | { readonly state: 'over'; readonly kind: 'refused' | 'closed' };

/** Days for which the sealed data of an application is kept after its end. */
export interface RetentionDays {
  readonly refusedDays: number;
  readonly closedDays: number;
}

const BEING_DECIDED: ReadonlySet<ApplicationStatus> = new Set<ApplicationStatus>([
  'screening',
  'received',
  'submitted',
  'verifying',
  'needs_input',
  'in_review',
]);
const BEFORE_PAYOUT: ReadonlySet<LoanStatus> = new Set<LoanStatus>([
  'requested',
  'in_review',
  'needs_input',
  'paying_out',
]);

/**
 * Whether an application's personal data is still needed to decide, lend or collect.
 * @param isRevolving whether the product's credit can be drawn again after a loan; one that cannot is used up by its loan
 */
export function dataUseOf(application: Application, isRevolving: boolean, nowMs: number): DataUse {
  const { status, credit, loans } = application;
  if (BEING_DECIDED.has(status)) return { state: 'in_use', why: 'being_decided' };
  if (loans.some((loan) => isRunning(loan) || BEFORE_PAYOUT.has(loan.status))) {
    return { state: 'in_use', why: 'loan_open' };
  }
  const wasLent = loans.some((loan) => loan.disbursed_at !== null);
  const isCreditOpen =
    status === 'credit_granted' && credit !== null && credit.status !== 'closed' && msOf(credit.expires_at) > nowMs;
  if (isCreditOpen && (isRevolving || !wasLent)) return { state: 'in_use', why: 'credit_open' };
  if (loans.some((loan) => loan.status === 'written_off')) return { state: 'in_use', why: 'debt_owed' };
  return { state: 'over', kind: wasLent ? 'closed' : 'refused' };
}

/**
 * When an application's data is to be erased, counted from its last change; null while it is needed and sure to end: loans
 * are repaid or written off, credit expires. Nobody's data is kept for ever, so what was written off is kept as long as what
 * was paid back, and so is what a lender has never answered, be it an application or a payout.
 */
export function erasureDueMs(application: Application, use: DataUse, days: RetentionDays): number | null {
  const sinceMs = msOf(application.updated_at);
  if (use.state === 'over') return sinceMs + (use.kind === 'refused' ? days.refusedDays : days.closedDays) * DAY_MS;
  const endsByItself = use.why === 'credit_open' || application.loans.some(isRunning);
  return endsByItself ? null : sinceMs + days.closedDays * DAY_MS;
}
