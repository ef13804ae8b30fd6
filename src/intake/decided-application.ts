import type { DraftEvent } from '../applications/context.ts';
import type { Application } from '../applications/model.ts';
import { applicationDelivery, queueDelivery } from '../applications/push/delivery.ts';
import { judgeVerifications, verificationAnnotations } from '../applications/verification/judge-verifications.ts';
import { DAY_MS, isoOf } from '../base/clock.ts';
import type { Effect } from '../events/commit.ts';
import type { Registry } from '../registry/registry.ts';
import type { Refusal } from '../screening/decision.ts';
import { pinsAt } from './pins-at.ts';
import type { Screening } from './screen-application.ts';

/** The application as accepted: whose it is and for how long, and the terms that price it. */
export function received(
  registry: Registry,
  application: Application,
  customer: Application['customer'],
  nowMs: number,
): Application {
  const lockDays = registry.products.get(application.product_id)?.lock_days ?? 0;
  const earner = application.attribution.partner_id;
  // A live reservation that was cited has brought its quoted terms along; otherwise today's are pinned.
  const quoted = Object.keys(application.pins).length > 0;
  const { others: _, ...subject } = application.subject;
  return {
    ...application,
    subject,
    status: 'received',
    customer,
    accepted_at: isoOf(nowMs),
    lock_until: isoOf(nowMs + lockDays * DAY_MS),
    pins: quoted || earner === null ? application.pins : pinsAt(registry, earner, nowMs),
  };
}

/** What goes with the step that accepts it: its intent is over, and its lender is to be told. @param realNowMs real time */
export function acceptedEffects({ id, origin, lender_id: lenderId }: Application, realNowMs: number): Effect[] {
  const over: Effect = { do: 'ZREM', key: 'intents', member: id };
  // A lender knows what began there.
  return origin === 'lender' ? [over] : [over, queueDelivery(applicationDelivery({ id }), lenderId, realNowMs)];
}

/** The application as refused, with the reason that we keep whatever the partner is told. */
export function refused({ offer: _, ...application }: Application, why: Refusal): Application {
  return {
    ...application,
    status: 'refused',
    reason: why.reason,
    detail: why.detail,
    retry_at: why.retryAtMs === null ? null : isoOf(why.retryAtMs),
    existing_application_id: why.existingApplicationId,
  };
}

/** What was found out stays on the application; what had to wait for it does not. */
export function withScreening(
  { ruled: _, checking: __, ...application }: Application,
  screening: Screening,
  requiredVerifications: readonly string[],
): Application {
  const { funderIds, trusted } = screening;
  const verdict = judgeVerifications(requiredVerifications, application.verifications);
  const annotations = [...screening.annotations, ...verificationAnnotations(verdict)];
  return {
    ...application,
    ...(trusted ? { trusted } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
    funder_ids: screening.refusal ? application.funder_ids : funderIds,
  };
}

export function refusedEvent(application: Application, nowMs: number): DraftEvent {
  const { reason, detail, retry_at, existing_application_id, trusted, annotations } = application;
  const found = { existing_application_id, trusted, annotations };
  const data = { reason, detail, retry_at, ...found, ...broughtAlong(application) };
  return { type: 'application.refused', occurred_at: isoOf(nowMs), data };
}

export function receivedEvent(application: Application, nowMs: number): DraftEvent {
  const { requested, offer, precheck_id, funder_ids, lock_until, trusted, annotations } = application;
  const found = { funder_ids, lock_until, trusted, annotations };
  const data = { requested, offer, precheck_id, ...found, ...broughtAlong(application) };
  return { type: 'application.received', occurred_at: isoOf(nowMs), data };
}

/** What the applicant accepted and how they were checked, as the notes have it: without anything of the person. */
function broughtAlong({ consents, verifications }: Application): DraftEvent['data'] {
  return { ...(consents ? { consents } : {}), ...(verifications ? { verifications } : {}) };
}
