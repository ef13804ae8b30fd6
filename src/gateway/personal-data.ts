import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import { DAY_MS } from '../base/clock.ts';
import { readBacklog } from '../events/caught-up.ts';
import type { Projection } from '../events/projection.ts';
import type { Metrics } from '../http/metrics.ts';
import { ApplicationEraser } from '../privacy/application-eraser.ts';
import { ClickRetention } from '../privacy/click-retention.ts';
import type { PersonalStore } from '../privacy/personal-store.ts';
import { createResealer, type Resealer, type ResealerDeps } from '../privacy/resealer.ts';
import { createRetentionProjection, RETENTION_PROJECTION } from '../privacy/retention-projection.ts';
import { RetentionStore } from '../privacy/retention-store.ts';
import { createRetentionSweeper, type RetentionSweeper } from '../privacy/retention-sweeper.ts';
import { createSealedRecords } from '../privacy/sealed-records.ts';
import type { SubjectDesk } from '../privacy/subject-desk.ts';
import { SubjectIndex } from '../privacy/subject-index.ts';
import { createSubjectProjection } from '../privacy/subject-projection.ts';
import type { Ground, Rooms } from './rooms.ts';

/** Everything about people's data that works behind the doors. */
export interface PersonalData {
  readonly projections: readonly Projection[];
  readonly sweeper: RetentionSweeper;
  readonly resealer: Resealer;
  readonly desk: SubjectDesk;
}

export interface PersonalDataSettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Places beside the sealed records that hold personal data of applications. */
  readonly others: readonly PersonalStore[];
  /** Places beside the sealed records that hold what is sealed. */
  readonly sealedSources: ResealerDeps['sources'];
}

/** Composes retention, erasure, the subject index and re-sealing; nothing is started yet. */
export function openPersonalData(settings: PersonalDataSettings): PersonalData {
  const { ground, rooms, metrics, others } = settings;
  const { client, keys } = ground.redis;
  const { registry, clock, secrets, config } = ground;
  const { store, registrations } = rooms;
  const retention = new RetentionStore(client, keys);
  const index = new SubjectIndex(client, keys);
  // A product that is no longer listed: its credit is taken to be open until it ends.
  const isRevolving = (productId: string): boolean =>
    (registry.current().products.get(productId)?.kind ?? 'revolving') === 'revolving';
  const days = config.retention;
  const eraser = new ApplicationEraser({ client, keys, store, retention, others, isRevolving, days, clock });
  const resealer = openResealer(settings, retention);
  watchOutdated(metrics, resealer);
  return {
    projections: [createRetentionProjection(eraser), createSubjectProjection({ index, store, registrations })],
    sweeper: openSweeper(settings, retention, eraser),
    resealer,
    desk: {
      client,
      keys,
      registry: () => registry.current(),
      store,
      registrations,
      claims: rooms.intake.claims,
      touches: rooms.touches,
      clicks: rooms.clicks,
      handoffs: rooms.handoffs,
      index,
      retention,
      eraser,
      others,
      tokenizer: secrets.tokenizer,
      sealer: secrets.sealer,
      clock,
      isRealTime: config.mode === 'live',
    },
  };
}

function openSweeper(
  { ground, rooms, logger }: PersonalDataSettings,
  retention: RetentionStore,
  eraser: ApplicationEraser,
): RetentionSweeper {
  const { redis, config, clock, failed } = ground;
  const { client, keys } = redis;
  const { clicks, touches } = rooms;
  const lifetimeMs = config.retention.clickDays * DAY_MS;
  return createRetentionSweeper({
    retention,
    eraser,
    clicks: new ClickRetention({ client, keys, clicks, touches, lifetimeMs }),
    clock,
    share: config.process,
    onErased: (count) => logger.info({ erased: count }, 'personal data erased: its time was over'),
    onError: failed('retention'),
  });
}

function openResealer({ ground, logger, sealedSources }: PersonalDataSettings, retention: RetentionStore): Resealer {
  const { redis, secrets, failed } = ground;
  const { client, keys } = redis;
  return createResealer({
    client,
    keys,
    sealer: secrets.sealer,
    sources: [createSealedRecords(client, keys, retention), ...sealedSources],
    // The list of sealed records follows the log.
    isComplete: async () => {
      const { shardsBehind, parkedSubjects } = await readBacklog(client, keys, [RETENTION_PROJECTION]);
      return shardsBehind === 0 && parkedSubjects === 0;
    },
    onKeyUnused: (keyId) => logger.info({ sealing_key: keyId }, `key ${keyId} seals nothing any more`),
    onUnreadable: (counts) =>
      logger.error({ reasons: Object.fromEntries(counts) }, 'sealed texts cannot be opened, and were not re-sealed'),
    onError: failed('re-sealing'),
  });
}

function watchOutdated({ registry }: Metrics, resealer: Resealer): void {
  new Gauge({
    name: 'sluice_sealed_outdated',
    help: 'Sealed texts that are under another key than the active one, as last counted',
    registers: [registry],
    async collect() {
      try {
        this.set((await resealer.outdated()) ?? Number.NaN);
      } catch {
        this.set(Number.NaN);
      }
    },
  });
}
