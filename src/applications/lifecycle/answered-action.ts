import { isoOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Action, Application } from '../model.ts';
import { findAction, withAction } from './actions.ts';

/** The application that was given, and no events, when there was nothing to change. */
export interface ActionChange {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/** How an answer of the applicant is known: a keyed hash of it, and how many before it were not taken. */
export interface GivenAnswer {
  readonly answer: string;
  readonly attempt: number;
}

/** The applicant has done it; it is not asked for again unless the lender does not take it. */
export function answerAction(application: Application, action: Action, answer: string, nowMs: number): ActionChange {
  if (action.answered_at !== undefined) return { application, events: [] };
  const at = isoOf(nowMs);
  const data = { ...objectOf(action), answer };
  const event: DraftEvent = { type: 'action.answered', occurred_at: at, data };
  return { application: withAction(application, { ...action, answered_at: at, answer }), events: [event] };
}

/**
 * The lender does not take an answer: the action is open again, and that one more was not taken is counted once.
 * @param ends nothing more can be tried
 */
export function refuseAnswer(
  application: Application,
  actionId: string,
  given: GivenAnswer,
  why: { readonly reason: string; readonly ends: boolean },
  nowMs: number,
): ActionChange {
  const action = findAction(application, actionId);
  if (action === undefined || action.wrong_tries !== given.attempt) return { application, events: [] };
  const at = isoOf(nowMs);
  const { answered_at: _, answer: __, ...open } = action;
  const ended = why.ends ? { expired_at: at } : {};
  const refused: Action = { ...open, wrong_tries: action.wrong_tries + 1, ...ended };
  const data = { ...objectOf(action), reason: why.reason, ends: why.ends };
  return {
    application: withAction(application, refused),
    events: [{ type: 'action.refused', occurred_at: at, data }],
  };
}

/** Another code is on its way: where to, and how long it counts. */
export function renewAction(
  application: Application,
  actionId: string,
  renewed: { readonly expires_at?: string | undefined; readonly sent_to?: string | undefined },
  nowMs: number,
): ActionChange {
  const action = findAction(application, actionId);
  if (action === undefined) return { application, events: [] };
  const { expires_at = action.expires_at, sent_to = action.sent_to } = renewed;
  if (expires_at === action.expires_at && sent_to === action.sent_to) return { application, events: [] };
  const next: Action = { ...action, expires_at, ...(sent_to === undefined ? {} : { sent_to }) };
  const data = { ...objectOf(action), expires_at, sent_to: sent_to ?? null };
  return {
    application: withAction(application, next),
    events: [{ type: 'action.renewed', occurred_at: isoOf(nowMs), data }],
  };
}

/** What events say an action is about. */
function objectOf({ id, loan_id, card_id, repayment_id }: Action): Readonly<Record<string, unknown>> {
  return { action_id: id, loan_id, card_id, repayment_id };
}
