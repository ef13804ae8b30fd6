import { type Clock, isoOf, SECOND_MS } from '../../base/clock.ts';
import type { Effect } from '../../events/commit.ts';
import { applyPushAnswer } from '../lifecycle/push-answer.ts';
import type { Application } from '../model.ts';
import type { SealedRecord } from '../sealed-record.ts';
import type { ApplicationStore } from '../store.ts';
import type { CoreAddress, CoreClient, CoreMessage } from './core-client.ts';
import { type Delivery, formatDelivery } from './delivery.ts';
import { applicationBody, loanBody } from './delivery-body.ts';
import type { PushAnswer, PushOutcome } from './judge-response.ts';
import { type LenderMessage, type MessageAbout, messageBody } from './lender-message.ts';
import { applyLoanAnswer } from './loan-answer.ts';
import { type AnsweredMessage, applyMessageAnswer } from './message-answers/apply-message-answer.ts';
import { isMessageKind, MESSAGE_PATHS } from './message-kind.ts';
import type { ClaimedDelivery, Outbox } from './outbox.ts';
import { type DeliveryPlan, planDelivery } from './plan-delivery.ts';
import { retryDelayMs } from './retry-delay.ts';

/** How a lender is reached now: `held` = an operator holds its pushes, nothing is wrong. */
export type CoreLookup = CoreAddress | 'held' | undefined;

/** What the sender tells the outside about itself. Delivery ids only, never what is in them. */
export interface PushObserver {
  delivered(delivery: Delivery, lenderId: string, result: PushAnswer['result'], tookMs: number): void;
  retried(delivery: Delivery, lenderId: string, error: string, waitMs: number): void;
  dead(delivery: Delivery, lenderId: string, error: string): void;
  failed(error: unknown): void;
}

export interface SendDeps {
  readonly store: ApplicationStore;
  readonly outbox: Outbox;
  readonly client: CoreClient;
  readonly coreOf: (lenderId: string, productId: string) => CoreLookup;
  /** Days for which a product keeps out whom its lender declined without a date. */
  readonly refusedDaysOf: (productId: string) => number;
  /** Opens an application's sealed personal data for its lender; undefined when it cannot be opened. */
  readonly openRecord: (sealed: string, applicationId: string, lenderId: string) => SealedRecord | undefined;
  /** Opens a sealed message of an application; undefined when it cannot be opened. */
  readonly openMessage: (sealed: string, applicationId: string, deliveryId: string) => LenderMessage | undefined;
  /** Business time: when an answer counts as given. */
  readonly clock: Clock;
  /** Real time: retries. */
  readonly realClock: Clock;
  readonly random: () => number;
  readonly observer: PushObserver;
}

/** What became of one attempt. */
export type Sent =
  | { readonly kind: 'answered'; readonly answer: PushAnswer }
  /** It is due again after so many ms. */
  | { readonly kind: 'waiting'; readonly waitMs: number }
  | { readonly kind: 'dead'; readonly error: string }
  /** Nobody needed it any more. */
  | { readonly kind: 'gone' };

/** A push that is held, or waits for its application, is looked at again after this long. */
const LOOK_AGAIN_MS = SECOND_MS;
const HELD_LOOK_AGAIN_MS = 10 * SECOND_MS;

/**
 * Sends one claimed delivery and writes down what became of it: applied together with its removal from the outbox, put off,
 * or given up. A crash anywhere in between leaves it in the outbox, and it is sent again under the same id.
 * @throws when Redis fails; the claim then runs out by itself
 */
export async function sendDelivery(deps: SendDeps, claimed: ClaimedDelivery): Promise<Sent> {
  const { delivery } = claimed;
  const current = await deps.store.load(delivery.applicationId);
  if (!current) return drop(deps, delivery);
  const { application } = current;
  const plan = planDelivery(delivery, application);
  if (plan.do === 'drop') return drop(deps, delivery);
  if (plan.do === 'wait') return putOff(deps, claimed, LOOK_AGAIN_MS, claimed.attempts);
  const core = deps.coreOf(application.lender_id, application.product_id);
  if (core === 'held') return putOff(deps, claimed, HELD_LOOK_AGAIN_MS, Math.max(claimed.attempts, 1));
  if (core === undefined) return retry(deps, claimed, application.lender_id, 'no_core', 0);
  const prepared = await prepare(deps, delivery, application, plan);
  if (prepared.kind === 'gone') return drop(deps, delivery);
  if (prepared.kind === 'unreadable') return bury(deps, delivery, application.lender_id, prepared.error, null);
  const startedMs = deps.realClock.nowMs();
  const outcome = await deps.client.post(application.lender_id, core, prepared.message);
  if (outcome.kind === 'deferred') {
    // No attempt was made, so the wait does not grow; but the delivery is fresh no longer.
    const waitMs = Math.round(outcome.waitMs * (1 + deps.random()));
    return putOff(deps, claimed, waitMs, Math.max(claimed.attempts, 1));
  }
  return settle(deps, claimed, { application, about: prepared.about }, outcome, startedMs);
}

