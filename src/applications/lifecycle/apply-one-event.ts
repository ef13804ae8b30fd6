import type { Application } from '../model.ts';
import { withStanding } from '../with-standing.ts';
import { applyActionEvent } from './apply-action-event.ts';
import { applyApplicationEvent } from './apply-application-event.ts';
import { applyCreditDecision, applyCreditUpdate } from './apply-credit-event.ts';
import { applyLoanEvent } from './apply-loan-event.ts';
import { endUnused } from './credit-expiry.ts';
import { draft, type LenderFacts, type Step } from './decision.ts';
import type { LenderEvent } from './lender-event.ts';
import { withLenderVerifications } from './lender-verifications.ts';
import { applyLoanRequested } from './loan-requested.ts';
import { withSubmission } from './submission.ts';

/** One event by itself, held ones left aside: applied, early, or rejected. */
export function applyOneEvent(application: Application, event: LenderEvent, facts: LenderFacts): Step {
  const step = withLenderVerifications(event, dispatch(application, event, facts));
  const told = withSubmission(application, event, ended(event, step));
  if (told.result !== 'applied') return told;
  return { ...told, events: withStanding(application, told.application, told.events, event.occurred_at) };
}

/** What its loan was the last to keep going ends with it. */
function ended(event: LenderEvent, step: Step): Step {
  if (step.result !== 'applied') return step;
  const application = endUnused(step.application);
  if (application === step.application) return step;
  return { ...step, application, events: [...step.events, draft(event, 'application.expired')] };
}

function dispatch(application: Application, event: LenderEvent, facts: LenderFacts): Step {
  switch (event.type) {
    case 'application.verifying':
    case 'application.in_review':
    case 'application.cancelled':
    case 'application.fraud_confirmed':
    case 'complaint.opened':
    case 'complaint.closed':
      return applyApplicationEvent(application, event);
    case 'action.required':
    case 'action.completed':
      return applyActionEvent(application, event);
    case 'credit.granted':
    case 'credit.declined':
    case 'credit.expired':
      return applyCreditDecision(application, event, facts);
    case 'credit.updated':
      return applyCreditUpdate(application, event, facts);
    case 'loan.requested':
      return applyLoanRequested(application, event);
    default:
      return applyLoanEvent(application, event, facts);
  }
}
