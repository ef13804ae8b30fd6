import type { Logger } from 'pino';
import { systemClock } from '../base/clock.ts';
import { createLenderDoor } from '../doors/lender/lender-door.ts';
import type { ClockMoverPort } from '../doors/operator/clock.ts';
import { createOperatorDoor } from '../doors/operator/operator-door.ts';
import type { LinkEarnings } from '../doors/partner/partner-deps.ts';
import { createPartnerDoor } from '../doors/partner/partner-door.ts';
import type { OtpPort } from '../doors/referral/otp-port.ts';
import { redirectDirectly } from '../doors/referral/redirect-directly.ts';
import type { ReferralDeps } from '../doors/referral/referral-deps.ts';
import { createReferralDoor } from '../doors/referral/referral-door.ts';
import { createWellknownDoor } from '../doors/wellknown/wellknown-door.ts';
import type { DoorDeps } from '../http/app.ts';
import type { Metrics } from '../http/metrics.ts';
import { type Fetch, mountDoors } from '../http/mount-doors.ts';
import { Perimeter } from '../http/perimeter.ts';
import type { Direct } from '../http/server.ts';
import { PageLoads } from '../insight/pages/page-loads.ts';
import { returnName } from '../intake/return-from-handoff.ts';
import { createAdmissions } from '../limits/admission.ts';
import { GuardedAdmissions } from '../limits/guarded-admissions.ts';
import { callbackSecret } from '../trust/callback-secret.ts';
import { signCompactJws } from '../trust/compact-jws.ts';
import { deriveKey } from '../trust/derive-key.ts';
import type { PublicNames } from '../trust/public-names.ts';
import type { CounterpartyKeys } from './counterparty-keys.ts';
import { lenderDirectory } from './lender-directory.ts';
import { openReconciliationDesk } from './reconciliation-desk.ts';
import { openRevenueDesk } from './revenue-desk.ts';
import type { Ground, Rooms } from './rooms.ts';
import type { Workers } from './workers.ts';

export interface DoorSettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly counterpartyKeys: CounterpartyKeys;
  readonly workers: Workers;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly publicNames: PublicNames;
  /** Names that lenders sign for. */
  readonly lenderNames: PublicNames;
  readonly publicUrl: string;
  /** Who sends one-time codes now; null = nobody. */
  readonly otp: () => OtpPort | null;
  readonly version: string;
  /** null in live mode. */
  readonly clockMover: ClockMoverPort | null;
}

export interface Entrance {
  readonly fetch: Fetch;
  /** What is answered before the doors: redirects. */
  readonly direct: Direct;
}

