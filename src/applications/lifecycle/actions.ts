import type { Action, Application, ApplicationStatus, Loan, LoanStatus } from '../model.ts';
import { TERMINAL_APPLICATION_STATUSES } from './application-transitions.ts';
import { latest } from './decision.ts';
import { TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';

/** What waits for an action; none = the application itself. */
export interface ActionObject {
  readonly loan_id?: string | undefined;
  readonly card_id?: string | undefined;
  readonly repayment_id?: string | undefined;
}

/** More than these are kept of nobody; the oldest go first. */
const ACTIONS_MAX = 50;

/** While the application is in one of these, missing papers hold it up. */
const BEFORE_REVIEW: ReadonlySet<ApplicationStatus> = new Set<ApplicationStatus>([
  'received',
  'submitted',
  'verifying',
  'needs_input',
]);
const LOAN_BEFORE_PAYOUT: ReadonlySet<LoanStatus> = new Set<LoanStatus>(['requested', 'in_review', 'needs_input']);
const LOAN_OVER: ReadonlySet<LoanStatus> = new Set<LoanStatus>([...TERMINAL_LOAN_STATUSES, 'settled', 'written_off']);

/** What of `actions_settled` an application's own actions of scene apply stand under; a loan's stand under its id. */
export const APPLY = 'apply';
const DRAWDOWN = 'drawdown';

export function actionsOf(application: Application): readonly Action[] {
  return application.actions ?? [];
}

export function findAction(application: Application, id: string): Action | undefined {
  return actionsOf(application).find((action) => action.id === id);
}

/** The application with the action added, or put in place of the one with its id. Order is by when they were asked. */
export function withAction(application: Application, action: Action): Application {
  const others = actionsOf(application).filter(({ id }) => id !== action.id);
  const actions = [...others, action].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  return { ...application, actions: actions.slice(-ACTIONS_MAX) };
}

/**
 * Notes that the lender has gone on at an instant: what it had asked before is settled, whichever is heard of first. Kept as
 * the latest such instant, so that events in any order come to the same.
 */
export function settleActions(application: Application, scope: string, at: string): Application {
  const settled = application.actions_settled ?? {};
  return { ...application, actions_settled: { ...settled, [scope]: latest(settled[scope] ?? null, at) } };
}

/** The same of a loan that goes on; what was asked for a drawdown without naming its loan is settled with it. */
export function settleLoanActions(application: Application, loanId: string, at: string): Application {
  return settleActions(settleActions(application, loanId, at), DRAWDOWN, at);
}

/** Whether the lender still waits for it, be it answered or out of time: only its own word ends that. */
export function isAwaited(application: Application, action: Action): boolean {
  if (action.completed_at !== undefined || TERMINAL_APPLICATION_STATUSES.has(application.status)) return false;
  const loan = application.loans.find(({ id }) => id === action.loan_id);
  if (loan && LOAN_OVER.has(loan.status)) return false;
  const repayment = loan?.repayments?.find(({ id }) => id === action.repayment_id);
  if (repayment && repayment.status !== 'pending') return false;
  if (loan?.repayments?.some(({ id, status }) => id === action.repayment_id && status !== 'pending')) return false;
  if (isOfEarlierCard(application, action)) return false;
  if (isHoldingUp(action) && !loan && !BEFORE_REVIEW.has(application.status)) return false;
  const settled = application.actions_settled?.[scopeOf(action)];
  return settled === undefined || action.asked_at >= settled;
}

/** Whether the applicant can do it now. The clock is asked where it is answered, and by the sweep that notes it as expired. */
export function isOpen(application: Application, action: Action): boolean {
  return action.answered_at === undefined && action.expired_at === undefined && isAwaited(application, action);
}

/** The newest open action of one object; of the application itself where none is named. */
export function openActionOf(application: Application, object: ActionObject = {}): Action | undefined {
  return actionsOf(application).findLast((action) => isOpen(application, action) && isOf(action, object));
}

/** The newest open action, whatever waits for it. */
export function newestOpenAction(application: Application): Action | undefined {
  return actionsOf(application).findLast((action) => isOpen(application, action));
}

/** Papers of the application itself: they hold it up, where a card, a code or a signature is asked for in passing. */
export function isHoldingUp({ type, scene, loan_id, card_id, repayment_id }: Action): boolean {
  return type === 'supplement' && scene === APPLY && (loan_id ?? card_id ?? repayment_id) === undefined;
}

/** Papers of a drawdown hold it up until it is paid out. */
export function isHoldingUpLoan({ type, scene }: Action): boolean {
  return type === 'supplement' && scene !== 'repay';
}

/** The status that what the lender waits for comes to: `needs_input` as long as papers are awaited, then on. */
export function awaitingStatus(application: Application): ApplicationStatus {
  const { status } = application;
  if (!BEFORE_REVIEW.has(status)) return status;
  const awaits = actionsOf(application).some((action) => isHoldingUp(action) && isAwaited(application, action));
  if (awaits) return 'needs_input';
  return status === 'needs_input' ? 'verifying' : status;
}

/** The same of a loan. */
export function awaitingLoanStatus(application: Application, loan: Loan): LoanStatus {
  if (!LOAN_BEFORE_PAYOUT.has(loan.status)) return loan.status;
  const awaits = actionsOf(application).some((action) => {
    return action.loan_id === loan.id && isHoldingUpLoan(action) && isAwaited(application, action);
  });
  if (awaits) return 'needs_input';
  return loan.status === 'needs_input' ? 'in_review' : loan.status;
}

/** What was asked for a card that is not bound any more, or in an earlier attempt to bind it. */
function isOfEarlierCard({ cards = [] }: Application, { card_id, asked_at }: Action): boolean {
  const card = card_id === undefined ? undefined : cards.find(({ id }) => id === card_id);
  if (card === undefined) return false;
  return card.status === 'refused' || card.status === 'removed' || asked_at < card.requested_at;
}

function isOf(action: Action, object: ActionObject): boolean {
  if (object.repayment_id !== undefined) return action.repayment_id === object.repayment_id;
  if (object.card_id !== undefined) return action.card_id === object.card_id;
  // What a repayment waits for, its loan waits for too.
  if (object.loan_id !== undefined) return action.loan_id === object.loan_id;
  return (action.loan_id ?? action.card_id ?? action.repayment_id) === undefined;
}

/** What settles it; nothing does for what is asked in passing of a card or of a repayment. */
function scopeOf({ scene, loan_id, card_id, repayment_id }: Action): string {
  if (repayment_id !== undefined || scene === 'repay') return '';
  if (loan_id !== undefined) return loan_id;
  return card_id === undefined && scene !== 'card' ? scene : '';
}

function orderOf({ asked_at, id }: Action): string {
  return `${asked_at} ${id}`;
}
