import { findAction } from '../../lifecycle/actions.ts';
import { answerAction, refuseAnswer } from '../../lifecycle/answered-action.ts';
import type { Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import { askNext } from './ask-next.ts';
import type { AnsweredMessage } from './message-answer-rule.ts';

/**
 * What a lender's answer to papers changes. Accepted: what asked for them stays done, and perhaps something else is asked
 * for; the application goes on by the lender's events. Rejected: it is asked for again.
 */
export function supplementAnswered(
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  const action = about.action_id === undefined ? undefined : findAction(application, about.action_id);
  const given = { answer: about.answer ?? '', attempt: about.attempt ?? 0 };
  if (answer.result === 'rejected') {
    if (action === undefined) return { application, events: [] };
    const reason = answer.reason ?? 'lender_rejected';
    return refuseAnswer(application, action.id, given, { reason, ends: reason === 'action_expired' }, nowMs);
  }
  const done = action ? answerAction(application, action, given.answer, nowMs) : { application, events: [] };
  const next = askNext(done.application, about, answer, nowMs);
  return { application: next.application, events: [...done.events, ...next.events] };
}
