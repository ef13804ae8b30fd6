import { withAccepted, withChecks, withTakenBack } from './fold-notes.ts';
import { changesNothing, dataOf, type FoldStep } from './fold-step.ts';

/** Events of the application itself. Where it stands after them, their standing says; what is left are the facts. */
export const APPLICATION_STEPS = {
  'application.submitted': changesNothing,
  'application.noted': changesNothing,
  'application.verifying': withChecks,
  'application.needs_input': changesNothing,
  'application.in_review': withChecks,
  'application.cancelled': changesNothing,
  'application.expired': changesNothing,
  'application.fraud_confirmed': changesNothing,
  'application.supplemented': (application, event) => withChecks(withAccepted(application, event), event),
  'application.may_reapply': (application, event) => {
    const { appeal_id } = dataOf<{ readonly appeal_id: string }>(event);
    return { ...application, may_reapply: { appeal_id, at: event.occurred_at } };
  },
  'application.erased': (application, event) => {
    const { drops_actions } = dataOf<{ readonly drops_actions: boolean }>(event);
    return { ...application, ...(drops_actions ? { actions: [] } : {}), erased_at: event.occurred_at };
  },
  'consent.withdrawn': withTakenBack,
  'complaint.opened': changesNothing,
  'complaint.closed': changesNothing,
  'complaint.upheld': changesNothing,
} as const satisfies Readonly<Record<string, FoldStep>>;
