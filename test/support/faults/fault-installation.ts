import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OutboxOverview } from '../../../src/applications/push/outbox-overview.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import { startEmbeddedServer } from '../../../src/redis/embedded-server.ts';
import { ensureServer } from '../../../src/redis/find-server.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { loadRegistry } from '../../../src/registry/load-registry.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { createSandboxClock, type SandboxClock } from '../../../src/sandbox/sandbox-clock.ts';
import { sandboxKeyId, sandboxSigningKey, sandboxVerificationKey } from '../../../src/sandbox/sandbox-keys.ts';
import { type SandboxLenders, startSandboxLenders } from '../../../src/sandbox/sandbox-lender.ts';
import type { JsonWebKeySet } from '../../../src/trust/our-keys.ts';
import { testVariables } from '../gateway.ts';
import { freePort, type GatewayChild, startGatewayChild } from '../gateway-child.ts';
import { writeVariant } from '../registry-variant.ts';
import { EventPost } from './event-post.ts';
import type { FaultPlan } from './fault-plan.ts';
import { type FaultyProxy, Forwarder, startFaultyProxy } from './faulty-proxy.ts';

const GATEWAYS = 2;
/** Lenders whose cores stand behind the faults. */
export const FAULTY_LENDERS = ['quickcredit', 'bluewave', 'riverbank'] as const;
const UNHINDERED = { requests_per_second: 5_000, burst: 10_000, applications_per_day: 1_000_000 };

export interface FaultSettings {
  /** What happens between the gateways and the lenders' cores, and what between the lenders and the gateways. */
  readonly pushes: FaultPlan;
  readonly events: FaultPlan;
  /** How long a core may take. */
  readonly coreTimeoutMs: number;
  readonly retryMaxSeconds: number;
}

/** Something that the lenders found wrong. */
export interface RefusedByUs {
  readonly lenderId: string;
  readonly eventId: string;
  readonly code: string;
}

/**
 * Two gateway processes on one Redis, lenders in this process, and between them proxies that lose, double, delay and mix up
 * what passes. Gateways and Redis can be killed; the lenders cannot.
 */
