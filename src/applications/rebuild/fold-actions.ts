import type { LogEvent } from '../../events/event.ts';
import { findAction, withAction } from '../lifecycle/actions.ts';
import type { Action, Application } from '../model.ts';
import { withAccepted, withChecks } from './fold-notes.ts';
import { dataOf, type FoldStep } from './fold-step.ts';

/** Events of what the applicant is asked for. */
export const ACTION_STEPS = {
  'action.required': (application, event) => withAction(application, dataOf<{ readonly action: Action }>(event).action),
  'action.completed': (application, event) =>
    withChecks(
      changeAction(application, event, (action) => {
        const { completed_at: before = '' } = action;
        return { ...action, completed_at: event.occurred_at > before ? event.occurred_at : before };
      }),
      event,
    ),
  'action.answered': (application, event) =>
    withAccepted(
      changeAction(application, event, (action) => {
        const { answer } = dataOf<{ readonly answer: string }>(event);
        return { ...action, answered_at: event.occurred_at, answer };
      }),
      event,
    ),
  'action.refused': (application, event) =>
    changeAction(application, event, ({ answered_at: _, answer: __, ...open }) => {
      const ended = dataOf<{ readonly ends: boolean }>(event).ends ? { expired_at: event.occurred_at } : {};
      return { ...open, wrong_tries: open.wrong_tries + 1, ...ended };
    }),
  'action.renewed': (application, event) =>
    changeAction(application, event, (action) => {
      const { expires_at, sent_to } = dataOf<{ readonly expires_at: string; readonly sent_to: string | null }>(event);
      return { ...action, expires_at, ...(sent_to === null ? {} : { sent_to }) };
    }),
  'action.expired': (application, event) =>
    changeAction(application, event, (action) => ({ ...action, expired_at: event.occurred_at })),
  'application.stalled': (application, event) => {
    const { waiting_for } = dataOf<{ readonly waiting_for: 'action' | 'drawdown' }>(event);
    if (waiting_for === 'drawdown') return { ...application, undrawn_told_at: event.occurred_at };
    return changeAction(application, event, (action) => ({ ...action, stalled_at: event.occurred_at }));
  },
} as const satisfies Readonly<Record<string, FoldStep>>;

function changeAction(application: Application, event: LogEvent, change: (action: Action) => Action): Application {
  const action = findAction(application, dataOf<{ readonly action_id: string }>(event).action_id);
  return action === undefined ? application : withAction(application, change(action));
}
