import type { Application } from '../model.ts';
import { draft, type Step } from './decision.ts';
import type { LenderEvent } from './lender-event.ts';

/**
 * A lender that answers an application has received it: where its first word skips `submitted`, the submission is recorded
 * before it, so that every application that left `received` forward has been submitted exactly once in the log.
 */
export function withSubmission(before: Application, event: LenderEvent, step: Step): Step {
  if (step.result !== 'applied' || before.status !== 'received' || step.application.status === 'received') return step;
  const submitted = draft(event, 'application.submitted', { lender_ref: before.lender_ref });
  return { ...step, events: [submitted, ...step.events] };
}
