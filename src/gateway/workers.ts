import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type LenderMessage, messagePlace } from '../applications/push/lender-message.ts';
import { createLenderPushProjection } from '../applications/push/lender-push-projection.ts';
import { createOutboxWorker, type OutboxWorker } from '../applications/push/outbox-worker.ts';
import type { CoreLookup, PushObserver } from '../applications/push/send-delivery.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import { createBindTouchesProjection } from '../attribution/bind-touches-projection.ts';
import { systemClock } from '../base/clock.ts';
import { readBacklog } from '../events/caught-up.ts';
import type { Projection, RunnerObserver } from '../events/projection.ts';
import { ProjectionRunner } from '../events/runner.ts';
import type { Metrics } from '../http/metrics.ts';
import { createFunnelProjection, DEFAULT_TIME_ZONE } from '../insight/funnel-projection.ts';
import { createIndexProjection } from '../insight/index-projection.ts';
import { IntentRecovery } from '../intake/intent-recovery.ts';
import { createTimerSweeper, type TimerSweeper } from '../intake/sweep-timers.ts';
import type { SealedSource } from '../privacy/sealed-source.ts';
import { createCommissionProjection } from '../revenue/commission-projection.ts';
import { EventBooker } from '../revenue/event-booker.ts';
import { HoldReleaser } from '../revenue/release-holds.ts';
import { type ListWork, openListWork } from './list-work.ts';
import { openPersonalData, type PersonalData } from './personal-data.ts';
import type { Ground, Rooms } from './rooms.ts';
import type { StopList } from './stop-list.ts';

export interface Workers {
  /** Names of the projections that must follow the log. */
  readonly projections: readonly string[];
  readonly outboxWorker: OutboxWorker;
  readonly timers: TimerSweeper;
  readonly releaser: HoldReleaser;
  readonly personal: PersonalData;
  readonly listWork: ListWork;
  /** Subjects whose events wait for an operator. */
  parkedSubjects(): Promise<number>;
  /** Resolves when every projection has seen the newest event and nothing fresh waits to be sent. */
  settle(): Promise<void>;
}

export interface WorkerSettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Sealed texts beside the records of applications. */
  readonly sealedSources: readonly SealedSource[];
  /** How a lender's core is reached now. */
  readonly coreOf: (lenderId: string) => CoreLookup;
}

/** Of a product that was taken off the list. */
const REFUSED_DAYS_UNLISTED = 30;
const SETTLE_POLL_MS = 4;
const SETTLE_TIMEOUT_MS = 30_000;

/** Starts everything that works behind the doors; stops are added in the order of starting. */
export async function startWorkers(settings: WorkerSettings, stops: StopList): Promise<Workers> {
  const { ground, rooms } = settings;
  const { redis, clock, failed, registry } = ground;
  const outboxWorker = startOutbox(settings);
  const releaser = new HoldReleaser({
    store: rooms.ledger,
    clock,
    contractsOf: rooms.contractsOf,
    partners: () => registry.current().traffic.keys(),
    failed: failed('hold release'),
  });
  const personal = openPersonalData({ ...settings, others: [] });
  const findByTokens = (tokens: readonly string[]) => personal.desk.index.find(tokens);
  const listWork = openListWork({ ...settings, findByTokens });
  const projections = [...createProjections(settings, outboxWorker), ...personal.projections, ...listWork.projections];
  const runner = new ProjectionRunner({
    ...redis,
    projections,
    observer: runnerObserver(settings),
    share: ground.config.process,
  });
  const recovery = new IntentRecovery(redis.client, redis.keys, rooms.intake, failed('intent recovery'));
  const timers = createTimerSweeper({ ...redis, ...rooms.lenderEvents, onError: failed('application timers') });
  const { sweeper: retention, resealer } = personal;
  const { appealSweeper, overdueSweeper } = listWork;
  // One process drops what has expired: it is a walk through everything.
  const expiry = ground.config.process.index === 1 ? { listSweeper: listWork.listSweeper } : {};
  await runner.start();
  stops.add('projections', () => runner.stop());
  rooms.calls.connect(outboxWorker);
  outboxWorker.start();
  stops.add('outbox', () => outboxWorker.stop());
  for (const [name, part] of Object.entries({
    releaser,
    recovery,
    timers,
    retention,
    resealer,
    appealSweeper,
    overdueSweeper,
    ...expiry,
  })) {
    part.start();
    stops.add(name, () => part.stop());
  }
  for (const spool of rooms.spools) {
    spool.start();
    stops.add('click spool', () => spool.stop());
  }
  const names = projections.map((projection) => projection.name);
  return {
    projections: names,
    outboxWorker,
    timers,
    releaser,
    personal,
    listWork,
    parkedSubjects: async () => (await readBacklog(redis.client, redis.keys, names)).parkedSubjects,
    settle: () => settle(settings, names),
  };
}

