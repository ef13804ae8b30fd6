import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createLenderPushProjection } from '../applications/push/lender-push-projection.ts';
import type { OutboxWorker } from '../applications/push/outbox-worker.ts';
import type { CoreLookup } from '../applications/push/send-delivery.ts';
import {
  createLentProjection,
  createSnapshotCutter,
  type SnapshotCutter,
} from '../applications/receivables/snapshot-cutter.ts';
import { createBindTouchesProjection } from '../attribution/bind-touches-projection.ts';
import { createQualityProjection } from '../attribution/quality/quality-projection.ts';
import { readBacklog } from '../events/caught-up.ts';
import type { Projection, RunnerObserver } from '../events/projection.ts';
import { ProjectionRunner } from '../events/runner.ts';
import type { Metrics } from '../http/metrics.ts';
import { createFunnelProjection, DEFAULT_TIME_ZONE } from '../insight/funnel-projection.ts';
import { createIndexProjection } from '../insight/index-projection.ts';
import { createVariantClicks } from '../insight/pages/variant-clicks.ts';
import { createVariantsProjection } from '../insight/pages/variants-projection.ts';
import { createTotalsProjection } from '../insight/totals/totals-projection.ts';
import { IntentRecovery } from '../intake/intent-recovery.ts';
import { createTimerSweeper, type TimerSweeper } from '../intake/sweep-timers.ts';
import type { SealedSource } from '../privacy/sealed-source.ts';
import { lookNowAndThen } from '../redis/look-now-and-then.ts';
import { createCommissionProjection } from '../revenue/commission-projection.ts';
import { EventBooker } from '../revenue/event-booker.ts';
import { createFundingProjection } from '../revenue/funding/funding-projection.ts';
import { HoldReleaser } from '../revenue/release-holds.ts';
import { SilenceSweeper } from '../revenue/settlement/silence-sweeper.ts';
import { type Delivery, openDelivery } from './delivery.ts';
import { openDocumentWork } from './document-work.ts';
import { type LenderConnection, openLenderConnection } from './lender-connection.ts';
import { type ListWork, openListWork } from './list-work.ts';
import { openPersonalData, type PersonalData } from './personal-data.ts';
import { openReconciliationDesk, reconciliationSweeper } from './reconciliation-desk.ts';
import type { Ground, Rooms } from './rooms.ts';
import type { StopList } from './stop-list.ts';

export interface Workers {
  /** Names of the projections that must follow the log. */
  readonly projections: readonly string[];
  readonly outboxWorker: OutboxWorker;
  readonly lenderConnection: LenderConnection;
  readonly timers: TimerSweeper;
  readonly releaser: HoldReleaser;
  readonly silence: SilenceSweeper;
  readonly receivables: SnapshotCutter;
  readonly personal: PersonalData;
  readonly listWork: ListWork;
  readonly delivery: Delivery;
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
  /** What watches the log for signs of abuse. */
  readonly watches: readonly Projection[];
  /** Sealed texts beside the records of applications. */
  readonly sealedSources: readonly SealedSource[];
  /** How a lender's core is reached now; `held` while pushes of the product are stopped. null = whatever is stopped. */
  readonly coreOf: (lenderId: string, productId: string | null) => CoreLookup;
}

/** A link that was made elsewhere, or before the start, leads somewhere from then on even if Redis goes away. */
const LINKS_WARMED_EVERY_MS = 30_000;
const SETTLE_POLL_MS = 4;
const SETTLE_TIMEOUT_MS = 30_000;

