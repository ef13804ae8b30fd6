import { consentParties } from '../applications/consents/consent-parties.ts';
import { newConsents, withConsents } from '../applications/consents/note-consents.ts';
import { cardFor, cardsOf } from '../applications/lifecycle/cards.ts';
import {
  type LoanOffer,
  type LoanRequest,
  type LoanRequestResult,
  requestLoan,
} from '../applications/lifecycle/request-loan.ts';
import type { Application, Requested } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/offer.ts';
import { loanDelivery, queueDelivery } from '../applications/push/delivery.ts';
import { findQuote } from '../applications/quote/find-quote.ts';
import { type QuoteFit, quoteFits } from '../applications/quote/stored-quote.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import { changeRecord, type RecordChange } from './change-record.ts';
import { isCardField, isCheckedWithCard } from './check-card.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { missingForStage } from './missing-requirements.ts';
import { type PrivateDrawdown, recordDrawdown } from './record-drawdown.ts';
import { identitiesIn } from './supplied-papers.ts';

/** A drawdown as it arrives. */
export interface DrawDownInput extends Requested, PrivateDrawdown {
  /** The partner's reference: the same again is a retry. */
  readonly partner_ref: string;
  readonly quote_id?: string | undefined;
  readonly card_id?: string | undefined;
}

export type DrawDownResult =
  | LoanRequestResult
  | Extract<QuoteFit, { readonly ok: false }>
  | { readonly ok: false; readonly status: 422; readonly faults: readonly InputFault[] }
  | DrawdownsStopped;

/** Somebody has stopped drawdowns of the product; epoch ms of business time until when, null = nobody knows. */
export interface DrawdownsStopped {
  readonly ok: false;
  readonly status: 409;
  readonly code: 'product_paused';
  readonly untilMs: number | null;
}

/** One drawdown on its way. */
interface Drawdown {
  readonly product: AcceptedProduct;
  readonly input: DrawDownInput;
  readonly request: LoanRequest;
  readonly offer: LoanOffer;
  /** Whether we have cards checked when they are bound. */
  readonly checksCards: boolean;
  readonly nowMs: number;
}

/**
 * Opens a loan under an application's credit. The loan can be found by its id before anybody is told of it; card and
 * consents are sealed with the applicant's data, and the lender's message is queued, in the step that opens the loan. The
 * same request again finds the loan, before anything else is asked of it.
 */
export async function drawDown(
  deps: IntakeDeps,
  application: Application,
  product: AcceptedProduct,
  input: DrawDownInput,
): Promise<DrawDownResult> {
  const nowMs = deps.clock.nowMs();
  const wanted = requestOf(application, input);
  const offer = offerOf(product);
  const judged = requestLoan(application, wanted, nowMs, offer);
  if (!judged.ok || judged.replayed) return judged;
  const stopped = deps.pauses.stopOf(application.product_id, 'drawdowns', nowMs);
  if (stopped) return { ok: false, status: 409, code: 'product_paused', untilMs: stopped.untilMs };
  const quote = input.quote_id === undefined ? null : await findQuote(deps, application.id, input.quote_id);
  const fit = quote === null ? null : quoteFits(quote, wanted, nowMs);
  if (fit?.ok === false) return fit;
  const request: LoanRequest = { ...wanted, quoteRef: quote?.quote_ref ?? undefined };
  const drawdown: Drawdown = { product, input, request, offer, checksCards: deps.verifier !== undefined, nowMs };
  const faults = faultsOf(application, drawdown);
  if (faults.length > 0) return { ok: false, status: 422, faults };
  await deps.store.bindLoan(request.loanId, application.id);
  const changed = await changeRecord(deps, application.id, 'draw_down', (current, record) =>
    decide(current, record, drawdown, deps.realClock.nowMs()),
  );
  const { result } = changed;
  return result.ok ? { ...result, application: changed.application } : result;
}