function createProjections({ ground, rooms }: WorkerSettings, outboxWorker: OutboxWorker): Projection[] {
  const { client, keys } = ground.redis;
  const { registry, clock } = ground;
  return [
    createLenderPushProjection({
      store: rooms.store,
      outbox: rooms.outbox,
      realClock: systemClock,
      kick: (shard) => outboxWorker.kick(shard),
    }),
    createBindTouchesProjection(rooms.touches, rooms.clicks),
    createCommissionProjection({ booker: new EventBooker(rooms.ledger, clock), contractsOf: rooms.contractsOf }),
    createFunnelProjection({
      client,
      keys,
      timeZoneOf: (productId) =>
        (productId === null ? undefined : registry.current().products.get(productId)?.timezone) ?? DEFAULT_TIME_ZONE,
    }),
    createIndexProjection({
      client,
      keys,
      partnerUserRefOf: async (id) => (await rooms.store.load(id))?.application.partner_user_ref ?? null,
    }),
  ];
}

function startOutbox({ ground, rooms, logger, coreOf }: WorkerSettings): OutboxWorker {
  return createOutboxWorker({
    store: rooms.store,
    outbox: rooms.outbox,
    coreOf,
    refusedDaysOf: (productId) =>
      ground.registry.current().products.get(productId)?.refused_days ?? REFUSED_DAYS_UNLISTED,
    openRecord: (sealed, applicationId, lenderId) => {
      const access = { purpose: 'lender_push', applicationId, actor: lenderId } as const;
      const opened = ground.secrets.sealer.openJson(sealed, applicationId, access);
      return opened.ok ? (opened.plain as SealedRecord) : undefined;
    },
    openMessage: (sealed, applicationId, deliveryId) => {
      const access = { purpose: 'lender_push', applicationId, actor: null } as const;
      const opened = ground.secrets.sealer.openJson(sealed, messagePlace(applicationId, deliveryId), access);
      return opened.ok ? (opened.plain as LenderMessage) : undefined;
    },
    clock: ground.clock,
    realClock: systemClock,
    observer: pushObserver(logger, ground.failed('outbox')),
  });
}

function pushObserver(logger: Logger, failed: (error: unknown) => void): PushObserver {
  return {
    delivered: (delivery, lender, result, tookMs) =>
      logger.debug({ delivery: delivery.id, lender, result, ms: Math.round(tookMs) }, 'delivered'),
    retried: (delivery, lender, error, waitMs) =>
      logger.warn({ delivery: delivery.id, lender, error, wait_ms: waitMs }, 'delivery will be retried'),
    dead: (delivery, lender, error) => logger.error({ delivery: delivery.id, lender, error }, 'delivery given up'),
    failed,
  };
}

function runnerObserver({ logger, metrics, ground }: WorkerSettings): RunnerObserver {
  const failed = ground.failed('projections');
  return {
    applied: (projection) => metrics.countProjection(projection, 'applied'),
    parked: (projection, event, error) => {
      metrics.countProjection(projection, 'parked');
      logger.error({ projection, event: event.id, subject_id: event.subject, err: error }, 'event parked');
    },
    failed,
  };
}

async function settle({ ground, rooms }: WorkerSettings, projections: readonly string[]): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const [backlog, fresh] = await Promise.all([
      readBacklog(ground.redis.client, ground.redis.keys, projections),
      rooms.outbox.countFresh(),
    ]);
    if (backlog.shardsBehind === 0 && fresh === 0) return;
    if (Date.now() > deadline) throw new Error('the projections did not come to rest within 30 s');
    await delay(SETTLE_POLL_MS);
  }
}
