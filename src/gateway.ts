import type { CoreLookup } from './applications/push/send-delivery.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { clockMoverPort } from './gateway/clock-mover.ts';
import { openCounterpartyKeys } from './gateway/counterparty-keys.ts';
import { type Entrance, openDoors } from './gateway/doors.ts';
import { listFormsOf } from './gateway/list-rooms.ts';
import { openLivePrechecks } from './gateway/live-prechecks.ts';
import { logAccess } from './gateway/log-access.ts';
import { logReload } from './gateway/log-reload.ts';
import { openCatalogue } from './gateway/open-catalogue.ts';
import { type OpenRedis, openRedis } from './gateway/open-redis.ts';
import { openOtp } from './gateway/otp.ts';
import { pricedTermsSource } from './gateway/priced-terms.ts';
import { openProbeWatch } from './gateway/probe-watch.ts';
import { createRooms, type Ground, type Rooms } from './gateway/rooms.ts';
import { deriveSecrets } from './gateway/secrets.ts';
import { StopList } from './gateway/stop-list.ts';
import { startWorkers, type Workers } from './gateway/workers.ts';
import { createLogger } from './http/logger.ts';
import { createMetrics } from './http/metrics.ts';
import { ProblemError, problemResponse } from './http/problem.ts';
import { type RunningServer, startServer } from './http/server.ts';
import { watchSpool } from './http/spool-metrics.ts';
import { isUnavailable } from './redis/is-unavailable.ts';
import { watchRegistry } from './registry/watch-registry.ts';
import { createSandboxClock, type SandboxClock } from './sandbox/sandbox-clock.ts';
import { type SandboxLenders, startSandboxLenders } from './sandbox/sandbox-lender.ts';
import { checkListSettings } from './screening/lists/check-list-settings.ts';
import type { LiveCore } from './screening/live/live-prechecks.ts';
import type { JsonWebKeySet } from './trust/our-keys.ts';
import { OurKeysRing } from './trust/our-keys-ring.ts';
import { OurKeysStore } from './trust/our-keys-store.ts';
import { toPublicNames } from './trust/public-names.ts';
import { VERSION } from './version.ts';

export interface Gateway {
  /** First public origin, without a slash at its end. */
  readonly publicUrl: string;
  /** Where it listens. */
  readonly url: string;
  readonly rooms: Rooms;
  readonly workers: Workers;
  /** Process id of the embedded Redis, another one after it had to be started again; null with an external one. */
  readonly embeddedRedisPid: number | null;
  /** Where the lenders that the sandbox plays are reached, on loopback; null in live mode. */
  readonly sandboxOrigin: string | null;
  /** Drains requests, then stops everything in the opposite order of starting. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Gets lines for a person, such as that Redis is being installed. */
  readonly say: (line: string) => void;
}

/**
 * Starts a gateway: Redis, counterparty files, clock, workers, doors; in sandbox also the lenders that it plays. The socket
 * listens early, so that its address is known, and answers 503 until everything behind it is ready.
 * @throws ConfigError, RegistryError, ServerMissingError: what is wrong, for a person; nothing is left running
 */
export async function startGateway(config: Config, { say }: StartOptions): Promise<Gateway> {
  const logger = createLogger(config.logLevel);
  const failed = (where: string) => (error: unknown) => {
    if (isUnavailable(error)) logger.warn({ where, err: error }, 'Redis cannot be used now');
    else logger.error({ where, err: error }, 'fault');
  };
  const stops = new StopList((name, error) => failed(`stopping ${name}`)(error));
  try {
    return await start(config, { stops, say, logger, failed });
  } catch (error) {
    await stops.run();
    throw error;
  }
}

interface Starting {
  readonly stops: StopList;
  readonly say: (line: string) => void;
  readonly logger: ReturnType<typeof createLogger>;
  readonly failed: Ground['failed'];
}

