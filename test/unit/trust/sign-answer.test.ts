import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { verificationKeyOf } from '../../../src/trust/import-key.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { type AnswerWish, parseAcceptSignature } from '../../../src/trust/parse-accept-signature.ts';
import { parseSignature } from '../../../src/trust/parse-signature.ts';
import { signAnswer } from '../../../src/trust/sign-answer.ts';
import { signRequest } from '../../../src/trust/sign-message.ts';
import { signatureBase } from '../../../src/trust/signature-base.ts';
import { isSignatureValid } from '../../../src/trust/signature-value.ts';
import { responseMessage, type SentRequest } from '../../../src/trust/verify-response.ts';
import { rfcSigningKey } from './rfc-vectors.ts';

const now = 1_770_000_000;
const ours = deriveOurKey('a root secret of the tests');
const url = 'https://gw.example/v1/prechecks?a=1';
const request = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
const signed = signRequest({ ...request, key: rfcSigningKey('test-key-ed25519'), createdSeconds: now });
const sent: SentRequest = { method: 'POST', url, headers: Object.entries({ ...request.headers, ...signed }) };

describe('Accept-Signature', () => {
  const answer = { status: 200, headers: [['content-type', 'application/json']] as [string, string][] };
  const sign = (accept: string) => signAnswer(responseMessage(answer, sent), ours.signingKey, accept, now);

  test('what is asked for is granted, no more and no less, in the order asked for', () => {
    const accept = `mine=("@path";req "@status"  "signature";key="sig";req);created;nonce="a\\"b";alg="ed25519";keyid="${ours.kid}";tag="t"`;
    expect(sign(accept)).toMatchObject({
      ok: true,
      headers: {
        'Signature-Input':
          `mine=("@path";req "@status" "signature";key="sig";req);created=${now};expires=${now + 300};` +
          `nonce="a\\"b";alg="ed25519";keyid="${ours.kid}";tag="t"`,
        Signature: expect.stringMatching(/^mine=:[A-Za-z0-9+/]{86}==:$/),
      },
    });
  });

  test.each([
    ['malformed', 'nonsense(', undefined],
    ['malformed', '', undefined],
    ['malformed', 'sig=("@status" "@status")', '"@status" twice'],
    ['malformed', 'sig="@status"', undefined],
    ['component_unknown', 'sig=("@nonsense")', '"@nonsense"'],
    ['component_unknown', 'sig=("@status";req)', '"@status";req'],
    ['component_unknown', 'sig=("@signature-params")', '"@signature-params"'],
    ['component_absent', 'sig=("x-absent")', '"x-absent"'],
    ['component_absent', 'sig=("x-absent";req)', '"x-absent";req'],
    ['component_absent', 'sig=("@method")', '"@method"'],
    ['component_absent', 'sig=("content-type";tr)', '"content-type";tr'],
    ['component_absent', 'sig=("content-type";sf)', '"content-type";sf'],
    ['component_absent', 'sig=("@query-param";req;name="b")', '"@query-param";req;name="b"'],
    ['alg_unsupported', 'sig=();alg="hmac-sha256"', 'hmac-sha256'],
    ['keyid_unknown', 'sig=();keyid="acme-ed"', 'acme-ed'],
    ['parameter_unsupported', 'sig=();created=1', 'created'],
    ['parameter_unsupported', 'sig=();expires=?0', 'expires'],
    ['parameter_unsupported', 'sig=();nonce', 'nonce'],
    ['parameter_unsupported', 'sig=();tag=sluice', 'tag'],
    ['parameter_unsupported', `sig=();nonce="${'x'.repeat(257)}"`, 'nonce'],
    ['parameter_unsupported', 'sig=();speed="fast"', 'speed'],
  ])('%s: %s', (code, accept, about) => {
    expect(sign(accept)).toMatchObject({ ok: false, code, ...(about === undefined ? {} : { about }) });
  });

  test('what the signature base supports can be asked for: query parameters, members, lines as bytes', () => {
    const accept = 'sig=("@query-param";req;name="a" "content-digest";req;key="sha-256" "content-type";bs)';
    expect(sign(accept)).toMatchObject({ ok: true });
  });

  test('of several wishes the first that can be met is, under its own label', () => {
    expect(sign('a=("x");tag="t", b=("@status"), c=()')).toMatchObject({
      headers: { 'Signature-Input': expect.stringMatching(/^b=\("@status"\);/) },
    });
    expect(sign('a=("x"), b=();alg="none"')).toMatchObject({ ok: false, code: 'component_absent' });
  });

  test('what strangers may name in wishes is read once, however often they name it', () => {
    const names = Array.from({ length: 240 }, (_, index) => `p${index}`);
    const wishesFor = (item: (name: string) => string) =>
      [0, 1, 2, 3]
        .map(
          (at) =>
            `w${at}=(${names
              .slice(at * 60, at * 60 + 60)
              .map(item)
              .join(' ')} "absent")`,
        )
        .join(', ');
    const query = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    const parsed = vi.spyOn(URLSearchParams.prototype, Symbol.iterator);
    const asked = { ...sent, url: `https://gw.example/v1?${query.join('&')}` };
    let reads = 0;
    const fields = {
      names: ['x'],
      get values() {
        reads += 1;
        return [query.join(', ')];
      },
    };
    const message = responseMessage(answer, asked);
    const askedFor = (accept: string) =>
      signAnswer({ ...message, request: { ...message.request, fields } }, ours.signingKey, accept, now);
    expect(askedFor(wishesFor((name) => `"@query-param";req;name="${name}"`))).toMatchObject({ about: '"absent"' });
    expect(parsed).toHaveBeenCalledTimes(1);
    expect(askedFor(wishesFor((name) => `"x";req;key="${name}"`))).toMatchObject({ about: '"absent"' });
    expect(reads).toBe(1);
  });

  test('of many wishes the first four count', () => {
    expect(sign('a=("x"), b=("x"), c=("x"), d=("@status")')).toMatchObject({ ok: true });
    expect(sign('a=("x"), b=("x"), c=("x"), d=("x"), e=("@status")')).toMatchObject({ code: 'component_absent' });
  });

  test('any text is a list of wishes or a fault, and what is granted verifies', () => {
    const piece = fc.constantFrom(
      'a',
      '"@status"',
      '"x"',
      ';req',
      ';key="sig"',
      '(',
      ')',
      '=',
      ';',
      ',',
      ' ',
      '"',
      '?1',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (accept) => {
        for (const wish of parseAcceptSignature(accept)) expect(typeof wish.ok).toBe('boolean');
        const granted = sign(accept);
        if (!granted.ok) return;
        const parse = parseSignature(granted.headers['Signature-Input'], granted.headers.Signature, {
          label: granted.headers.Signature.split('=')[0] ?? '',
        });
        if (!parse.ok) throw new Error(parse.detail);
        const { components, parametersText, signature } = parse.signature;
        const built = signatureBase(responseMessage(answer, sent), components, parametersText);
        expect(built.ok && isSignatureValid(verificationKeyOf(ours.signingKey), built.base, signature)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('odd spacing is signed in the one canonical form', () => {
    const [wish] = parseAcceptSignature('a=( "content-type"; bs;req=?1 )') as [AnswerWish];
    expect(wish.components.map(({ identifier }) => identifier)).toEqual(['"content-type";bs;req']);
  });
});
