import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/identity/seal.ts';
import { KeyDesk } from '../../../src/keys/key-desk.ts';
import { Keyring } from '../../../src/keys/keyring.ts';
import { PartyKeys } from '../../../src/keys/party-keys.ts';
import { connectRedis, connectSubscriber, type RedisClient } from '../../../src/redis/connection.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { shippedRegistry } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ACME = { kind: 'traffic', id: 'acme' } as const;
const sealer = createSealer({ keys: [{ id: 'k1', key: randomBytes(32) }], activeId: 'k1' });

let redis: TestRedis;
let registry: Registry;
const running: { ring: Keyring; subscriber: RedisClient }[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
  registry = await shippedRegistry();
});
afterEach(async () => {
  for (const { ring, subscriber } of running.splice(0)) {
    await ring.stop();
    subscriber.disconnect();
  }
  await redis.client.del(redis.keys.keyring());
});
afterAll(() => redis.close());

/** What one process has: a ring, the directory and the desk. */
async function startProcess(options: { deaf?: boolean; pollMs?: number; client?: RedisClient } = {}) {
  const { keys, url } = redis;
  const subscriber = await connectSubscriber({ url });
  const failures: unknown[] = [];
  const ring = new Keyring({
    client: options.client ?? redis.client,
    subscriber,
    keys: options.deaf ? { ...keys, keyringChannel: 'nobody-speaks-here' } : keys,
    sealer,
    failed: (error) => failures.push(error),
    pollMs: options.pollMs ?? 60_000,
  });
  const source = { current: () => registry };
  const partyKeys = new PartyKeys({ registry: source, ring: () => ring.current() });
  ring.onChange(() => partyKeys.changed());
  await ring.start();
  running.push({ ring, subscriber });
  const desk = new KeyDesk({
    keyring: ring,
    partyKeys,
    registry: source,
    sealer,
    refusePublished: false,
  });
  return { ring, desk, failures, find: (id: string) => partyKeys.traffic.find(id) };
}

async function until(condition: () => boolean, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  while (!condition()) {
    if (performance.now() - startedMs > withinMs) throw new Error(`it did not come true within ${withinMs} ms`);
    await delay(2);
  }
  return performance.now() - startedMs;
}

const pem = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();

/** Everything that lies in Redis, whatever its type. */
async function dumpAll(): Promise<string> {
  const { client } = redis;
  const parts: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const value = type === 'hash' ? await client.hgetall(key) : type === 'string' ? await client.get(key) : '';
    parts.push(key, JSON.stringify(value), (await client.dumpBuffer(key))?.toString('latin1') ?? '');
  }
  return parts.join('\n');
}

