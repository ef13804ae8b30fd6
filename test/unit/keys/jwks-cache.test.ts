import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { COOL_DOWN_MS, JwksCache, type JwksParty } from '../../../src/keys/jwks-cache.ts';
import { createOutbound, type Outbound } from '../../../src/outbound/create-outbound.ts';
import { type KeyServer, startKeyServer } from '../../support/key-server.ts';
import { ACME, freshPublicKey, SUMMIT } from './key-samples.ts';

const HOUR_MS = 3_600_000;
const outbound = createOutbound({ allowLoopback: true });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function keyServer(): Promise<KeyServer> {
  const server = await startKeyServer();
  closers.push(() => server.close());
  return server;
}

function startCache(parties: readonly JwksParty[]) {
  const time = { ms: Date.parse('2026-03-02T04:00:00Z') };
  const failures: string[] = [];
  const cache = new JwksCache({
    outbound,
    parties: () => parties,
    observer: {
      changed: () => undefined,
      failed: ({ id }, reason) => failures.push(`${id}: ${reason}`),
      leftOut: () => undefined,
    },
    now: () => time.ms,
  });
  cache.start();
  closers.push(() => cache.stop());
  const ids = () => cache.keys().map(({ id }) => id);
  const ask = (kid: string) => cache.refreshUnknown('traffic', () => ids().includes(kid));
  return { cache, time, failures, ids, ask };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await delay(10);
  }
}

describe('the key set that a party publishes', () => {
  test('an unknown kid refreshes it once, and a stranger’s kid does not again within the cool-down', async () => {
    const server = await keyServer();
    server.keys.one = freshPublicKey();
    const { ids, ask, time } = startCache([{ party: ACME, url: server.url }]);
    await until(() => ids().includes('one'));
    server.keys.two = freshPublicKey();
    await ask('two');
    expect(ids()).toEqual(['one', 'two']);
    expect(server.asked).toBe(2);
    for (let stranger = 0; stranger < 50; stranger += 1) await ask(`stranger-${stranger}`);
    expect(server.asked).toBe(2);
    time.ms += COOL_DOWN_MS;
    await ask('stranger');
    expect(server.asked).toBe(3);
  });

  test('a hundred requests with unknown kids at once cost one fetch', async () => {
    const server = await keyServer();
    server.keys.zero = freshPublicKey();
    const { ask, time, ids } = startCache([{ party: ACME, url: server.url }]);
    await until(() => ids().includes('zero'));
    server.keys.one = freshPublicKey();
    time.ms += COOL_DOWN_MS;
    await Promise.all(Array.from({ length: 100 }, () => ask('one')));
    expect(server.asked).toBe(2);
    expect(ids()).toEqual(['zero', 'one']);
  });

  test('a key that was published while the set was on its way is found at its first use', async () => {
    const server = await keyServer();
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding: Pick<Outbound, 'fetchBounded'> = {
      async fetchBounded(wanted) {
        const answer = await outbound.fetchBounded(wanted);
        if (server.asked === 1) await held;
        return answer;
      },
    };
    const parties = [{ party: ACME, url: server.url }];
    const observer = { changed: () => undefined, failed: () => undefined, leftOut: () => undefined };
    const cache = new JwksCache({ outbound: holding, parties: () => parties, observer });
    closers.push(() => cache.stop());
    cache.start();
    await until(() => server.asked === 1);
    await delay(200);
    server.keys.one = freshPublicKey();
    const ids = () => cache.keys().map(({ id }) => id);
    const found = cache.refreshUnknown('traffic', () => ids().includes('one'));
    release?.();
    await found;
    expect(ids()).toEqual(['one']);
  });

  test('a party that is slow does not hold up the others’ new keys', async () => {
    const [slow, quick] = [await keyServer(), await keyServer()];
    slow.answer = () => undefined;
    const { ask, ids } = startCache([
      { party: SUMMIT, url: slow.url },
      { party: ACME, url: quick.url },
    ]);
    await until(() => quick.asked === 1);
    quick.keys.one = freshPublicKey();
    const startedMs = performance.now();
    await ask('one');
    expect(ids()).toEqual(['one']);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('the last good set stays when it cannot be had, for a day', async () => {
    const server = await keyServer();
    server.keys.one = freshPublicKey();
    const { ids, ask, time, failures } = startCache([{ party: ACME, url: server.url }]);
    await until(() => ids().includes('one'));
    server.answer = (_request, response) => response.writeHead(500).end();
    time.ms += 23 * HOUR_MS;
    await ask('x');
    expect(failures).toContain('acme: it answered 500');
    expect(ids()).toEqual(['one']);
    time.ms += 2 * HOUR_MS;
    await ask('x');
    expect(ids()).toEqual([]);
  });

  test('it is read again in the background when its time is over, and what was withdrawn is gone', async () => {
    const server = await keyServer();
    server.keys.one = freshPublicKey();
    const { ids, time } = startCache([{ party: ACME, url: server.url }]);
    await until(() => ids().includes('one'));
    server.keys = { two: freshPublicKey() };
    time.ms += 301_000;
    await until(() => ids().includes('two'));
    expect(ids()).toEqual(['two']);
  });

  test.each<[string, RequestListener]>([
    ['10 MB', (_request, response) => response.end(Buffer.alloc(10 * 1024 * 1024, ' '))],
    [
      'a redirect to this machine',
      (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['HTML', (_request, response) => response.end('<html>')],
    ['half an answer', (_request, response) => response.writeHead(200, { 'content-length': 100 }).write('{')],
  ])('%s is a failure and nothing more', async (_what, answer) => {
    const server = await keyServer();
    server.answer = answer;
    const { ids, failures } = startCache([{ party: ACME, url: server.url }]);
    await until(() => failures.length > 0);
    expect(ids()).toEqual([]);
  });

  test('another URL is another set, and without one there is none', async () => {
    const [first, second] = [await keyServer(), await keyServer()];
    first.keys.one = freshPublicKey();
    second.keys.two = freshPublicKey();
    const parties = [{ party: ACME, url: first.url }];
    const { cache, ids } = startCache(parties);
    await until(() => ids().includes('one'));
    parties[0] = { party: ACME, url: second.url };
    cache.sync();
    expect(ids()).toEqual([]);
    await until(() => ids().includes('two'));
    parties.pop();
    cache.sync();
    expect(ids()).toEqual([]);
  });
});
