import fc from 'fast-check';
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, importJWK, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signCompactJws, verifyCompactJws } from '../../../src/trust/compact-jws.ts';
import { deriveKey } from '../../../src/trust/derive-key.ts';
import { deriveOurKey, publicKeySet } from '../../../src/trust/our-keys.ts';

const root = 'a root secret of enough bytes';
const key = deriveOurKey(root);
const keySet = publicKeySet([key]);

describe('keys derived from the root secret', () => {
  test('one purpose always gives one key, another purpose or secret another', () => {
    expect(deriveKey(root, 'pepper')).toEqual(deriveKey(Buffer.from(root), 'pepper'));
    expect(deriveKey(root, 'pepper')).toHaveLength(32);
    expect(deriveKey(root, 'pepper', 64)).toHaveLength(64);
    expect(deriveKey(root, 'pepper')).not.toEqual(deriveKey(root, 'sealing'));
    expect(deriveKey(root, 'pepper')).not.toEqual(deriveKey(`${root}!`, 'pepper'));
  });

  test('the derivation does not change between releases, or every signature and seal of before would be lost', () => {
    expect(deriveKey('0123456789abcdef', 'pepper').toString('hex')).toBe(
      '998d5b57c7aef76fad3f41c450556a9f7f54d530ea950b2575075cfe9543fd72',
    );
    expect(deriveOurKey('0123456789abcdef').kid).toBe('rnl9NRwnrYOZj-fXUm6rG2pctDbEYB8XX0_WFltrfTg');
  });

  test('a root secret under 16 bytes is refused', () => {
    expect(() => deriveKey('fifteen bytes..', 'pepper')).toThrow(RangeError);
  });

  test('kid is the RFC 7638 thumbprint, another generation has another', async () => {
    expect(key.kid).toBe(await calculateJwkThumbprint({ ...key.publicJwk }));
    expect(deriveOurKey(root).kid).toBe(key.kid);
    expect(deriveOurKey(root, 2).kid).not.toBe(key.kid);
  });

  test('the published set has no private part', () => {
    expect(Object.keys(keySet.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('compact JWS', () => {
  const payload = Buffer.from('{"id":"stm_1"}');

  test('what we sign we and jose verify', async () => {
    const jws = signCompactJws(payload, key, { typ: 'statement+jws' });
    expect(verifyCompactJws(jws, keySet)).toEqual({
      ok: true,
      header: { typ: 'statement+jws', alg: 'EdDSA', kid: key.kid },
      payload,
    });
    const set = createLocalJWKSet({ keys: keySet.keys.map((jwk) => ({ ...jwk })) });
    expect(Buffer.from((await compactVerify(jws, set)).payload)).toEqual(payload);
  });

  test('what jose signs we verify', async () => {
    const jwk = key.signingKey.keyObject.export({ format: 'jwk' });
    const jws = await new SignJWT({ a: 1 })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
      .sign(await importJWK({ ...jwk }, 'EdDSA'));
    expect(verifyCompactJws(jws, keySet)).toMatchObject({ ok: true });
  });

  test('extra header members cannot change alg or kid', () => {
    expect(verifyCompactJws(signCompactJws(payload, key, { alg: 'none', kid: 'x' }), keySet)).toMatchObject({
      ok: true,
    });
  });

  const header = (members: Record<string, unknown>) => Buffer.from(JSON.stringify(members)).toString('base64url');
  const [, middle = '', last = ''] = signCompactJws(payload, key).split('.');
  test.each([
    ['jws_malformed', 'two parts', 'a.b'],
    ['jws_malformed', 'four parts', 'a.b.c.d'],
    ['jws_malformed', 'padding', `${header({ alg: 'EdDSA', kid: key.kid })}=.${middle}.${last}`],
    ['jws_malformed', 'a header that is no object', `${Buffer.from('1').toString('base64url')}.${middle}.${last}`],
    ['jws_unsupported', 'alg none', `${header({ alg: 'none', kid: key.kid })}.${middle}.`],
    [
      'jws_unsupported',
      'alg HS256 keyed with the public key',
      `${header({ alg: 'HS256', kid: key.kid })}.${middle}.${last}`,
    ],
    [
      'jws_unsupported',
      'crit',
      `${header({ alg: 'EdDSA', kid: key.kid, crit: ['b64'], b64: false })}.${middle}.${last}`,
    ],
    ['jws_key_unknown', 'an unknown kid', `${header({ alg: 'EdDSA', kid: 'x' })}.${middle}.${last}`],
    ['jws_key_unknown', 'no kid', `${header({ alg: 'EdDSA' })}.${middle}.${last}`],
    ['jws_invalid', 'another header', `${header({ alg: 'EdDSA', kid: key.kid, a: 1 })}.${middle}.${last}`],
  ])('%s: %s', (code, _, jws) => {
    expect(verifyCompactJws(jws, keySet)).toMatchObject({ ok: false, code });
  });

  test('any changed character of what is signed is noticed', () => {
    const jws = signCompactJws(payload, key);
    const signed = jws.lastIndexOf('.');
    fc.assert(
      fc.property(fc.nat(signed - 1), fc.stringMatching(/^[A-Za-z0-9_-]$/), (at, char) => {
        fc.pre(jws[at] !== char);
        expect(verifyCompactJws(jws.slice(0, at) + char + jws.slice(at + 1), keySet).ok).toBe(false);
      }),
    );
  });
});
