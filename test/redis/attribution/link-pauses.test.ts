import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LinkPauses } from '../../../src/attribution/link-pauses.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
const connections: RedisClient[] = [];
const started: LinkPauses[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await Promise.all(started.map((pauses) => pauses.stop()));
  for (const connection of connections) connection.disconnect();
  await redis.close();
});

/** The memory of one process. @param hears false = no message ever reaches it */
async function inProcess({ hears = true } = {}): Promise<LinkPauses> {
  const subscriber = await connectRedis({ url: redis.url });
  connections.push(subscriber);
  const pauses = new LinkPauses(redis.client, redis.keys);
  started.push(pauses);
  await pauses.start(subscriber, (error) => {
    throw error;
  });
  if (!hears) await subscriber.unsubscribe();
  return pauses;
}

async function until(condition: () => boolean): Promise<number> {
  const startedMs = Date.now();
  while (!condition()) {
    if (Date.now() - startedMs > 5_000) throw new Error('it did not come');
    await delay(5);
  }
  return Date.now() - startedMs;
}

const OVER = { reason: 'over', at: '2026-03-02T04:00:00.000Z' };

describe('a link that is switched off', () => {
  test('is off here at once, in other processes within a second, and in those that start later', async () => {
    const [here, there] = [await inProcess(), await inProcess()];
    expect(await here.set('a', OVER)).toEqual(OVER);
    expect(here.of('a')).toEqual(OVER);
    expect(await until(() => there.of('a') !== undefined)).toBeLessThan(1_000);
    expect((await inProcess()).of('a')).toEqual(OVER);
    await there.lift('a');
    expect(await until(() => here.of('a') === undefined)).toBeLessThan(1_000);
    expect((await inProcess()).of('a')).toBeUndefined();
  });

  test('is off within seconds in a process that no message reaches', async () => {
    const [here, deaf] = [await inProcess(), await inProcess({ hears: false })];
    await here.set('b', OVER);
    await here.set('c', OVER);
    await here.lift('c');
    await until(() => deaf.of('b') !== undefined);
    expect(deaf.of('c')).toBeUndefined();
  });

  test('for the same reason again keeps its time; for another one takes the new', async () => {
    const here = await inProcess();
    const later = { ...OVER, at: '2026-03-03T04:00:00.000Z' };
    await here.set('d', OVER);
    expect(await here.set('d', later)).toEqual(OVER);
    expect(await here.set('d', { ...later, reason: 'moved' })).toEqual({ ...later, reason: 'moved' });
  });

  test('by one process while another switches it on ends the same everywhere', async () => {
    const [here, there] = [await inProcess(), await inProcess()];
    const acts = Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0 ? here.set('e', { ...OVER, reason: `${at}` }) : there.lift('e'),
    );
    await Promise.all(acts);
    const settled = await inProcess();
    await until(
      () => here.of('e')?.reason === settled.of('e')?.reason && there.of('e')?.reason === settled.of('e')?.reason,
    );
  });
});
