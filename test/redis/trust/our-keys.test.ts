import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectSubscriber, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { signCompactJws, verifyCompactJws } from '../../../src/trust/compact-jws.ts';
import { verificationKeyOf } from '../../../src/trust/import-key.ts';
import { deriveOurKey, publicKeySet } from '../../../src/trust/our-keys.ts';
import { OurKeysRing } from '../../../src/trust/our-keys-ring.ts';
import { OurKeysStore } from '../../../src/trust/our-keys-store.ts';
import { signAnswer } from '../../../src/trust/sign-answer.ts';
import { responseMessage, type SentRequest, verifyResponse } from '../../../src/trust/verify-response.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ROOT = 'a root secret of these tests';
const MINUTE_MS = 60_000;

let redis: TestRedis;
let keys: Keyspace;
let store: OurKeysStore;
const opened: { ring: OurKeysRing; subscriber?: RedisClient }[] = [];
let run = 0;

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => {
  run += 1;
  keys = createKeyspace(`${redis.keys.prefix}${run}:`);
  store = new OurKeysStore(redis.client, keys);
});
afterAll(async () => {
  for (const { ring, subscriber } of opened) {
    ring.stop();
    subscriber?.disconnect();
  }
  await redis.close();
});

/** As another process holds it; one that follows hears of rotations. */
async function openRing(follows = false): Promise<OurKeysRing> {
  const ring = await OurKeysRing.open({ store, rootSecret: ROOT });
  const subscriber = follows ? await connectSubscriber({ url: redis.url }) : undefined;
  if (subscriber) await ring.follow(subscriber, keys.ourKeysChannel);
  opened.push({ ring, ...(subscriber && { subscriber }) });
  return ring;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 4_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true in time');
    await delay(5);
  }
}

const rotation = (overlapMinutes: number) => ({ reason: 'yearly', rotatedBy: 'bootstrap', overlapMinutes });
const request: SentRequest = { method: 'GET', url: 'https://gw.example/v1/whoami', headers: [] };

/** Whether what a ring signs at an instant verifies with what another one publishes at the same instant. */
function isVerified(signer: OurKeysRing, publisher: OurKeysRing, nowMs: number): boolean {
  const answer = { status: 204, headers: [] };
  const signed = signAnswer(
    responseMessage(answer, request),
    signer.current(nowMs).signingKey,
    undefined,
    nowMs / 1_000,
  );
  if (!signed.ok) return false;
  const published = new Map(publisher.published(nowMs).map((key) => [key.kid, verificationKeyOf(key.signingKey)]));
  const received = { status: 204, headers: Object.entries(signed.headers), body: new Uint8Array(0) };
  return verifyResponse(received, request, {
    keys: { find: (id) => published.get(id) },
    nowSeconds: nowMs / 1_000,
  }).ok;
}