/** All doors, each at the paths it answers for. */
export function openDoors(settings: DoorSettings): Entrance {
  const { ground, rooms, counterpartyKeys, workers, logger, metrics, publicNames, publicUrl } = settings;
  const { config, redis, registry, secrets, ourKeys } = ground;
  const perimeter = new Perimeter(config.trustedProxies);
  const common: DoorDeps = { env: config.mode, publicNames, publicUrl, logger, metrics, perimeter, ourKeys };
  const { directory } = counterpartyKeys;
  const { lenderConnection } = workers;
  const admissions = new GuardedAdmissions(createAdmissions(redis.client, redis.keys), {
    processes: config.process.count,
    onLocal: (isLocal) => metrics.limitsLocal(isLocal),
  });
  const products = { registry: () => registry.current(), clock: ground.clock, catalogue: ground.catalogue };
  const earnings: LinkEarnings = {
    ofLink: async (partnerId, code, currency) => Number(await rooms.ledger.linkEarnings(partnerId, code, currency)),
  };
  const revenue = openRevenueDesk(ground, rooms, workers.releaser);
  const reconciliation = openReconciliationDesk(ground, rooms);
  const handoffDeps = { ...rooms.intake, handoffs: rooms.handoffs, environment: config.mode };
  const partner = createPartnerDoor({
    ...common,
    signed: { keys: directory.traffic, admissions, refreshKeys: (keyId) => counterpartyKeys.refresh('traffic', keyId) },
    keysOf: (id) => directory.of({ kind: 'traffic', id }),
    intake: rooms.intake,
    handoffs: handoffDeps,
    documentFiles: rooms.documentFiles,
    catalogue: ground.catalogue,
    applications: rooms.index,
    links: rooms.links,
    funnel: rooms.funnel,
    pages: rooms.pageReader,
    quality: rooms.quality.desk,
    earnings,
    revenue,
    reconciliation,
    delivery: workers.delivery.desk,
  });
  const lender = createLenderDoor({
    ...common,
    publicNames: settings.lenderNames,
    signed: {
      keys: lenderDirectory(registry, directory.lenders, config.mode === 'sandbox' ? secrets.root : null),
      admissions,
      refreshKeys: (keyId) => counterpartyKeys.refresh('lender', keyId),
    },
    lenderEvents: rooms.lenderEvents,
    inbound: rooms.inbound,
    pulled: lenderConnection.pulled,
    index: rooms.index,
    store: rooms.store,
    documents: rooms.intake.documents,
    documentFiles: rooms.documentFiles,
    totals: rooms.totals,
    clock: ground.clock,
    lists: rooms.lists,
    appeals: workers.listWork.appeals,
    products,
    audit: rooms.audit,
    reports: { ...rooms.intake, registrations: rooms.registrations },
  });
  const operator = createOperatorDoor({
    ...common,
    signingKeys: ourKeys,
    bearer: { adminToken: config.adminToken, findOperator: (sha256) => rooms.operators.findByToken(sha256) },
    audit: rooms.audit,
    keyDesk: counterpartyKeys.desk,
    auditReader: rooms.auditReader,
    signAuditHead: (payload) => signCompactJws(payload, ourKeys.current()),
    operators: rooms.operators,
    products,
    registry: () => registry.current(),
    store: rooms.store,
    registrations: rooms.registrations,
    alarms: rooms.alarms,
    quality: rooms.quality.desk,
    subjects: workers.personal.desk,
    lists: rooms.lists,
    listHits: rooms.listHits,
    autoHolds: rooms.autoHolds,
    appeals: workers.listWork.appeals,
    funnel: rooms.funnel,
    pages: rooms.pageReader,
    links: rooms.links,
    earnings,
    totals: rooms.totals,
    receivables: rooms.receivables,
    clock: ground.clock,
    client: redis.client,
    keys: redis.keys,
    deadLetters: lenderConnection.dead,
    lenderOutboxes: lenderConnection.overview,
    lenderHealth: lenderConnection.health,
    prober: lenderConnection.prober,
    inbound: rooms.inbound,
    lenderEvents: rooms.lenderEvents,
    realClock: systemClock,
    kick: (shard) => workers.outboxWorker.kick(shard),
    clockMover: settings.clockMover,
    revenue,
    reconciliation,
    delivery: workers.delivery.desk,
  });
  const referralDeps: ReferralDeps = {
    ...common,
    click: {
      ...rooms,
      clicks: rooms.guardedClicks,
      registry: () => registry.current(),
      clock: ground.clock,
      pauses: ground.catalogue,
      clicksAway: rooms.spool,
      isDataCentre: (address) => registry.current().dataCentres.has(address),
      clickRecorded: rooms.clickCounter.mark,
      entryJudged: (partner, { fault }) => metrics.countEntry(partner, fault),
    },
    page: rooms.intake,
    pages: { loads: new PageLoads(secrets.root), counter: rooms.pageCounter },
    handoffs: { ...handoffDeps, ...returnDeps(settings) },
    // Asked each time: the provider stands in a file that may change.
    get otp() {
      return settings.otp();
    },
    documentFiles: rooms.documentFiles,
    sealer: secrets.sealer,
  };
  const referral = createReferralDoor(referralDeps);
  const wellknown = createWellknownDoor({
    ...common,
    version: settings.version,
    redis: redis.client,
    keys: redis.keys,
    projections: workers.projections,
    spool: rooms.spool,
    spoolCounts: () => rooms.spoolWatch.counts,
    registry,
    ourKeys,
  });
  const fetch = mountDoors(
    { v1: partner, lender, admin: operator, sandbox: operator, r: referral, apply: referral, h: referral, e: referral },
    wellknown,
  );
  return { fetch, direct: redirectDirectly(referralDeps) };
}

/** The way back from a hand-off: an address of ours, which leads on to the partner and is signed for it. */
function returnDeps({ ground, publicUrl }: DoorSettings) {
  const { config, registry, secrets } = ground;
  const returnKey = deriveKey(secrets.root, 'handoff-return');
  return {
    returnKey,
    returnAddress: (handoffId: string) => `${publicUrl}/h/back/${returnName(returnKey, handoffId)}`,
    callbackSecretOf: (partnerId: string) => {
      const callbacks = registry.current().traffic.get(partnerId)?.callbacks;
      const text = callbacks?.secret ?? (callbacks?.secret_env && config.variables[callbacks.secret_env]);
      return text ? callbackSecret(text) : undefined;
    },
    nowSeconds: () => Math.floor(systemClock.nowMs() / 1_000),
  };
}
