import { cardsOf, loanOnCard, removeCard as takeOff } from '../applications/lifecycle/cards.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';

export type RemoveCardResult =
  | { readonly kind: 'removed' }
  /** There is no such card. */
  | { readonly kind: 'unknown' }
  /** A loan is paid out to it, or debited from it. */
  | { readonly kind: 'in_use'; readonly loanId: string };

/** Takes a card off, here at once; the lender is told of it. Once more changes nothing. */
export async function removeCard(deps: IntakeDeps, applicationId: string, cardId: string): Promise<RemoveCardResult> {
  type Written = RemoveCardResult & { readonly message?: AddressedMessage };
  const changed = await deps.store.change<Written>(applicationId, (current) => {
    const card = cardsOf(current).find(({ id }) => id === cardId);
    if (card === undefined) return { events: [], result: { kind: 'unknown' } };
    const loanId = loanOnCard(current, cardId);
    if (loanId !== undefined) return { events: [], result: { kind: 'in_use', loanId } };
    const removed = takeOff(current, cardId, isoOf(deps.clock.nowMs()));
    if (removed.events.length === 0) return { events: [], result: { kind: 'removed' } };
    const message: AddressedMessage = {
      kind: 'card',
      deliveryId: derivedIdBeside('dlv', applicationId, 'card', cardId, String(card.attempts), 'removed'),
      about: { card_id: cardId, removed: true },
      body: { card_id: cardId, removed: true },
    };
    const effects = writeMessage(deps, current, message);
    return { application: removed.application, events: removed.events, effects, result: { kind: 'removed', message } };
  });
  if (changed === undefined) return { kind: 'unknown' };
  const { message, ...result } = changed.result;
  if (message !== undefined) await sendMessage(deps, changed.application, message, 0);
  return result;
}
