import { createHash, createSecretKey, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../../../src/trust/content-digest.ts';
import { makeSignature } from '../../../../src/trust/signature-value.ts';
import { rfcVerificationKey } from '../rfc-vectors.ts';
import {
  asDer,
  BODY,
  diagnose,
  ed25519,
  firstFault,
  hmac,
  hmacWith,
  NOW,
  PARAMETERS,
  p256,
  pss,
  rsa,
  type Slip,
  sent,
  withSalt,
} from './mistaken-signer.ts';

const secret = hmac.keyObject.export();
const spaced = '{"b": "张/三", "a": [1, {"c": "d"}]}';

function other(bytes: string): string {
  return contentDigest(Buffer.from(bytes));
}

const milliseconds = PARAMETERS.replace(`created=${NOW}`, `created=${NOW}000`).replace(
  `expires=${NOW + 300}`,
  `expires=${NOW + 300}000`,
);

describe('a right request is ok at every step, with every kind of key', () => {
  test.each([ed25519, p256, pss, rsa, hmac])('$alg', (key) => {
    const diagnosis = diagnose(sent({ key }));
    expect(diagnosis).toMatchObject({ verdict: 'ok', firstDifference: null });
    expect(diagnosis.steps.filter(({ ok }) => ok !== true).map(({ step }) => step)).toEqual(['nonce']);
    expect(diagnosis.signatureBase).toContain('"@method": POST\n"@authority": api.example.com\n');
  });

  test('also a GET without query and body', () => {
    expect(diagnose(sent({ method: 'GET', target: '/v1/whoami', body: null }))).toMatchObject({
      verdict: 'ok',
      acceptSignature: 'sig=("@method" "@authority" "@path");created;expires;tag="sluice"',
    });
  });
});

const MISTAKES: readonly (readonly [name: string, slip: Slip])[] = [
  ['base_trailing_newline', { base: (right) => `${right}\n` }],
  ['base_crlf', { base: (right) => right.replaceAll('\n', '\r\n') }],
  ['base_trailing_newline+base_crlf', { base: (right) => `${right}\n`.replaceAll('\n', '\r\n') }],
  ['base_without_space', { base: (right) => right.replace(/^("[^"]*"):\s/gm, '$1:') }],
  ['base_identifiers_unquoted', { base: (right) => right.replace(/^"([^"]*)":/gm, '$1:') }],
  ['base_without_params', { base: (right) => right.replace(/\n"@signature-params".*$/, '') }],
  ['base_lines_sorted', { base: sortedLines }],
  [
    'base_identifier_case',
    {
      base: (right) =>
        right
          .replace(/^"content-(.)/gm, (_, c) => `"Content-${c.toUpperCase()}`)
          .replace('@method', '@Method')
          .replace('@authority', '@Authority')
          .replace('@path', '@Path')
          .replace('@query', '@Query'),
    },
  ],
  ['method_case', { base: (right) => right.replace('"@method": POST', '"@method": post') }],
  ['authority_default_port', { base: (right) => right.replace('api.example.com', 'api.example.com:443') }],
  ['authority_case', { host: 'API.example.com', base: (right) => right.replace('api.example.com', 'API.example.com') }],
  ['authority_with_scheme', { base: (right) => right.replace('": api.', '": https://api.') }],
  ['authority_other_name', { base: (right) => right.replace('": api.', '": api2.') }],
  [
    'path_with_query',
    { base: (right) => right.replace('"@path": /v1/prechecks', '"@path": /v1/prechecks?b=2&a=%20x') },
  ],
  ['path_without_prefix', { base: (right) => right.replace('/v1/prechecks', '/prechecks') }],
  ['path_trailing_slash', { base: (right) => right.replace('/v1/prechecks', '/v1/prechecks/') }],
  ['query_without_question_mark', { base: (right) => right.replace('"@query": ?', '"@query": ') }],
  ['query_left_out', { base: (right) => right.replace(/"@query": .*/, '"@query": ?') }],
  ['query_encoding', { base: (right) => right.replace('%20', '+') }],
  ['query_order', { base: (right) => right.replace('?b=2&a=%20x', '?a=%20x&b=2') }],
  ['content_type', { base: (right) => right.replace('": application/json', '": application/json; charset=utf-8') }],
  ['content_type', { type: 'application/json;charset=UTF-8', base: (right) => right.replace(';charset=UTF-8', '') }],
  ['digest_of_other_body', { base: (right) => right.replace(/sha-256=.*:$/m, other(spaced)) }],
  [
    'digest_without_label',
    { base: (right) => right.replace(/sha-256=.*:$/m, createHash('sha256').update(BODY).digest('hex')) },
  ],
  ['params_reordered', { base: (right) => right.replace(/;nonce="n-1"/, '').replace(/$/, ';nonce="n-1"') }],
  ['params_missing', { base: (right) => right.replace(';tag="sluice"', '') }],
  ['params_with_label', { base: (right) => right.replace('"@signature-params": (', '"@signature-params": sig=(') }],
  [
    'params_unquoted',
    {
      base: (right) =>
        right
          .replace('"n-1"', 'n-1')
          .replace(/keyid="([^"]*)"/, 'keyid=$1')
          .replace('"sluice"', 'sluice'),
    },
  ],
  ['created_in_milliseconds', { base: (right) => right.replace(/=(18\d{8});/g, '=$1000;') }],
  ['base_hashed', { base: (right) => createHash('sha256').update(right).digest('hex') }],
  ['base_hashed', { base: (right) => createHash('sha256').update(right).digest().toString('latin1') }],
];

const COVERED_URI = ['@method', '@target-uri', 'content-type', 'content-digest'];

const OF_ONE_KIND: readonly (readonly [name: string, slip: Slip])[] = [
  ['scheme', { covered: COVERED_URI, base: (right) => right.replace('https://', 'http://') }],
  ['query_left_out', { covered: COVERED_URI, base: (right) => right.replace('?b=2&a=%20x', '') }],
  ['ecdsa_der', { key: p256, sign: asDer }],
  ['base_trailing_newline+ecdsa_der', { key: p256, sign: asDer, base: (right) => `${right}\n` }],
  ['pss_salt_length', { key: pss, sign: withSalt(32) }],
  ['pss_salt_length', { key: pss, sign: withSalt(190) }],
  ['rsa_padding', { key: pss, sign: (base) => sign('sha512', Buffer.from(base), pss.keyObject) }],
  ['secret_as_text', { sign: hmacWith(secret.toString('base64')) }],
  ['secret_as_text', { sign: hmacWith(`${secret.toString('base64')}\n`) }],
  ['secret_as_text', { sign: hmacWith(secret.toString('hex')) }],
  ['hash_algorithm', { sign: hmacWith(secret, 'sha512') }],
  ['signature_hex', { sign: (base) => Buffer.from(right(base).toString('hex')) }],
  ['signature_encoded_twice', { sign: (base) => Buffer.from(right(base).toString('base64')) }],
  [
    'base_crlf+secret_as_text',
    { base: (right) => right.replaceAll('\n', '\r\n'), sign: hmacWith(secret.toString('base64')) },
  ],
];

function right(base: string): Buffer {
  return makeSignature(hmac, base);
}

function sortedLines(right: string): string {
  const lines = right.split('\n');
  const last = lines.pop() ?? '';
  return [...lines.sort(), last].join('\n');
}

describe('a signature that does not verify is explained by the mistake that was made', () => {
  test.each(MISTAKES)('%s, with a public key', (name, slip) => {
    const fault = firstFault(diagnose(sent({ key: ed25519, ...slip })));
    expect(fault).toMatchObject({ step: 'signature', code: 'signature_invalid', mistake: name });
    expect(fault?.hint).toMatch(/^[A-Z"].*[.:)]$/);
  });

  test.each([...MISTAKES, ...OF_ONE_KIND])('%s', (name, slip) => {
    expect(firstFault(diagnose(sent(slip)))).toMatchObject({ step: 'signature', mistake: name });
  });
});

describe('a secret that was decoded as the other base64 alphabet', () => {
  test.each(['base64', 'base64url'] as const)('is recognised when it was written as %s', (form) => {
    const bytes = Buffer.from('fb'.repeat(16) + 'ff'.repeat(16), 'hex');
    const key = { ...hmac, keyObject: createSecretKey(bytes) };
    const wrong = Buffer.from(bytes.toString(form).replace(/[^A-Za-z0-9]/g, ''), 'base64');
    const keys = { find: () => ({ key, party: 'p' }) };
    const fault = firstFault(diagnose(sent({ key, sign: hmacWith(wrong) }), { keys }));
    expect(fault).toMatchObject({ step: 'signature', mistake: 'secret_base64_alphabet' });
  });
});

describe('what the signer says was signed is compared with what we compute', () => {
  test('the first line that differs is shown, and named where the mistake is a known one', () => {
    const base = (text: string) => text.replace('": POST', '": post');
    const raw = sent({ base });
    const ours = diagnose(raw).signatureBase ?? '';
    const diagnosis = diagnose(raw, { theirBase: base(ours) });
    expect(diagnosis.firstDifference).toEqual({ line: 1, ours: '"@method": POST', theirs: '"@method": post' });
    expect(firstFault(diagnosis)?.mistake).toBe('method_case');
  });

  test('a base of their own kind still shows that the key is the right one', () => {
    const base = (text: string) => text.replace(BODY_TYPE, '": text/unheard-of');
    const raw = sent({ base });
    const theirBase = base(diagnose(raw).signatureBase ?? '');
    expect(firstFault(diagnose(raw, { theirBase }))?.mistake).toBe('other_base');
    expect(diagnose(raw, { theirBase }).firstDifference).toMatchObject({
      line: 5,
      theirs: '"content-type": text/unheard-of',
    });
  });

  test('without it, the base that a known mistake gives is compared', () => {
    const { firstDifference } = diagnose(sent({ base: (text) => `${text}\n` }));
    expect(firstDifference).toEqual({ line: 8, ours: null, theirs: '' });
  });

  test('a copy with a line end too many does not mislead', () => {
    const raw = sent({ base: (text) => text.replace('": POST', '": post') });
    const theirBase = `${diagnose(raw).signatureBase?.replace('": POST', '": post')}\n`;
    expect(firstFault(diagnose(raw, { theirBase }))?.mistake).toBe('method_case');
  });

  test('a signature by another key is said to be none of the usual mistakes', () => {
    const fault = firstFault(diagnose(sent({ sign: hmacWith('quite another secret') })));
    expect(fault).toMatchObject({
      step: 'signature',
      mistake: null,
      hint: expect.stringContaining('belongs to this keyid'),
    });
  });
});

const BODY_TYPE = '": application/json';

describe('a digest that is not that of the body is explained', () => {
  test.each([
    ['digest_of_other_body', other(spaced)],
    ['digest_of_other_body', other('{"b":"\\u5f20/\\u4e09","a":[1,{"c":"d"}]}')],
    ['digest_of_other_body', other('{"b": "\\u5f20/\\u4e09", "a": [1, {"c": "d"}]}')],
    ['digest_of_other_body', other('{"b":"\\u5f20\\/\\u4e09","a":[1,{"c":"d"}]}')],
    ['digest_of_other_body', other('{"a":[1,{"c":"d"}],"b":"张/三"}')],
    ['digest_of_other_body', other(`${BODY}\n`)],
    ['digest_of_other_body', other('')],
    ['digest_hex', `sha-256=:${Buffer.from(createHash('sha256').update(BODY).digest('hex')).toString('base64')}:`],
    ['digest_hex', `sha-256=${createHash('sha256').update(BODY).digest('hex')}`],
    ['digest_algorithm', `sha-256=:${createHash('sha512').update(BODY).digest('base64')}:`],
    ['digest_algorithm', `md5=:${createHash('md5').update(BODY).digest('base64')}:`],
    ['digest_algorithm', `SHA-256=${createHash('sha256').update(BODY).digest('base64')}`],
    ['digest_not_between_colons', `sha-256=${createHash('sha256').update(BODY).digest('base64')}`],
  ])('%s: %s', (mistake, digest) => {
    const diagnosis = diagnose(sent({ digest }));
    expect(diagnosis.verdict).toBe('digest_mismatch');
    expect(firstFault(diagnosis)).toMatchObject({ step: 'digest', mistake, expected: other(BODY), found: digest });
  });

  test('a request whose body was left out is told so', () => {
    expect(firstFault(diagnose({ ...sent(), body: Buffer.alloc(0) }))).toMatchObject({
      step: 'digest',
      mistake: 'body_absent',
    });
  });
});

describe('what a signature says of itself is explained', () => {
  test.each([
    ['fields', 'signature_missing', { fields: () => ({}) }, 'accept_signature'],
    [
      'fields',
      'signature_malformed',
      { fields: (input: string) => ({ 'Signature-Input': input }) },
      'both header fields',
    ],
    ['fields', 'signature_malformed', fieldsWith((input, value) => [input, `sig=${value}`]), 'between colons'],
    ['fields', 'signature_malformed', fieldsWith((input) => [input, 'sig=:ab-_:']), 'base64url'],
    [
      'fields',
      'signature_malformed',
      fieldsWith((input, value) => [input.replaceAll('" "', '", "'), `sig=:${value}:`]),
      'commas',
    ],
    [
      'fields',
      'signature_malformed',
      fieldsWith((input, value) => [input.replaceAll('"', ''), `sig=:${value}:`]),
      'double quotes',
    ],
    ['fields', 'signature_malformed', fieldsWith((input, value) => [input, `sig1=:${value}:`]), 'same label'],
    ['fields', 'signature_malformed', { fields: () => ({ Signature: 'keyId="x",signature="y"' }) }, 'old draft'],
    ['tag', 'signature_incomplete', { parameters: PARAMETERS.replace(';tag="sluice"', '') }, 'tag="sluice"'],
    ['tag', 'signature_malformed', fieldsWith((input, value) => [input, `sig="${value}"`]), 'between colons'],
    [
      'components',
      'signature_malformed',
      { covered: ['@method', '@authority', '@path', 'Content-Type'] },
      'lower case',
    ],
    ['parameters', 'signature_malformed', { parameters: PARAMETERS.replace('"KEY"', 'KEY') }, 'double quotes'],
    [
      'parameters',
      'signature_malformed',
      { parameters: PARAMETERS.replace(`=${NOW};`, `="${NOW}";`) },
      'without quotes',
    ],
    ['parameters', 'signature_incomplete', { parameters: PARAMETERS.replace(';nonce="n-1"', '') }, 'Add nonce'],
    [
      'coverage',
      'signature_incomplete',
      { covered: ['@method', '@authority', '@path', '@query'] },
      '"content-type" "content-digest"',
    ],
    ['lifetime', 'signature_malformed', { parameters: milliseconds }, 'in seconds'],
    [
      'lifetime',
      'signature_malformed',
      { parameters: PARAMETERS.replace(`${NOW + 300}`, `${NOW + 301}`) },
      'created + 300',
    ],
    ['alg', 'signature_invalid', { parameters: `${PARAMETERS};alg="ed25519"` }, 'Sign with hmac-sha256'],
    [
      'base',
      'signature_invalid',
      { covered: ['@method', '@authority', '@path', '@query', 'content-type', 'content-digest', 'x-absent'] },
      'x-absent',
    ],
    ['authority', 'signature_invalid', { host: 'elsewhere.example' }, 'api.example.com'],
    ['request', 'request_malformed', { method: 'post' }, 'upper-case'],
  ] as [string, string, Slip, string][])('%s is %s', (step, code, slip, hint) => {
    const diagnosis = diagnose(sent(slip));
    expect(diagnosis.verdict).toBe(code);
    expect(firstFault(diagnosis)).toMatchObject({ step, code, hint: expect.stringContaining(hint) });
  });

  test('a clock that is wrong is told by how much, and a time zone is recognised', () => {
    const late = firstFault(diagnose(sent(), { nowSeconds: NOW + 340 }));
    expect(late).toMatchObject({ step: 'clock', code: 'signature_expired', hint: expect.stringContaining('40 s ago') });
    const zone = firstFault(diagnose(sent(), { nowSeconds: NOW - 8 * 3_600 }));
    expect(zone).toMatchObject({ code: 'signature_from_future', hint: expect.stringContaining('8 h') });
    const created = PARAMETERS.replace(`${NOW};`, `${NOW}000;`).replace(`${NOW + 300}`, `${NOW}300`);
    expect(firstFault(diagnose(sent({ parameters: created })))).toMatchObject({ mistake: 'created_in_milliseconds' });
  });

  test('all faults are told at once, not only the first', () => {
    const parameters = PARAMETERS.replace(`${NOW + 300}`, `${NOW + 900}`).replace(';tag="sluice"', '');
    const base = (right: string) => `${right}\n`;
    const { steps } = diagnose(sent({ parameters, base, digest: other(spaced), host: 'elsewhere.example' }));
    expect(steps.filter(({ ok }) => ok === false).map(({ step }) => step)).toEqual(
      expect.arrayContaining(['tag', 'lifetime', 'authority', 'digest']),
    );
  });
});

function fieldsWith(change: (input: string, value: string) => [input: string, value: string]): Slip {
  return {
    fields: (input, value) => {
      const [changedInput, changedValue] = change(input, value);
      return { 'Signature-Input': changedInput, Signature: changedValue };
    },
  };
}

describe('a key that may not sign', () => {
  test('a key id that is one slip away from an existing one is named, a further one is not', () => {
    const misspelt = (id: string) => diagnose(sent({ parameters: PARAMETERS.replace('KEY', id) }));
    expect(firstFault(misspelt('test-shared-secert'))).toMatchObject({
      step: 'key',
      mistake: 'key_id_misspelt',
      hint: expect.stringContaining('"test-shared-secret"'),
    });
    expect(firstFault(misspelt('test-shared'))).toMatchObject({ step: 'key', mistake: null });
    expect(JSON.stringify(misspelt('nobody'))).not.toContain('test-');
  });

  test('that a key has ended is told only to whoever holds it', () => {
    const key = { ...rfcVerificationKey('test-shared-secret'), notAfterSeconds: NOW - 60 };
    const ended = { keys: { find: () => ({ key, party: 'p' }) } };
    expect(firstFault(diagnose(sent(), ended))).toMatchObject({ code: 'key_unknown', mistake: 'key_ended' });
    const stranger = diagnose(sent({ sign: hmacWith('quite another secret') }), ended);
    const unknown = diagnose(sent({ sign: hmacWith('quite another secret') }), { keys: { find: () => undefined } });
    expect(stranger).toEqual(unknown);
  });

  test('no answer holds a secret', () => {
    for (const slip of OF_ONE_KIND.map(([, one]) => one)) {
      const text = JSON.stringify(diagnose(sent(slip)));
      for (const form of ['base64', 'base64url', 'hex'] as const) expect(text).not.toContain(secret.toString(form));
    }
  });
});
