import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlainHead } from '../../../src/http/plain-head.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { checkRawRequest } from '../../../src/trust/raw-request.ts';

const NAMES = toPublicNames(['https://gw.example']);
const HEADERS = [
  'Host',
  'host',
  'User-Agent',
  'Cookie',
  'Content-Length',
  'Transfer-Encoding',
  'Content-Type',
  'Authorization',
  'Idempotency-Key',
  'Date',
  'Sec-Purpose',
  'X-Moz',
  'X-Forwarded-For',
  'X-Other',
];

const target = fc.oneof(
  fc.constantFrom(
    '/r/a',
    '/r/a?x=1',
    '/r//a',
    '/r/../a',
    '/r/%61',
    '/r/a#b',
    '/r/a?b#c',
    'http://gw.example/r/a',
    '*',
    '/r/a?',
    '/',
  ),
  fc.string({ maxLength: 12 }).map((text) => `/r/${text}`),
  fc.string({ maxLength: 12, unit: 'grapheme' }).map((text) => `/r/a?${text}`),
);
const lines = fc.array(
  fc.tuple(fc.constantFrom(...HEADERS), fc.constantFrom('gw.example', '', ' ', '0', '010', 'chunked', 'gzip', 'x')),
  { maxLength: 6 },
);

describe('a head that is read on the socket', () => {
  test('is one that the doors would take too, and means the same to them', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.constantFrom('GET', 'HEAD', 'POST', 'get'), target, lines, (method, url, headers) => {
        const rawHeaders = [['Host', 'gw.example'], ...headers].flat();
        const head = readPlainHead({ method, url, rawHeaders } as unknown as IncomingMessage);
        if (head === undefined) return;
        plain += 1;
        const all: [string, string][] = [['Host', 'gw.example'], ...headers];
        const checked = checkRawRequest({ method, target: url, headers: all, body: new Uint8Array() }, NAMES);
        expect(checked).toMatchObject({ ok: true, method: head.method, path: head.path });
        if (checked.ok) expect(checked.query.slice(1)).toBe(head.query);
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  test('has what a redirect looks at, however the names are written and however many lines there are', () => {
    const rawHeaders = [
      'HOST',
      'gw.example',
      'cookie',
      'a=1',
      'COOKIE',
      'b=2',
      'X-Purpose',
      'preview',
      'purpose',
      'prefetch',
    ];
    expect(readPlainHead({ method: 'GET', url: '/r/a?b=c?d', rawHeaders } as unknown as IncomingMessage)).toMatchObject(
      {
        path: '/r/a',
        query: 'b=c?d',
        cookie: 'a=1; b=2',
        purpose: 'preview,prefetch',
        userAgent: undefined,
      },
    );
  });

  test.each([
    ['no Host', ['User-Agent', 'x']],
    ['two of them', ['Host', 'a', 'host', 'a']],
    ['a body', ['Host', 'a', 'Content-Length', '1']],
    ['chunks', ['Host', 'a', 'Transfer-Encoding', 'chunked']],
  ])('with %s is left to the doors', (_, rawHeaders) => {
    expect(readPlainHead({ method: 'GET', url: '/r/a', rawHeaders } as unknown as IncomingMessage)).toBeUndefined();
  });
});