export interface FaultInstallation {
  readonly urls: readonly string[];
  readonly redisUrl: string;
  readonly registry: Registry;
  readonly clock: SandboxClock;
  readonly lenders: SandboxLenders;
  readonly post: EventPost;
  readonly refused: RefusedByUs[];
  /** When the lenders have something to tell next, business time. */
  nextDue(): Promise<number | null>;
  /** Messages to lenders that were not answered. */
  waiting(): Promise<number>;
  /** Requests that arrived at the lenders' cores, by operation. */
  readonly operations: ReadonlyMap<string, number>;
  readonly requests: () => { readonly pushes: number; readonly events: number };
  killRedis(downMs: number): Promise<void>;
  killGateway(index: number): Promise<void>;
  stopGateways(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFaultInstallation(settings: FaultSettings): Promise<FaultInstallation> {
  // Short: a socket lies in it.
  const root = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
  const partners = join(root, 'partners');
  const dataDir = join(root, 'data');
  mkdirSync(partners);
  const rootSecret = Buffer.from(testVariables(dataDir).SLUICE_SECRET ?? '', 'utf8');
  const binary = ensureServer(() => undefined);
  let server = await startEmbeddedServer(binary, root);
  const keys = createKeyspace('sluice:');
  const client = await connectRedis({ url: server.url });
  // It waits for nobody: gateways look at the clock all the time, and one that was killed would hold everybody up.
  const clock = await createSandboxClock(client, keys);

  const overview = new OutboxOverview(client, keys);
  const forwarder = new Forwarder();
  const operations = new Map<string, number>();
  const played: { lenders?: SandboxLenders } = {};
  const core = await startFaultyProxy({
    plan: settings.pushes,
    nameOf: ({ path, rawHeaders }) => `${path} ${rawHeaders[rawHeaders.findIndex(isIdempotencyKey) + 1]}`,
    deliver: (request) => {
      const operation = request.path.split('/').at(-1) ?? '';
      operations.set(operation, (operations.get(operation) ?? 0) + 1);
      return forwarder.send(played.lenders?.origin ?? '', request);
    },
  });
  const seats = await seatsOf();
  let turn = 0;
  const post = new EventPost({
    plan: settings.events,
    forwarder,
    origin: () => door.origin,
    target: () => {
      turn += 1;
      return seats[turn % GATEWAYS]?.url ?? '';
    },
    keyOf: (keyId) => {
      const lenderId = FAULTY_LENDERS.find((id) => sandboxKeyId(id) === keyId);
      return lenderId && sandboxSigningKey(rootSecret, lenderId);
    },
  });
  const door = await startFaultyProxy({
    plan: settings.events,
    nameOf: (request) => post.nameOf(request),
    deliver: (request, name) => post.deliver(request, name),
    deliverAgain: (request) => post.deliverAgain(request),
  });

  writeVariant(partners, filesWith(core, rootSecret, settings));
  const registry = await registryOf(partners);
  const refused: RefusedByUs[] = [];
  const lenders = await startSandboxLenders({
    client,
    keys,
    clock,
    rootSecret,
    lenders: () => lendersIn(registry),
    eventsUrl: () => `${door.origin}/lender/v1/events`,
    loadJwks: () => publicKeys(seats.map(({ url }) => url)),
    reachedAt: () => core.origin,
    observer: {
      rejected: (lenderId, eventId, code) => void refused.push({ lenderId, eventId, code }),
      // Gateways and Redis are killed: what fails is done again.
      failed: () => undefined,
    },
  });
  played.lenders = lenders;

  const shared = { REDIS_URL: server.url, SLUICE_PARTNERS: partners, SLUICE_PROCESSES: String(GATEWAYS) };
  const variablesOf = (index: number) => {
    const url = seats[index]?.url ?? '';
    return { ...shared, SLUICE_PROCESS_INDEX: String(index + 1), SLUICE_PUBLIC_URL: `${url},${door.origin}` };
  };
  const start = (index: number): Promise<GatewayChild> =>
    startGatewayChild(dataDir, seats[index]?.port ?? 0, variablesOf(index));
  const children = await Promise.all(seats.map((_, index) => start(index)));
  const stopGateways = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
  };
  return {
    urls: seats.map(({ url }) => url),
    redisUrl: server.url,
    registry,
    clock,
    lenders,
    post,
    refused,
    operations,
    // While Redis is away nobody knows: there may be something at once.
    nextDue: () => lenders.due.nextDue().catch(() => 0),
    waiting: () =>
      overview.count().then(
        ({ pending }) => pending,
        () => 1,
      ),
    requests: () => ({ pushes: core.requests(), events: door.requests() }),
    async killRedis(downMs) {
      process.kill(server.pid, 'SIGKILL');
      await delay(downMs);
      server = await startEmbeddedServer(binary, root);
    },
    async killGateway(index) {
      await children[index]?.kill();
      children[index] = await start(index);
    },
    stopGateways,
    async stop() {
      await stopGateways();
      await lenders.stop();
      await Promise.all([core.close(), door.close()]);
      forwarder.close();
      clock.stop();
      client.disconnect();
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function seatsOf(): Promise<{ readonly port: number; readonly url: string }[]> {
  const ports = await Promise.all(Array.from({ length: GATEWAYS }, () => freePort()));
  return ports.map((port) => ({ port, url: `http://127.0.0.1:${port}` }));
}

function isIdempotencyKey(text: string, at: number): boolean {
  return at % 2 === 0 && text.toLowerCase() === 'idempotency-key';
}

/** The shipped counterparties; the lenders have cores of their own, which are reached through a proxy. */
function filesWith(core: FaultyProxy, rootSecret: Buffer, { coreTimeoutMs, retryMaxSeconds }: FaultSettings) {
  const lenderFiles = FAULTY_LENDERS.map((id) => {
    const { keyObject } = sandboxVerificationKey(rootSecret, id);
    const { kty, crv, x } = keyObject.export({ format: 'jwk' });
    // biome-ignore lint/suspicious/noExplicitAny: a file as it is written; the loader judges it
    const change = (file: any): void => {
      file.core = {
        url: `${core.origin}/cores/${id}`,
        timeout_ms: coreTimeoutMs,
        max_concurrent: 32,
        retry_max_seconds: retryMaxSeconds,
      };
      file.keys = [{ id: sandboxKeyId(id), alg: 'ed25519', jwk: { kty, crv, x } }];
    };
    return [`lending/${id}/lender.yaml`, change] as const;
  });
  return {
    ...Object.fromEntries(lenderFiles),
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    'traffic/acme/partner.yaml': (file: any) => Object.assign(file.limits, UNHINDERED),
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    'traffic/summit/partner.yaml': (file: any) => Object.assign(file.limits, UNHINDERED),
  };
}

async function registryOf(partners: string): Promise<Registry> {
  const loaded = await loadRegistry(partners);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.registry;
}

/** Played in this process, whatever their files say. */
function lendersIn(registry: Registry) {
  return FAULTY_LENDERS.flatMap((id) => {
    const lender = registry.lenders.get(id);
    return lender ? [{ ...lender, core: 'sandbox' as const }] : [];
  });
}

async function publicKeys(urls: readonly string[]): Promise<JsonWebKeySet> {
  for (const url of urls) {
    const response = await fetch(`${url}/.well-known/jwks.json`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    if (response?.status === 200) return (await response.json()) as JsonWebKeySet;
  }
  throw new Error('no gateway shows its keys');
}
