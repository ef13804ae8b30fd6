import { z } from 'zod';
import { isoOf } from '../../../base/clock.ts';
import { findAction } from '../../lifecycle/actions.ts';
import { answerAction, refuseAnswer, renewAction } from '../../lifecycle/answered-action.ts';
import { activateCard, refuseCard } from '../../lifecycle/cards.ts';
import { instantSchema, sentToSchema } from '../../lifecycle/lender-event-data.ts';
import type { Action, Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import { askNext } from './ask-next.ts';
import type { AnsweredMessage } from './message-answer-rule.ts';

/** Reasons after which nothing more can be tried. */
const ENDS: ReadonlySet<string> = new Set(['action_expired', 'too_many_attempts', 'card_refused']);

const renewedSchema = z.object({ expires_at: instantSchema.optional(), sent_to: sentToSchema.optional() });

/**
 * What a lender's answer to an applicant's action changes. Accepted: done, and perhaps something else is asked for; a code
 * binds the card that it was sent for. Rejected: open again, unless nothing more can be tried.
 */
export function actionAnswered(
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  const action = findAction(application, about.action_id ?? '');
  if (action === undefined) return { application, events: [] };
  if (about.resend) return resent(application, action, answer, nowMs);
  const given = { answer: about.answer ?? '', attempt: about.attempt ?? 0 };
  if (answer.result === 'rejected') return refused(application, action, given, answer, nowMs);
  const done = answerAction(application, action, given.answer, nowMs);
  const next = askNext(done.application, about, answer, nowMs);
  const events = [...done.events, ...next.events];
  if (next.asks || action.type !== 'otp' || action.card_id === undefined) return { ...next, events };
  const bound = activateCard(next.application, action.card_id, isoOf(nowMs));
  return { application: bound.application, events: [...events, ...bound.events] };
}

function refused(
  application: Application,
  action: Action,
  given: { readonly answer: string; readonly attempt: number },
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  const reason = answer.reason ?? 'lender_rejected';
  const after = refuseAnswer(application, action.id, given, { reason, ends: ENDS.has(reason) }, nowMs);
  if (reason !== 'card_refused' || action.card_id === undefined) return after;
  const card = refuseCard(after.application, action.card_id, reason, isoOf(nowMs));
  return { application: card.application, events: [...after.events, ...card.events] };
}

function resent(application: Application, action: Action, answer: PushAnswer, nowMs: number): AnsweredMessage {
  if (answer.result === 'rejected') return { application, events: [] };
  const renewed = renewedSchema.safeParse(answer.next_action ?? {});
  return renewAction(application, action.id, renewed.success ? renewed.data : {}, nowMs);
}
