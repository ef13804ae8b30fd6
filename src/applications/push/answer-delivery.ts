import { type Clock, isoOf } from '../../base/clock.ts';
import type { Effect } from '../../events/commit.ts';
import { applyPushAnswer } from '../lifecycle/push-answer.ts';
import { sweepSoon } from '../lifecycle/sweep-application.ts';
import type { Application } from '../model.ts';
import type { ApplicationStore } from '../store.ts';
import { withStanding } from '../with-standing.ts';
import { withoutIdentities } from '../without-identities.ts';
import type { AddressedDelivery, Delivery } from './delivery.ts';
import type { PushAnswer } from './judge-response.ts';
import type { MessageAbout } from './lender-message.ts';
import { applyLoanAnswer } from './loan-answer.ts';
import { type AnsweredMessage, applyMessageAnswer } from './message-answers/apply-message-answer.ts';
import { isMessageKind } from './message-kind.ts';

export interface AnswerDeps {
  readonly store: ApplicationStore;
  /** Days for which a product keeps out whom its lender declined without a date. */
  readonly refusedDaysOf: (productId: string) => number;
  /** Identities of an application's applicant in plain, to be kept out of texts; absent = only what looks like one is. */
  readonly identitiesOf?: (applicationId: string) => Promise<readonly string[]>;
  /** Business time: when an answer counts as given. */
  readonly clock: Clock;
  /** Real time: when the next delivery is due. */
  readonly realClock: Clock;
}

/**
 * Writes down what a lender answered to a delivery: what it changes, and that the delivery is done, in one step. The same
 * answer again changes nothing.
 */
export async function answerDelivery(
  deps: AnswerDeps,
  { delivery, lenderId }: AddressedDelivery,
  about: MessageAbout,
  given: PushAnswer,
): Promise<void> {
  const { store, clock, realClock } = deps;
  const { id, applicationId } = delivery;
  const answer = await withoutTheApplicant(deps, applicationId, given);
  const effects: Effect[] = [{ do: 'LEAVE', lenderId, id, nowMs: realClock.nowMs() }];
  if (isMessageKind(delivery.kind)) {
    effects.push({ do: 'HDEL', key: 'messages', field: id });
  } else if (answer.lender_ref) {
    const objectId = delivery.kind === 'loan' ? delivery.loanId : applicationId;
    await store.bindReference(lenderId, answer.lender_ref, objectId);
  }
  const nowMs = clock.nowMs();
  const apply = (application: Application): AnsweredMessage => {
    const after = answered(deps, application, delivery, about, answer, nowMs);
    return { ...after, events: withStanding(application, after.application, after.events, isoOf(nowMs)) };
  };
  if (answer.next_action) await bindAsked(store, applicationId, apply);
  await store.change(applicationId, (application) => {
    const applied = apply(application);
    const changed = applied.application === application ? undefined : applied.application;
    const asks = changed !== undefined && changed.actions !== application.actions;
    const timer = asks ? [sweepSoon(applicationId, nowMs)] : [];
    return { application: changed, events: applied.events, effects: [...effects, ...timer], result: undefined };
  });
}

/** Messages to the applicant mostly begin with the name, and are kept in the open. */
async function withoutTheApplicant(
  { identitiesOf }: AnswerDeps,
  applicationId: string,
  answer: PushAnswer,
): Promise<PushAnswer> {
  const message = answer.next_action?.message;
  if (identitiesOf === undefined || typeof message !== 'string' || message === '') return answer;
  const cleaned = withoutIdentities(message, await identitiesOf(applicationId));
  return { ...answer, next_action: { ...answer.next_action, message: cleaned } };
}

/** Whoever is told what to do may do it at once, so an action leads to its application before it is written. */
async function bindAsked(
  store: ApplicationStore,
  applicationId: string,
  apply: (application: Application) => AnsweredMessage,
): Promise<void> {
  const before = (await store.load(applicationId))?.application;
  if (before === undefined) return;
  const known = new Set(before.actions?.map(({ id }) => id));
  const asked = apply(before).application.actions?.filter(({ id }) => !known.has(id)) ?? [];
  await Promise.all(asked.map(({ id }) => store.bindObject(id, applicationId)));
}

function answered(
  deps: AnswerDeps,
  application: Application,
  delivery: Delivery,
  about: MessageAbout,
  answer: PushAnswer,
  nowMs: number,
): AnsweredMessage {
  switch (delivery.kind) {
    case 'application':
      return applyPushAnswer(
        application,
        answer,
        nowMs,
        application.offer?.refused_days ?? deps.refusedDaysOf(application.product_id),
      );
    case 'loan':
      return applyLoanAnswer(application, delivery.loanId, answer, nowMs);
    default:
      return applyMessageAnswer(delivery.kind, application, about, answer, nowMs);
  }
}