type Prepared =
  | { readonly kind: 'ready'; readonly message: CoreMessage; readonly about: MessageAbout }
  | { readonly kind: 'unreadable'; readonly error: 'record_erased' | 'record_unreadable' }
  | { readonly kind: 'gone' };

/** The message as it goes over the wire; personal data is opened here and held only while it is sent. */
async function prepare(
  deps: SendDeps,
  { id }: Delivery,
  application: Application,
  plan: Exclude<DeliveryPlan, { readonly do: 'wait' | 'drop' }>,
): Promise<Prepared> {
  if (plan.do === 'send_loan') {
    const body = loanBody(id, application, plan.loan);
    return { kind: 'ready', message: { deliveryId: id, path: '/loans', body }, about: {} };
  }
  if (plan.do === 'send_message') {
    const text = await deps.store.message(application.id, id);
    if (text === undefined) return { kind: 'gone' };
    const opened = deps.openMessage(text, application.id, id);
    if (!opened) return { kind: 'unreadable', error: 'record_unreadable' };
    const body = messageBody(id, application, opened);
    return { kind: 'ready', message: { deliveryId: id, path: MESSAGE_PATHS[plan.kind], body }, about: opened.about };
  }
  const sealed = await deps.store.sealed(application.id);
  if (sealed === undefined) return { kind: 'unreadable', error: 'record_erased' };
  const record = deps.openRecord(sealed, application.id, application.lender_id);
  if (!record) return { kind: 'unreadable', error: 'record_unreadable' };
  const body = applicationBody(id, application, record);
  return { kind: 'ready', message: { deliveryId: id, path: '/applications', body }, about: {} };
}

interface About {
  readonly application: Application;
  readonly about: MessageAbout;
}

async function settle(
  deps: SendDeps,
  claimed: ClaimedDelivery,
  { application, about }: About,
  outcome: PushOutcome,
  startedMs: number,
): Promise<Sent> {
  const { delivery } = claimed;
  const lenderId = application.lender_id;
  if (outcome.kind === 'retry') return retry(deps, claimed, lenderId, outcome.error, outcome.retryAfterMs);
  if (outcome.kind === 'dead') return bury(deps, delivery, lenderId, outcome.error, outcome.status);
  await applyAnswer(deps, delivery, { application, about }, outcome.answer);
  deps.observer.delivered(delivery, lenderId, outcome.answer.result, deps.realClock.nowMs() - startedMs);
  return { kind: 'answered', answer: outcome.answer };
}

async function applyAnswer(
  deps: SendDeps,
  delivery: Delivery,
  { application: { lender_id: lenderId }, about }: About,
  answer: PushAnswer,
): Promise<void> {
  const { store, clock } = deps;
  const effects: Effect[] = [{ do: 'ZREM', key: 'outbox', member: formatDelivery(delivery) }];
  if (isMessageKind(delivery.kind)) {
    effects.push({ do: 'HDEL', key: 'messages', field: delivery.id });
  } else if (answer.lender_ref) {
    const objectId = delivery.kind === 'loan' ? delivery.loanId : delivery.applicationId;
    await store.bindReference(lenderId, answer.lender_ref, objectId);
  }
  const nowMs = clock.nowMs();
  await store.change(delivery.applicationId, (application) => {
    const applied = answered(deps, application, delivery, about, answer, nowMs);
    const changed = applied.application === application ? undefined : applied.application;
    return { application: changed, events: applied.events, effects, result: undefined };
  });
}

function answered(
  deps: SendDeps,
  application: Application,
  delivery: Delivery,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  switch (delivery.kind) {
    case 'application':
      return applyPushAnswer(application, answer, nowMs, deps.refusedDaysOf(application.product_id));
    case 'loan':
      return applyLoanAnswer(application, delivery.loanId, answer, nowMs);
    default:
      return applyMessageAnswer(delivery.kind, application, about, answer, nowMs);
  }
}

async function drop(deps: SendDeps, delivery: Delivery): Promise<Sent> {
  await deps.outbox.remove(delivery);
  return { kind: 'gone' };
}

async function putOff(deps: SendDeps, claimed: ClaimedDelivery, waitMs: number, attempts: number): Promise<Sent> {
  await deps.outbox.putOff(claimed.delivery, deps.realClock.nowMs() + waitMs, attempts);
  return { kind: 'waiting', waitMs };
}

async function retry(
  deps: SendDeps,
  claimed: ClaimedDelivery,
  lenderId: string,
  error: string,
  retryAfterMs: number,
): Promise<Sent> {
  const attempts = claimed.attempts + 1;
  const waitMs = retryDelayMs(attempts, deps.random(), retryAfterMs);
  await putOff(deps, claimed, waitMs, attempts);
  deps.observer.retried(claimed.delivery, lenderId, error, waitMs);
  return { kind: 'waiting', waitMs };
}

async function bury(
  deps: SendDeps,
  delivery: Delivery,
  lenderId: string,
  error: string,
  status: number | null,
): Promise<Sent> {
  await deps.outbox.bury(delivery, { error, status, at: isoOf(deps.realClock.nowMs()) });
  deps.observer.dead(delivery, lenderId, error);
  return { kind: 'dead', error };
}
