import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** One server, a Sentinel pair or a cluster: the same commands, the same code. */
export type RedisClient = Redis | Cluster;

/** A signed door answers 503 within a second when Redis is away, so no command may wait longer than this. */
export const COMMAND_TIMEOUT_MS = 900;
/**
 * A server that is silent for this long while commands wait is given up: the connection is cut, and everything fails at once
 * until another one is ready. Without it a command could wait twice: behind a pipeline that runs into its timeout, and then
 * for its own.
 */
const SILENCE_MS = 700;
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MAX_MS = 500;
const FIRST_READY_TIMEOUT_MS = 10_000;

export interface ConnectionTarget {
  /** `redis://`, `rediss://`, `redis+sentinel://h1:p,h2:p/<master>`, `redis+cluster://h1:p,h2:p`, or `unix:<path>`. */
  readonly url: string;
}

/**
 * Fail-fast settings: no offline queue (a command while Redis is away fails at once), no silent resend after a reconnect
 * (the reply decides, and scripts are idempotent), a bound on every wait. Commands of one tick travel as one pipeline.
 */
function failFast(): RedisOptions {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MAX_MS),
    lazyConnect: true,
  };
}

/** The Redis that the settings name does not answer; the message is for a person and shows no password. */
export class RedisUnreachableError extends Error {
  override readonly name = 'RedisUnreachableError';

  constructor(url: string, cause: unknown) {
    const shown = url.replace(/\/\/[^@/]*@/, '//…@');
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super(`Redis at ${shown} did not answer within ${FIRST_READY_TIMEOUT_MS / 1_000} s${why}`, { cause });
  }
}

/**
 * Opens a connection and waits until it is usable.
 * @throws RedisUnreachableError when the server cannot be reached in 10 s
 */
export async function connectRedis(target: ConnectionTarget, overrides: RedisOptions = {}): Promise<RedisClient> {
  const client = createClient(target.url, { ...failFast(), ...overrides });
  if (client instanceof Cluster) client.on('+node', endSilenceWithConnection);
  else endSilenceWithConnection(client);
  // ioredis emits `error` on every failed reconnect. Callers see failed commands; only the start tells why.
  let reason: unknown;
  client.on('error', (error) => {
    reason = error;
  });
  await waitUntilReady(client, target, () => reason);
  return client;
}

/**
 * ioredis starts its clock of silence with a command and stops it with the reply; of a connection that is lost in between,
 * the clock would run on and cut the next one, which is not silent at all.
 */
function endSilenceWithConnection(client: Redis): void {
  const clock = client as unknown as { socketTimeoutTimer: NodeJS.Timeout | undefined };
  client.on('close', () => {
    clearTimeout(clock.socketTimeoutTimer);
    clock.socketTimeoutTimer = undefined;
  });
}

/** A second connection for pub/sub: it must queue its subscription across reconnects, so it keeps the offline queue. */
export async function connectSubscriber(target: ConnectionTarget): Promise<RedisClient> {
  return connectRedis(target, {
    enableOfflineQueue: true,
    commandTimeout: undefined,
    socketTimeout: undefined,
    enableAutoPipelining: false,
  });
}

function createClient(url: string, options: RedisOptions): RedisClient {
  if (url.startsWith('unix:')) return new Redis({ ...options, path: url.slice('unix:'.length) });
  if (url.startsWith('redis+cluster://')) {
    const parsed = parseHosts(url, 'redis+cluster://', 6379);
    return new Cluster(parsed.hosts, {
      redisOptions: { ...options, ...parsed.credentials },
      enableOfflineQueue: options.enableOfflineQueue ?? false,
      enableAutoPipelining: options.enableAutoPipelining ?? true,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      clusterRetryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MAX_MS),
      lazyConnect: true,
    });
  }
  if (url.startsWith('redis+sentinel://')) {
    const parsed = parseHosts(url, 'redis+sentinel://', 26379);
    return new Redis({ ...options, ...parsed.credentials, sentinels: parsed.hosts, name: parsed.path || 'mymaster' });
  }
  return new Redis(url, options);
}

interface ParsedHosts {
  hosts: { host: string; port: number }[];
  path: string;
  credentials: { username?: string; password?: string };
}

function parseHosts(url: string, scheme: string, defaultPort: number): ParsedHosts {
  const rest = url.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  const [authority = '', path = ''] = rest.slice(at + 1).split('/', 2);
  const [username, password] = at < 0 ? [] : rest.slice(0, at).split(':').map(decodeURIComponent);
  const hosts = authority.split(',').map((entry) => {
    const [host = '127.0.0.1', port] = entry.split(':');
    return { host, port: Number(port ?? defaultPort) };
  });
  const credentials = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  return { hosts, path, credentials };
}

async function waitUntilReady(client: RedisClient, target: ConnectionTarget, reason: () => unknown): Promise<void> {
  const deadline = Date.now() + FIRST_READY_TIMEOUT_MS;
  let last: unknown;
  for (;;) {
    try {
      if (client.status === 'wait' || client.status === 'end' || client.status === 'close') await client.connect();
      await client.ping();
      return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      client.disconnect();
      throw new RedisUnreachableError(target.url, reason() ?? last);
    }
    await delay(50);
  }
}
