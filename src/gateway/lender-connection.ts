import type { Logger } from 'pino';
import { DeadLetters } from '../applications/push/dead-letters.ts';
import { LenderHealth } from '../applications/push/lender-health.ts';
import type { LenderSettings } from '../applications/push/lender-line.ts';
import { type LenderMessage, messagePlace } from '../applications/push/lender-message.ts';
import { OutboxOverview } from '../applications/push/outbox-overview.ts';
import { createOutboxWorker, type OutboxWorker } from '../applications/push/outbox-worker.ts';
import { CoreProber } from '../applications/push/probes/core-prober.ts';
import { PulledDeliveries } from '../applications/push/pulled-deliveries.ts';
import type { CoreLookup, PushObserver } from '../applications/push/send-delivery.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import { SECOND_MS, systemClock } from '../base/clock.ts';
import type { Metrics } from '../http/metrics.ts';
import { identitiesOf } from '../intake/identities-of.ts';
import { createPersonalMessages } from '../privacy/personal-messages.ts';
import type { PersonalStore } from '../privacy/personal-store.ts';
import { createSealedMessages } from '../privacy/sealed-messages.ts';
import type { SealedSource } from '../privacy/sealed-source.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { Ground, Rooms } from './rooms.ts';

/** Everything between us and the lenders' cores. */
export interface LenderConnection {
  readonly worker: OutboxWorker;
  readonly dead: DeadLetters;
  readonly overview: OutboxOverview;
  readonly health: LenderHealth;
  readonly pulled: PulledDeliveries;
  readonly prober: CoreProber;
  /** Sealed messages that wait. */
  readonly sealed: SealedSource;
  /** The same as personal data. */
  readonly personal: PersonalStore;
}

export interface LenderConnectionSettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How a lender's core is reached now; `held` while pushes of the product are stopped. null = whatever is stopped. */
  readonly coreOf: (lenderId: string, productId: string | null) => CoreLookup;
}

/** Of a product that was taken off the list. */
const REFUSED_DAYS_UNLISTED = 30;

/** Composes the connection to lenders' cores; nothing is started yet. */
export function openLenderConnection(settings: LenderConnectionSettings): LenderConnection {
  const { ground, rooms, logger, metrics, coreOf } = settings;
  const { client, keys } = ground.redis;
  const { registry, config } = ground;
  const dead = new DeadLetters(client, keys);
  const overview = new OutboxOverview(client, keys);
  const health = new LenderHealth(client, keys, config.process);
  const shared = {
    store: rooms.store,
    outbox: rooms.outbox,
    dead,
    coreOf,
    identitiesOf: (id: string) => identitiesOf({ store: rooms.store, sealer: ground.secrets.sealer }, id),
    ...opening(ground),
    ...answering(ground),
  };
  const worker = createOutboxWorker({
    ...shared,
    overview,
    health,
    share: config.process,
    settingsOf: (lenderId) => coreSettings(registry.current().lenders.get(lenderId)),
    observer: pushObserver(logger, metrics, ground.failed('outbox')),
  });
  metrics.watchLenders({ outboxes: () => overview.byLender(), breakers: () => worker.breakers() });
  return {
    worker,
    dead,
    overview,
    health,
    prober: new CoreProber({
      ...shared,
      coreOf: (lenderId) => coreOf(lenderId, null),
      timeoutOf: (lenderId) => coreSettings(registry.current().lenders.get(lenderId)).timeoutMs,
    }),
    pulled: new PulledDeliveries({ ...shared, client, keys }),
    sealed: createSealedMessages(client, keys),
    personal: createPersonalMessages({ client, keys, sealer: ground.secrets.sealer }),
  };
}

/** What a lender's file says of how it is sent to. */
export function coreSettings(lender: Pick<Lender, 'core'> | undefined): Partial<LenderSettings> {
  const core = lender?.core;
  if (core === undefined || core === 'sandbox') return {};
  if ('pull' in core) return { isPulled: true };
  return {
    maxConcurrent: core.max_concurrent,
    timeoutMs: core.timeout_ms,
    retryMaxMs: core.retry_max_seconds * SECOND_MS,
  };
}

/** Personal data is opened for its lender, and every opening is logged. */
function opening({ secrets }: Ground) {
  return {
    openRecord: (sealed: string, applicationId: string, actor: string): SealedRecord | undefined => {
      const access = { purpose: 'lender_push', applicationId, actor } as const;
      const opened = secrets.sealer.openJson(sealed, applicationId, access);
      return opened.ok ? (opened.plain as SealedRecord) : undefined;
    },
    openMessage: (
      sealed: string,
      applicationId: string,
      deliveryId: string,
      actor: string,
    ): LenderMessage | undefined => {
      const access = { purpose: 'lender_push', applicationId, actor } as const;
      const opened = secrets.sealer.openJson(sealed, messagePlace(applicationId, deliveryId), access);
      return opened.ok ? (opened.plain as LenderMessage) : undefined;
    },
  };
}

function answering({ clock, registry }: Ground) {
  return {
    refusedDaysOf: (productId: string) =>
      registry.current().products.get(productId)?.refused_days ?? REFUSED_DAYS_UNLISTED,
    clock,
    realClock: systemClock,
  };
}

function pushObserver(logger: Logger, metrics: Metrics, failed: (error: unknown) => void): PushObserver {
  return {
    delivered: (delivery, lender, result, tookMs) => {
      metrics.countPush(lender, delivery.kind, result);
      logger.debug({ delivery: delivery.id, lender, result, ms: Math.round(tookMs) }, 'delivered');
    },
    retried: (delivery, lender, error, waitMs) => {
      metrics.countPush(lender, delivery.kind, 'retried');
      logger.warn({ delivery: delivery.id, lender, error, wait_ms: waitMs }, 'delivery will be retried');
    },
    dead: (delivery, lender, error) => {
      metrics.countPush(lender, delivery.kind, 'dead');
      logger.error({ delivery: delivery.id, lender, error }, 'delivery given up');
    },
    failed,
  };
}
