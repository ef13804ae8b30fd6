import { readFileSync } from 'node:fs';
import type { z } from '@hono/zod-openapi';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { DocumentFiles } from '../../src/applications/documents/document-files.ts';
import { HandoffStore } from '../../src/attribution/handoffs/handoff-store.ts';
import { LinkStore } from '../../src/attribution/link-store.ts';
import { inertDeps } from '../../src/commands/inert-deps.ts';
import type { PartnerDeps } from '../../src/doors/partner/partner-deps.ts';
import { createPartnerDoor } from '../../src/doors/partner/partner-door.ts';
import { ProjectionRunner } from '../../src/events/runner.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import type { Fetch } from '../../src/http/mount-doors.ts';
import { Perimeter } from '../../src/http/perimeter.ts';
import { startServer } from '../../src/http/server.ts';
import { ApplicationIndex } from '../../src/insight/application-index.ts';
import { FunnelReader } from '../../src/insight/funnel-reader.ts';
import { createIndexProjection } from '../../src/insight/index-projection.ts';
import { PageReader } from '../../src/insight/pages/page-reader.ts';
import { PartyKeys } from '../../src/keys/party-keys.ts';
import { createAdmissions } from '../../src/limits/admission.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import type { RevenueDesk } from '../../src/revenue/revenue-desk.ts';
import { importSigningKey, type KeySpec, type SigningKey } from '../../src/trust/import-key.ts';
import { toPublicNames } from '../../src/trust/public-names.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { createTestIntake, SHIPPED_PARTNERS, type TestIntake } from './intake.ts';
import type { TestRedis } from './redis.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire; schemas judge it
  readonly body: any;
}

export interface PartnerClient {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends exactly this; `signed` are the bytes that the signature covers, the same by default. */
  send(method: string, path: string, options: SendOptions): Promise<Answer>;
}

export interface SendOptions {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly sign?: boolean;
  readonly signedBody?: string;
  readonly nonce?: string;
}

export interface TestPartnerDoor {
  readonly url: string;
  readonly intake: TestIntake;
  acme: PartnerClient;
  summit: PartnerClient;
  close(): Promise<void>;
}

function sandboxKey(spec: KeySpec): SigningKey {
  const read = importSigningKey(spec);
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

/** The published private key of the shipped partner acme. */
function acmeKey(): SigningKey {
  const file = readFileSync(`${SHIPPED_PARTNERS}/traffic/acme/sandbox-key.json`, 'utf8');
  const { kid = '', comment: _, alg: __, ...jwk } = JSON.parse(file) as Record<string, string>;
  return sandboxKey({ id: kid, alg: 'ed25519', jwk });
}

/** The partner door on a port of its own, with the shipped partners, a real Redis and the projection it reads. */
export async function startPartnerDoor(redis: TestRedis): Promise<TestPartnerDoor> {
  const intake = await createTestIntake(redis);
  let fetch: Fetch = () => new Response(null, { status: 503 });
  let publicUrl = 'http://127.0.0.1';
  const server = await startServer({
    fetch: (request, env) => fetch(request, env),
    host: '127.0.0.1',
    port: 0,
    publicUrl: () => publicUrl,
  });
  publicUrl = server.url;
  const door = createPartnerDoor(depsOf(redis, intake, publicUrl));
  fetch = (request, env) => door.fetch(request, env);
  const stopIndex = await runIndex(redis, intake);
  const summitSecret = intake.registry.keys.get('summit-hmac')?.spec.secretBase64 ?? '';
  return {
    url: server.url,
    intake,
    acme: partnerClient(server.url, acmeKey()),
    summit: partnerClient(
      server.url,
      sandboxKey({ id: 'summit-hmac', alg: 'hmac-sha256', secretBase64: summitSecret }),
    ),
    async close() {
      await stopIndex();
      await server.close(1_000);
    },
  };
}

function depsOf(redis: TestRedis, intake: TestIntake, publicUrl: string): PartnerDeps {
  const { deps } = intake;
  const { client, keys } = redis;
  const partyKeys = new PartyKeys({ registry: { current: () => intake.registry } });
  return {
    env: 'sandbox',
    publicNames: toPublicNames([publicUrl]),
    publicUrl,
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    perimeter: new Perimeter(),
    signed: { keys: partyKeys.traffic, admissions: createAdmissions(client, keys) },
    keysOf: (id) => partyKeys.of({ kind: 'traffic', id }),
    intake: deps,
    documentFiles: inertDeps<DocumentFiles>(),
    quality: inertDeps<PartnerDeps['quality']>(),
    catalogue: {
      epoch: 0,
      nextChangeMs: () => Number.POSITIVE_INFINITY,
      pausesOf: () => [],
      recordOf: () => undefined,
    },
    applications: new ApplicationIndex({
      client,
      keys,
      statusOf: async (id) => (await deps.store.load(id))?.application.status,
    }),
    handoffs: { ...deps, handoffs: new HandoffStore(client, keys), environment: 'sandbox' },
    links: new LinkStore(client, keys),
    funnel: new FunnelReader(client, keys),
    pages: new PageReader(client, keys),
    earnings: { ofLink: async () => 0 },
    revenue: inertDeps<RevenueDesk>(),
    reconciliation: inertDeps<PartnerDeps['reconciliation']>(),
    delivery: inertDeps<PartnerDeps['delivery']>(),
  };
}

async function runIndex(redis: TestRedis, { deps }: TestIntake): Promise<() => Promise<void>> {
  const { client, keys } = redis;
  const subscriber = await connectRedis({ url: redis.url });
  const partnerUserRefOf = async (id: string) => (await deps.store.load(id))?.application.partner_user_ref ?? null;
  const projections = [createIndexProjection({ client, keys, partnerUserRefOf })];
  const observer = { applied: () => undefined, parked: () => undefined, failed: () => undefined };
  const runner = new ProjectionRunner({ client, subscriber, keys, projections, observer });
  await runner.start();
  return async () => {
    await runner.stop();
    subscriber.disconnect();
  };
}

/** Signs every request with this key. */
export function partnerClient(origin: string, key: SigningKey): PartnerClient {
  const send: PartnerClient['send'] = async (method, path, options) => {
    const { body, headers = {}, sign = true, signedBody = body, nonce } = options;
    const url = `${origin}${path}`;
    const all = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const createdSeconds = Date.now() / 1_000;
    const signature = sign
      ? signRequest({ method, url, headers: all, body: signedBody, key, createdSeconds, nonce })
      : {};
    const response = await fetch(url, { method, headers: { ...all, ...signature }, body });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = /json/.test(response.headers.get('content-type') ?? 'json');
    const content = isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : bytes;
    return { status: response.status, headers: response.headers, body: bytes.length === 0 ? undefined : content };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, { headers }),
    post: (path, body, headers) => send('POST', path, { body: JSON.stringify(body), headers }),
  };
}

/** Whether a body is what the OpenAPI document says, without a field that it does not name. */
export function expectConforms(schema: z.ZodType, body: unknown): void {
  expect(schema.parse(body)).toEqual(body);
}
