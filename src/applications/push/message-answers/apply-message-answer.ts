import type { Application } from '../../model.ts';
import { repaymentAnswered } from '../../repayments/repayment-answer.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import type { MessageKind } from '../message-kind.ts';
import { actionAnswered } from './action-answered.ts';
import { cancellationAnswered } from './cancellation-answered.ts';
import { cardAnswered } from './card-answered.ts';
import type { AnsweredMessage, MessageAnswerRule } from './message-answer-rule.ts';
import { supplementAnswered } from './supplement-answered.ts';

export type { AnsweredMessage } from './message-answer-rule.ts';

const RULES: Readonly<Record<MessageKind, MessageAnswerRule>> = {
  supplement: supplementAnswered,
  action: actionAnswered,
  card: cardAnswered,
  cancellation: cancellationAnswered,
  repayment: repaymentAnswered,
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
