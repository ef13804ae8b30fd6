import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkSchema } from '../../../src/redis/check-schema.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import { readDurability } from '../../../src/redis/durability.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/redis/embedded-server.ts';
import { ensureServer } from '../../../src/redis/find-server.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function dataFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function start(directory: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer(
    ensureServer(() => undefined),
    directory,
  );
  cleanups.push(() => server.stop());
  return server;
}

describe('the embedded Redis', () => {
  test('promises what live mode asks for', async () => {
    const server = await start(dataFolder());
    const client = await connectRedis({ url: server.url });
    const durability = await readDurability(client);
    client.disconnect();
    expect(durability).toMatchObject({ level: 'aof_always', maxmemoryPolicy: 'noeviction', shortcomings: [] });
  });

  test('what was acknowledged is still there after kill -9', async () => {
    const directory = dataFolder();
    const first = await start(directory);
    const client = await connectRedis({ url: first.url });
    await Promise.all(Array.from({ length: 500 }, (_, n) => client.set(`k${n}`, String(n))));
    process.kill(first.pid, 'SIGKILL');
    client.disconnect();
    await gone(first.pid);
    const second = await start(directory);
    const again = await connectRedis({ url: second.url });
    expect(await again.dbsize()).toBe(500);
    expect(await again.get('k499')).toBe('499');
    again.disconnect();
  });

  test('a server that a killed gateway left running is adopted, not started twice', async () => {
    const directory = dataFolder();
    const first = await start(directory);
    const second = await startEmbeddedServer(
      ensureServer(() => undefined),
      directory,
    );
    expect(second.pid).toBe(first.pid);
  });

  test('a command fails within a second when the server is frozen or gone', async () => {
    const server = await start(dataFolder());
    const client = await connectRedis({ url: server.url });
    process.kill(server.pid, 'SIGSTOP');
    const frozenAt = performance.now();
    await expect(client.set('a', '1')).rejects.toThrow();
    expect(performance.now() - frozenAt).toBeLessThan(1_000);
    process.kill(server.pid, 'SIGKILL');
    await gone(server.pid);
    const goneAt = performance.now();
    await expect(client.set('a', '1')).rejects.toThrow();
    expect(performance.now() - goneAt).toBeLessThan(1_000);
    client.disconnect();
  });

  test('data laid out for another number of shards is refused', async () => {
    const server = await start(dataFolder());
    const client = await connectRedis({ url: server.url });
    const keys = createKeyspace('layout:');
    await checkSchema(client, keys);
    await checkSchema(client, keys);
    await client.hset(keys.meta(), 'shards', '128');
    await expect(checkSchema(client, keys)).rejects.toThrow(/128 shards/);
    client.disconnect();
  });
});

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
