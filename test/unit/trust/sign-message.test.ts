import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptSignature } from '../../../src/trust/accept-signature.ts';
import { verificationKeyOf } from '../../../src/trust/import-key.ts';
import { checkRawRequest, type RawRequest } from '../../../src/trust/raw-request.ts';
import { replayKeyMaterial, replayTtlSeconds } from '../../../src/trust/replay-key.ts';
import { signMessage } from '../../../src/trust/sign-message.ts';
import { signatureBase } from '../../../src/trust/signature-base.ts';
import { nativePolicy } from '../../../src/trust/signature-policy.ts';
import { scanInnerLists } from '../../../src/trust/structured-scanner.ts';
import { rfcSigningKey } from './rfc-vectors.ts';
import { codeOf, type Draft, hmac, NOW, names, send, verify } from './signed-draft.ts';

describe('for any message', () => {
  const path = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
  const header = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const arbitrary = fc.record({
    keyId: fc.constantFrom('test-shared-secret', 'test-key-ed25519', 'test-key-ecc-p256'),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    segments: fc.array(path, { minLength: 1, maxLength: 4 }),
    query: fc.option(fc.webQueryParameters(), { nil: undefined }),
    body: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined }),
    extra: header,
    nonce: fc.stringMatching(/^[ -~]{1,40}$/),
  });
  const build = (given: typeof arbitrary extends fc.Arbitrary<infer T> ? T : never): RawRequest => {
    const query = given.query === undefined || given.query === '' ? '' : `?${given.query}`;
    const url = `https://api.example.com/${given.segments.join('/')}${query}`;
    const hasBody = given.body !== undefined;
    return send({
      key: rfcSigningKey(given.keyId),
      method: given.method,
      url,
      body: given.body,
      headers: { 'X-Extra': given.extra, ...(hasBody ? { 'Content-Type': 'application/json' } : {}) },
      nonce: given.nonce,
      covered: [
        '@method',
        '@authority',
        '@path',
        '@query',
        'x-extra',
        ...(hasBody ? ['content-type', 'content-digest'] : []),
      ],
    });
  };

  test('what we sign we accept', () => {
    fc.assert(
      fc.property(arbitrary, (given) => {
        expect(verify(build(given))).toMatchObject({ ok: true, nonce: given.nonce });
      }),
    );
  });

  test('one changed byte in anything covered is refused', () => {
    const flip = fc.record({ place: fc.nat(), to: fc.integer({ min: 0x21, max: 0x7e }) });
    fc.assert(
      fc.property(arbitrary, fc.nat(), flip, (given, which, { place, to }) => {
        const raw = build(given);
        const covered = ['X-Extra', 'Content-Type', 'Content-Digest', 'Signature-Input', 'Signature'];
        const targets = [
          'body',
          'target',
          'method',
          ...raw.headers.map(([name]) => name).filter((name) => covered.includes(name)),
        ];
        const target = targets[which % targets.length] ?? '';
        const change = (text: string): string => {
          const at = place % text.length;
          return `${text.slice(0, at)}${String.fromCharCode(to)}${text.slice(at + 1)}`;
        };
        let changed: RawRequest;
        if (target === 'method') changed = { ...raw, method: change(raw.method) };
        else if (target === 'target') changed = { ...raw, target: change(raw.target) };
        else if (target === 'body') {
          const bytes = Uint8Array.from(raw.body.length === 0 ? [0] : raw.body);
          bytes[place % bytes.length] = to;
          changed = { ...raw, body: bytes };
        } else
          changed = {
            ...raw,
            headers: raw.headers.map(([name, value]) => [name, name === target ? change(value) : value]),
          };
        // Bytes are compared as bytes: the same ones in an array of another type are other JSON.
        const withoutBody = (one: RawRequest): string => JSON.stringify({ ...one, body: null });
        const isSame =
          withoutBody(changed) === withoutBody(raw) && Buffer.from(changed.body).equals(Buffer.from(raw.body));
        // The label, being the one thing that is not signed, and the unused bits of the last base64 digit may differ.
        const isUnsigned = target.startsWith('Signature') && sameMeaning(raw, changed);
        fc.pre(!isSame && !isUnsigned);
        expect(verify(changed).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

function sameMeaning(a: RawRequest, b: RawRequest): boolean {
  const read = (raw: RawRequest) => {
    const value = (name: string) => raw.headers.find(([header]) => header === name)?.[1] ?? '';
    const bytes = Buffer.from(value('Signature').replace(/^[^=]*=:|:$/g, ''), 'base64').toString('hex');
    return `${value('Signature-Input').replace(/^[^=]*=/, '')} ${bytes}`;
  };
  return read(a) === read(b);
}

describe('around the verdict', () => {
  test('the replay key is short, of fixed length, and differs by key and by nonce', () => {
    const materials = [
      ['k', 'n'],
      ['k', 'm'],
      ['kn', ''],
      ['', 'kn'],
      ['k', 'n'.repeat(500)],
    ].map(([k = '', n = '']) => replayKeyMaterial(k, n));
    expect(new Set(materials).size).toBe(materials.length);
    for (const material of materials) expect(material).toMatch(/^[\w-]{22}$/);
  });

  test('a nonce is remembered for as long as its signature could be accepted', () => {
    const raw = send({ lifetimeSeconds: 60 });
    const ttl = replayTtlSeconds(NOW + 60, nativePolicy.clockSkewSeconds, NOW);
    expect(codeOf(raw, NOW + ttl)).toBe('signature_expired');
    expect(replayTtlSeconds(NOW, 30, NOW + 1000)).toBe(1);
  });

  test.each([
    [
      { hasQuery: true, hasBody: true },
      'sig=("@method" "@authority" "@path" "@query" "content-type" "content-digest");created;expires;tag="sluice"',
    ],
    [{ hasQuery: false, hasBody: false }, 'sig=("@method" "@authority" "@path");created;expires;tag="sluice"'],
    [
      { hasQuery: false, hasBody: true, nonce: 'abc', tag: 't' },
      'sig=("@method" "@authority" "@path" "content-type" "content-digest");created;expires;nonce="abc";tag="t"',
    ],
  ])('Accept-Signature for %j', (wish, expected) => {
    expect(acceptSignature(wish)).toBe(expected);
  });

  test('signing just what Accept-Signature asks for is accepted', () => {
    const wish = scanInnerLists(acceptSignature({ hasQuery: true, hasBody: true, nonce: 'srv-1' }))[0];
    const parameter = (key: string) => String(wish?.parameters.find((found) => found.key === key)?.item.value);
    const raw = send({
      covered: wish?.items.map(({ raw: identifier }) => identifier),
      nonce: parameter('nonce'),
      tag: parameter('tag'),
    });
    expect(codeOf(raw)).toBe('accepted');
  });

  test.each([
    ['twice the same component', { covered: ['@method', '@method'] }],
    ['a field that the request does not have', { covered: ['x-none'] }],
    ['an unknown derived component', { covered: ['@none'] }],
    ['a component with the same parameter twice', { covered: ['"host";key="a";key="b"'] }],
    ['a body without content type', { headers: {} }],
    ['a nonce outside ASCII', { nonce: '名' }],
  ] as [string, Draft][])('signing %s throws', (_, draft) => {
    expect(() => send(draft)).toThrow(RangeError);
  });

  test('a response can be signed over its request', () => {
    const checked = checkRawRequest(send(), names);
    if (!checked.ok) throw new Error(checked.detail);
    const response = {
      kind: 'response' as const,
      status: 201,
      fields: { names: ['content-type'], values: ['a/b'] },
      request: checked,
    };
    const signed = signMessage(response, rfcSigningKey('test-key-ed25519'), {
      covered: ['@status', 'content-type', '"@method";req', '"content-digest";req'],
      created: NOW,
      tag: 'sluice',
    });
    expect(signed['Signature-Input']).toBe(
      `sig=("@status" "content-type" "@method";req "content-digest";req);created=${NOW};keyid="test-key-ed25519";tag="sluice"`,
    );
    expect(signatureBase(response, [{ name: '@method', identifier: '"@method"' }], '()')).toMatchObject({
      ok: false,
      fault: 'unusable',
    });
    expect(verificationKeyOf(hmac).id).toBe(hmac.id);
  });
});
