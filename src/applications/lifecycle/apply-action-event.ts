import { derivedIdBeside } from '../../base/ids.ts';
import type { Action, Application, Loan } from '../model.ts';
import {
  type ActionObject,
  awaitingLoanStatus,
  awaitingStatus,
  findAction,
  isHoldingUp,
  isHoldingUpLoan,
  withAction,
} from './actions.ts';
import { APPLICATION_TRANSITIONS, TERMINAL_APPLICATION_STATUSES } from './application-transitions.ts';
import { isLate } from './apply-application-event.ts';
import { activateCard } from './cards.ts';
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
import { isLateForLoan, LOAN_TRANSITIONS, TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';
import { judgeTransition } from './transitions.ts';

type Required = LenderEventOf<'action.required'>;
type Completed = LenderEventOf<'action.completed'>;

/** The id under which partners answer an action that a lender's event asked for. */
export function actionIdOf(applicationId: string, eventId: string): string {
  return derivedIdBeside('act', applicationId, eventId);
}

/**
 * The lender asks the applicant for something, or says that it has got it. Several may be open at once; each is kept with
 * when it was asked and when it was done, so that events in any order come to the same.
 */
export function applyActionEvent(application: Application, event: Required | Completed): Step {
  if (event.type === 'action.completed') return complete(application, event);
  const action = toAction(application, event);
  if (action.loan_id === undefined) return requireOfApplication(application, action, event);
  const loan = application.loans.find(({ id }) => id === action.loan_id);
  if (!loan) return rejected('unknown_loan', `the application has no loan ${action.loan_id}`);
  return requireOfLoan(application, loan, action, event);
}

function requireOfApplication(application: Application, action: Action, event: Required): Step {
  const { status } = application;
  const asked = draft(event, 'action.required', { action });
  const ids = { actionId: action.id };
  const late = isLate(application, event);
  if (!isHoldingUp(action)) {
    if (status === 'screening') return EARLY;
    if (!late && TERMINAL_APPLICATION_STATUSES.has(status)) return illegalForApplication(status, event.type);
    return applied(withAction(application, action), [asked], ids);
  }
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal') return illegalForApplication(status, event.type);
  const last_occurred_at = latest(application.last_occurred_at, event.occurred_at);
  const waiting = awaiting({ ...withAction(application, action), last_occurred_at });
  return applied(waiting, [draft(event, 'application.needs_input', { action }), asked], ids);
}

function requireOfLoan(application: Application, loan: Loan, action: Action, event: Required): Step {
  const asked = draft(event, 'action.required', { action, loan_id: loan.id });
  const ids = { actionId: action.id };
  const late = isLateForLoan(loan, event);
  const verdict = judgeTransition(LOAN_TRANSITIONS, loan.status, event.type, late);
  const waiting = withAction(application, action);
  if (!isHoldingUpLoan(action) || verdict.kind === 'illegal') {
    if (TERMINAL_LOAN_STATUSES.has(loan.status) && !late) return illegalForLoan(loan.status, event.type);
    return applied(waiting, [asked], ids);
  }
  const events = [draft(event, 'loan.needs_input', { loan_id: loan.id, action }), asked];
  return applied(awaitingLoan(waiting, loan, event), events, ids);
}

function complete(application: Application, event: Completed): Step {
  const named = event.data.action_id;
  // A lender may name the action by our id or by its own event that asked for it.
  const action = findAction(application, named) ?? findAction(application, actionIdOf(application.id, named));
  if (action === undefined) {
    const over = TERMINAL_APPLICATION_STATUSES.has(application.status) && !isLate(application, event);
    return over ? illegalForApplication(application.status, event.type) : EARLY;
  }
  const { id: action_id, loan_id, card_id, repayment_id } = action;
  const done = draft(event, 'action.completed', { action_id, loan_id, card_id, repayment_id });
  const completed_at = latest(action.completed_at ?? null, event.occurred_at);
  const freed = withAction(application, { ...action, completed_at });
  const bound = card_id === undefined ? undefined : activateCard(freed, card_id, event.occurred_at);
  const changed = bound?.application ?? freed;
  const events = [done, ...(bound?.events ?? [])];
  const loan = changed.loans.find(({ id }) => id === loan_id);
  if (loan) return resumeLoan(changed, loan, { action, event, events });
  return resumeApplication(changed, { action, event, events });
}

interface Resumed {
  readonly action: Action;
  readonly event: Completed;
  readonly events: readonly ReturnType<typeof draft>[];
}

function resumeApplication(application: Application, { action, event, events }: Resumed): Step {
  if (!isHoldingUp(action)) return applied(application, events);
  const last_occurred_at = latest(application.last_occurred_at, event.occurred_at);
  const changed = awaiting({ ...application, last_occurred_at });
  const goesOn = application.status === 'needs_input' && changed.status === 'verifying';
  return applied(changed, goesOn ? [...events, draft(event, 'application.verifying')] : events);
}

function resumeLoan(application: Application, loan: Loan, { action, event, events }: Resumed): Step {
  if (!isHoldingUpLoan(action)) return applied(application, events);
  const changed = awaitingLoan(application, loan, event);
  const goesOn = loan.status === 'needs_input' && changed.loans.some((one) => one.id === loan.id && isReviewed(one));
  return applied(changed, goesOn ? [...events, draft(event, 'loan.in_review', { loan_id: loan.id })] : events);
}

function isReviewed({ status }: Loan): boolean {
  return status === 'in_review';
}

/** The application in the status that its actions come to. */
export function awaiting(application: Application): Application {
  const status = awaitingStatus(application);
  return status === application.status ? application : { ...application, status };
}

/** The same of a loan; `updated_at` is when the newest thing known of it happened. */
export function awaitingLoan(
  application: Application,
  loan: Loan,
  event: { readonly occurred_at: string },
): Application {
  const status = awaitingLoanStatus(application, loan);
  return withLoan(application, { ...loan, status, updated_at: latest(loan.updated_at, event.occurred_at) });
}

function toAction(application: Application, event: Required): Action {
  const { type, scene, fields, documents, verifications, agreements, url, sent_to, message, expires_at } = event.data;
  const told = { fields, documents, verifications, agreements, url, sent_to, message, ...objectOf(application, event) };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return {
    id: actionIdOf(application.id, event.id),
    type,
    scene,
    ...given,
    expires_at,
    asked_at: event.occurred_at,
    wrong_tries: 0,
  };
}

/** What waits for it. A card or a repayment that is none of ours cannot show it, so the loan or the application does. */
function objectOf({ cards = [], loans }: Application, { loan_id, data }: Required): ActionObject {
  const repaid = loans.find(({ repayments = [] }) => repayments.some(({ id }) => id === data.repayment_id));
  return {
    loan_id: loan_id ?? data.loan_id ?? repaid?.id,
    card_id: cards.find(({ id }) => id === data.card_id)?.id,
    repayment_id: repaid && data.repayment_id,
  };
}
