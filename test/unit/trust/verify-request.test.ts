import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../../src/trust/content-digest.ts';
import type { RawRequest } from '../../../src/trust/raw-request.ts';
import { rfcKeyIds, rfcSigningKey, rfcVerificationKey } from './rfc-vectors.ts';
import { codeOf, type Draft, hmac, NOW, send, verify, withSignatureInput } from './signed-draft.ts';

describe('what signRequest signs is accepted', () => {
  test.each(rfcKeyIds)('with %s, and the verdict names the party', (id) => {
    const verdict = verify(send({ key: rfcSigningKey(id), nonce: 'n-1' }));
    expect(verdict).toMatchObject({
      ok: true,
      party: `party of ${id}`,
      keyId: id,
      nonce: 'n-1',
      created: NOW,
      expires: NOW + 300,
    });
  });

  test.each([
    [
      'a GET without query and body',
      { method: 'GET', url: 'https://api.example.com/v1/whoami', body: undefined, headers: {} },
    ],
    [
      '@target-uri instead of authority, path and query',
      { covered: ['@method', '@target-uri', 'content-type', 'content-digest'] },
    ],
    [
      'more than required',
      {
        covered: [
          'content-digest',
          '@query',
          '@path',
          '@authority',
          '@method',
          'content-type',
          '@scheme',
          '@request-target',
          '"@query-param";name="dry"',
          '"content-digest";key="sha-256"',
          '"content-digest";sf',
        ],
      },
    ],
    [
      'a digest of both kinds',
      {
        headers: {
          'Content-Type': 'a/b',
          'Content-Digest': `${contentDigest(Buffer.from('{"a":1}'))}, ${contentDigest(Buffer.from('{"a":1}'), 'sha-512')}`,
        },
      },
    ],
    ['a nonce with quotes and backslashes', { nonce: 'a"b\\c' }],
  ] as [string, Draft][])('%s', (_, draft) => {
    expect(verify(send(draft))).toMatchObject({ ok: true });
  });

  test('odd spacing inside Signature-Input changes nothing, since its canonical form was signed', () => {
    const spaced = withSignatureInput((value) =>
      value.replace('("@method" ', '(  "@method"   ').replace(';created', ';  created'),
    );
    expect(codeOf(spaced)).toBe('accepted');
  });

  test('Signature-Input and Signature may be spread over several lines with signatures of others', () => {
    const raw = send();
    const foreign: [string, string][] = [
      ['Signature-Input', 'cdn=("x";odd=1.5 "@nobody-knows");flag;tag="cdn"'],
      ['Signature', 'cdn=:AAAA:'],
    ];
    expect(codeOf({ ...raw, headers: [...foreign, ...raw.headers] })).toBe('accepted');
  });
});

