import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connectRedis } from '../../../src/redis/connection.ts';
import { isUnavailable } from '../../../src/redis/is-unavailable.ts';
import { startTestRedis } from '../../support/redis.ts';

const FROZEN_MS = 2_500;

test('while Redis is frozen every command fails within a second, also behind others, and all is well afterwards', async () => {
  const redis = await startTestRedis();
  const waits: number[] = [];
  const faults: unknown[] = [];
  const write = async (): Promise<void> => {
    const startedAt = performance.now();
    try {
      await redis.client.set('key', 'value');
    } catch (error) {
      waits.push(performance.now() - startedAt);
      faults.push(error);
    }
  };
  process.kill(redis.pid, 'SIGSTOP');
  const writes: Promise<void>[] = [];
  for (const endsAt = Date.now() + FROZEN_MS; Date.now() < endsAt; ) {
    writes.push(write());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.kill(redis.pid, 'SIGCONT');
  await Promise.all(writes);
  expect(waits.length).toBeGreaterThan(50);
  expect(Math.max(...waits)).toBeLessThan(1_000);
  expect(faults.every(isUnavailable)).toBe(true);
  await expect.poll(() => redis.client.set('key', 'value').catch(() => 'not yet'), { timeout: 5_000 }).toBe('OK');
  await redis.close();
});

test('a connection that was lost while a command waited does not take the next one with it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const path = join(directory, 'redis.sock');
  let connections = 0;
  // Answers whatever it is asked, but goes away at the first GET.
  const server = createServer((socket) => {
    connections += 1;
    const isFirst = connections === 1;
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const [, command = ''] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (isFirst && command.toLowerCase() === 'get') socket.destroy();
        else socket.write(command.toLowerCase() === 'info' ? '$9\r\nloading:0\r\n' : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = await connectRedis({ url: `unix:${path}` });
  await expect(client.get('key')).rejects.toThrow();
  await expect.poll(() => client.get('key').catch(() => 'not yet'), { timeout: 5_000 }).toBe('OK');
  for (const endsAt = Date.now() + 1_000; Date.now() < endsAt; await delay(20)) {
    expect(await client.get('key')).toBe('OK');
  }
  expect(connections).toBe(2);
  client.disconnect();
  server.close();
  rmSync(directory, { recursive: true });
});