/** Starts everything that works behind the doors; stops are added in the order of starting. */
export async function startWorkers(settings: WorkerSettings, stops: StopList): Promise<Workers> {
  const { ground, rooms } = settings;
  const { redis, clock, failed, registry } = ground;
  const lenderConnection = openLenderConnection(settings);
  const { worker: outboxWorker } = lenderConnection;
  const releaser = new HoldReleaser({
    store: rooms.ledger,
    clock,
    contractsOf: rooms.contractsOf,
    partners: () => registry.current().ledgerParties,
    failed: failed('hold release'),
  });
  const silence = new SilenceSweeper({
    store: rooms.ledger,
    clock,
    partners: () => registry.current().ledgerParties,
    failed: failed('statement acceptance'),
  });
  const documentWork = openDocumentWork(ground, rooms, settings.logger);
  const personal = openPersonalData({
    ...settings,
    others: [documentWork.personal, lenderConnection.personal],
    sealedSources: [...settings.sealedSources, documentWork.sealed, lenderConnection.sealed],
  });
  const findByTokens = (tokens: readonly string[]) => personal.desk.index.find(tokens);
  const listWork = openListWork({ ...settings, findByTokens });
  const delivery = openDelivery(settings);
  const projections = [
    ...createProjections(settings, outboxWorker),
    delivery.projection,
    ...personal.projections,
    ...listWork.projections,
    ...settings.watches,
  ];
  const runner = new ProjectionRunner({
    ...redis,
    projections,
    observer: runnerObserver(settings),
    share: ground.config.process,
  });
  const recovery = new IntentRecovery(redis.client, redis.keys, rooms.intake, failed('intent recovery'));
  const timers = createTimerSweeper({ ...redis, ...rooms.lenderEvents, onError: failed('application timers') });
  const receivables = createSnapshotCutter({
    snapshots: rooms.receivables,
    store: rooms.store,
    timeZoneOf: (productId) => registry.current().products.get(productId)?.timezone ?? DEFAULT_TIME_ZONE,
    clock,
    onError: failed('receivables'),
  });
  const { sweeper: retention, resealer } = personal;
  const { appealSweeper, overdueSweeper } = listWork;
  const reconciliations = reconciliationSweeper(openReconciliationDesk(ground, rooms), ground);
  // One process does what is a walk through everything.
  const walks =
    ground.config.process.index === 1
      ? {
          listSweeper: listWork.listSweeper,
          receivables,
          qualityJudge: rooms.quality.judge,
          feeds: delivery.sweeper,
          reconciliations,
        }
      : {};
  // Before any door opens: what is switched off must be known.
  await rooms.links.pauses.start(redis.subscriber, failed('paused links'));
  stops.add('paused links', () => rooms.links.pauses.stop());
  const warmLinks = () => rooms.links.warm(registry.current().traffic.keys());
  // Before anything is told: a channel that is new begins now.
  await delivery.worker.start();
  stops.add('telling partners', () => delivery.worker.stop());
  await runner.start();
  stops.add('projections', () => runner.stop());
  rooms.calls.connect(outboxWorker);
  await lenderConnection.health.reset([...registry.current().lenders.keys()]);
  outboxWorker.start();
  stops.add('outbox', () => outboxWorker.stop());
  stops.add('probes', () => lenderConnection.prober.close());
  for (const [name, part] of Object.entries({
    releaser,
    silence,
    recovery,
    timers,
    retention,
    resealer,
    appealSweeper,
    overdueSweeper,
    linkCaps: rooms.linkCaps,
    ...walks,
    ...documentWork.lookers,
  })) {
    part.start();
    stops.add(name, () => part.stop());
  }
  // Before any click is counted: whether it is billable must be known.
  await rooms.billing.start();
  stops.add('billing of links', () => rooms.billing.stop());
  rooms.clickCounter.add(rooms.quality.clicks);
  rooms.clickCounter.add(createVariantClicks(redis.client, redis.keys));
  rooms.clickCounter.start();
  stops.add('counting clicks', () => rooms.clickCounter.stop());
  const linkWarmer = lookNowAndThen(warmLinks, LINKS_WARMED_EVERY_MS, failed('links'));
  warmLinks().catch(failed('links'));
  linkWarmer.start();
  stops.add('links in memory', () => linkWarmer.stop());
  rooms.spool.start();
  stops.add('click spool', () => rooms.spool.stop());
  stops.add('click breaker', () => rooms.clickBreaker.stop());
  const names = projections.map((projection) => projection.name);
  return {
    projections: names,
    outboxWorker,
    lenderConnection,
    timers,
    releaser,
    silence,
    receivables,
    personal,
    listWork,
    delivery,
    parkedSubjects: async () => (await readBacklog(redis.client, redis.keys, names)).parkedSubjects,
    settle: () => settle(settings, outboxWorker, names),
  };
}

function createProjections({ ground, rooms }: WorkerSettings, outboxWorker: OutboxWorker): Projection[] {
  const { client, keys } = ground.redis;
  const { registry, clock } = ground;
  const booker = new EventBooker(rooms.ledger, clock);
  return [
    createLenderPushProjection((shard) => outboxWorker.kick(shard)),
    createBindTouchesProjection(rooms.touches, rooms.clicks),
    createCommissionProjection({ booker, contractsOf: rooms.contractsOf }),
    createFundingProjection({
      ...{ client, keys, booker },
      store: rooms.ledger,
      contractsOf: rooms.contractsOf,
      funders: () => registry.current().funders.keys(),
      timeZoneOf: (productId) =>
        (productId === null ? undefined : registry.current().products.get(productId)?.timezone) ?? DEFAULT_TIME_ZONE,
    }),
    createFunnelProjection({
      client,
      keys,
      timeZoneOf: (productId) =>
        (productId === null ? undefined : registry.current().products.get(productId)?.timezone) ?? DEFAULT_TIME_ZONE,
    }),
    createVariantsProjection(client, keys),
    createQualityProjection({ ...rooms.quality, store: rooms.quality.traffic, clicks: rooms.clicks }),
    createLentProjection(rooms.receivables),
    createTotalsProjection({
      client,
      keys,
      timeZoneOf: (productId) => registry.current().products.get(productId)?.timezone,
    }),
    createIndexProjection({
      client,
      keys,
      partnerUserRefOf: async (id) => (await rooms.store.load(id))?.application.partner_user_ref ?? null,
    }),
  ];
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

async function settle(
  { ground, rooms }: WorkerSettings,
  outboxWorker: OutboxWorker,
  projections: readonly string[],
): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    // Counting clicks can write events.
    await rooms.clickCounter.settle();
    const [backlog, fresh] = await Promise.all([
      readBacklog(ground.redis.client, ground.redis.keys, projections),
      outboxWorker.countFresh(),
    ]);
    if (backlog.shardsBehind === 0 && fresh === 0) return;
    if (Date.now() > deadline) throw new Error('the projections did not come to rest within 30 s');
    await delay(SETTLE_POLL_MS);
  }
}
