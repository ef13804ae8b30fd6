import { derivedIdBeside } from '../../base/ids.ts';
import type { Application, Loan, NextAction } from '../model.ts';
import { APPLICATION_TRANSITIONS, TERMINAL_APPLICATION_STATUSES } from './application-transitions.ts';
import { isLate } from './apply-application-event.ts';
import type { LoanAction } from './dated.ts';
import {
  applied,
  draft,
  EARLY,
  illegalForApplication,
  illegalForLoan,
  latest,
  rejected,
  type Step,
  withLoan,
} from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { LOAN_TRANSITIONS, TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';
import { judgeTransition } from './transitions.ts';

type Required = LenderEventOf<'action.required'>;
type Completed = LenderEventOf<'action.completed'>;

/** The id under which partners answer an action that a lender's event asked for. */
export function actionIdOf(applicationId: string, eventId: string): string {
  return derivedIdBeside('act', applicationId, eventId);
}

/** The lender asks the applicant for something, or says that it has got it. */
export function applyActionEvent(application: Application, event: Required | Completed): Step {
  if (event.type === 'action.completed') return complete(application, event);
  return require(application, event);
}

function require(application: Application, event: Required): Step {
  const loanId = event.loan_id ?? event.data.loan_id;
  if (loanId === undefined) return requireOfApplication(application, event);
  const loan = application.loans.find((each) => each.id === loanId);
  if (!loan) return rejected('unknown_loan', `the application has no loan ${loanId}`);
  return requireOfLoan(application, loan, event);
}

function requireOfApplication(application: Application, event: Required): Step {
  const { status } = application;
  const action = toAction(application.id, event);
  const asked = draft(event, 'action.required', { action });
  const ids = { actionId: action.id };
  const late = isLate(application, event);
  // Only missing papers of the application itself hold it up; a card, a code or a signature is asked for in passing.
  if (event.data.type !== 'supplement' || event.data.scene !== 'apply') {
    if (status === 'screening') return EARLY;
    if (late) return applied(application, [asked], ids);
    if (TERMINAL_APPLICATION_STATUSES.has(status)) return illegalForApplication(status, event.type);
    return applied({ ...application, next_action: action }, [asked], ids);
  }
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForApplication(status, event.type);
  const events = [draft(event, 'application.needs_input', { action }), asked];
  if (verdict.kind === 'history') return applied(application, events, ids);
  const last = latest(application.last_occurred_at, event.occurred_at);
  return applied({ ...application, status: verdict.to, next_action: action, last_occurred_at: last }, events, ids);
}

function requireOfLoan(application: Application, loan: Loan, event: Required): Step {
  const action: LoanAction = { ...toAction(application.id, event), loan_id: loan.id };
  const asked = draft(event, 'action.required', { action, loan_id: loan.id });
  const ids = { actionId: action.id };
  const late = event.occurred_at < loan.updated_at;
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  if (event.data.type !== 'supplement' || verdict.kind === 'illegal') {
    if (TERMINAL_LOAN_STATUSES.has(loan.status) && !late) return illegalForLoan(loan.status, event.type);
    return applied(late ? application : { ...application, next_action: action }, [asked], ids);
  }
  const events = [draft(event, 'loan.needs_input', { loan_id: loan.id, action }), asked];
  if (verdict.kind !== 'move') return applied(application, events, ids);
  const waiting = withLoan(application, { ...loan, status: verdict.to, updated_at: event.occurred_at });
  return applied({ ...waiting, next_action: action }, events, ids);
}

function complete(application: Application, event: Completed): Step {
  const pending: LoanAction | null = application.next_action;
  const named = event.data.action_id;
  // A lender may name the action by our id or by its own event that asked for it.
  const matches = pending !== null && (pending.id === named || pending.id === actionIdOf(application.id, named));
  const done = draft(event, 'action.completed', { action_id: matches ? pending.id : named });
  if (!matches) {
    if (isLate(application, event) || application.loans.some((loan) => event.occurred_at < loan.updated_at)) {
      return applied(application, [done]);
    }
    if (TERMINAL_APPLICATION_STATUSES.has(application.status)) {
      return illegalForApplication(application.status, event.type);
    }
    return EARLY;
  }
  const free: Application = { ...application, next_action: null };
  const loan = application.loans.find((each) => each.id === pending.loan_id);
  return loan ? resumeLoan(free, loan, event, done) : resumeApplication(free, event, done);
}

function resumeApplication(application: Application, event: Completed, done: ReturnType<typeof draft>): Step {
  if (application.status !== 'needs_input') return applied(application, [done]);
  const last = latest(application.last_occurred_at, event.occurred_at);
  const changed: Application = { ...application, status: 'verifying', last_occurred_at: last };
  return applied(changed, [done, draft(event, 'application.verifying')]);
}

function resumeLoan(application: Application, loan: Loan, event: Completed, done: ReturnType<typeof draft>): Step {
  if (loan.status !== 'needs_input') return applied(application, [done]);
  const updated_at = latest(loan.updated_at, event.occurred_at);
  const changed = withLoan(application, { ...loan, status: 'in_review', updated_at });
  return applied(changed, [done, draft(event, 'loan.in_review', { loan_id: loan.id })]);
}

function toAction(applicationId: string, event: Required): NextAction {
  const { type, scene, fields, documents, url, message, expires_at } = event.data;
  return {
    id: actionIdOf(applicationId, event.id),
    type,
    scene,
    ...(fields === undefined ? {} : { fields }),
    ...(documents === undefined ? {} : { documents }),
    ...(url === undefined ? {} : { url }),
    ...(message === undefined ? {} : { message }),
    expires_at,
  };
}
