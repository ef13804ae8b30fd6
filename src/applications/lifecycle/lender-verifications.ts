import { verificationNotes, withVerifications } from '../verification/note-verifications.ts';
import type { Step } from './decision.ts';
import type { LenderEvent } from './lender-event.ts';

/** What a lender has checked comes along with its word on the application: it is noted, and told with that word. */
export function withLenderVerifications(event: LenderEvent, step: Step): Step {
  // There they are the kinds that the applicant is asked for.
  if (step.result !== 'applied' || event.type === 'action.required') return step;
  const brought = event.data !== undefined && 'verifications' in event.data ? event.data.verifications : undefined;
  if (brought === undefined || brought.length === 0) return step;
  const notes = verificationNotes(brought, 'lender');
  const events = step.events.map((one) =>
    one.type === event.type ? { ...one, data: { ...one.data, verifications: notes } } : one,
  );
  return { ...step, application: withVerifications(step.application, notes), events };
}
