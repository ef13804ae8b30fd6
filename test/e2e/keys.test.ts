import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SigningKey } from '../../src/trust/import-key.ts';
import type { TestGateway } from '../support/gateway.ts';
import {
  type AnotherGateway,
  ed,
  edPair,
  hmac,
  isKnown,
  jwkOf,
  type KeyGateways,
  pemOf,
  call as signedCall,
  startKeyGateways,
  until,
} from '../support/key-gateways.ts';
import type { Answer } from '../support/partner-door.ts';
import { operatorClient, shippedKey } from '../support/signed-client.ts';

const ACME = { kind: 'traffic', id: 'acme' };
const reason = 'a test of keys';

// Made before the gateways run in this process: it takes long, and a process that stands still loses its Redis.
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });
const rsa1536 = generateKeyPairSync('rsa', { modulusLength: 1536 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });

let gateways: KeyGateways;
let first: TestGateway;
let second: AnotherGateway;
beforeAll(async () => {
  gateways = await startKeyGateways();
  first = gateways.first;
  second = await gateways.another(2);
});
afterAll(async () => {
  await second.stop();
  await gateways.stop();
});

function call(key: SigningKey, path?: string): Promise<Answer> {
  return signedCall(key, first, path);
}

const post = (path: string, body: object) => first.operator.post(`/admin/v1/keys${path}`, { reason, ...body });

/** A new Ed25519 key of acme's, added over the API. */
async function addedKey(id: string, more: object = {}): Promise<SigningKey> {
  const pair = edPair();
  const { status, body } = await post('', { party: ACME, id, alg: 'ed25519', pem: pemOf(pair), ...more });
  expect([status, body]).toMatchObject([201, { id, source: 'added', party: ACME }]);
  return ed(id, pair);
}

/** Everything that lies in Redis, in plain. */
async function everythingInRedis(): Promise<string> {
  const { redis } = first;
  const parts: unknown[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    parts.push(key);
    if (type === 'hash') parts.push(await redis.hgetall(key));
    else if (type === 'string') parts.push(await redis.get(key));
    else if (type === 'stream') parts.push(await redis.xrange(key, '-', '+'));
    else if (type === 'set') parts.push(await redis.smembers(key));
    else if (type === 'zset') parts.push(await redis.zrange(key, 0, -1));
    else if (type === 'list') parts.push(await redis.lrange(key, 0, -1));
    else throw new Error(`a type that is not looked into: ${type}`);
  }
  return JSON.stringify(parts);
}

