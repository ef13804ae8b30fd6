import { z } from 'zod';
import type { DraftEvent } from '../context.ts';
import type { Action, Application } from '../model.ts';
import { type ActionObject, isHoldingUp, isHoldingUpLoan, withAction } from './actions.ts';
import { awaiting, awaitingLoan } from './apply-action-event.ts';
import { LENDER_EVENT_DATA } from './lender-event-data.ts';

/** The same as in an event, but that the answer itself tells what it is about. */
const answerActionSchema = LENDER_EVENT_DATA['action.required']
  .omit({ loan_id: true, card_id: true, repayment_id: true })
  .extend({ scene: z.enum(['apply', 'card', 'drawdown', 'repay']).optional() });

/** A step for the applicant as a lender's core answers it. */
export type AnswerAction = Omit<z.output<typeof answerActionSchema>, 'scene'> & { readonly scene: Action['scene'] };

/** What comes of an action that an answer asks for. */
export interface AskedByAnswer {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/**
 * An action that does not say what to do, or until when, cannot be passed on: the lender's events will bring it again.
 * @param scene where it belongs when the answer does not say
 */
export function readAnswerAction(raw: unknown, scene: Action['scene']): AnswerAction | undefined {
  const parsed = answerActionSchema.safeParse(raw);
  return parsed.success ? { ...parsed.data, scene: parsed.data.scene ?? scene } : undefined;
}

/** The lender's core asks the applicant for something in its answer; asked again under the same id, nothing changes. */
export function askByAnswer(
  application: Application,
  asked: { readonly actionId: string; readonly object: ActionObject; readonly action: AnswerAction },
  at: string,
): AskedByAnswer {
  const { actionId, object, action: told } = asked;
  if (application.actions?.some(({ id }) => id === actionId)) return { application, events: [] };
  const { loan_id, card_id, repayment_id } = object;
  const given = Object.entries({ ...told, loan_id, card_id, repayment_id }).filter(([, value]) => value !== undefined);
  const action = { ...Object.fromEntries(given), id: actionId, asked_at: at, wrong_tries: 0 } as Action;
  const waiting = withAction(application, action);
  const loan = waiting.loans.find(({ id }) => id === loan_id);
  const required: DraftEvent = {
    type: 'action.required',
    occurred_at: at,
    data: loan === undefined ? { action } : { action, loan_id },
  };
  if (loan && isHoldingUpLoan(action)) {
    const changed = awaitingLoan(waiting, loan, { occurred_at: at });
    const isHeldUp = changed.loans.some(({ id, status }) => id === loan.id && status === 'needs_input');
    const held: DraftEvent = { type: 'loan.needs_input', occurred_at: at, data: { loan_id, action } };
    return { application: changed, events: isHeldUp ? [held, required] : [required] };
  }
  const changed = awaiting(waiting);
  if (!isHoldingUp(action) || changed.status !== 'needs_input') return { application: changed, events: [required] };
  const held: DraftEvent = { type: 'application.needs_input', occurred_at: at, data: { action } };
  return { application: changed, events: [held, required] };
}
