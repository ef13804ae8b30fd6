import type { DraftEvent } from '../../context.ts';
import type { Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import type { MessageKind } from '../message-kind.ts';

/** What an answer changes; the application that was given, and no events, when it changes nothing. */
export interface AnsweredMessage {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/**
 * What a lender's answer to one kind of message changes. Pure; may run more than once, and must come to nothing the second
 * time.
 * @param nowMs business time at which the answer came
 */
export type MessageAnswerRule = (
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
) => AnsweredMessage;

/** An answer that only says that the message has arrived. */
const received: MessageAnswerRule = (application) => ({ application, events: [] });

const RULES: Readonly<Record<MessageKind, MessageAnswerRule>> = {
  supplement: received,
  action: received,
  card: received,
  cancellation: received,
  repayment: received,
};

/** Applies a lender's answer to a message of ours. */
export function applyMessageAnswer(
  kind: MessageKind,
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  return RULES[kind](application, about, answer, nowMs);
}