function decide(
  current: Application,
  record: SealedRecord | undefined,
  drawdown: Drawdown,
  realNowMs: number,
): RecordChange<DrawDownResult> {
  const { input, offer, nowMs } = drawdown;
  const card = cardOf(current, input);
  const result = requestLoan(current, { ...drawdown.request, fallbackCardId: card }, nowMs, offer);
  if (!result.ok || result.replayed) return { result };
  // A card may have been removed, a consent withdrawn since.
  const faults = faultsOf(current, drawdown);
  if (faults.length > 0) return { result: { ok: false, status: 422, faults } };
  const known = identitiesIn(record?.applicant ?? {});
  const noted = withConsents(result.application, input.consents ?? [], isoOf(nowMs), known);
  const events = result.events.map((event) => ({
    ...event,
    data: { ...event.data, ...newConsents(current, noted) },
  }));
  return {
    application: noted,
    ...(record && { record: recordDrawdown(record, result.loan.id, input, card !== undefined) }),
    events,
    effects: [queueDelivery(loanDelivery(current, result.loan), current.lender_id, realNowMs)],
    result,
  };
}

function requestOf(application: Application, input: DrawDownInput): LoanRequest {
  return {
    loanId: derivedIdBeside('loan', application.id, input.partner_ref),
    partnerRef: input.partner_ref,
    amount: input.amount,
    term: input.term,
    termUnit: input.term_unit,
    purpose: input.purpose,
    quoteId: input.quote_id,
    cardId: input.card_id,
  };
}

function offerOf({ term, amount, eligibility, kind }: AcceptedProduct): LoanOffer {
  const { min, step } = amount;
  return { terms: term.options, min, step, purposes: eligibility.purposes, oneAtATime: kind === 'instalment' };
}

/** The bound card that the loan goes to: the one named, else the default one, unless another card came along. */
function cardOf(application: Application, { card_id, bank_card }: DrawDownInput): string | undefined {
  if (card_id !== undefined) return cardFor(application, card_id)?.id;
  if (bank_card !== undefined) return undefined;
  return cardsOf(application).find((card) => card.default && card.status === 'active')?.id;
}

/**
 * What a drawdown lacks: its consents, and a card where the product asks for one. A card that comes along is one that is bound
 * in passing, so it takes the consents of binding one too.
 */
function faultsOf(application: Application, { product, input, checksCards, nowMs }: Drawdown): InputFault[] {
  const { requirements } = product;
  const facts = { parties: consentParties(product, application), nowMs, accepted: application.consents };
  const given = { consents: input.consents };
  return [
    ...cardFaults(application, product, input),
    ...(checksCards ? uncheckedCard(product, input) : []),
    ...missingForStage('drawdown', given, requirements, facts),
    ...(input.bank_card === undefined ? [] : missingForStage('card', given, requirements, facts)),
  ];
}

/** A card that comes along would be lent to unchecked, where its check is made when it is bound. */
function uncheckedCard({ requirements }: AcceptedProduct, { bank_card }: DrawDownInput): InputFault[] {
  if (bank_card === undefined || !isCheckedWithCard(requirements)) return [];
  const message = 'this product has a card checked (four_elements) when it is bound: bind it first, and send card_id';
  return [{ pointer: '/bank_card', code: 'card_unchecked', message }];
}

/** A product asks for a card where it asks consent to debiting one, or for the applicant's among its fields. */
function cardFaults(application: Application, { requirements }: AcceptedProduct, input: DrawDownInput): InputFault[] {
  const hasCard = cardOf(application, input) !== undefined;
  if (input.card_id !== undefined && !hasCard) {
    const message = 'is no active card of this application: bind it first, or send bank_card';
    return [{ pointer: '/card_id', code: 'card_unknown', message }];
  }
  const isGiven = hasCard || input.bank_card !== undefined;
  // Whoever applied through a partner or our page has sent what the product asks for.
  const isKnown = application.origin !== 'lender' && requirements.applicant.some(isCardField);
  const isAsked =
    requirements.applicant.some(isCardField) || requirements.consents.some(({ stage }) => stage === 'card');
  if (isGiven || isKnown || !isAsked) return [];
  const message = 'this product needs a card: name one that is bound, or send bank_card';
  return [{ pointer: '/card_id', code: 'field_missing', message, missing: 'bank_card' }];
}
