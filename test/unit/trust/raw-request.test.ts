import { describe, expect, test } from 'vitest';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { checkRawRequest } from '../../../src/trust/raw-request.ts';

const names = toPublicNames(['https://api.example.com', 'http://127.0.0.1:8787']);

function check(target: string, headers: [string, string][] = [['Host', 'api.example.com']], method = 'GET') {
  return checkRawRequest({ method, target, headers, body: new Uint8Array(0) }, names);
}

describe('a request that two readers could understand differently is refused', () => {
  test.each([
    '/a/../b',
    '/a/./b',
    '/..',
    '/a/.',
    '/a/%2e%2e/c',
    '/a/%2E/c',
    '/v1%2eprechecks',
    '//a',
    '/a//b',
    '/a\\b',
    '/a%5cb',
    '/a%5Cb',
    '/a%00',
    '/a%0d%0ab',
    '/a%7f',
    '/a%zz',
    '/v1/product%73',
    '/%6Detrics',
    '/a%30',
    '/a%5A',
    '/a%2Db',
    '/a%5fb',
    '/a%7Eb',
    '/a%2',
    '/a#b',
    '/a?x#b',
    '/a b',
    '/caf\u00e9',
    '/a?x=\u00e9',
    '/a\tb',
    '*',
    '',
    'a/b',
    'ftp://api.example.com/a',
    'http://',
    'api.example.com:443',
    'http://user@api.example.com/a',
    'https://api.example.com@evil.test/a',
    'https://api.example.com:443@evil.test',
  ])('target %j', (target) => {
    expect(check(target)).toMatchObject({ ok: false, code: 'request_malformed' });
  });

  test.each([
    ['no Host', []],
    ['an empty Host', [['Host', ' ']]],
    [
      'two Host lines',
      [
        ['Host', 'api.example.com'],
        ['host', 'api.example.com'],
      ],
    ],
    [
      'two Content-Type lines',
      [
        ['Host', 'a'],
        ['Content-Type', 'a/b'],
        ['content-type', 'a/b'],
      ],
    ],
    [
      'two Content-Length lines',
      [
        ['Host', 'a'],
        ['Content-Length', '1'],
        ['content-length', '1'],
      ],
    ],
    [
      'two Authorization lines',
      [
        ['Host', 'a'],
        ['Authorization', 'x'],
        ['authorization', 'y'],
      ],
    ],
    [
      'two Idempotency-Key lines',
      [
        ['Host', 'a'],
        ['Idempotency-Key', 'x'],
        ['Idempotency-Key', 'x'],
      ],
    ],
    [
      'two Date lines',
      [
        ['Host', 'a'],
        ['Date', 'x'],
        ['date', 'x'],
      ],
    ],
    [
      'Transfer-Encoding with Content-Length',
      [
        ['Host', 'a'],
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '3'],
      ],
    ],
    ...['gzip, chunked', 'chunked, chunked', 'identity', 'xchunked', ''].map((value) => [
      `Transfer-Encoding ${JSON.stringify(value)}`,
      [
        ['Host', 'a'],
        ['Transfer-Encoding', value],
      ],
    ]),
    [
      'a Content-Length that reads as octal',
      [
        ['Host', 'a'],
        ['Content-Length', '010'],
      ],
    ],
  ] as [string, [string, string][]][])('%s', (_, headers) => {
    expect(check('/a', headers)).toMatchObject({ ok: false, code: 'request_malformed' });
  });

  test('Transfer-Encoding in HTTP/1.0', () => {
    const headers: [string, string][] = [
      ['Host', 'api.example.com'],
      ['Transfer-Encoding', 'Chunked'],
    ];
    const raw = { method: 'POST', target: '/a', headers, body: new Uint8Array(0) };
    expect(checkRawRequest({ ...raw, httpVersion: '1.0' }, names)).toMatchObject({ ok: false });
    expect(checkRawRequest({ ...raw, httpVersion: '1.1' }, names)).toMatchObject({ ok: true });
  });

  test('an absolute-form target that names another authority', () => {
    expect(check('http://evil.test/a')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('another authority'),
    });
  });

  test.each(['get', 'GE T', ''])('method %j', (method) => {
    expect(check('/a', undefined, method)).toMatchObject({ ok: false });
  });
});

describe('an unambiguous request is told apart into its parts, undecoded', () => {
  test.each([
    ['/', '/', ''],
    ['/v1/prechecks', '/v1/prechecks', ''],
    ['/.well-known/jwks.json', '/.well-known/jwks.json', ''],
    ['/a/..b/c...', '/a/..b/c...', ''],
    ['/a%20b%2Fc/~x', '/a%20b%2Fc/~x', ''],
    ['/a?', '/a', '?'],
    ["/a?x='|^&y=%zz?/..//", '/a', "?x='|^&y=%zz?/..//"],
  ])('%s', (target, path, query) => {
    expect(check(target)).toMatchObject({
      ok: true,
      authority: 'api.example.com',
      path,
      query,
      target,
      addressedToUs: true,
    });
  });

  test.each(['API.example.com', 'api.example.com:443', 'Api.Example.Com:443', ' api.example.com '])(
    'Host %j is ours',
    (host) => {
      expect(check('/a', [['Host', host]])).toMatchObject({
        authority: 'api.example.com',
        scheme: 'https',
        addressedToUs: true,
      });
    },
  );

  test('a port is part of the name unless it is the default', () => {
    expect(check('/a', [['Host', '127.0.0.1:8787']])).toMatchObject({
      authority: '127.0.0.1:8787',
      scheme: 'http',
      addressedToUs: true,
    });
    expect(check('/a', [['Host', 'api.example.com:8443']])).toMatchObject({ ok: true, addressedToUs: false });
    expect(check('/a', [['Host', 'api.example.com:80']])).toMatchObject({ ok: true, addressedToUs: false });
  });

  test('an absolute-form target with our authority means its path', () => {
    const host: [string, string][] = [['Host', 'whatever.test']];
    expect(check('https://API.example.com/a?b', host)).toMatchObject({
      authority: 'api.example.com',
      path: '/a',
      query: '?b',
      target: '/a?b',
    });
    expect(check('https://api.example.com?b', host)).toMatchObject({ path: '/', query: '?b' });
  });

  test.each(['ftp://a.b', 'https://a.b/path', 'https://', 'http://u@a.b', 'a b'])(
    '%s is no public origin',
    (origin) => {
      expect(() => toPublicNames([origin])).toThrow(RangeError);
    },
  );
});