async function start(config: Config, { stops, say, logger, failed }: Starting): Promise<Gateway> {
  const metrics = createMetrics();
  const redis = await openRedis(config, stops, say);
  const registry = await watchRegistry(config.partnersDir, {
    environment: config.mode,
    variables: config.variables,
    pricedTerms: pricedTermsSource(redis.client, redis.keys),
    publicHosts: hostsOf(config),
    onReload: logReload(logger),
  });
  stops.add('counterparty files', () => registry.close());
  const secrets = deriveSecrets({ ...config, onAccess: logAccess(logger) });
  await checkListSettings(redis.client, redis.keys, { rootSecret: config.rootSecret, forms: listFormsOf(config) });
  const sandboxClock =
    config.mode === 'sandbox' ? await createSandboxClock(redis.client, redis.keys, config.process) : null;
  if (sandboxClock) stops.add('sandbox clock', () => sandboxClock.stop());
  const ourKeys = await openOurKeys(redis, secrets.root, failed('our keys'));
  stops.add('our keys', () => ourKeys.stop());
  const clock = sandboxClock ?? systemClock;
  const catalogue = await openCatalogue({ redis, registry, clock, failed }, stops);
  const ground: Ground = { config, redis, registry, secrets, ourKeys, clock, catalogue, failed };
  const played: { lenders: SandboxLenders | null } = { lenders: null };
  const coreOf = (lenderId: string): CoreLookup => lookUpCore(ground, played.lenders, lenderId);
  const pushedTo = (lenderId: string, productId: string | null): CoreLookup => {
    const isHeld = productId !== null && catalogue.stopOf(productId, 'submissions', clock.nowMs()) !== undefined;
    return isHeld ? 'held' : coreOf(lenderId);
  };
  const live = openLivePrechecks({ coreOf: (id) => reached(coreOf(id)), clock, logger, metrics }, stops);
  const { probeWatch, cardWatch, codeWatch, alarms } = openProbeWatch(ground, { logger, metrics });
  const rooms = createRooms(ground, { live, probeWatch, alarms, logger, metrics });
  const counterpartyKeys = await openCounterpartyKeys(ground, logger, stops);
  const otp = openOtp(ground, { logger, metrics, codeWatch }, stops);

  let entrance: Entrance = { fetch: notReady, direct: () => false };
  let publicUrl = '';
  const server = await startServer({
    fetch: (request, env) => entrance.fetch(request, env),
    direct: (incoming, outgoing, takeOver) => entrance.direct(incoming, outgoing, takeOver),
    host: config.host,
    port: config.port,
    publicUrl: () => publicUrl,
  });
  // Should the rest of the start fail; else the server has been closed when its turn comes here.
  stops.add('socket', () => server.close());
  const origins = config.publicUrls.length > 0 ? config.publicUrls : listeningOrigins(server);
  publicUrl = origins[0] ?? server.url;

  const lenders = sandboxClock ? await startLenders(ground, sandboxClock, server) : null;
  if (lenders) stops.add('sandbox lenders', () => lenders.stop());
  played.lenders = lenders;
  const workers = await startWorkers(
    {
      ground,
      rooms,
      logger,
      metrics,
      coreOf: pushedTo,
      sealedSources: [counterpartyKeys.sealedSecrets],
      watches: [cardWatch],
    },
    stops,
  );
  probeWatch.start();
  stops.add('probe watch', () => probeWatch.stop());
  const clockMover = sandboxClock && lenders ? clockMoverPort(sandboxClock, lenders, workers, catalogue) : null;
  entrance = openDoors({
    ground,
    rooms,
    counterpartyKeys,
    workers,
    logger,
    metrics,
    publicNames: toPublicNames(origins),
    // The lenders that we play report from within, to the address where we listen.
    lenderNames: toPublicNames(lenders ? [...origins, server.url] : origins),
    publicUrl,
    otp,
    version: VERSION,
    clockMover,
  });
  // Every process takes the lenders' messages; one tells their stories.
  if (config.process.index === 1) lenders?.start();
  metrics.watch({
    redisUp: () => redis.client.status === 'ready',
    registry: () => registry.status(),
    parkedSubjects: () => workers.parkedSubjects(),
    auditSequence: async () => (await rooms.audit.head()).seq,
  });
  watchSpool(metrics.registry, { status: () => rooms.spool.status(), counts: () => rooms.spoolWatch.counts });
  // Last in, first out: no request may meet a part that has stopped.
  stops.add('server', () => server.close());
  return {
    publicUrl,
    url: server.url,
    rooms,
    workers,
    sandboxOrigin: lenders?.origin ?? null,
    get embeddedRedisPid() {
      return redis.embedded?.pid ?? null;
    },
    stop: () => stops.run(),
  };
}

function startLenders(ground: Ground, clock: SandboxClock, server: RunningServer): Promise<SandboxLenders> {
  const { config, redis, registry, secrets, failed } = ground;
  return startSandboxLenders({
    port: config.sandboxPort,
    client: redis.client,
    keys: redis.keys,
    clock,
    rootSecret: secrets.root,
    lenders: () => [...registry.current().lenders.values()],
    eventsUrl: () => `${server.url}/lender/v1/events`,
    loadJwks: async () => {
      const response = await fetch(`${server.url}/.well-known/jwks.json`, { signal: AbortSignal.timeout(5_000) });
      return (await response.json()) as JsonWebKeySet;
    },
    observer: {
      rejected: (lender, event, code) =>
        failed('sandbox lender')(new Error(`${lender}: event ${event} was rejected: ${code}`)),
      failed: failed('sandbox lender'),
    },
  });
}

async function openOurKeys(
  { client, subscriber, keys }: OpenRedis,
  rootSecret: Uint8Array,
  failed: (error: unknown) => void,
): Promise<OurKeysRing> {
  const ring = await OurKeysRing.open({ store: new OurKeysStore(client, keys), rootSecret, failed });
  await ring.follow(subscriber, keys.ourKeysChannel);
  return ring;
}

function lookUpCore({ registry, ourKeys }: Ground, lenders: SandboxLenders | null, lenderId: string): CoreLookup {
  const core = registry.current().lenders.get(lenderId)?.core;
  if (core === undefined) return undefined;
  if (core !== 'sandbox' && 'pull' in core) return 'pull';
  if (core === 'sandbox') {
    return lenders ? { url: lenders.coreUrl(lenderId), signingKey: ourKeys.current().signingKey } : undefined;
  }
  // A lender that names a key goes on with it through rotations; one that names a key we never had gets what all get.
  const named = core.sign_with === undefined ? undefined : ourKeys.find(core.sign_with);
  return { url: core.url.replace(/\/$/, ''), signingKey: (named ?? ourKeys.current()).signingKey };
}

/** Pushes may be held; a question cannot be. */
function reached(core: CoreLookup): LiveCore | undefined {
  return typeof core === 'object' ? core : undefined;
}

/** On loopback both spellings are the gateway's own. */
function listeningOrigins(server: RunningServer): string[] {
  return server.host === '127.0.0.1' ? [server.url, `http://localhost:${server.port}`] : [server.url];
}

/** Unknown while nothing is configured: then it is reached wherever it listens, and nobody shares a link of it. */
function hostsOf({ publicUrls }: Config): string[] | undefined {
  return publicUrls.length === 0 ? undefined : toPublicNames(publicUrls).all.map(({ authority }) => authority);
}

function notReady(): Response {
  const problem = new ProblemError('dependency_unavailable', 'the gateway is starting', {
    headers: { 'Retry-After': '1' },
  });
  return problemResponse(problem, { publicUrl: '', requestId: 'req_starting', language: 'en' });
}