describe('our keys', () => {
  test('while nobody has rotated, generation 1 signs and is all there is', async () => {
    const ring = await openRing();
    expect(ring.current().kid).toBe(deriveOurKey(ROOT, 1).kid);
    expect(ring.published().map(({ kid }) => kid)).toEqual([ring.current().kid]);
    expect(ring.generations()).toMatchObject([
      { generation: 1, status: 'current', publishedAtMs: null, retiresAtMs: null },
    ]);
  });

  test('after a rotation both generations verify, and the new one signs only after the overlap', async () => {
    const ring = await openRing();
    const [first, second] = [deriveOurKey(ROOT, 1), deriveOurKey(ROOT, 2)];
    const jwsBefore = signCompactJws('statement', ring.current());
    const beforeMs = Date.now();
    expect(await ring.rotate(rotation(20))).toEqual({ ok: true, generation: 2 });
    const signsFromMs = ring.generations()[0]?.signsFromMs ?? 0;
    expect(signsFromMs - beforeMs).toBeGreaterThanOrEqual(20 * MINUTE_MS);
    expect(signsFromMs - Date.now()).toBeLessThanOrEqual(20 * MINUTE_MS);
    // Published at once, the one that signs first.
    expect(ring.published().map(({ kid }) => kid)).toEqual([first.kid, second.kid]);
    expect(ring.current(signsFromMs - 1).kid).toBe(first.kid);
    expect(ring.current(signsFromMs).kid).toBe(second.kid);
    expect(ring.published(signsFromMs).map(({ kid }) => kid)).toEqual([second.kid, first.kid]);
    for (const atMs of [beforeMs, signsFromMs - 1, signsFromMs, signsFromMs + 400 * 24 * 60 * MINUTE_MS]) {
      expect(isVerified(ring, ring, atMs)).toBe(true);
    }
    expect(ring.generations(signsFromMs)).toMatchObject([
      { generation: 2, status: 'current', retiresAtMs: null, reason: 'yearly', rotatedBy: 'bootstrap' },
      { generation: 1, status: 'retired', retiresAtMs: signsFromMs },
    ]);
    // A statement signed years ago verifies with the key set of today.
    expect(verifyCompactJws(jwsBefore, publicKeySet(ring.published(signsFromMs)))).toMatchObject({ ok: true });
  });

  test('every process signs with the same generation, also one that starts later', async () => {
    const [here, there] = [await openRing(true), await openRing(true)];
    await here.rotate(rotation(0));
    await until(() => there.generations().length === 2);
    const late = await openRing();
    const signsFromMs = here.generations()[0]?.signsFromMs ?? 0;
    for (const atMs of [signsFromMs - 1, signsFromMs, signsFromMs + 1]) {
      const signing = [here, there, late].map((ring) => ring.current(atMs).kid);
      expect(new Set(signing).size).toBe(1);
      for (const signer of [here, there, late]) expect(isVerified(signer, there, atMs)).toBe(true);
    }
  });

  test('without an overlap a second remains for every process to hear of it', async () => {
    const [here, there] = [await openRing(true), await openRing(true)];
    await here.rotate(rotation(0));
    expect(here.current().kid).toBe(deriveOurKey(ROOT, 1).kid);
    await until(() => here.current().kid === deriveOurKey(ROOT, 2).kid);
    expect(there.current().kid).toBe(here.current().kid);
  });

  test('what pub/sub lost is found by looking', async () => {
    const silent = await openRing();
    await (await openRing()).rotate(rotation(20));
    expect(silent.generations()).toHaveLength(1);
    await silent.refresh();
    expect(silent.generations()).toHaveLength(2);
  });

  test('while one generation waits there is no other; of rotations at the same time one happens', async () => {
    const rings = await Promise.all([openRing(), openRing(), openRing()]);
    const verdicts = await Promise.all(rings.map((ring) => ring.rotate(rotation(20))));
    expect(verdicts.filter(({ ok }) => ok)).toEqual([{ ok: true, generation: 2 }]);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual(
      Array(2).fill({ ok: false, code: 'rotation_open', generation: 2 }),
    );
    expect(await store.read()).toHaveLength(2);
  });

  test('a rotation whose answer was lost is not done again', async () => {
    const nowMs = Date.now();
    const same = { id: 'r-1', nowMs, signsFromMs: nowMs, reason: 'x', rotatedBy: 'bootstrap' };
    expect(await store.rotate(same)).toEqual({ ok: true, generation: 2 });
    expect(await store.rotate(same)).toEqual({ ok: true, generation: 2 });
    expect(await store.rotate({ ...same, id: 'r-2' })).toEqual({ ok: true, generation: 3 });
    expect((await store.read()).map(({ generation }) => generation)).toEqual([1, 2, 3]);
  });

  test('a key that is named by hand is found whether it waits, signs or has retired, and a stranger’s never', async () => {
    const ring = await openRing();
    await ring.rotate(rotation(20));
    for (const generation of [1, 2]) {
      expect(ring.find(deriveOurKey(ROOT, generation).kid)?.kid).toBe(deriveOurKey(ROOT, generation).kid);
    }
    expect(ring.find(deriveOurKey(ROOT, 3).kid)).toBeUndefined();
  });

  test('only numbers and times are stored, no key', async () => {
    await (await openRing()).rotate(rotation(20));
    const stored = JSON.stringify(await redis.client.hgetall(keys.shard(0, 'our-keys')));
    for (const { signingKey } of [deriveOurKey(ROOT, 1), deriveOurKey(ROOT, 2)]) {
      const { d = 'missing', x = 'missing' } = signingKey.keyObject.export({ format: 'jwk' });
      expect(stored).not.toContain(d);
      expect(stored).not.toContain(x);
    }
  });
});
