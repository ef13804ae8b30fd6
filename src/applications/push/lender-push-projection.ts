import type { Clock } from '../../base/clock.ts';
import type { LogEvent } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import type { Application } from '../model.ts';
import type { ApplicationStore } from '../store.ts';
import { type Delivery, deliveryId } from './delivery.ts';
import type { Outbox } from './outbox.ts';

export interface LenderPushDeps {
  readonly store: ApplicationStore;
  readonly outbox: Outbox;
  /** Real time: retries run on it even while a sandbox clock is moved. */
  readonly realClock: Clock;
  /** Tells the sender in this process that a shard has something to send. */
  readonly kick: (shard: number) => void;
}

/** Puts what the lender's core must be told into the outbox: accepted applications, drawdowns that a partner asked for. */
export function createLenderPushProjection({ store, outbox, realClock, kick }: LenderPushDeps): Projection {
  return {
    name: 'lender-push',
    async apply(event) {
      if (event.type !== 'application.received' && event.type !== 'loan.requested') return;
      const current = await store.load(event.subject);
      if (!current) return;
      const delivery = deliveryFor(event, current.application);
      if (!delivery) return;
      await outbox.enqueue(delivery, realClock.nowMs());
      kick(event.shard);
    },
  };
}

/**
 * The delivery that an event asks for. None when the application began at the lender, which knows it, or when it has moved
 * on since: the log may be replayed long afterwards, and what the lender has must not be sent again.
 */
export function deliveryFor(event: LogEvent, application: Application): Delivery | undefined {
  const id = deliveryId(event.id);
  const applicationId = application.id;
  if (event.type === 'application.received') {
    const isNew = application.origin !== 'lender' && application.status === 'received';
    return isNew ? { id, kind: 'application', applicationId } : undefined;
  }
  if (event.type !== 'loan.requested' || event.data.by !== 'partner') return undefined;
  const loan = application.loans.find((candidate) => candidate.id === event.data.loan_id);
  if (loan?.status !== 'requested' || loan.lender_ref !== null) return undefined;
  return { id, kind: 'loan', applicationId, loanId: loan.id };
}
