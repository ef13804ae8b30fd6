import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ACME, loadEdited } from '../registry/partner-folder.ts';

const PUBLISHED = '{ kty: OKP, crv: Ed25519, x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }';
const ED = `- { id: acme-ed, alg: ed25519, jwk: ${PUBLISHED} }`;

function rsa(modulusLength: number, alg: string): string {
  const { n, e } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
  return `- { id: acme-ed, alg: ${alg}, jwk: { kty: RSA, n: "${n}", e: ${e} } }`;
}

function ec(namedCurve: string): string {
  const { crv, x, y } = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  return `- { id: acme-ed, alg: ecdsa-p256-sha256, jwk: { kty: EC, crv: ${crv}, x: "${x}", y: "${y}" } }`;
}

describe('a file with a weak key does not load', () => {
  test.each([
    ['RSA of 1024 bits', rsa(1024, 'rsa-pss-sha512')],
    ['RSA of 1536 bits', rsa(1536, 'rsa-v1_5-sha256')],
    ['P-384', ec('P-384')],
    ['P-521', ec('P-521')],
    ['a secret of 31 bytes', `- { id: acme-ed, alg: hmac-sha256, secret: "${randomBytes(31).toString('base64')}" }`],
    [
      'a point of small order',
      `- { id: acme-ed, alg: ed25519, jwk: { kty: OKP, crv: Ed25519, x: "${'A'.repeat(43)}" } }`,
    ],
  ])('%s', async (_what, key) => {
    const result = await loadEdited([[ACME, ED, key]]);
    expect(result.ok).toBe(false);
    expect(result.ok ? [] : result.problems.map(({ code }) => code)).toContain('key_weak');
  });

  test('the same kinds of sound ones do', async () => {
    for (const key of [rsa(2048, 'rsa-pss-sha512'), ec('P-256')]) {
      expect(await loadEdited([[ACME, ED, key]])).toMatchObject({ ok: true });
    }
  });
});
