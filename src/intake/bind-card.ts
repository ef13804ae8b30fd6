import { createHash } from 'node:crypto';
import { consentParties } from '../applications/consents/consent-parties.ts';
import { actionsOf, openActionOf } from '../applications/lifecycle/actions.ts';
import { TERMINAL_APPLICATION_STATUSES } from '../applications/lifecycle/application-transitions.ts';
import { cardLimit, cardsOf, refuseCard, requestCard } from '../applications/lifecycle/cards.ts';
import type { Action, Application, Card, VerificationNote } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/product-as-accepted.ts';
import { withVerifications } from '../applications/verification/note-verifications.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import { changeRecord, type RecordChange } from './change-record.ts';
import { checkCard } from './check-card.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { missingForStage } from './missing-requirements.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';
import { mergePapers, normalisedCard, normalisedPapers, notePapers } from './supplied-papers.ts';

/** A card as it arrives; its number has passed the Luhn check. */
export interface CardInput {
  readonly number: string;
  readonly bank_code?: string | undefined;
  /** The phone reserved at the bank. */
  readonly phone: string;
  readonly consents?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

export type BindResult =
  /** Not yet active: it waits for the lender, or for `nextAction`. */
  | {
      readonly kind: 'card';
      readonly card: Card;
      readonly nextAction: Action | undefined;
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly card: Card; readonly reason: string }
  | { readonly kind: 'faults'; readonly faults: readonly InputFault[] }
  | { readonly kind: 'illegal'; readonly message: string }
  /** `limit`: what the applicant has had as many of as there may be. */
  | { readonly kind: 'too_many'; readonly limit: string };

/** A card on its way, its number in plain only here. */
interface WantedCard {
  readonly id: string;
  readonly number: string;
  readonly phone: string;
  readonly bank_code: string | null;
  readonly last4: string;
}

/**
 * Binds an applicant's card at the lender. The same number is the same card, and one message; once it was refused or removed,
 * or nobody has answered what was asked for it, it is tried anew. What is kept of the number here is its last four digits.
 */
export async function bindCard(
  deps: IntakeDeps,
  application: Application,
  product: AcceptedProduct | undefined,
  input: CardInput,
): Promise<BindResult> {
  const wanted = wantedCard(deps, application, input);
  const known = findCard(application, wanted.id);
  if (known !== undefined && !isTriedAnew(application, known)) return outcome(deps, application, known, true);
  if (TERMINAL_APPLICATION_STATUSES.has(application.status)) {
    return { kind: 'illegal', message: `an application that is ${application.status} takes no card` };
  }
  const limit = cardLimit(application, wanted.id);
  if (limit !== undefined) return { kind: 'too_many', limit };
  const nowMs = deps.clock.nowMs();
  const faults = missingCardConsents(application, product, input, nowMs);
  if (faults.length > 0) return { kind: 'faults', faults };
  await deps.store.bindObject(wanted.id, application.id);
  const checks = await checkCard(deps, application, product, { number: wanted.number, phone: wanted.phone });
  const { application: written, result } = await write(deps, application, { wanted, input, checks, nowMs });
  if (result === 'too_many') return { kind: 'too_many', limit: cardLimit(written, wanted.id) ?? 'cards' };
  if (result === 'illegal') return { kind: 'illegal', message: `the application is ${written.status}` };
  const card = findCard(written, wanted.id);
  if (card === undefined) throw new Error(`card ${wanted.id} was not written`);
  return outcome(deps, written, card, result === 'known');
}

/** Waits for the lender where it has not answered, and tells what the card has come to. */
async function outcome(deps: IntakeDeps, application: Application, card: Card, replayed: boolean): Promise<BindResult> {
  let now = application;
  if (card.status === 'pending' && openActionOf(application, { card_id: card.id }) === undefined) {
    const deliveryId = cardDeliveryId(application, card);
    await sendMessage(deps, application, { kind: 'card', deliveryId });
    now = (await deps.store.load(application.id))?.application ?? application;
  }
  const after = findCard(now, card.id) ?? card;
  if (after.status === 'refused') return { kind: 'refused', card: after, reason: after.reason ?? 'lender_rejected' };
  const nextAction = openActionOf(now, { card_id: card.id });
  return { kind: 'card', card: after, nextAction, replayed };
}

interface Attempt {
  readonly wanted: WantedCard;
  readonly input: CardInput;
  readonly checks: readonly VerificationNote[];
  readonly nowMs: number;
}

/** The card as pending and the message about it; a card that our own check has refused is told nobody. */
function write(deps: IntakeDeps, application: Application, { wanted, input, checks, nowMs }: Attempt) {
  const { id, number, phone, bank_code, last4 } = wanted;
  const papers = normalisedPapers({ consents: input.consents });
  const at = isoOf(nowMs);
  type Written = 'written' | 'known' | 'illegal' | 'too_many';
  return changeRecord<Written>(deps, application.id, 'card_binding', (current, record): RecordChange<Written> => {
    const known = findCard(current, id);
    if (known !== undefined && !isTriedAnew(current, known)) return { result: 'known' };
    if (TERMINAL_APPLICATION_STATUSES.has(current.status)) return { result: 'illegal' };
    if (cardLimit(current, id) !== undefined) return { result: 'too_many' };
    const noted = notePapers(withVerifications(current, checks), papers, record, nowMs);
    const requested = requestCard(noted.application, { id, bank_code, last4 }, at);
    const told = { ...noted.data, ...(checks.length > 0 ? { verifications: checks } : {}) };
    const events = requested.events.map((event) => ({ ...event, data: { ...event.data, ...told } }));
    const adds = record !== undefined && papers.consents.length > 0 ? { record: mergePapers(record, papers) } : {};
    if (checks.some(({ result }) => result === 'fail')) {
      const refused = refuseCard(requested.application, id, 'four_elements', at);
      return { ...adds, application: refused.application, events: [...events, ...refused.events], result: 'written' };
    }
    const message: AddressedMessage = {
      kind: 'card',
      deliveryId: cardDeliveryId(current, requested.card),
      about: { card_id: id, attempt: requested.card.attempts },
      body: { card_id: id, number, bank_code, phone },
    };
    const effects = writeMessage(deps, current, message);
    return { ...adds, application: requested.application, events, effects, result: 'written' };
  });
}

/** Refused, removed, or asked for something that nobody has answered in time. */
function isTriedAnew(application: Application, card: Card): boolean {
  if (card.status !== 'pending') return card.status !== 'active';
  if (openActionOf(application, { card_id: card.id })) return false;
  return actionsOf(application).some(({ card_id, asked_at }) => card_id === card.id && asked_at >= card.requested_at);
}

function missingCardConsents(
  application: Application,
  product: AcceptedProduct | undefined,
  { consents }: CardInput,
  nowMs: number,
): InputFault[] {
  if (product === undefined) return [];
  const facts = { parties: consentParties(product, application), nowMs, accepted: application.consents };
  return missingForStage('card', { consents }, product.requirements, facts);
}

function wantedCard({ tokenizer }: IntakeDeps, { id }: Application, input: CardInput): WantedCard {
  const { number, phone } = normalisedCard({ number: input.number, phone: input.phone }) as Record<string, string>;
  const digits = number ?? input.number;
  const token = tokenizer.token('bank_card', 'sha256', createHash('sha256').update(digits).digest('hex'));
  return {
    id: derivedIdBeside('card', id, token),
    number: digits,
    phone: phone ?? input.phone,
    bank_code: input.bank_code ?? null,
    last4: digits.slice(-4),
  };
}

function findCard(application: Application, cardId: string): Card | undefined {
  return cardsOf(application).find(({ id }) => id === cardId);
}

/** One message an attempt: a retry of the request is a retry of the message. */
function cardDeliveryId({ id }: Application, card: Card): string {
  return derivedIdBeside('dlv', id, 'card', card.id, String(card.attempts));
}
