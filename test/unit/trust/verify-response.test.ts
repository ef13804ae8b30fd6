import fc from 'fast-check';
import { verifySignature } from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../../src/trust/content-digest.ts';
import { verificationKeyOf } from '../../../src/trust/import-key.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { parseSignature } from '../../../src/trust/parse-signature.ts';
import { defaultCoverage, signAnswer } from '../../../src/trust/sign-answer.ts';
import { signRequest } from '../../../src/trust/sign-message.ts';
import { signatureBase } from '../../../src/trust/signature-base.ts';
import { isSignatureValid } from '../../../src/trust/signature-value.ts';
import {
  type ReceivedResponse,
  responseMessage,
  type SentRequest,
  verifyResponse,
} from '../../../src/trust/verify-response.ts';
import { rfcSigningKey, rfcVerificationKey, vectors } from './rfc-vectors.ts';

// The other libraries read the clock themselves.
const now = Math.floor(Date.now() / 1_000);
const ours = deriveOurKey('a root secret of the tests');
const keys = new Map([[ours.kid, verificationKeyOf(ours.signingKey)]]);
const find = { find: (id: string) => keys.get(id) };
const BODY = '{"id":"pre_1","decision":"accept"}';
const URL_ = 'https://gw.example/v1/prechecks?a=1';

function sentRequest(nonce = 'n-1', url = URL_, method = 'POST'): SentRequest & { headers: [string, string][] } {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const key = rfcSigningKey('test-key-ed25519');
  const signed = signRequest({ method, url, headers, body: '{"a":1}', key, createdSeconds: now, nonce });
  return { method, url, headers: Object.entries({ ...headers, ...signed }) };
}

interface Making {
  readonly accept?: string;
  readonly body?: string;
  readonly status?: number;
  readonly created?: number;
  readonly headers?: Record<string, string>;
}

function answerTo(sent: SentRequest, { accept, body = BODY, status = 200, created = now, headers }: Making = {}) {
  const type =
    body === '' ? {} : { 'content-type': 'application/json', 'content-digest': contentDigest(Buffer.from(body)) };
  const all = Object.entries({ ...type, 'sluice-request-id': 'req_1', ...headers });
  const signed = signAnswer(responseMessage({ status, headers: all }, sent), ours.signingKey, accept, created);
  if (!signed.ok) throw new Error(`${signed.code} ${signed.about}`);
  return { status, headers: [...all, ...Object.entries(signed.headers)], body: Buffer.from(body) };
}

function codeOf(received: ReceivedResponse, sent: SentRequest, nonce?: string): string {
  const verdict = verifyResponse(received, sent, { keys: find, nowSeconds: now, nonce });
  return verdict.ok ? 'ok' : verdict.code;
}

function without(received: ReceivedResponse, name: string): ReceivedResponse {
  return { ...received, headers: [...received.headers].filter(([one]) => one.toLowerCase() !== name) };
}

function withHeader(received: ReceivedResponse, name: string, value: string): ReceivedResponse {
  return { ...received, headers: [...without(received, name).headers, [name, value]] };
}

