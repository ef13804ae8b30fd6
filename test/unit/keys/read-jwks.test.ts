import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheSeconds } from '../../../src/keys/cache-seconds.ts';
import { readJwks } from '../../../src/keys/read-jwks.ts';
import { jwkOf } from './key-samples.ts';

const ed = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
const ed448 = generateKeyPairSync('ed448').publicKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const rsa1536 = generateKeyPairSync('rsa', { modulusLength: 1536 }).publicKey;

function read(...keys: unknown[]) {
  const reading = readJwks(Buffer.from(JSON.stringify({ keys })));
  if (!reading.ok) throw new Error(reading.reason);
  return reading;
}

describe('a key of a JWKS', () => {
  test.each([
    ['EdDSA', 'ed25519', jwkOf(ed.publicKey)],
    ['Ed25519', 'ed25519', jwkOf(ed.publicKey)],
    ['ES256', 'ecdsa-p256-sha256', jwkOf(p256)],
    ['PS512', 'rsa-pss-sha512', jwkOf(rsa)],
    ['RS256', 'rsa-v1_5-sha256', jwkOf(rsa)],
  ])('of %s is %s here', (alg, ours, jwk) => {
    const { keys, leftOut } = read({ ...jwk, alg, kid: 'k', use: 'sig' });
    expect(leftOut).toEqual([]);
    expect(keys).toMatchObject([{ id: 'k', key: { id: 'k', alg: ours } }]);
  });

  test('without alg is taken only where its type has one algorithm', () => {
    const { keys, leftOut } = read(
      { ...jwkOf(ed.publicKey), kid: 'a' },
      { ...jwkOf(p256), kid: 'b' },
      { ...jwkOf(rsa), kid: 'c' },
    );
    expect(keys.map(({ id, key }) => [id, key.alg])).toEqual([
      ['a', 'ed25519'],
      ['b', 'ecdsa-p256-sha256'],
    ]);
    expect(leftOut).toMatchObject([{ id: 'c', reason: expect.stringContaining('alg') }]);
  });

  test.each([
    ['weak RSA, 1024 bits', { ...jwkOf(rsa1024), alg: 'RS256' }],
    ['weak RSA, 1536 bits', { ...jwkOf(rsa1536), alg: 'PS512' }],
    ['P-384', { ...jwkOf(p384), alg: 'ES384' }],
    ['P-384 that says ES256', { ...jwkOf(p384), alg: 'ES256' }],
    ['Ed448', { ...jwkOf(ed448), alg: 'EdDSA' }],
    ['an algorithm of another type', { ...jwkOf(rsa), alg: 'EdDSA' }],
    ['an algorithm that we have not', { ...jwkOf(rsa), alg: 'RS512' }],
    ['none', { ...jwkOf(ed.publicKey), alg: 'none' }],
    ['an inherited name', { ...jwkOf(ed.publicKey), alg: 'constructor' }],
    ['a shared secret', { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), alg: 'HS256' }],
    ['a private key', { ...jwkOf(ed.privateKey), alg: 'EdDSA' }],
    ['encryption', { ...jwkOf(rsa), alg: 'RS256', use: 'enc' }],
    ['other operations', { ...jwkOf(ed.publicKey), alg: 'EdDSA', key_ops: ['sign'] }],
    ['a point of small order', { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') }],
    ['a coordinate that is no text', { kty: 'OKP', crv: 'Ed25519', x: 5 }],
  ])('is left out with a reason: %s', (_what, jwk) => {
    const { keys, leftOut } = read({ ...jwk, kid: 'k' });
    expect(keys).toEqual([]);
    expect(leftOut).toMatchObject([{ id: 'k', reason: expect.any(String) }]);
    expect(JSON.stringify(leftOut)).not.toContain(ed.privateKey.export({ format: 'jwk' }).d);
  });

  test('needs a kid that fits into a header, and the first of two counts', () => {
    const jwk = jwkOf(ed.publicKey);
    const { keys, leftOut } = read(jwk, { ...jwk, kid: 'a"b' }, { ...jwk, kid: 'k' }, { ...jwkOf(p256), kid: 'k' }, 7);
    expect(keys.map(({ id, key }) => [id, key.alg])).toEqual([['k', 'ed25519']]);
    expect(leftOut.map(({ id }) => id)).toEqual(['#1', '#2', 'k', '#5']);
  });

  test('has no kid by which nobody could revoke it, since it is a place in a path', () => {
    const jwk = jwkOf(ed.publicKey);
    const { keys, leftOut } = read({ ...jwk, kid: '.' }, { ...jwk, kid: '..' }, { ...jwk, kid: '...' });
    expect(keys.map(({ id }) => id)).toEqual(['...']);
    expect(leftOut.map(({ id }) => id)).toEqual(['#1', '#2']);
  });
});

describe('a whole JWKS', () => {
  test('of more than 32 keys, or that is none, is refused', () => {
    const many = Array.from({ length: 33 }, (_, index) => jwkOf(ed.publicKey, { kid: `k${index}` }));
    expect(readJwks(Buffer.from(JSON.stringify({ keys: many })))).toMatchObject({ ok: false });
    expect(read(...many.slice(1)).keys).toHaveLength(32);
    for (const text of ['', '[]', '{}', '{"keys":{}}', 'null', '<html>']) {
      expect(readJwks(Buffer.from(text))).toMatchObject({ ok: false });
    }
  });

  test('never throws, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ kid: fc.string(), kty: fc.string(), x: fc.jsonValue() }))),
        (keys) => {
          readJwks(Buffer.from(JSON.stringify({ keys })));
        },
      ),
    );
  });
});

test.each([
  [undefined, 600],
  ['max-age=300', 300],
  ['public, MAX-AGE="120"', 120],
  ['max-age=1', 60],
  ['max-age=86400', 3_600],
  ['max-age=99999999999999', 600],
  ['max-age=-5', 600],
  ['no-store, max-age=300', 60],
  ['nonsense', 600],
])('Cache-Control %s is used for %i s', (header, seconds) => {
  expect(cacheSeconds(header)).toBe(seconds);
});
