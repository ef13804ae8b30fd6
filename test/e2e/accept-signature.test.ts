import { createHmac, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { createSignature } from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import { type InnerList, isInnerList, parseDictionary } from 'structured-headers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentDigest } from '../../src/trust/content-digest.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { acmeJwk, summitSecret } from '../support/signed-client.ts';

const BODY = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
const CASES: readonly (readonly [name: string, method: 'GET' | 'POST', path: string])[] = [
  ['a GET without a query', 'GET', '/v1/whoami'],
  ['a GET with a query', 'GET', '/v1/products?sort=amount'],
  ['a POST with a body', 'POST', '/v1/prechecks'],
];

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.stop());

interface Signer {
  readonly keyid: string;
  readonly alg: string;
  sign(data: Uint8Array): Promise<Buffer>;
}

const SIGNERS: readonly Signer[] = [
  {
    keyid: 'acme-ed',
    alg: 'ed25519',
    sign: async (data) => sign(null, data, createPrivateKey({ key: acmeJwk(), format: 'jwk' })),
  },
  {
    keyid: 'summit-hmac',
    alg: 'hmac-sha256',
    sign: async (data) => createHmac('sha256', Buffer.from(summitSecret(), 'base64')).update(data).digest(),
  },
];

function headersFor(method: 'GET' | 'POST'): Record<string, string> {
  return method === 'GET'
    ? {}
    : { 'content-type': 'application/json', 'content-digest': contentDigest(Buffer.from(BODY)) };
}

function send(method: string, path: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { method, headers, body: method === 'POST' ? BODY : undefined });
}

/** What a 401 asks for, read by a parser of structured fields and nothing of ours. */
async function wishOf(
  method: 'GET' | 'POST',
  path: string,
): Promise<{ components: string[]; parameters: InnerList[1] }> {
  const refused = await send(method, path, headersFor(method));
  expect(refused.status).toBe(401);
  const members = [...parseDictionary(refused.headers.get('accept-signature') ?? '').values()];
  expect(members).toHaveLength(1);
  const [member] = members;
  if (member === undefined || !isInnerList(member)) throw new Error('Accept-Signature is no inner list');
  return { components: member[0].map(([name]) => String(name)), parameters: member[1] };
}

describe.each(CASES)('Accept-Signature of a 401 to %s is all that a library has to know', (_name, method, path) => {
  test('it asks for times without values, a fresh nonce and our tag, and leaves key and algorithm to the signer', async () => {
    const { parameters } = await wishOf(method, path);
    expect([...parameters.keys()]).toEqual(['created', 'expires', 'nonce', 'tag']);
    expect(parameters.get('created')).toBe(true);
    expect(parameters.get('expires')).toBe(true);
    expect(parameters.get('tag')).toBe('sluice');
    const again = await wishOf(method, path);
    expect(again.parameters.get('nonce')).not.toBe(parameters.get('nonce'));
  });

  test.each(SIGNERS)('http-message-sig signs just that by $keyid and is answered 200', async (signer) => {
    const { components, parameters } = await wishOf(method, path);
    const headers = headersFor(method);
    const request = new Request(`${gateway.url}${path}`, {
      method,
      headers,
      body: method === 'POST' ? BODY : undefined,
    });
    const created = Math.floor(Date.now() / 1_000);
    const signed = await createSignature(request, {
      label: 'sig1',
      components,
      parameters: {
        created,
        expires: created + 60,
        nonce: String(parameters.get('nonce')),
        keyid: signer.keyid,
        tag: String(parameters.get('tag')),
      },
      signer: { algorithm: signer.alg, sign: (data: Uint8Array) => signer.sign(data) },
    });
    const all = { ...headers, 'signature-input': signed.signatureInput, signature: signed.signature };
    expect((await send(method, path, all)).status).toBe(200);
  });

  test.each(SIGNERS)(
    'http-message-signatures signs just that by $keyid and is answered 200',
    async ({ keyid, alg, sign }) => {
      const { components, parameters } = await wishOf(method, path);
      const now = new Date();
      const signed = await httpbis.signMessage(
        {
          key: { id: keyid, alg, sign },
          fields: components,
          params: [...parameters.keys(), 'keyid'],
          paramValues: {
            created: now,
            expires: new Date(now.getTime() + 60_000),
            nonce: String(parameters.get('nonce')),
            keyid,
            tag: String(parameters.get('tag')),
          },
        },
        { method, url: `${gateway.url}${path}`, headers: headersFor(method) },
      );
      expect((await send(method, path, signed.headers as Record<string, string>)).status).toBe(200);
    },
  );

  test('a nonce of the signer’s own is as good', async () => {
    const { components } = await wishOf(method, path);
    const created = Math.floor(Date.now() / 1_000);
    const headers = headersFor(method);
    const { signature, signatureInput } = await createSignature(
      new Request(`${gateway.url}${path}`, { method, headers, body: method === 'POST' ? BODY : undefined }),
      {
        label: 'sig',
        components,
        parameters: {
          created,
          expires: created + 60,
          nonce: randomBytes(16).toString('hex'),
          keyid: 'acme-ed',
          tag: 'sluice',
        },
        signer: { algorithm: 'ed25519', sign: SIGNERS[0]?.sign ?? (async () => Buffer.alloc(0)) },
      },
    );
    const all = { ...headers, 'signature-input': signatureInput, signature };
    expect((await send(method, path, all)).status).toBe(200);
  });
});