describe('a signed answer', () => {
  const sent = sentRequest();
  const answer = answerTo(sent);

  test('verifies for the request that it answers', () => {
    expect(verifyResponse(answer, sent, { keys: find, nowSeconds: now })).toEqual({
      ok: true,
      keyId: ours.kid,
      created: now,
      expires: now + 300,
    });
  });

  test('covers by default the whole answer and what binds it to the request', () => {
    expect(defaultCoverage(responseMessage(answer, sent))).toEqual([
      '"@status"',
      '"content-type"',
      '"content-digest"',
      '"@method";req',
      '"@authority";req',
      '"@path";req',
      '"@query";req',
      '"content-digest";req',
      '"signature";req;key="sig"',
    ]);
    const bare: SentRequest = { method: 'GET', url: 'https://gw.example/v1/nothing', headers: [] };
    expect(defaultCoverage(responseMessage({ status: 204, headers: [] }, bare))).toEqual([
      '"@status"',
      '"@method";req',
      '"@authority";req',
      '"@path";req',
    ]);
  });

  test('an answer signed for one request does not verify for another', () => {
    // Another nonce alone makes another request of otherwise the same one.
    expect(codeOf(answer, sentRequest('n-2'))).toBe('signature_invalid');
    expect(codeOf(answer, { ...sent, url: 'https://gw.example/v1/prechecks?a=2' })).toBe('signature_invalid');
    expect(codeOf(answer, { ...sent, url: 'https://gw.example/v1/loans?a=1' })).toBe('signature_invalid');
    expect(codeOf(answer, { ...sent, url: 'https://other.example/v1/prechecks?a=1' })).toBe('signature_invalid');
    expect(codeOf(answer, { ...sent, method: 'PUT' })).toBe('signature_invalid');
  });

  test('a changed status, body or content type does not verify', () => {
    expect(codeOf({ ...answer, status: 201 }, sent)).toBe('signature_invalid');
    expect(codeOf({ ...answer, body: Buffer.from(BODY.replace('accept', 'refuse')) }, sent)).toBe('digest_mismatch');
    expect(codeOf(withHeader(answer, 'content-type', 'text/plain'), sent)).toBe('signature_invalid');
    const swapped = Buffer.from('{}');
    const both = withHeader({ ...answer, body: swapped }, 'content-digest', contentDigest(swapped));
    expect(codeOf(both, sent)).toBe('signature_invalid');
  });

  test('what is added on the way without being covered changes nothing', () => {
    expect(codeOf(withHeader(answer, 'via', '1.1 proxy'), sent)).toBe('ok');
    const stripped = { ...sent, headers: [...sent.headers, ['x-forwarded-for', '192.0.2.1'] as [string, string]] };
    expect(codeOf(answer, stripped)).toBe('ok');
  });

  test('no single changed character of what is covered goes unnoticed', () => {
    fc.assert(
      fc.property(fc.nat(answer.headers.length - 1), fc.nat(400), fc.stringMatching(/^[!-~]$/), (at, place, char) => {
        const [name = '', value = ''] = answer.headers[at] ?? [];
        const index = place % value.length;
        fc.pre(name !== 'sluice-request-id' && value[index] !== char);
        // A label has no meaning and is not covered; padding bits of base64 may spell one value in several ways.
        fc.pre(name !== 'Signature' && !(name === 'Signature-Input' && index < 4));
        const changed = withHeader(answer, name, value.slice(0, index) + char + value.slice(index + 1));
        expect(codeOf(changed, sent)).not.toBe('ok');
      }),
    );
  });

  test('without its signature, its content digest or its fields it does not count', () => {
    expect(codeOf(without(answer, 'signature'), sent)).toBe('signature_missing');
    expect(codeOf(without(answer, 'signature-input'), sent)).toBe('signature_missing');
    expect(codeOf(without(answer, 'content-digest'), sent)).toBe('signature_invalid');
    expect(codeOf(withHeader(answer, 'signature', 'sig=x'), sent)).toBe('signature_malformed');
  });

  test('one that covers too little is refused, whoever signed it', () => {
    const covering = (list: string) => answerTo(sent, { accept: `sig=(${list})` });
    const most = '"content-type" "content-digest" "signature";req;key="sig"';
    expect(codeOf(covering(`"@status" ${most}`), sent)).toBe('ok');
    expect(codeOf(covering(`"@status" ${most.replace(';key="sig"', '')}`), sent)).toBe('ok');
    expect(codeOf(covering(most), sent)).toBe('signature_incomplete');
    expect(codeOf(covering('"@status" "content-digest" "signature";req'), sent)).toBe('signature_incomplete');
    expect(codeOf(covering('"@status" "content-type" "signature";req'), sent)).toBe('signature_incomplete');
    expect(codeOf(covering('"@status" "content-type" "content-digest" "@method";req'), sent)).toBe(
      'signature_incomplete',
    );
    expect(codeOf(covering('"@status" "content-type" "content-digest";key="sha-256" "signature";req'), sent)).toBe(
      'signature_incomplete',
    );
  });

  test('an unsigned request is told apart by what it asked for', () => {
    const plain: SentRequest = { method: 'GET', url: URL_, headers: [['authorization', 'Bearer x']] };
    expect(codeOf(answerTo(plain), plain)).toBe('ok');
    expect(codeOf(answerTo(plain, { accept: 'sig=("@status" "content-type" "content-digest")' }), plain)).toBe(
      'signature_incomplete',
    );
  });

  test('it counts for five minutes, with 30 s of skew', () => {
    const at = (nowSeconds: number) => {
      const verdict = verifyResponse(answer, sent, { keys: find, nowSeconds });
      return verdict.ok ? 'ok' : verdict.code;
    };
    expect([at(now + 330), at(now + 331), at(now - 30), at(now - 31)]).toEqual([
      'ok',
      'signature_expired',
      'ok',
      'signature_from_future',
    ]);
  });

  test('another tag, another nonce than asked for, another key are told', () => {
    expect(codeOf(answerTo(sent, { accept: 'sig=();tag="other"' }), sent)).toBe('signature_incomplete');
    const asked = answerTo(sent, { accept: 'sig=();created;expires;nonce="abc";tag="sluice"' });
    expect(codeOf(asked, sent, 'abc')).toBe('ok');
    expect(codeOf(asked, sent, 'abd')).toBe('nonce_mismatch');
    expect(codeOf(answer, sent, 'abc')).toBe('nonce_mismatch');
    const nobody = { find: () => undefined };
    expect(verifyResponse(answer, sent, { keys: nobody, nowSeconds: now })).toMatchObject({
      code: 'key_unknown',
      keyId: ours.kid,
    });
    const stranger = verificationKeyOf(deriveOurKey('another root secret').signingKey);
    expect(verifyResponse(answer, sent, { keys: { find: () => stranger }, nowSeconds: now })).toMatchObject({
      code: 'signature_invalid',
    });
  });

  test('whatever comes over the wire is judged, never thrown at', () => {
    const anything = fc.array(
      fc.tuple(
        fc.constantFrom('signature', 'signature-input', 'content-digest', 'content-type', 'x'),
        fc.oneof(
          fc.string(),
          fc.constantFrom('sig=:AAAA:', 'sig=("@status" "a";key="b");tag="sluice";created=1;expires=2;keyid="x"'),
        ),
      ),
    );
    fc.assert(
      fc.property(anything, fc.nat(999), (headers, status) => {
        expect(codeOf({ status, headers, body: Buffer.from('x') }, sent)).not.toBe('ok');
      }),
    );
  });
});

