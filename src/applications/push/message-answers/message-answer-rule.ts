import type { DraftEvent } from '../../context.ts';
import type { Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';

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
