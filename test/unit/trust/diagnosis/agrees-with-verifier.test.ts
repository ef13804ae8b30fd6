import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRawRequest, type RawRequest } from '../../../../src/trust/raw-request.ts';
import { nativePolicy } from '../../../../src/trust/signature-policy.ts';
import { makeSignature } from '../../../../src/trust/signature-value.ts';
import { verifyRequest } from '../../../../src/trust/verify-request.ts';
import { rfcKeyIds, rfcSigningKey } from '../rfc-vectors.ts';
import { diagnose, firstFault, keys, NOW, names, PARAMETERS, sent } from './mistaken-signer.ts';

function verdictOf(raw: RawRequest, nowSeconds: number): string {
  const checked = checkRawRequest(raw, names);
  if (!checked.ok) return checked.code;
  const verdict = verifyRequest(checked, nativePolicy, keys, nowSeconds);
  return verdict.ok ? 'ok' : verdict.code;
}

/** The verdict is the verifier's, and the first step that fails gives the same reason. */
function expectAgreement(raw: RawRequest, nowSeconds: number, theirBase?: string): void {
  const diagnosis = diagnose(raw, { nowSeconds, theirBase });
  expect(diagnosis.verdict).toBe(verdictOf(raw, nowSeconds));
  expect(firstFault(diagnosis)?.code ?? 'ok').toBe(diagnosis.verdict);
}

const covered = fc.shuffledSubarray(
  [
    '@method',
    '@authority',
    '@path',
    '@query',
    '@target-uri',
    'content-type',
    'content-digest',
    'X-Odd',
    '@status',
    'host',
  ],
  { minLength: 0 },
);
const parameterParts = [
  `;created=${NOW}`,
  `;created="${NOW}"`,
  `;expires=${NOW + 300}`,
  `;expires=${NOW + 301}`,
  `;expires=${NOW}`,
  ';nonce="n-1"',
  ';nonce=""',
  ';nonce=n',
  ';keyid="KEY"',
  ';keyid="nobody"',
  ';tag="sluice"',
  ';tag="other"',
  ';tag=sluice',
  ';alg="hmac-sha256"',
  ';alg="ed25519"',
  ';  odd=1.50',
];
const slip = fc.record({
  key: fc.constantFrom(...rfcKeyIds).map(rfcSigningKey),
  method: fc.constantFrom('POST', 'GET', 'post'),
  host: fc.constantFrom('api.example.com', 'API2.example.com:443', 'elsewhere.example'),
  body: fc.constantFrom('{"a":1}', '', null),
  digest: fc.option(fc.constantFrom('sha-256=:AAAA:', 'md5=:AAAA:', 'rubbish'), { nil: undefined }),
  covered: fc.option(covered, { nil: undefined }),
  parameters: fc.oneof(
    fc.constant(PARAMETERS),
    fc.shuffledSubarray(parameterParts).map((parts) => parts.join('')),
  ),
});
const clock = fc.constantFrom(NOW, NOW - 31, NOW + 331);

describe('a diagnosis agrees with the verifier', () => {
  test('on requests that are signed nearly right', () => {
    fc.assert(
      fc.property(slip, clock, (one, nowSeconds) => expectAgreement(sent(one), nowSeconds)),
      { numRuns: 700 },
    );
  });

  test('on requests of which a piece was changed, dropped or doubled on the way', () => {
    const headers = sent().headers;
    const change = fc.record({
      index: fc.nat(headers.length - 1),
      at: fc.nat(400),
      length: fc.nat(8),
      text: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom('"', '(', ')', ';', ':', ',', '=', 'sig=', ';created=1'),
      ),
      copies: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), clock, (changes, nowSeconds) => {
        const changed = changes.reduce<[string, string][][]>(
          (all, { index, at, length, text, copies }) =>
            all.with(
              index,
              Array.from({ length: copies }, (): [string, string] => {
                const [name, value] = headers[index] ?? ['', ''];
                return [name, value.slice(0, at) + text + value.slice(at + length)];
              }),
            ),
          headers.map((header) => [[...header]]),
        );
        expectAgreement({ ...sent(), headers: changed.flat() }, nowSeconds);
      }),
      { numRuns: 700 },
    );
  });

  test('on anything at all, with any base beside it', () => {
    const name = fc.constantFrom(
      'Host',
      'Signature',
      'Signature-Input',
      'Content-Digest',
      'Authorization',
      'Content-Type',
    );
    const raw = fc.record({
      method: fc.string({ maxLength: 8 }),
      target: fc.oneof(fc.webPath(), fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' })),
      headers: fc.array(fc.tuple(fc.oneof(name, fc.string()), fc.string({ unit: 'binary' }))),
      body: fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
    });
    fc.assert(
      fc.property(raw, fc.double({ noNaN: true }), fc.option(fc.string(), { nil: undefined }), (request, now, theirs) =>
        expectAgreement(request, now, theirs),
      ),
      { numRuns: 700 },
    );
  });

  test('on signatures that are any bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rfcKeyIds), fc.uint8Array({ maxLength: 300 }), (id, bytes) => {
        expectAgreement(sent({ key: rfcSigningKey(id), sign: () => Buffer.from(bytes) }), NOW);
      }),
      { numRuns: 150 },
    );
  });

  test('on a body that is nested too deeply to be read', () => {
    expectAgreement(sent({ body: `${'['.repeat(50_000)}${']'.repeat(50_000)}`, digest: 'sha-256=:AAAA:' }), NOW);
  });
});

test.each(['test-key-ecc-p256', 'test-key-ed25519', 'test-key-rsa-pss', 'test-shared-secret'])(
  'the dearest diagnosis, of a signature that nothing explains, is bounded: %s',
  (id) => {
    const key = rfcSigningKey(id);
    const raw = sent({ key, sign: (base) => makeSignature(key, `${base} and more`) });
    diagnose(raw);
    const before = performance.now();
    expect(firstFault(diagnose(raw))).toMatchObject({ step: 'signature', mistake: null });
    expect(performance.now() - before).toBeLessThan(500);
  },
);
