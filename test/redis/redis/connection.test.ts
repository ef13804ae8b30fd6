import { expect, test } from 'vitest';
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
