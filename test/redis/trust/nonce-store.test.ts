import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNonceStore } from '../../../src/trust/nonce-store.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});

afterAll(async () => {
  await redis.close();
});

describe('nonces', () => {
  test('a nonce is new once per key, whatever other keys and parties use', async () => {
    const nonces = createNonceStore(redis.client, redis.keys);
    expect(await nonces.remember('acme', 'k1', 'n', 60)).toBe(true);
    expect(await nonces.remember('acme', 'k1', 'n', 60)).toBe(false);
    expect(await nonces.remember('acme', 'k2', 'n', 60)).toBe(true);
    expect(await nonces.remember('beta', 'k1', 'n', 60)).toBe(true);
  });

  test('of many attempts at once with one nonce, one is new', async () => {
    const nonces = createNonceStore(redis.client, redis.keys);
    const answers = await Promise.all(Array.from({ length: 50 }, () => nonces.remember('acme', 'k1', 'race', 60)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('it is kept for its lifetime, in its party’s slot, under a hash', async () => {
    const nonces = createNonceStore(redis.client, redis.keys);
    await nonces.remember('gamma', 'k1', 'my-nonce', 330);
    const found = await redis.client.keys(`${redis.keys.prefix}{p:gamma}:nonce:*`);
    expect(found).toHaveLength(1);
    expect(found[0]).not.toContain('my-nonce');
    const ttl = await redis.client.ttl(found[0] ?? '');
    expect(ttl).toBeGreaterThan(325);
    expect(ttl).toBeLessThanOrEqual(330);
  });

  test('a second attempt does not lengthen the memory of the first', async () => {
    const nonces = createNonceStore(redis.client, redis.keys);
    await nonces.remember('delta', 'k1', 'n', 5);
    await nonces.remember('delta', 'k1', 'n', 300);
    const [key = ''] = await redis.client.keys(`${redis.keys.prefix}{p:delta}:nonce:*`);
    expect(await redis.client.ttl(key)).toBeLessThanOrEqual(5);
  });
});
