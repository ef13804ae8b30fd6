import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Clock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { JsonWebKeySet } from '../trust/our-keys.ts';
import type { DueSource } from './advance-clock.ts';
import {
  type CoreReply,
  type SandboxCoreDeps,
  takeApplication,
  takeCancellation,
  takeInput,
  takeLoan,
  takeQuote,
} from './sandbox-core.ts';
import { type PostingLender, SandboxEvents, type SandboxObserver } from './sandbox-events.ts';
import { sandboxSigningKey } from './sandbox-keys.ts';
import { takePrecheck } from './sandbox-precheck.ts';
import { SandboxReporter } from './sandbox-reporter.ts';
import { SandboxStore } from './sandbox-store.ts';
import { OurSignatureVerifier } from './verify-our-signature.ts';

export interface SandboxLenderDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** Sandbox clock: what waits for time waits on it. */
  readonly clock: Clock;
  readonly rootSecret: Uint8Array | string;
  /** All lenders as they are registered now; those with `core: sandbox` are played. */
  readonly lenders: () => readonly Lender[];
  /** The gateway's `/lender/v1/events`, absolute. */
  readonly eventsUrl: () => string;
  /** The gateway's public keys, as a lender would read them. */
  readonly loadJwks: () => Promise<JsonWebKeySet>;
  /** 0 = any free port. */
  readonly port?: number;
  readonly observer: SandboxObserver;
}

export interface SandboxLenders {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Base URL of a lender's core, for the gateway's pushes. */
  coreUrl(lenderId: string): string;
  /** What waits for the sandbox clock. */
  readonly due: DueSource;
  /** Reports due events by itself as time passes. */
  start(): void;
  stop(): Promise<void>;
}

type Operation = (deps: SandboxCoreDeps, json: unknown) => Promise<CoreReply>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  applications: takeApplication,
  prechecks: takePrecheck,
  loans: takeLoan,
  quotes: takeQuote,
  supplements: takeInput,
  actions: takeInput,
  cancellations: takeCancellation,
};
const HOST = '127.0.0.1';
const BODY_MAX_BYTES = 1024 * 1024;

/** Plays every lender with `core: sandbox`: the outside world, on a loopback port of its own, over real signed HTTP. */
export async function startSandboxLenders(deps: SandboxLenderDeps): Promise<SandboxLenders> {
  const stores = new Map<string, SandboxStore>();
  const storeOf = (lenderId: string): SandboxStore => {
    const store = stores.get(lenderId) ?? new SandboxStore(deps.client, deps.keys, lenderId);
    stores.set(lenderId, store);
    return store;
  };
  const played = () => deps.lenders().filter((lender) => lender.core === 'sandbox');
  const posters = new Map<string, PostingLender>();
  const posterOf = ({ id }: Lender): PostingLender => {
    const known = posters.get(id);
    if (known) return known;
    const poster = { id, store: storeOf(id), signingKey: sandboxSigningKey(deps.rootSecret, id) };
    posters.set(id, poster);
    return poster;
  };
  const events = new SandboxEvents(deps);
  const reporter = new SandboxReporter(() => played().map(posterOf), events, deps.clock, deps.observer);
  let origin = '';
  const app = createApp({
    verifier: new OurSignatureVerifier(deps.loadJwks),
    origin: () => origin,
    coreOf: (lenderId) => {
      const lender = played().find((candidate) => candidate.id === lenderId);
      return lender && { lender, store: storeOf(lenderId), clock: deps.clock, sleep: delay };
    },
    taken: () => reporter.wake(),
    failed: deps.observer.failed,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port ?? 0, HOST, resolve);
  });
  origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    coreUrl: (lenderId) => `${origin}/cores/${lenderId}`,
    due: reporter,
    start: () => reporter.start(),
    async stop() {
      await reporter.stop();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await events.close();
    },
  };
}

interface AppDeps {
  readonly verifier: OurSignatureVerifier;
  readonly origin: () => string;
  readonly coreOf: (lenderId: string) => SandboxCoreDeps | undefined;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

type SandboxContext = Context<{ Bindings: HttpBindings }>;

function createApp({ verifier, origin, coreOf, taken, failed }: AppDeps): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.post('/cores/:lenderId/:operation', bodyLimit({ maxSize: BODY_MAX_BYTES }), async (context) => {
    const core = coreOf(context.req.param('lenderId'));
    const operation = OPERATIONS[context.req.param('operation')];
    if (!core || !operation) return context.json({ code: 'not_found' }, 404);
    const body = new Uint8Array(await context.req.arrayBuffer());
    const check = await verifier.check(rawRequest(context, body), origin());
    if (!check.ok) {
      return context.json({ code: check.code, detail: check.detail }, check.code === 'unavailable' ? 503 : 401);
    }
    const json = parseJson(body);
    if (json === undefined) return context.json({ code: 'json_invalid' }, 400);
    const deliveryId = (json as { delivery_id?: unknown }).delivery_id;
    if (context.req.header('idempotency-key') !== deliveryId) {
      return context.json({ code: 'idempotency_key_mismatch' }, 422);
    }
    const reply = await operation(core, json);
    taken();
    return context.json(reply.body, reply.status);
  });
  app.onError((error, context) => {
    failed(error);
    return context.json({ code: 'unavailable' }, 503);
  });
  return app;
}

function rawRequest(context: SandboxContext, body: Uint8Array) {
  const { method = '', url = '', rawHeaders } = context.env.incoming;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return { method, target: url, headers, body };
}

function parseJson(body: Uint8Array): object | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
