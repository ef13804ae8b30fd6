import type { DraftEvent } from '../context.ts';
import type { Application, Card } from '../model.ts';
import { TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';

/** What a card change comes to: the application that was given, and no events, when there is nothing to change. */
export interface CardChange {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/** Cards of one applicant, removed and refused ones too, and attempts to bind one: who needs more is trying numbers. */
export const CARDS_MAX = 20;
export const CARD_ATTEMPTS_MAX = 40;

/** What keeps another attempt to bind a card off; undefined when nothing does. */
export function cardLimit(application: Application, cardId: string): string | undefined {
  const cards = cardsOf(application);
  const attempts = cards.reduce((sum, card) => sum + card.attempts, 0);
  if (attempts >= CARD_ATTEMPTS_MAX) return `${CARD_ATTEMPTS_MAX} attempts to bind a card`;
  const isNew = !cards.some(({ id }) => id === cardId);
  return isNew && cards.length >= CARDS_MAX ? `${CARDS_MAX} cards` : undefined;
}

export function cardsOf(application: Application): readonly Card[] {
  return application.cards ?? [];
}

/** The card that a drawdown or a repayment may use: one that is bound and was not removed. */
export function cardFor(application: Application, cardId: string): Card | undefined {
  return cardsOf(application).find(({ id, status }) => id === cardId && status === 'active');
}

/** A card as its applicant gives it; the number is not among it. */
export interface WantedCard {
  readonly id: string;
  readonly bank_code: string | null;
  readonly last4: string;
}

/** The card begins to be bound, for the first time or again after it was refused or removed. */
export function requestCard(application: Application, wanted: WantedCard, at: string): CardChange & { card: Card } {
  const before = cardsOf(application).find(({ id }) => id === wanted.id);
  const card: Card = {
    ...wanted,
    default: false,
    status: 'pending',
    reason: null,
    attempts: (before?.attempts ?? 0) + 1,
    requested_at: at,
    bound_at: null,
    created_at: before?.created_at ?? at,
  };
  const event: DraftEvent = { type: 'card.requested', occurred_at: at, data: { card_id: card.id, card } };
  return { application: withCard(application, card), events: [event], card };
}

/** The lender has bound a card that was pending; the first one is the default. */
export function activateCard(application: Application, cardId: string, at: string): CardChange {
  const card = pendingCard(application, cardId);
  if (!card) return { application, events: [] };
  const isDefault = !cardsOf(application).some((one) => one.default && one.status === 'active');
  const bound: Card = { ...card, status: 'active', reason: null, bound_at: at, default: isDefault };
  const event: DraftEvent = { type: 'card.bound', occurred_at: at, data: { card_id: cardId, default: isDefault } };
  return { application: withCard(application, bound), events: [event] };
}

/** A card that was pending will not do. */
export function refuseCard(application: Application, cardId: string, reason: string, at: string): CardChange {
  const card = pendingCard(application, cardId);
  if (!card) return { application, events: [] };
  const event: DraftEvent = { type: 'card.refused', occurred_at: at, data: { card_id: cardId, reason } };
  return { application: withCard(application, { ...card, status: 'refused', reason }), events: [event] };
}

/** A card is taken off; the newest one that is left becomes the default where it was the default. */
export function removeCard(application: Application, cardId: string, at: string): CardChange {
  const card = cardsOf(application).find(({ id }) => id === cardId);
  if (card === undefined || card.status === 'removed') return { application, events: [] };
  const removed = withCard(application, { ...card, status: 'removed', default: false });
  const heir = card.default ? newestActive(removed) : undefined;
  const changed = heir ? withCard(removed, { ...heir, default: true }) : removed;
  const data = { card_id: cardId, default_card_id: heir?.id ?? null };
  return { application: changed, events: [{ type: 'card.removed', occurred_at: at, data }] };
}

/** The loan that still needs the card; undefined when it may go. */
export function loanOnCard(application: Application, cardId: string): string | undefined {
  const isOver = (status: string): boolean =>
    (TERMINAL_LOAN_STATUSES as ReadonlySet<string>).has(status) || status === 'settled';
  return application.loans.find((loan) => loan.card_id === cardId && !isOver(loan.status))?.id;
}

function pendingCard(application: Application, cardId: string): Card | undefined {
  return cardsOf(application).find(({ id, status }) => id === cardId && status === 'pending');
}

function newestActive(application: Application): Card | undefined {
  const active = cardsOf(application).filter(({ status }) => status === 'active');
  return active.reduce<Card | undefined>(
    (newest, card) => (newest === undefined || (card.bound_at ?? '') >= (newest.bound_at ?? '') ? card : newest),
    undefined,
  );
}

function withCard(application: Application, card: Card): Application {
  const cards = cardsOf(application);
  const isKnown = cards.some(({ id }) => id === card.id);
  return { ...application, cards: isKnown ? cards.map((one) => (one.id === card.id ? card : one)) : [...cards, card] };
}
