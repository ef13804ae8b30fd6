import { createHmac, sign } from 'node:crypto';
import { createSignature, verifySignature } from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../../src/trust/content-digest.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { checkRawRequest } from '../../../src/trust/raw-request.ts';
import { signRequest } from '../../../src/trust/sign-message.ts';
import { nativePolicy } from '../../../src/trust/signature-policy.ts';
import { isSignatureValid } from '../../../src/trust/signature-value.ts';
import { verifyRequest } from '../../../src/trust/verify-request.ts';
import { rfcSigningKey, rfcVerificationKey } from './rfc-vectors.ts';

// The other libraries read the clock themselves.
const now = Math.floor(Date.now() / 1000);
const target = "/v1/prechecks?a=1&b=%20x&c='y'";
const url = `https://api.example.com${target.replaceAll("'", '%27')}`;
const body = '{"phone":"13800138000"}';
const fields = ['@method', '@authority', '@path', '@query', 'content-type', 'content-digest'];
const headers = {
  host: 'api.example.com',
  'content-type': 'application/json',
  'content-digest': contentDigest(Buffer.from(body)),
};
const names = toPublicNames(['https://api.example.com']);
const keyIds = ['test-key-ed25519', 'test-key-ecc-p256', 'test-shared-secret', 'test-key-rsa'];

function verifyWithOurs(all: Record<string, string>, id: string) {
  const { pathname, search } = new URL(url);
  const raw = { method: 'POST', target: pathname + search, headers: Object.entries(all), body: Buffer.from(body) };
  const checked = checkRawRequest(raw, names);
  if (!checked.ok) throw new Error(checked.detail);
  return verifyRequest(checked, nativePolicy, { find: () => ({ key: rfcVerificationKey(id), party: 'p' }) }, now);
}

/** Signs with nothing but node:crypto, so that a fault of ours cannot cancel itself out. */
function plainSigner(id: string): (data: Uint8Array) => Promise<Buffer> {
  const { alg, keyObject } = rfcSigningKey(id);
  if (alg === 'hmac-sha256') return async (data) => createHmac('sha256', keyObject).update(data).digest();
  if (alg === 'ed25519') return async (data) => sign(null, data, keyObject);
  if (alg === 'rsa-v1_5-sha256') return async (data) => sign('sha256', data, keyObject);
  return async (data) => sign('sha256', data, { key: keyObject, dsaEncoding: 'ieee-p1363' });
}

function plainVerifier(id: string): (data: Uint8Array, signature: Uint8Array) => Promise<boolean> {
  const key = rfcVerificationKey(id);
  return async (data, signature) => isSignatureValid(key, Buffer.from(data).toString('latin1'), signature);
}

function signWithOurs(id: string): Record<string, string> {
  const key = rfcSigningKey(id);
  const signed = signRequest({ method: 'POST', url, headers, body, key, createdSeconds: now });
  expect(signed).not.toHaveProperty('Content-Digest');
  return { ...headers, 'signature-input': signed['Signature-Input'], signature: signed.Signature };
}

describe.each(keyIds)('with %s', (id) => {
  const { alg } = rfcSigningKey(id);

  test('what http-message-signatures signs we accept', async () => {
    const signed = await httpbis.signMessage(
      {
        key: { id, alg, sign: plainSigner(id) },
        fields,
        params: ['created', 'expires', 'nonce', 'keyid', 'alg', 'tag'],
        paramValues: {
          created: new Date(now * 1000),
          expires: new Date((now + 60) * 1000),
          nonce: 'n1',
          tag: 'sluice',
        },
      },
      { method: 'POST', url, headers },
    );
    const all = signed.headers as Record<string, string>;
    expect(verifyWithOurs(all, id)).toMatchObject({ ok: true, keyId: id, nonce: 'n1' });
  });

  test('what we sign http-message-signatures accepts', async () => {
    const verify = plainVerifier(id);
    const accepted = await httpbis.verifyMessage(
      { keyLookup: async () => ({ id, algs: [alg], verify }), requiredFields: fields, tolerance: 30 },
      { method: 'POST', url, headers: signWithOurs(id) },
    );
    expect(accepted).toBe(true);
  });

  test('what http-message-sig signs we accept', async () => {
    const signed = await createSignature(new Request(url, { method: 'POST', headers, body }), {
      components: fields,
      parameters: { created: now, expires: now + 60, nonce: 'n2', keyid: id, tag: 'sluice' },
      signer: { algorithm: alg, sign: plainSigner(id) },
      label: 'theirs',
    });
    const all = { ...headers, signature: signed.signature, 'signature-input': signed.signatureInput };
    expect(verifyWithOurs(all, id)).toMatchObject({ ok: true, label: 'theirs', nonce: 'n2' });
  });

  test('what we sign http-message-sig accepts', async () => {
    const request = new Request(url, { method: 'POST', headers: signWithOurs(id), body });
    const requiredParameters = ['created', 'expires', 'nonce', 'keyid', 'tag'];
    const verified = await verifySignature(request, {
      policy: { algorithms: [alg], requiredComponents: fields, requiredParameters, maxAge: 300, clockSkew: 30, now },
      resolveVerifier: () => ({ algorithm: alg, verify: plainVerifier(id) }),
    });
    expect(verified.parameters.keyid).toBe(id);
  });
});
