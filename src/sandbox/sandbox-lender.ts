import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import type { Clock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { JsonWebKeySet } from '../trust/our-keys.ts';
import type { DueSource } from './advance-clock.ts';
import { createCoreApp } from './core/core-app.ts';
import { DailyTotals } from './daily-totals.ts';
import { LenderHttp } from './lender-http.ts';
import { type PostingLender, SandboxEvents, type SandboxObserver } from './sandbox-events.ts';
import { sandboxSigningKey } from './sandbox-keys.ts';
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
  /** Where the gateway reaches it, when something stands in between; absent = where it listens. What is signed names it. */
  readonly reachedAt?: () => string;
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

const HOST = '127.0.0.1';

/** Plays every lender with `core: sandbox`: the outside world, on a loopback port of its own, over real signed HTTP. */
export async function startSandboxLenders(deps: SandboxLenderDeps): Promise<SandboxLenders> {
  const known = new Map<string, Omit<PostingLender, 'products'>>();
  const playerOf = ({ id, products }: Lender): PostingLender => {
    const player = known.get(id) ?? {
      id,
      store: new SandboxStore(deps.client, deps.keys, id),
      signingKey: sandboxSigningKey(deps.rootSecret, id),
    };
    known.set(id, player);
    return { ...player, products };
  };
  const played = () => deps.lenders().filter((lender) => lender.core === 'sandbox');
  const http = new LenderHttp();
  const posting = { ...deps, http };
  const events = new SandboxEvents(posting);
  const totals = new DailyTotals(posting);
  const { clock, observer } = deps;
  const reporter = new SandboxReporter({ lenders: () => played().map(playerOf), events, totals, clock, observer });
  let origin = '';
  const coreUrl = (lenderId: string): string => `${origin}/cores/${lenderId}`;
  const app = createCoreApp({
    verifier: new OurSignatureVerifier(deps.loadJwks),
    origin: () => deps.reachedAt?.() ?? origin,
    coreOf: (lenderId) => {
      const lender = played().find((candidate) => candidate.id === lenderId);
      return lender && { lender, store: playerOf(lender).store, clock, coreUrl: coreUrl(lenderId), sleep: delay };
    },
    taken: () => reporter.wake(),
    failed: observer.failed,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port ?? 0, HOST, resolve);
  });
  origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    await reporter.stop();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await http.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    origin,
    coreUrl,
    due: reporter,
    start: () => reporter.start(),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
