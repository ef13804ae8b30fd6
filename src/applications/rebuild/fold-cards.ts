import type { Application, Card } from '../model.ts';
import { withAccepted, withChecks } from './fold-notes.ts';
import { dataOf, type FoldStep } from './fold-step.ts';

/** Events of bank cards. */
export const CARD_STEPS = {
  'card.requested': (application, event) => {
    const { card } = dataOf<{ readonly card: Card }>(event);
    const cards = application.cards ?? [];
    const isKnown = cards.some(({ id }) => id === card.id);
    const listed = isKnown ? cards.map((one) => (one.id === card.id ? card : one)) : [...cards, card];
    return withChecks(withAccepted({ ...application, cards: listed }, event), event);
  },
  'card.bound': (application, event) => {
    const { card_id, default: isDefault } = dataOf<{ readonly card_id: string; readonly default: boolean }>(event);
    const bound = { status: 'active', reason: null, bound_at: event.occurred_at, default: isDefault } as const;
    return changeCard(application, card_id, bound);
  },
  'card.refused': (application, event) => {
    const { card_id, reason } = dataOf<{ readonly card_id: string; readonly reason: string }>(event);
    return changeCard(application, card_id, { status: 'refused', reason });
  },
  'card.removed': (application, event) => {
    const data = dataOf<{ readonly card_id: string; readonly default_card_id: string | null }>(event);
    const removed = changeCard(application, data.card_id, { status: 'removed', default: false });
    return changeCard(removed, data.default_card_id, { default: true });
  },
} as const satisfies Readonly<Record<string, FoldStep>>;

function changeCard(application: Application, cardId: string | null, change: Partial<Card>): Application {
  if (application.cards === undefined) return application;
  return {
    ...application,
    cards: application.cards.map((card) => (card.id === cardId ? { ...card, ...change } : card)),
  };
}
