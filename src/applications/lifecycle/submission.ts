import type { Application } from '../model.ts';
import { draft, type Step } from './decision.ts';
import type { LenderEvent } from './lender-event.ts';

/**
 * A lender that answers an application has received it: where its first word skips `submitted`, the submission is recorded
 * before it, so that every application that left `received` forward has been submitted exactly once in the log. So has one
 * that our side ended while it was on its way.
 */
export function withSubmission(before: Application, event: LenderEvent, step: Step): Step {
  if (step.result !== 'applied') return step;
  const submitted = draft(event, 'application.submitted', { lender_ref: before.lender_ref });
  const arrived = arrivedCalledOff(step.application);
  if (arrived !== undefined) return { ...step, application: arrived, events: [submitted, ...step.events] };
  if (before.status !== 'received' || step.application.status === 'received') return step;
  return { ...step, events: [submitted, ...step.events] };
}

/** An application that was ended by our side before its lender had said anything, now that it has; undefined = no such one. */
export function arrivedCalledOff(application: Application): Application | undefined {
  const { called_off: calledOff } = application;
  if (calledOff?.from !== 'received') return undefined;
  return { ...application, called_off: { ...calledOff, from: 'submitted' } };
}
