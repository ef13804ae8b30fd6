import { isoOf } from '../../../base/clock.ts';
import { activateCard, cardsOf, refuseCard } from '../../lifecycle/cards.ts';
import type { Application } from '../../model.ts';
import type { PushAnswer } from '../judge-response.ts';
import type { MessageAbout } from '../lender-message.ts';
import { askNext } from './ask-next.ts';
import type { AnsweredMessage } from './message-answer-rule.ts';

/**
 * What a lender's answer to a card changes. Accepted: it is bound, or waits for what is asked of the applicant first.
 * Rejected: refused with the lender's reason. That a card is gone needs no answer.
 */
export function cardAnswered(
  application: Application,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  const { card_id: cardId } = about;
  const card = cardsOf(application).find(({ id }) => id === cardId);
  // An answer to an attempt before this one says nothing of it.
  const isOfThis = card !== undefined && card.attempts === (about.attempt ?? card.attempts);
  if (cardId === undefined || about.removed || !isOfThis || card.status !== 'pending') {
    return { application, events: [] };
  }
  const at = isoOf(nowMs);
  if (answer.result === 'rejected') return refuseCard(application, cardId, answer.reason ?? 'lender_rejected', at);
  const next = askNext(application, about, answer, nowMs);
  return next.asks ? next : activateCard(application, cardId, at);
}
