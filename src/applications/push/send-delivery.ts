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
import { applyLoanAnswer } from './loan-answer.ts';
import type { ClaimedDelivery, Outbox } from './outbox.ts';
import { planDelivery } from './plan-delivery.ts';
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
  /** Business time: when an answer counts as given. */
  readonly clock: Clock;
  /** Real time: retries. */
  readonly realClock: Clock;
  readonly random: () => number;
  readonly observer: PushObserver;
}

/** A push that is held, or waits for its application, is looked at again after this long. */
const LOOK_AGAIN_MS = SECOND_MS;
const HELD_LOOK_AGAIN_MS = 10 * SECOND_MS;

/**
 * Sends one claimed delivery and writes down what became of it: applied together with its removal from the outbox, put off,
 * or given up. A crash anywhere in between leaves it in the outbox, and it is sent again under the same id.
 * @returns ms until it is due again, or undefined when it is gone
 * @throws when Redis fails; the claim then runs out by itself
 */
export async function sendDelivery(deps: SendDeps, claimed: ClaimedDelivery): Promise<number | undefined> {
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
  let message: CoreMessage;
  if (plan.do === 'send_loan') {
    message = { deliveryId: delivery.id, path: '/loans', body: loanBody(delivery.id, application, plan.loan) };
  } else {
    const sealed = await deps.store.sealed(application.id);
    if (sealed === undefined) return bury(deps, delivery, application.lender_id, 'record_erased', null);
    const record = deps.openRecord(sealed, application.id, application.lender_id);
    if (!record) return bury(deps, delivery, application.lender_id, 'record_unreadable', null);
    const body = applicationBody(delivery.id, application, record);
    message = { deliveryId: delivery.id, path: '/applications', body };
  }
  const startedMs = deps.realClock.nowMs();
  const outcome = await deps.client.post(application.lender_id, core, message);
  if (outcome.kind === 'deferred') {
    // No attempt was made, so the wait does not grow; but the delivery is fresh no longer.
    const waitMs = Math.round(outcome.waitMs * (1 + deps.random()));
    return putOff(deps, claimed, waitMs, Math.max(claimed.attempts, 1));
  }
  return settle(deps, claimed, application, outcome, startedMs);
}

async function settle(
  deps: SendDeps,
  claimed: ClaimedDelivery,
  application: Application,
  outcome: PushOutcome,
  startedMs: number,
): Promise<number | undefined> {
  const { delivery } = claimed;
  const lenderId = application.lender_id;
  if (outcome.kind === 'retry') return retry(deps, claimed, lenderId, outcome.error, outcome.retryAfterMs);
  if (outcome.kind === 'dead') return bury(deps, delivery, lenderId, outcome.error, outcome.status);
  await applyAnswer(deps, delivery, lenderId, outcome.answer);
  deps.observer.delivered(delivery, lenderId, outcome.answer.result, deps.realClock.nowMs() - startedMs);
  return undefined;
}

async function applyAnswer(deps: SendDeps, delivery: Delivery, lenderId: string, answer: PushAnswer): Promise<void> {
  const { store, clock } = deps;
  const objectId = delivery.kind === 'loan' ? delivery.loanId : delivery.applicationId;
  if (answer.lender_ref) await store.bindReference(lenderId, answer.lender_ref, objectId);
  const effects: Effect[] = [{ do: 'ZREM', key: 'outbox', member: formatDelivery(delivery) }];
  const nowMs = clock.nowMs();
  await store.change(delivery.applicationId, (application) => {
    const applied =
      delivery.kind === 'loan'
        ? applyLoanAnswer(application, delivery.loanId, answer, nowMs)
        : applyPushAnswer(application, answer, nowMs, deps.refusedDaysOf(application.product_id));
    const changed = applied.application === application ? undefined : applied.application;
    return { application: changed, events: applied.events, effects, result: undefined };
  });
}

async function drop(deps: SendDeps, delivery: Delivery): Promise<undefined> {
  await deps.outbox.remove(delivery);
}

async function putOff(deps: SendDeps, claimed: ClaimedDelivery, waitMs: number, attempts: number): Promise<number> {
  await deps.outbox.putOff(claimed.delivery, deps.realClock.nowMs() + waitMs, attempts);
  return waitMs;
}

async function retry(
  deps: SendDeps,
  claimed: ClaimedDelivery,
  lenderId: string,
  error: string,
  retryAfterMs: number,
): Promise<number> {
  const attempts = claimed.attempts + 1;
  const waitMs = retryDelayMs(attempts, deps.random(), retryAfterMs);
  await putOff(deps, claimed, waitMs, attempts);
  deps.observer.retried(claimed.delivery, lenderId, error, waitMs);
  return waitMs;
}

async function bury(
  deps: SendDeps,
  delivery: Delivery,
  lenderId: string,
  error: string,
  status: number | null,
): Promise<undefined> {
  await deps.outbox.bury(delivery, { error, status, at: isoOf(deps.realClock.nowMs()) });
  deps.observer.dead(delivery, lenderId, error);
}