describe('each fault has its code', () => {
  const input = (name: string, value: string): RawRequest => send({ replace: [name, value] });
  test.each([
    [
      'no signature at all',
      'signature_missing',
      () => ({ ...send(), headers: [['Host', 'api.example.com']] as [string, string][] }),
    ],
    ['Signature without Signature-Input', 'signature_malformed', () => send({ drop: 'Signature-Input' })],
    ['Signature-Input without Signature', 'signature_malformed', () => send({ drop: 'Signature' })],
    ['garbage in Signature-Input', 'signature_malformed', () => input('Signature-Input', '(((')],
    ['an empty Signature-Input', 'signature_malformed', () => input('Signature-Input', '')],
    ['a trailing comma', 'signature_malformed', () => withSignatureInput((value) => `${value},`)],
    [
      'a token where a string belongs',
      'signature_malformed',
      () => withSignatureInput((value) => value.replace(/keyid="[^"]*"/, 'keyid=k')),
    ],
    [
      'a negative time',
      'signature_malformed',
      () => withSignatureInput((value) => value.replace('created=', 'created=-')),
    ],
    [
      'two signatures with our tag',
      'signature_malformed',
      () => {
        const raw = send();
        const again = raw.headers
          .filter(([name]) => name.startsWith('Signature'))
          .map(([name, value]): [string, string] => [name, value.replace('sig=', 'sig2=')]);
        return { ...raw, headers: [...raw.headers, ...again] };
      },
    ],
    ['another tag', 'signature_incomplete', () => send({ tag: 'other' })],
    ['no expires', 'signature_incomplete', () => withSignatureInput((value) => value.replace(/;expires=\d+/, ''))],
    ['no keyid', 'signature_incomplete', () => withSignatureInput((value) => value.replace(/;keyid="[^"]*"/, ''))],
    [
      'method not covered',
      'signature_incomplete',
      () => send({ covered: ['@target-uri', 'content-type', 'content-digest'] }),
    ],
    [
      'query not covered although it is only a question mark',
      'signature_incomplete',
      () => send({ url: 'https://api.example.com/a', send: { target: '/a?' } }),
    ],
    [
      'body added to a request signed without one',
      'signature_incomplete',
      () => send({ body: undefined, headers: {}, send: { body: Buffer.from('x') } }),
    ],
    ['an empty nonce', 'signature_malformed', () => send({ nonce: '' })],
    ['a nonce of 257 characters', 'signature_malformed', () => send({ nonce: 'n'.repeat(257) })],
    ['lifetime of 301 s', 'signature_malformed', () => send({ lifetimeSeconds: 301 })],
    ['lifetime of 0 s', 'signature_malformed', () => send({ lifetimeSeconds: 0 })],
    [
      'a covered field that was dropped on the way',
      'signature_invalid',
      () =>
        send({
          headers: { 'Content-Type': 'a/b', 'X-A': '1' },
          covered: ['@method', '@target-uri', 'content-type', 'content-digest', 'x-a'],
          drop: 'X-A',
        }),
    ],
    [
      '@status on a request',
      'signature_malformed',
      () => withSignatureInput((value) => value.replace('("@method"', '("@status" "@method"')),
    ],
    [
      'alg of another kind than the key',
      'signature_invalid',
      () => withSignatureInput((value) => `${value};alg="ed25519"`),
    ],
    [
      'a request made and signed for another host',
      'signature_invalid',
      () => send({ url: 'https://other.example.com/v1/prechecks' }),
    ],
    ['another body', 'digest_mismatch', () => send({ send: { body: Buffer.from('{"a":2}') } })],
    ['a body emptied on the way', 'digest_mismatch', () => send({ send: { body: Buffer.alloc(0) } })],
    ['an unknown key', 'key_unknown', () => send({ key: { ...hmac, id: 'nobody' } })],
  ] as [string, string, () => RawRequest][])('%s: %s', (_, code, make) => {
    expect(codeOf(make())).toBe(code);
  });

  test('expires and created each have 30 s of grace, to the second', () => {
    const raw = send({ lifetimeSeconds: 60 });
    expect([-31, -30, 0, 60, 90, 91].map((later) => codeOf(raw, NOW + later))).toEqual([
      'signature_from_future',
      'accepted',
      'accepted',
      'accepted',
      'accepted',
      'signature_expired',
    ]);
  });

  test('keys that are expired, not yet valid or unknown get one and the same answer', () => {
    const answers = [{ notAfterSeconds: NOW }, { notBeforeSeconds: NOW + 1 }, undefined].map((window) => {
      const entry = { key: { ...rfcVerificationKey('test-shared-secret'), ...window }, party: 'p' };
      return verify(send(), NOW, { find: () => (window === undefined ? undefined : entry) });
    });
    expect(answers[0]).toMatchObject({ ok: false, code: 'key_unknown' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test('a signature that does not verify comes with the base that we computed', () => {
    const verdict = verify(send({ send: { target: '/v1/prechecks?dry=0' } }));
    expect(verdict).toMatchObject({
      ok: false,
      code: 'signature_invalid',
      signatureBase: expect.stringContaining('"@query": ?dry=0\n'),
    });
  });
});
