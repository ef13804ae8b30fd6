import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { ensureServer } from '../../src/redis/find-server.ts';
import { createKeyspace, type Keyspace } from '../../src/redis/keyspace.ts';

/** Nobody but the simulator decides when a command is given up. */
export const PATIENT = { commandTimeout: 20_000, socketTimeout: 20_000, retryStrategy: () => 2 };

/** A killed process leaves what it has written to memory as it does to a disk, and need not wait for it. */
const MEMORY = '/dev/shm';

/** A Redis on files of its own (`appendfsync always`) that can be killed and started again. */
export interface OwnRedis {
  readonly directory: string;
  readonly socket: string;
  readonly keys: Keyspace;
  /** A connection that no fault touches but the server's own end. */
  readonly client: RedisClient;
  /** kill -9. */
  kill(): Promise<void>;
  /** On the same files. */
  startAgain(): Promise<void>;
  close(): Promise<void>;
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const directory = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'sluice-sim-'));
  const binary = ensureServer(() => undefined);
  let server: EmbeddedServer = await startEmbeddedServer(binary, directory);
  const client = await connectRedis({ url: server.url }, PATIENT);
  return {
    directory,
    socket: server.url.slice('unix:'.length),
    keys: createKeyspace('sim:'),
    client,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      while (isAlive(server.pid)) await delay(1);
    },
    async startAgain() {
      server = await startEmbeddedServer(binary, directory);
      await untilReady(client);
    },
    async close() {
      client.disconnect();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until a connection that was lost is there again. */
export async function untilReady(client: RedisClient): Promise<void> {
  for (;;) {
    try {
      await client.ping();
      return;
    } catch {
      await delay(1);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
