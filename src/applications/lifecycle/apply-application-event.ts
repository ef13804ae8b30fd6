import type { Application } from '../model.ts';
import { APPLY, awaitingStatus, settleActions } from './actions.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { applied, draft, EARLY, illegalForApplication, latest, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { isUsed } from './loan-transitions.ts';
import { isBehind, judgeTransition } from './transitions.ts';

type ApplicationEvent = LenderEventOf<
  | 'application.verifying'
  | 'application.in_review'
  | 'application.cancelled'
  | 'application.fraud_confirmed'
  | 'complaint.opened'
  | 'complaint.closed'
>;

/**
 * Whether it happened before the newest event that set the application's own state or its credit; or before its lender had
 * heard that our side has ended it: what the two tell each other crosses.
 */
export function isLate(
  application: Application,
  event: { readonly type: string; readonly occurred_at: string },
): boolean {
  const times = { occurredAt: event.occurred_at, knownUntil: application.last_occurred_at ?? '' };
  return isCrossing(application, event) || isBehind(APPLICATION_TRANSITIONS, application.status, event.type, times);
}

/** Whether the lender did not know yet that our side had ended the application. */
export function isCrossing({ called_off }: Application, event: { readonly occurred_at: string }): boolean {
  if (called_off === undefined) return false;
  return called_off.known_at === null || event.occurred_at <= called_off.known_at;
}

/** Events that move the application itself, and what is only reported about it. */
export function applyApplicationEvent(application: Application, event: ApplicationEvent): Step {
  switch (event.type) {
    case 'application.verifying':
    case 'application.in_review':
    case 'application.cancelled':
      return move(application, event);
    case 'application.fraud_confirmed':
    case 'complaint.opened':
    case 'complaint.closed':
      return report(application, event);
  }
}

function move(
  application: Application,
  event: LenderEventOf<'application.verifying' | 'application.in_review' | 'application.cancelled'>,
): Step {
  const late = isLate(application, event);
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, application.status, event.type, late);
  if (verdict.kind === 'early') return EARLY;
  // The lender confirms what our side has told it.
  if (event.type === 'application.cancelled' && application.status === 'cancelled') {
    return applied(knownToLender(application, event.occurred_at), []);
  }
  if (verdict.kind === 'illegal') return illegalForApplication(application.status, event.type);
  if (event.type === 'application.cancelled' && application.loans.some(isUsed)) {
    const illegal = illegalForApplication(application.status, event.type);
    return { ...illegal, detail: 'a loan was drawn under this application: cancel the loan, or end the credit' };
  }
  const reason = event.data && 'reason' in event.data ? (event.data.reason ?? null) : null;
  const events = [draft(event, event.type, event.type === 'application.cancelled' ? { reason } : {})];
  const settled = settleActions(application, APPLY, event.occurred_at);
  if (verdict.kind === 'history') return applied({ ...settled, status: awaitingStatus(settled) }, events);
  const changed: Application = {
    ...settled,
    status: awaitingStatus({ ...settled, status: verdict.to }),
    reason,
    credit:
      verdict.to === 'cancelled' && application.credit
        ? { ...application.credit, status: 'closed' }
        : application.credit,
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  return applied(changed, events);
}

function knownToLender(application: Application, at: string): Application {
  const { called_off } = application;
  if (called_off === undefined) return application;
  return { ...application, called_off: { ...called_off, known_at: latest(called_off.known_at, at) } };
}

/** Fraud and complaints change no status: terms, lists and people act on the event. */
function report(application: Application, event: ApplicationEvent): Step {
  if (application.status === 'screening') return EARLY;
  const events = [draft(event, event.type, { ...event.data })];
  if (event.type === 'complaint.closed' && event.data.upheld) {
    events.push(draft(event, 'complaint.upheld'));
  }
  return applied(application, events);
}
