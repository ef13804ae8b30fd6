import { describe, expect, test } from 'vitest';
import { type Component, readComponent } from '../../../src/trust/component.ts';
import { contentDigest, verifyContentDigest } from '../../../src/trust/content-digest.ts';
import { fieldValue, toFieldLines } from '../../../src/trust/field-lines.ts';
import { parseSignature } from '../../../src/trust/parse-signature.ts';
import { componentValue, type RequestMessage, signatureBase } from '../../../src/trust/signature-base.ts';
import { isSignatureValid, makeSignature } from '../../../src/trust/signature-value.ts';
import { scanInnerLists } from '../../../src/trust/structured-scanner.ts';
import { rfcSigningKey, rfcVerificationKey, toCheckedRequest, toSignedMessage, vectors } from './rfc-vectors.ts';

const { appendixB, body, componentValues, contentDigest: digests } = vectors.rfc;

describe('every signed example of RFC 9421 verifies or fails as the RFC says', () => {
  test.each([...appendixB, ...body].map((example) => [example.id, example.section, example.expect, example] as const))(
    '%s (section %s): %s',
    (_id, _section, _expect, example) => {
      const parse = parseSignature(example.signatureInputHeader, example.signatureHeader, { label: example.label });
      if (!parse.ok) throw new Error(parse.detail);
      const { components, parametersText, signature } = parse.signature;
      const built = signatureBase(toSignedMessage(example.message, example.request), components, parametersText);
      if (!built.ok) throw new Error(built.detail);
      if (example.expect === 'valid') expect(built.base).toBe(example.signatureBase);
      expect(isSignatureValid(rfcVerificationKey(example.keyId), built.base, signature)).toBe(
        example.expect === 'valid',
      );
    },
  );

  test.each([...appendixB, ...body].filter((example) => example.deterministic && example.expect === 'valid'))(
    '$id: signing anew gives the very bytes of the RFC',
    (example) => {
      const value = makeSignature(rfcSigningKey(example.keyId), example.signatureBase);
      expect(`:${value.toString('base64')}:`).toBe(example.signature);
    },
  );

  test.each(['test-key-rsa-pss', 'test-key-ecc-p256', 'test-key-rsa', 'test-key-ed25519', 'test-shared-secret'])(
    'what %s signs it verifies, and not over another base',
    (id) => {
      const value = makeSignature(rfcSigningKey(id), 'base');
      expect(isSignatureValid(rfcVerificationKey(id), 'base', value)).toBe(true);
      expect(isSignatureValid(rfcVerificationKey(id), 'bass', value)).toBe(false);
      expect(isSignatureValid(rfcVerificationKey(id), 'base', value.subarray(1))).toBe(false);
      expect(isSignatureValid(rfcVerificationKey(id), 'base', new Uint8Array(0))).toBe(false);
    },
  );
});

function identify(identifier: string): Component {
  const item = scanInnerLists(`a=(${identifier})`)[0]?.items[0];
  if (item === undefined) throw new Error(identifier);
  const reading = readComponent(item);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.component;
}

function request(target: string, headers: [string, string][] = []): RequestMessage {
  return toCheckedRequest({
    method: 'POST',
    requestTarget: target,
    status: 0,
    body: '',
    headers: [['Host', 'www.example.com'], ...headers],
  });
}

describe('component values are those of RFC 9421 section 2', () => {
  test.each(Object.entries(componentValues.headerFields.expected))('2.1 field %s', (name, expected) => {
    expect(fieldValue(toFieldLines(componentValues.headerFields.headers), name)).toBe(expected);
  });

  test.each(componentValues.query.cases)('2.2.7 @query of $target', ({ target, expected }) => {
    expect(componentValue(request(target), identify('"@query"'))).toBe(expected);
  });

  test.each(componentValues.queryParam.cases)('2.2.8 @query-param of $target', ({ target, expected }) => {
    for (const [name, value] of Object.entries(expected)) {
      expect(componentValue(request(target), identify(`"@query-param";name="${name}"`))).toBe(value);
    }
  });

  test('2.2.8 a query parameter that is absent or repeated cannot be covered', () => {
    const component = identify('"@query-param";name="a"');
    expect(componentValue(request('/p?b=1'), component)).toMatchObject({ fault: 'absent' });
    expect(componentValue(request('/p?a=1&a=2'), component)).toMatchObject({ fault: 'unusable' });
  });

  test.each(componentValues.structured.cases)('2.1.1 to 2.1.3 $identifier of $values', (example) => {
    const lines = example.values.map((value): [string, string] => [example.header, value]);
    const types = new Map([['example-dict', 'dictionary' as const]]);
    expect(componentValue(request('/p', lines), identify(example.identifier), types)).toBe(example.expected);
  });

  test.each(Object.entries(componentValues.derived.expected))('2.2 %s', (name, expected) => {
    expect(componentValue(request(componentValues.derived.request.target), identify(`"${name}"`))).toBe(expected);
  });

  test('2.1.4 trailers are taken from the trailers only', () => {
    const message: RequestMessage = { ...request('/p'), trailers: toFieldLines([['Expires', 'later']]) };
    expect(componentValue(message, identify('"expires";tr'))).toBe('later');
    expect(componentValue(message, identify('"expires"'))).toMatchObject({ fault: 'absent' });
    expect(componentValue(request('/p'), identify('"expires";tr'))).toMatchObject({ fault: 'absent' });
  });

  test.each([
    '"Content-Type"',
    '"@foo"',
    '"@signature-params"',
    '"@query-param"',
    '"a";unknown',
    '"a";bs;sf',
    '"a";bs;key="b"',
    '"a";sf=?0',
    '"a";key=b',
    '"@path";sf',
    '"@status";req',
    '"@method";name="x"',
    '"a b"',
    '""',
  ])('%s is no component', (identifier) => {
    expect(() => identify(identifier)).toThrow();
  });

  test('a value that is not one line of ASCII cannot be signed', () => {
    const message = request('/p', [['X-Name', 'caf\u00e9']]);
    expect(signatureBase(message, [identify('"x-name"')], '("x-name")')).toMatchObject({
      ok: false,
      fault: 'unusable',
    });
    expect(signatureBase(message, [identify('"x-name";bs')], '("x-name";bs)')).toMatchObject({ ok: true });
  });
});

describe('Content-Digest follows RFC 9530', () => {
  test.each(digests)('$algorithm of $body', (example) => {
    expect(contentDigest(Buffer.from(example.body), example.algorithm)).toBe(example.field);
    expect(verifyContentDigest(example.field, Buffer.from(example.body))).toEqual({ ok: true });
    expect(verifyContentDigest(example.field, Buffer.from(`${example.body} `)).ok).toBe(false);
  });

  const bytes = Buffer.from('{"hello": "world"}');
  const good = contentDigest(bytes);
  test.each([
    ['unknown members beside a right one are ignored', `md5=:AAAA:, ${good}`, true],
    ['both members right', `${good}, ${contentDigest(bytes, 'sha-512')}`, true],
    ['one of two wrong', `${contentDigest(Buffer.from('x'), 'sha-512')}, ${good}`, false],
    ['a member twice', `${good}, ${good}`, false],
    ['only unknown members', 'md5=:AAAA:', false],
    ['a string instead of bytes', 'sha-256="X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="', false],
    ['nothing', '', false],
  ])('%s', (_, field, ok) => {
    expect(verifyContentDigest(field, bytes).ok).toBe(ok);
  });
});
