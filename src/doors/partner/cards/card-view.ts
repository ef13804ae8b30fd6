import type { z } from '@hono/zod-openapi';
import { actionView } from '../../../applications/lifecycle/action-view.ts';
import { openActionOf } from '../../../applications/lifecycle/actions.ts';
import type { Action, Application, Card } from '../../../applications/model.ts';
import type { cardSchema } from './card-schema.ts';

type CardView = Readonly<Record<string, unknown>> & Pick<z.output<typeof cardSchema>, 'id' | 'status'>;

/** A card as the contract shows it, with what it waits for. */
export function cardView(card: Card, nextAction: Action | undefined): CardView {
  const { id, bank_code, last4, default: isDefault, status, reason, created_at } = card;
  const next_action = actionView(nextAction);
  return { id, bank_code, last4, default: isDefault, status, reason, next_action, created_at };
}

/** The cards of an application that were not removed, in the order in which they came. */
export function cardViews(application: Application): CardView[] {
  const cards = application.cards?.filter(({ status }) => status !== 'removed') ?? [];
  return cards.map((card) => cardView(card, openActionOf(application, { card_id: card.id })));
}
