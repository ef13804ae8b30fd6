import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { ensureServer } from '../../src/redis/find-server.ts';
import { createKeyspace, type Keyspace } from '../../src/redis/keyspace.ts';

export interface TestRedis {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** A Redis of the test file's own on a fresh unix socket, with a random key prefix. */
export async function startTestRedis(): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const server = await startEmbeddedServer(
    ensureServer(() => undefined),
    directory,
  );
  const client = await connectRedis({ url: server.url });
  return {
    client,
    keys: createKeyspace(`t${randomBytes(4).toString('hex')}:`),
    url: server.url,
    pid: server.pid,
    async close() {
      client.disconnect();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
