import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Admission, type AdmissionRequest, createAdmissions } from '../../../src/limits/admission.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
const others: RedisClient[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  for (let count = 0; count < 2; count += 1) others.push(await connectRedis({ url: redis.url }));
});

afterAll(async () => {
  for (const client of others) client.disconnect();
  await redis.close();
});

let nonces = 0;

function request(partyId: string, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  nonces += 1;
  const rate = { perSecond: 0.001, burst: 10 };
  return { partyId, rate, keyId: 'k', nonce: `n-${nonces}`, nonceSeconds: 60, ...more };
}

async function kinds(answers: readonly Promise<Admission>[]): Promise<string[]> {
  return (await Promise.all(answers)).map(({ kind }) => kind);
}

/** Nonces remembered of a party. */
function remembered(partyId: string): Promise<string[]> {
  return redis.client.keys(`${redis.keys.prefix}{p:${partyId}}:nonce:*`);
}

describe('a nonce', () => {
  test('is new once per key, whatever other keys and parties use', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const once = request('acme', { nonce: 'n' });
    expect(await admit(once)).toMatchObject({ kind: 'admitted' });
    expect(await admit(once)).toEqual({ kind: 'replayed' });
    expect(await admit({ ...once, keyId: 'k2' })).toMatchObject({ kind: 'admitted' });
    expect(await admit({ ...once, partyId: 'beta' })).toMatchObject({ kind: 'admitted' });
  });

  test('is new once of many attempts at once, in one process and in several', async () => {
    const admissions = [redis.client, ...others].map((client) => createAdmissions(client, redis.keys));
    const once = request('racing', { rate: { perSecond: 1, burst: 100 } });
    const answers = await kinds(admissions.flatMap(({ admit }) => Array.from({ length: 20 }, () => admit(once))));
    expect(answers.filter((kind) => kind === 'admitted')).toHaveLength(1);
    expect(answers.filter((kind) => kind === 'replayed')).toHaveLength(59);
  });

  test('is kept for its lifetime, in its party’s slot, under a hash; a second attempt does not lengthen that', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    await admit(request('gamma', { nonce: 'my-nonce', nonceSeconds: 30 }));
    await admit(request('gamma', { nonce: 'my-nonce', nonceSeconds: 330 }));
    const found = await remembered('gamma');
    expect(found).toHaveLength(1);
    expect(found[0]).not.toContain('my-nonce');
    const ttl = await redis.client.ttl(found[0] ?? '');
    expect(ttl).toBeGreaterThan(25);
    expect(ttl).toBeLessThanOrEqual(30);
  });
});

describe('the rate of a party', () => {
  test('lets the burst through, exactly, and tells what is left of it', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const answers = await Promise.all(Array.from({ length: 12 }, () => admit(request('exact'))));
    const left = answers.map((one) => (one.kind === 'admitted' ? one.remaining : one.kind));
    expect(left).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 'limited', 'limited']);
    expect(answers[0]).toMatchObject({ fullInSeconds: 1_000 });
  });

  test('a refused request costs nothing: it is not counted, and its nonce may come again', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const rate = { perSecond: 20, burst: 1 };
    await admit(request('refused', { rate }));
    const refused = Array.from({ length: 30 }, () => request('refused', { rate }));
    expect(new Set(await kinds(refused.map(admit)))).toEqual(new Set(['limited']));
    expect(await remembered('refused')).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 55));
    // Had the thirty been counted, this one would wait for a second and a half.
    expect(await admit(refused[0] ?? request('refused'))).toMatchObject({ kind: 'admitted' });
  });

  test('a replay costs nothing, and is told as one also when the rate is used up', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const once = request('replayed');
    await admit(once);
    expect(new Set(await kinds(Array.from({ length: 20 }, () => admit(once))))).toEqual(new Set(['replayed']));
    expect(await admit(request('replayed'))).toMatchObject({ kind: 'admitted', remaining: 8 });
    await kinds(Array.from({ length: 8 }, () => admit(request('replayed'))));
    expect(await admit(request('replayed'))).toMatchObject({ kind: 'limited' });
    expect(await admit(once)).toEqual({ kind: 'replayed' });
  });

  test('whoever waits as long as told is let in', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const rate = { perSecond: 2, burst: 1 };
    await admit(request('waiting', { rate }));
    const refused = await admit(request('waiting', { rate }));
    if (refused.kind !== 'limited') throw new Error('not limited');
    await new Promise((resolve) => setTimeout(resolve, refused.retryInSeconds * 1_000));
    expect(await admit(request('waiting', { rate }))).toMatchObject({ kind: 'admitted' });
  });

  test('one party’s requests limit no other', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    await kinds(Array.from({ length: 20 }, () => admit(request('loud'))));
    expect(await admit(request('quiet'))).toMatchObject({ kind: 'admitted', remaining: 9 });
  });

  test('a stored time that lies too far ahead, as after a failover to a slow clock, is forgotten down to a burst', async () => {
    const { admit } = createAdmissions(redis.client, redis.keys);
    const rate = { perSecond: 20, burst: 2 };
    const key = redis.keys.partner('ahead', 'rate', '20');
    await redis.client.set(key, (Date.now() / 1_000 + 3_600) * rate.perSecond);
    expect(await admit(request('ahead', { rate }))).toMatchObject({ kind: 'limited' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await admit(request('ahead', { rate }))).toMatchObject({ kind: 'admitted' });
  });

  test('a partner at 100 requests a second gets 100, to one per cent, over several processes', async () => {
    const admissions = [redis.client, ...others].map((client) => createAdmissions(client, redis.keys));
    const rate = { perSecond: 100, burst: 200 };
    /** Takes whatever there is. */
    const drain = async (): Promise<number> => {
      let taken = 0;
      for (;;) {
        const asked = admissions.flatMap(({ admit }) =>
          Array.from({ length: 5 }, () => admit(request('exact-rate', { rate }))),
        );
        const answers = await kinds(asked);
        taken += answers.filter((kind) => kind === 'admitted').length;
        if (answers.includes('limited')) return taken;
      }
    };
    // The burst first, so that what is measured is the sustained rate.
    await drain();
    const startedAt = performance.now();
    let admitted = 0;
    let seconds = 0;
    while (seconds < 4) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      admitted += await drain();
      seconds = (performance.now() - startedAt) / 1_000;
    }
    const perSecond = admitted / seconds;
    expect(perSecond).toBeGreaterThan(99);
    expect(perSecond).toBeLessThan(101);
  });
});