describe('keys over the operator API', () => {
  test('a revoked key is refused by every gateway at once, and first by the one that was asked', async () => {
    const key = await addedKey('acme-revoked');
    await until(() => isKnown(key, second), 1_000);
    expect((await call(key)).status).toBe(200);
    const { status, body } = await post('/acme-revoked/revoke', {});
    expect([status, body]).toMatchObject([200, { status: 'revoked' }]);
    const here = await call(key);
    expect([here.status, here.body.code]).toEqual([401, 'key_unknown']);
    await until(async () => !(await isKnown(key, second)), 500);
  });

  test('a key of a file is revoked like any other, and can be no more when the files are read again', async () => {
    const key = shippedKey('summit');
    expect((await call(key)).status).toBe(200);
    await post('/summit-hmac/revoke', {});
    expect((await call(key)).body.code).toBe('key_unknown');
    const file = join(gateways.partners, 'traffic', 'summit', 'partner.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}# touched\n`);
    await delay(600);
    expect((await call(key)).body.code).toBe('key_unknown');
  });

  test('an issued secret is shown once and stored sealed', async () => {
    const { status, body, headers } = await post('/issue', { party: ACME, id: 'acme-issued' });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const { secret, key } = body;
    expect(Buffer.from(secret, 'base64')).toHaveLength(32);
    expect(key).toMatchObject({ id: 'acme-issued', source: 'issued', alg: 'hmac-sha256', status: 'active' });
    expect((await call(hmac('acme-issued', secret))).status).toBe(200);
    const listed = await first.operator.get('/admin/v1/keys?party=acme&limit=200');
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain('acme-issued');
    const audit = await first.operator.get('/admin/v1/audit?limit=200');
    const everything = `${await everythingInRedis()}${JSON.stringify([listed.body, audit.body])}`;
    expect(everything).toContain('acme-issued');
    const bytes = Buffer.from(secret, 'base64');
    for (const encoding of ['base64', 'base64url', 'hex'] as const) {
      expect(everything).not.toContain(bytes.toString(encoding).replace(/=+$/, ''));
    }
  });

  test('both keys verify during the overlap and the old one warns', async () => {
    const old = await addedKey('acme-old');
    expect((await call(old)).headers.get('sluice-warnings')).toBeNull();
    const pair = edPair();
    const { status, body } = await post('/acme-old/rotate', { id: 'acme-new', jwk: jwkOf(pair), overlap_hours: 48 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      key: { id: 'acme-new', status: 'active', replaces: 'acme-old', party: ACME },
      replaced: { id: 'acme-old', status: 'retiring', replaced_by: 'acme-new' },
      secret: null,
    });
    const endsInMs = Date.parse(body.replaced.not_after) - Date.now();
    expect(Math.abs(endsInMs - 48 * 3_600_000)).toBeLessThan(5_000);
    const withOld = await call(old);
    expect(withOld.status).toBe(200);
    expect(withOld.headers.get('sluice-warnings')).toBe(
      `key_retiring keyid="acme-old" not_after=${body.replaced.not_after}`,
    );
    const withNew = await call(ed('acme-new', pair));
    expect([withNew.status, withNew.headers.get('sluice-warnings')]).toEqual([200, null]);
    const shown = withNew.body.keys.map(({ id }: { id: string }) => id);
    expect(shown).toEqual(expect.arrayContaining(['acme-ed', 'acme-old', 'acme-new']));
    expect(shown).not.toContain('acme-revoked');
  });

  test('a second rotation is refused while one is open, from the old key and from the new one', async () => {
    for (const id of ['acme-old', 'acme-new']) {
      const { status, body } = await post(`/${id}/rotate`, { pem: pemOf(edPair()) });
      expect([status, body.code]).toEqual([409, 'rotation_open']);
    }
    await post('/acme-old/revoke', {});
    expect((await post('/acme-new/rotate', { id: 'acme-newer', pem: pemOf(edPair()) })).status).toBe(201);
  });

  test('of two operators who rotate at once at two gateways one is refused', async () => {
    await addedKey('acme-raced');
    const admins = [first.operator, operatorClient(second.url, first.adminToken)];
    const answers = await Promise.all(
      admins.map((admin) => admin.post('/admin/v1/keys/acme-raced/rotate', { reason, pem: pemOf(edPair()) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('a shared secret is rotated by a new one, which is shown once', async () => {
    const issued = (await post('/issue', { party: ACME, id: 'acme-h1' })).body;
    const { status, body } = await post('/acme-h1/rotate', { id: 'acme-h2' });
    expect(status).toBe(201);
    expect(body.secret).not.toBe(issued.secret);
    for (const key of [hmac('acme-h1', issued.secret), hmac('acme-h2', body.secret)]) {
      expect((await call(key)).status).toBe(200);
    }
  });

  test('after the overlap the old key is unknown', async () => {
    const old = await addedKey('acme-overlapped');
    await post('/acme-overlapped/rotate', { pem: pemOf(edPair()), overlap_hours: 0 });
    expect((await call(old)).body.code).toBe('key_unknown');
    const not_after = new Date(Date.now() + 1_500).toISOString();
    const brief = await addedKey('acme-brief', { not_after });
    const warned = (await call(brief)).headers.get('sluice-warnings');
    expect(warned).toBe(`key_retiring keyid="acme-brief" not_after=${not_after}`);
    await delay(Date.parse(not_after) - Date.now() + 5);
    expect((await call(brief)).body.code).toBe('key_unknown');
  });

  test('unknown, revoked, not yet valid, expired and another kind of party’s: one same answer', async () => {
    const notYet = await addedKey('acme-not-yet', { not_before: '2099-01-01T00:00:00Z' });
    const pair = edPair();
    const lender = { kind: 'lender', id: 'quickcredit' };
    await post('', { party: lender, id: 'lender-key', alg: 'ed25519', jwk: jwkOf(pair) });
    const nobody = ed('nobody', edPair());
    const keys = [nobody, notYet, ed('acme-revoked', edPair()), ed('acme-brief', edPair()), ed('lender-key', pair)];
    const answers = await Promise.all(keys.map((key) => call(key)));
    const same = answers.map(({ status, body: { request_id: _, ...body } }) => ({ status, ...body }));
    for (const answer of same) expect(answer).toEqual(same[0]);
    expect(same[0]).toMatchObject({ status: 401, code: 'key_unknown' });
    expect((await call(ed('lender-key', pair), '/lender/v1/applications')).status).toBe(200);
  });

  test('weak and private keys, unknown parties and ids that are taken are refused, and nothing of it is kept', async () => {
    const privatePem = edPair().privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const wrong: [number, string, object][] = [
      [422, 'key_weak', { alg: 'rsa-pss-sha512', pem: pemOf(rsa1024) }],
      [422, 'key_weak', { alg: 'rsa-v1_5-sha256', jwk: jwkOf(rsa1536) }],
      [422, 'key_weak', { alg: 'ecdsa-p256-sha256', pem: pemOf(p384) }],
      [422, 'key_weak', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } }],
      [422, 'validation_failed', { alg: 'hmac-sha256', pem: pemOf(edPair()) }],
      [422, 'validation_failed', { alg: 'ecdsa-p256-sha256', pem: pemOf(edPair()) }],
      [422, 'validation_failed', { pem: privatePem }],
      [422, 'validation_failed', {}],
      [422, 'validation_failed', { pem: pemOf(edPair()), not_after: '2020-01-01T00:00:00Z' }],
      [422, 'validation_failed', { pem: pemOf(edPair()), party: { kind: 'traffic', id: 'nobody' } }],
      [409, 'key_id_taken', { pem: pemOf(edPair()), id: 'acme-ed' }],
      [409, 'key_id_taken', { pem: pemOf(edPair()), id: 'acme-revoked' }],
      [422, 'validation_failed', { pem: pemOf(edPair()), reason: '' }],
    ];
    for (const [status, code, more] of wrong) {
      const answer = await post('', { party: ACME, id: 'acme-wrong', alg: 'ed25519', ...more });
      expect([answer.status, answer.body.code, more]).toEqual([status, code, more]);
      expect(JSON.stringify(answer.body)).not.toContain('PRIVATE KEY');
    }
    const { body } = await first.operator.get('/admin/v1/keys?party=acme&limit=200');
    expect(body.data.map(({ id }: { id: string }) => id)).not.toContain('acme-wrong');
    expect((await post('/nobody/rotate', {})).body.code).toBe('not_found');
    expect((await post('/acme-revoked/rotate', { pem: pemOf(edPair()) })).body.code).toBe('key_ended');
  });

  test('support may list and nothing else, and every change is in the audit log with its reason', async () => {
    const made = await first.operator.post('/admin/v1/operators', { name: 'sam', role: 'support' });
    const sam = operatorClient(first.url, made.body.token);
    const page = await sam.get('/admin/v1/keys?limit=2');
    expect([page.status, page.body.data.length]).toEqual([200, 2]);
    const next = await sam.get(`/admin/v1/keys?limit=2&cursor=${page.body.next_cursor}`);
    expect(next.body.data[0].id > page.body.data[1].id).toBe(true);
    const body = { party: ACME, reason };
    expect((await sam.post('/admin/v1/keys/issue', body)).status).toBe(403);
    expect((await sam.post('/admin/v1/keys/acme-ed/revoke', { reason })).status).toBe(403);
    const audit = JSON.stringify((await first.operator.get('/admin/v1/audit?limit=200')).body.data);
    for (const action of ['key.issue', 'key.add', 'key.rotate', 'key.revoke']) expect(audit).toContain(action);
    expect(audit).toContain(reason);
  });
});