describe('RFC 9421 section 2.4: answers that cover their request', () => {
  test.each(vectors.rfc.body.filter(({ request }) => request !== undefined).map((one) => [one.id, one] as const))(
    '%s: built as a client builds it, the base is that of the RFC and the signature verifies',
    (_id, example) => {
      const { message, request } = example;
      const sent: SentRequest = {
        method: request?.method ?? '',
        url: `https://example.com${request?.requestTarget}`,
        headers: request?.headers ?? [],
      };
      const parsed = parseSignature(example.signatureInputHeader, example.signatureHeader, { label: example.label });
      if (!parsed.ok) throw new Error(parsed.detail);
      const { components, parametersText, signature } = parsed.signature;
      const built = signatureBase(responseMessage(message, sent), components, parametersText);
      expect(built).toEqual({ ok: true, base: example.signatureBase });
      expect(isSignatureValid(rfcVerificationKey(example.keyId), example.signatureBase, signature)).toBe(true);
    },
  );
});

describe('other libraries verify what we sign', () => {
  const sent = sentRequest('n-9');
  const answer = answerTo(sent, { accept: 'their-label=();created;expires;nonce="for them";tag="sluice"' });
  const key = verificationKeyOf(ours.signingKey);
  const verify = async (data: Uint8Array, signature: Uint8Array) =>
    isSignatureValid(key, Buffer.from(data).toString('latin1'), signature);
  const covered = defaultCoverage(responseMessage(answer, sent));

  test('http-message-sig, with the request it answers', async () => {
    const fields = (pairs: Iterable<readonly [string, string]>) => [...pairs].map(([name, value]) => ({ name, value }));
    const request = { kind: 'request', method: 'POST', targetUri: URL_, fields: fields(sent.headers) } as const;
    const response = { kind: 'response', status: 200, fields: fields(answer.headers) } as const;
    const options = {
      policy: {
        algorithms: ['ed25519'],
        requiredComponents: ['@status', 'content-digest', { name: 'signature', parameters: { req: true, key: 'sig' } }],
        requiredParameters: ['created', 'expires', 'nonce', 'keyid', 'tag'],
        maxAge: 300,
        now,
      },
      resolveVerifier: () => ({ algorithm: 'ed25519', verify }),
    };
    const verified = await verifySignature({ ...response, request }, options);
    expect(verified).toMatchObject({ label: 'their-label', parameters: { keyid: ours.kid, nonce: 'for them' } });
    expect(verified.components).toHaveLength(covered.length);
    const other = { ...request, fields: fields(sentRequest('n-10').headers) };
    await expect(verifySignature({ ...response, request: other }, options)).rejects.toThrow();
    await expect(verifySignature({ ...response, status: 201, request }, options)).rejects.toThrow();
  });

  test('http-message-signatures, with the request it answers', async () => {
    const lookup = { keyLookup: async () => ({ id: ours.kid, algs: ['ed25519'], verify }), tolerance: 30 };
    const theirs = { status: 200, headers: Object.fromEntries(answer.headers) };
    const request = { method: 'POST', url: URL_, headers: Object.fromEntries(sent.headers) };
    expect(await httpbis.verifyMessage(lookup, theirs, request)).toBe(true);
    const other = { ...request, url: 'https://gw.example/v1/prechecks?a=2' };
    expect(await httpbis.verifyMessage(lookup, theirs, other)).toBe(false);
  });
});
