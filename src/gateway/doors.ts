import type { Logger } from 'pino';
import { systemClock } from '../base/clock.ts';
import { createLenderDoor } from '../doors/lender/lender-door.ts';
import type { ClockMoverPort } from '../doors/operator/clock.ts';
import { createOperatorDoor } from '../doors/operator/operator-door.ts';
import { createPartnerDoor } from '../doors/partner/partner-door.ts';
import { sandboxOtp } from '../doors/referral/otp-port.ts';
import { createReferralDoor } from '../doors/referral/referral-door.ts';
import { createWellknownDoor } from '../doors/wellknown/wellknown-door.ts';
import type { DoorDeps } from '../http/app.ts';
import type { Metrics } from '../http/metrics.ts';
import { type Fetch, mountDoors } from '../http/mount-doors.ts';
import { Perimeter } from '../http/perimeter.ts';
import { returnName } from '../intake/return-from-handoff.ts';
import { createAdmissions } from '../limits/admission.ts';
import { GuardedAdmissions } from '../limits/guarded-admissions.ts';
import { callbackSecret } from '../trust/callback-secret.ts';
import { signCompactJws } from '../trust/compact-jws.ts';
import { deriveKey } from '../trust/derive-key.ts';
import type { PublicNames } from '../trust/public-names.ts';
import type { CounterpartyKeys } from './counterparty-keys.ts';
import { lenderDirectory } from './lender-directory.ts';
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
  readonly version: string;
  /** null in live mode. */
  readonly clockMover: ClockMoverPort | null;
}

/** All doors, each at the paths it answers for. */
export function openDoors(settings: DoorSettings): Fetch {
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
  const revenue = openRevenueDesk(ground, rooms, workers.releaser);
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
    earnings: {
      ofLink: async (partnerId, code, currency) => Number(await rooms.ledger.linkEarnings(partnerId, code, currency)),
    },
    revenue,
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
    reports: {
      ...rooms.intake,
      clicks: rooms.clicks,
      touches: rooms.touches,
      registrations: rooms.registrations,
      handoffs: rooms.handoffs,
    },
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
    alarms: rooms.alarms,
    subjects: workers.personal.desk,
    lists: rooms.lists,
    listHits: rooms.listHits,
    autoHolds: rooms.autoHolds,
    appeals: workers.listWork.appeals,
    funnel: rooms.funnel,
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
  });
  const referral = createReferralDoor({
    ...common,
    click: { ...rooms, registry: () => registry.current(), clock: ground.clock, pauses: ground.catalogue },
    page: { ...rooms.intake, clicks: rooms.clicks },
    handoffs: { ...handoffDeps, ...returnDeps(settings) },
    // Live needs a provider of one-time codes; none is configured yet, so hosted pages say that they are closed.
    otp: config.mode === 'sandbox' ? sandboxOtp : null,
    sealer: secrets.sealer,
  });
  const wellknown = createWellknownDoor({
    ...common,
    version: settings.version,
    redis: redis.client,
    keys: redis.keys,
    projections: workers.projections,
    registry,
    ourKeys,
  });
  return mountDoors(
    { v1: partner, lender, admin: operator, sandbox: operator, r: referral, apply: referral, h: referral, e: referral },
    wellknown,
  );
}

/** The way back from a hand-off: an address of ours, which leads on to the partner and is signed for it. */
function returnDeps({ ground, rooms, publicUrl }: DoorSettings) {
  const { config, registry, secrets } = ground;
  const returnKey = deriveKey(secrets.root, 'handoff-return');
  return {
    touches: rooms.touches,
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
