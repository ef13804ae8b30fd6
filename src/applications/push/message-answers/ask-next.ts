import { isoOf } from '../../../base/clock.ts';
import { derivedIdBeside } from '../../../base/ids.ts';
import { askByAnswer, readAnswerAction } from '../../lifecycle/ask-by-answer.ts';
import type { Action, Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import type { AnsweredMessage } from './message-answer-rule.ts';

export interface AskedNext extends AnsweredMessage {
  /** Whether it asks for anything, heard of before or not, also where what it asks cannot be passed on. */
  readonly asks: boolean;
}

/** What the lender asks for next in its answer, of the object that the message was about; nothing where it asks nothing. */
export function askNext(application: Application, about: MessageAbout, answer: PushAnswer, nowMs: number): AskedNext {
  const { loan_id, card_id, repayment_id, action_id, answer: given = '', attempt = 0 } = about;
  const action = readAnswerAction(answer.next_action, sceneOf(about));
  if (action === undefined) return { application, events: [], asks: typeof answer.next_action?.type === 'string' };
  const parts = [action_id ?? '', loan_id ?? '', card_id ?? '', repayment_id ?? '', given, String(attempt)];
  const actionId = derivedIdBeside('act', application.id, 'next', ...parts);
  const object = { loan_id, card_id, repayment_id };
  return { ...askByAnswer(application, { actionId, object, action }, isoOf(nowMs)), asks: true };
}

function sceneOf({ loan_id, card_id, repayment_id }: MessageAbout): Action['scene'] {
  if (repayment_id !== undefined) return 'repay';
  if (card_id !== undefined) return 'card';
  return loan_id === undefined ? 'apply' : 'drawdown';
}
