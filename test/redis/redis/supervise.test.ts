import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { connectRedis } from '../../../src/redis/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/redis/embedded-server.ts';
import { ensureServer } from '../../../src/redis/find-server.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function dataFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-supervise-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(directory: string): Promise<EmbeddedServer> {
  return startEmbeddedServer(
    ensureServer(() => undefined),
    directory,
  );
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not become so in 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an embedded Redis under supervision', () => {
  test('is started again when it is killed, and open connections find it again with its data', async () => {
    const server = await start(dataFolder());
    cleanups.push(() => server.stop());
    const told: string[] = [];
    server.supervise((line) => told.push(line));
    const client = await connectRedis({ url: server.url });
    cleanups.push(() => client.disconnect());
    for (const value of ['1', '2']) {
      const { pid } = server;
      await client.set('kept', value);
      process.kill(pid, 'SIGKILL');
      await until(() => server.pid !== pid && client.status === 'ready');
      expect(await client.get('kept')).toBe(value);
    }
    expect(told).toEqual(Array.from({ length: 2 }, () => expect.stringContaining('starting it again')));
  });

  test('is started again also when it was adopted from a gateway that died', async () => {
    const directory = dataFolder();
    const first = await start(directory);
    const adopted = await start(directory);
    cleanups.push(() => adopted.stop());
    adopted.supervise(() => undefined);
    process.kill(first.pid, 'SIGKILL');
    await until(() => adopted.pid !== first.pid);
    const client = await connectRedis({ url: adopted.url });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  test('stays stopped when it is asked to stop', async () => {
    const server = await start(dataFolder());
    const told: string[] = [];
    server.supervise((line) => told.push(line));
    const { pid } = server;
    await server.stop();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect([isAlive(pid), server.pid, told]).toEqual([false, pid, []]);
  });

  test('one that hangs is waited for, so that two never write the same files', async () => {
    const directory = dataFolder();
    const first = await start(directory);
    cleanups.push(() => first.stop());
    process.kill(first.pid, 'SIGSTOP');
    const second = start(directory);
    setTimeout(() => process.kill(first.pid, 'SIGCONT'), 800);
    expect((await second).pid).toBe(first.pid);
  });
});