describe('the keyring', () => {
  test('a revoked key is refused by every process at once', async () => {
    const [here, there, third] = [await startProcess(), await startProcess(), await startProcess()];
    await here.desk.add('two', ACME, 'ed25519', { pem: pem() }, {});
    await until(() => there.find('two') !== undefined && third.find('two') !== undefined, 1_000);
    for (const id of ['two', 'acme-ed']) {
      expect(there.find(id)).toBeDefined();
      await here.desk.revoke(id);
      expect(here.find(id)).toBeUndefined();
      const ms = await until(() => there.find(id) === undefined && third.find(id) === undefined, 500);
      expect(ms).toBeLessThan(500);
    }
  });

  test('a key revoked while the message was lost is refused within the poll', async () => {
    const here = await startProcess();
    const deaf = await startProcess({ deaf: true, pollMs: 100 });
    expect(deaf.find('acme-ed')).toBeDefined();
    await here.desk.revoke('acme-ed');
    expect(deaf.find('acme-ed')).toBeDefined();
    await until(() => deaf.find('acme-ed') === undefined, 1_000);
  });

  test('a revocation outlives a restart of every process', async () => {
    const here = await startProcess();
    await here.desk.revoke('acme-ed');
    expect((await startProcess()).find('acme-ed')).toBeUndefined();
  });

  test('an issued secret is shown once and stored sealed', async () => {
    const { desk, find } = await startProcess();
    const issued = await desk.issue('acme-h', ACME, {});
    if (!issued.ok) throw new Error(issued.detail);
    const bytes = Buffer.from(issued.secret, 'base64');
    expect(bytes).toHaveLength(32);
    expect(find('acme-h')?.key.keyObject.equals(createSecretKey(bytes))).toBe(true);
    const everything = await dumpAll();
    expect(everything).toContain('acme-h');
    for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      expect(everything).not.toContain(bytes.toString(encoding));
    }
    expect(everything).not.toContain(bytes.toString('hex').toUpperCase());
    expect(JSON.stringify([...desk.list().values()])).not.toContain(issued.secret);
  });

  test('a sealed secret that is moved to another id opens nothing', async () => {
    const { desk, ring, find } = await startProcess();
    await desk.issue('acme-h', ACME, {});
    const { client, keys } = redis;
    await client.hset(keys.keyring(), 'stolen', (await client.hget(keys.keyring(), 'acme-h')) ?? '', '#revision', '99');
    await ring.refresh();
    expect(find('acme-h')).toBeDefined();
    expect(find('stolen')).toBeUndefined();
  });

  test('a secret that was revoked lies nowhere any more', async () => {
    const { desk } = await startProcess();
    await desk.issue('acme-h', ACME, {});
    expect(await redis.client.hget(redis.keys.keyring(), 'acme-h')).toContain('sealed');
    await desk.revoke('acme-h');
    expect(await redis.client.hget(redis.keys.keyring(), 'acme-h')).not.toContain('sealed');
  });

  test('of many operators who rotate one key at once, in two processes, one succeeds', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? here : there).desk.rotate('acme-ed', `next-${index}`, { pem: pem() }, 24),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.code).toBe('rotation_open');
  });

  test('different keys that are made at once are all there', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    const ids = Array.from({ length: 6 }, (_, index) => `k${index}`);
    await Promise.all(ids.map((id, index) => (index % 2 === 0 ? here : there).desk.issue(id, ACME, {})));
    await until(() => ids.every((id) => here.find(id) !== undefined && there.find(id) !== undefined), 1_000);
  });

  test('both keys verify during the overlap, and afterwards the old one has ended', async () => {
    const { desk, find } = await startProcess();
    const rotated = await desk.rotate('acme-ed', 'acme-ed-2', { pem: pem() }, 24);
    if (!rotated.ok) throw new Error(rotated.detail);
    const end = Date.parse(rotated.replaced.notAfter ?? '') / 1_000;
    expect(end - Date.now() / 1_000).toBeCloseTo(24 * 3_600, -1);
    expect(find('acme-ed')?.key.notAfterSeconds).toBe(end);
    expect(find('acme-ed-2')?.key.notAfterSeconds).toBeUndefined();
  });

  test('the last ring stays in use while the store is away, and what happened meanwhile is caught up with', async () => {
    const client = await connectRedis({ url: redis.url });
    const cutOff = await startProcess({ client, deaf: true, pollMs: 30 });
    const here = await startProcess();
    client.disconnect();
    await until(() => cutOff.failures.length > 0, 2_000);
    await here.desk.revoke('acme-ed');
    await delay(150);
    expect(cutOff.find('acme-ed')).toBeDefined();
    expect(cutOff.failures).toHaveLength(1);
    await client.connect();
    await until(() => cutOff.find('acme-ed') === undefined, 2_000);
    client.disconnect();
  });

  test('a ring that cannot be read keeps the process from starting', async () => {
    const { client, keys } = redis;
    await client.set(keys.keyring(), 'not a hash');
    await expect(startProcess()).rejects.toThrow('WRONGTYPE');
  });

  test('a record that is damaged verifies nothing and keeps no other from working', async () => {
    const { desk, ring, find } = await startProcess();
    await desk.issue('good', ACME, {});
    await redis.client.hset(redis.keys.keyring(), 'bad', '{"party":', '#revision', '7');
    await ring.refresh();
    expect(find('good')).toBeDefined();
    expect(find('bad')).toBeUndefined();
    expect(ring.current().revision).toBe(7);
  });
});
