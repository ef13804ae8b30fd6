import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  importSigningKey,
  importVerificationKey,
  isKeyCurrent,
  verificationKeyOf,
} from '../../../src/trust/import-key.ts';
import { isKeyAlgorithm, keyAlgorithms } from '../../../src/trust/key-algorithm.ts';
import { rfcKeyIds, rfcVerificationKey, vectors } from './rfc-vectors.ts';

const ed = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaPss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
const rsaWeak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = (pair: { publicKey: typeof ed.publicKey }) =>
  pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const privatePem = (pair: { privateKey: typeof ed.privateKey }) =>
  pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const jwk = (pair: { publicKey: typeof ed.publicKey }) => ({ ...pair.publicKey.export({ format: 'jwk' }) });
const secret = randomBytes(32).toString('base64');

describe('a key that fits its algorithm is taken', () => {
  test.each([
    ['ed25519', { jwk: jwk(ed) }],
    ['ed25519', { pem: pem(ed) }],
    ['ecdsa-p256-sha256', { jwk: jwk(p256) }],
    ['ecdsa-p256-sha256', { pem: pem(p256) }],
    ['rsa-pss-sha512', { jwk: jwk(rsa) }],
    ['rsa-pss-sha512', { pem: pem(rsaPss) }],
    ['rsa-v1_5-sha256', { pem: pem(rsa) }],
    ['hmac-sha256', { secretBase64: secret }],
    ['hmac-sha256', { secretBase64: randomBytes(48).toString('base64url') }],
    ['hmac-sha256', { jwk: { kty: 'oct', k: randomBytes(32).toString('base64url') } }],
  ] as const)('%s', (alg, material) => {
    expect(importVerificationKey({ id: 'k', alg, ...material })).toMatchObject({ ok: true, key: { id: 'k', alg } });
  });

  test('algorithm names are a closed set', () => {
    expect(keyAlgorithms.every(isKeyAlgorithm)).toBe(true);
    expect(isKeyAlgorithm('none')).toBe(false);
  });
});

describe('a key that does not is refused with a code, and the refusal does not repeat it', () => {
  test.each([
    ['key_weak', 'rsa-pss-sha512', { pem: pem(rsaWeak) }],
    ['key_weak', 'rsa-v1_5-sha256', { jwk: jwk(rsaWeak) }],
    ['key_weak', 'ecdsa-p256-sha256', { pem: pem(p384) }],
    ['key_weak', 'hmac-sha256', { secretBase64: randomBytes(31).toString('base64') }],
    ['key_weak', 'ed25519', { jwk: { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') } }],
    ['key_weak', 'ed25519', { jwk: { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` } }],
    ['key_mismatch', 'ed25519', { jwk: jwk(p256) }],
    ['key_mismatch', 'ecdsa-p256-sha256', { pem: pem(ed) }],
    ['key_mismatch', 'rsa-v1_5-sha256', { pem: pem(rsaPss) }],
    ['key_mismatch', 'hmac-sha256', { pem: pem(ed) }],
    ['key_mismatch', 'hmac-sha256', { jwk: jwk(ed) }],
    ['key_mismatch', 'ed25519', { secretBase64: secret }],
    ['key_mismatch', 'ed25519', { jwk: { kty: 'oct', k: secret } }],
    ['key_mismatch', 'ed25519', { jwk: { ...jwk(ed), use: 'enc' } }],
    ['key_mismatch', 'ed25519', { pem: privatePem(ed) }],
    ['key_mismatch', 'ed25519', { jwk: { ...ed.privateKey.export({ format: 'jwk' }) } }],
    ['key_unreadable', 'ed25519', {}],
    ['key_unreadable', 'ed25519', { pem: pem(ed), jwk: jwk(ed) }],
    ['key_unreadable', 'ed25519', { pem: 'hello' }],
    ['key_unreadable', 'ed25519', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'short' } }],
    ['key_unreadable', 'hmac-sha256', { secretBase64: 'not base64!' }],
    ['key_unreadable', 'hmac-sha256', { secretBase64: '' }],
  ] as const)('%s for %s', (code, alg, material) => {
    const read = importVerificationKey({ id: 'k1', alg, ...material });
    expect(read).toMatchObject({ ok: false, code, detail: expect.stringContaining('k1') });
    expect(JSON.stringify(read)).not.toContain(secret);
  });

  test('RSA with an exponent so long that checking is as dear as signing', () => {
    const { kty, n } = jwk(rsa);
    const long = Buffer.alloc(256, 0xff).toString('base64url');
    for (const alg of ['rsa-v1_5-sha256', 'rsa-pss-sha512'] as const) {
      expect(importVerificationKey({ id: 'k', alg, jwk: { kty, n, e: long } })).toMatchObject({
        ok: false,
        code: 'key_weak',
      });
    }
  });

  test.each([
    ['tomorrow', undefined],
    ['2026-01-01', undefined],
    ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'],
  ])('validity from %s to %s', (notBefore, notAfter) => {
    const read = importVerificationKey({ id: 'k', alg: 'ed25519', jwk: jwk(ed), notBefore, notAfter });
    expect(read).toMatchObject({ ok: false, code: 'key_window_invalid' });
  });

  test('a public key cannot sign', () => {
    expect(importSigningKey({ id: 'k', alg: 'ed25519', pem: pem(ed) })).toMatchObject({
      ok: false,
      code: 'key_mismatch',
    });
  });
});

test.each(rfcKeyIds.filter((id) => vectors.keys[id]?.publicKeyPem !== undefined))(
  'the PEM of RFC 9421 for %s is read, whatever its container',
  (id) => {
    const { alg } = rfcVerificationKey(id);
    expect(importVerificationKey({ id, alg, pem: vectors.keys[id]?.publicKeyPem })).toMatchObject({ ok: true });
  },
);

test('a key is current from not_before up to, and not at, not_after', () => {
  const read = importVerificationKey({
    id: 'k',
    alg: 'ed25519',
    jwk: jwk(ed),
    notBefore: '1970-01-01T00:01:40Z',
    notAfter: 200,
  });
  if (!read.ok) throw new Error(read.detail);
  expect([99, 100, 199, 200].map((now) => isKeyCurrent(read.key, now))).toEqual([false, true, true, false]);
});

test('the verification half of a private key is public', () => {
  const read = importSigningKey({ id: 'k', alg: 'ed25519', pem: privatePem(ed) });
  if (!read.ok) throw new Error(read.detail);
  expect(verificationKeyOf(read.key).keyObject.type).toBe('public');
});
