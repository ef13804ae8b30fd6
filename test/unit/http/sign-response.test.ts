import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDoor } from '../../../src/http/app.ts';
import { SIGNED_ANSWER_LIMIT_BYTES } from '../../../src/http/sign-response.ts';
import { type AnyFetch, ASK, type Asking, doors, empty, exchange, ourKeys } from '../../support/signed-exchange.ts';
import {
  acme,
  acmeKey,
  createTinyDoor,
  memoryAdmissions,
  signedHeaders,
  type TinyOptions,
  tinyDeps,
} from '../../support/tiny-door.ts';

const ECHO = { path: '/t/echo', body: '{"ref":"a"}' };

describe('answers', () => {
  test('an answer is not signed unless asked', () =>
    doors({}, async (send, origin) => {
      const { response, verdict } = await exchange(origin, send, { ...ECHO, headers: {} });
      expect(response.status).toBe(200);
      expect(verdict).toBe('signature_missing');
      expect(response.headers.get('content-digest')).toBeNull();
      expect(response.headers.get('sluice-warnings')).toBeNull();
    }));

  test('one that is asked for verifies, with the nonce that was asked for', () =>
    doors({}, async (send, origin) => {
      const { response, verdict } = await exchange(origin, send, ECHO);
      expect(verdict).toBe('ok');
      expect(response.headers.get('signature-input')).toContain(';nonce="n";');
    }));

  test('a gateway without keys answers as ever', async () => {
    const door = createTinyDoor();
    const { verdict, response } = await exchange('https://gw.example', (url, init) => door.request(url, init), {
      path: '/t/open',
    });
    expect([response.status, verdict]).toEqual([200, 'signature_missing']);
  });

  test('profile always signs', () =>
    doors({ alwaysSigned: true }, async (send, origin) => {
      const quiet = await exchange(origin, send, { ...ECHO, headers: {} });
      expect([quiet.response.status, quiet.verdict]).toEqual([200, 'ok']);
      // Also an answer to a wish that cannot be met: by default then, and told.
      const headers = { 'accept-signature': 'sig=("x-absent")' };
      const told = await exchange(origin, send, { ...ECHO, headers });
      expect(told.verdict).toBe('ok');
      expect(told.response.headers.get('sluice-warnings')).toBe('accept_signature_ignored component_absent "x-absent"');
      const invalid = await exchange(origin, send, { path: '/t/echo', body: '{"ref":""}', headers: {} });
      expect([invalid.response.status, invalid.verdict]).toEqual([422, 'ok']);
    }));

  test('a wish we cannot meet is told and answered unsigned', () =>
    doors({}, async (send, origin) => {
      const headers = { 'accept-signature': 'sig=("@status");alg="rsa-pss-sha512"' };
      const { response, verdict, bytes } = await exchange(origin, send, { path: '/t/open', headers, plain: true });
      expect([response.status, verdict]).toEqual([200, 'signature_missing']);
      expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ ok: true });
      expect(response.headers.get('sluice-warnings')).toBe('accept_signature_ignored alg_unsupported rsa-pss-sha512');
    }));

  test('fields that come after the operation can be covered: request id, caching, warnings, length, date', () =>
    doors({ env: 'live' }, async (send, origin) => {
      const list =
        '"@status" "content-type" "content-digest" "content-length" "date" "sluice-request-id" "cache-control" ' +
        '"sluice-warnings" "signature";req';
      const headers = { 'accept-signature': `sig=(${list})` };
      const body = '{"ref":"a","more":1}';
      const { response, verdict } = await exchange(origin, send, { path: '/t/echo', body, headers });
      expect([response.status, verdict]).toEqual([200, 'ok']);
      expect(response.headers.get('sluice-warnings')).toBe('unknown_field /more');
    }));

  test('HEAD has no content to sign, and verifies', () =>
    doors({}, async (send, origin) => {
      const asking: Asking = { path: '/t/open', method: 'HEAD', plain: true };
      const { response, verdict } = await exchange(origin, send, asking);
      expect([response.status, verdict, response.headers.get('content-digest')]).toEqual([200, 'ok', null]);
    }));

  test('an answer without content verifies', () =>
    doors({}, async (send, origin) => {
      const { response, verdict } = await exchange(origin, send, { path: '/t/empty', plain: true });
      expect([response.status, verdict]).toEqual([204, 'ok']);
    }));
});

describe('problems are signed too', () => {
  const cases: readonly [number, Asking, TinyOptions][] = [
    [401, { path: '/t/things', plain: true }, {}],
    [404, { path: '/t/nothing/at/all?x=1', plain: true }, {}],
    [405, { path: '/t/open', method: 'DELETE', plain: true }, {}],
    [413, { path: '/t/echo', body: `{"ref":"${'x'.repeat(300_000)}"}`, plain: false }, {}],
    [415, { path: '/t/echo', body: '{"ref":"a"}', headers: { ...ASK, 'content-type': 'text/xml' } }, {}],
    [422, { path: '/t/echo', body: '{}' }, {}],
    [500, { path: '/t/fail/fault', plain: true }, {}],
    [503, { path: '/t/fail/redis', plain: true }, {}],
    [
      429,
      { path: '/t/things' },
      {
        admissions: { admit: async () => ({ kind: 'limited', retryInSeconds: 1 }) },
      },
    ],
    [403, { path: '/t/things' }, { party: { ...acme, allow_ips: ['192.0.2.1'] } }],
  ];
  test.each(cases)('%i', (status, asking, options) =>
    doors(options, async (send, origin) => {
      const { response, verdict, bytes } = await exchange(origin, send, asking);
      expect([response.status, verdict]).toEqual([status, 'ok']);
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ status });
    }),
  );

  test('a replay is told in an answer to the replay', async () => {
    const admissions = memoryAdmissions();
    await doors({ admissions }, async (send, origin) => {
      const headers = signedHeaders({ path: '/t/things', origin, headers: ASK, key: acmeKey });
      const asking: Asking = { path: '/t/things', headers, plain: true };
      const first = await exchange(origin, send, asking);
      const again = await exchange(origin, send, asking);
      expect([first.response.status, first.verdict]).toEqual([200, 'ok']);
      expect([again.response.status, again.verdict]).toEqual([401, 'ok']);
    });
  });

  test('what is no unambiguous request gets no signature', () =>
    doors({}, async (send, origin) => {
      const headers = { ...ASK, idempotency: 'x' };
      const { response, verdict } = await exchange(origin, send, { path: '/t//open', headers, plain: true });
      expect([response.status, verdict]).toEqual([400, 'signature_missing']);
      expect(response.headers.get('sluice-warnings')).toBe('accept_signature_ignored request_malformed');
    }));
});

describe('streamed answers', () => {
  test('what an operation says of itself goes before what its door says of all, and is what is covered', () =>
    doors({}, async (send, origin) => {
      const list =
        '"@status" "content-type" "content-digest" "cache-control" "@method";req "@authority";req "@path";req';
      const asking = { path: '/t/stream/10', headers: { 'accept-signature': `sig=(${list})` }, plain: true };
      const { response, verdict } = await exchange(origin, send, asking);
      expect([verdict, response.headers.get('cache-control')]).toEqual(['ok', 'private']);
    }));

  test('up to the limit are gathered and signed, fields and all', () =>
    doors({}, async (send, origin) => {
      const asking: Asking = { path: `/t/stream/${SIGNED_ANSWER_LIMIT_BYTES}`, plain: true };
      const { response, verdict, bytes } = await exchange(origin, send, asking);
      expect([verdict, bytes.length]).toEqual(['ok', SIGNED_ANSWER_LIMIT_BYTES]);
      expect(response.headers.get('content-disposition')).toBe('attachment');
    }));

  test('longer ones are streamed whole and unsigned, which is told', () =>
    doors({}, async (send, origin) => {
      const size = SIGNED_ANSWER_LIMIT_BYTES + 100_000;
      const asking: Asking = { path: `/t/stream/${size}`, plain: true };
      const { response, verdict, bytes } = await exchange(origin, send, asking);
      expect([response.status, verdict, bytes.length]).toEqual([200, 'signature_missing', size]);
      expect(bytes.every((byte) => byte === 0x78)).toBe(true);
      expect(response.headers.get('content-disposition')).toBe('attachment');
      expect(response.headers.get('sluice-warnings')).toBe('accept_signature_ignored answer_too_large');
    }));

  test('one that breaks off while it is gathered becomes the problem that broke it, signed', () =>
    doors({}, async (send, origin) => {
      const { response, verdict } = await exchange(origin, send, { path: '/t/broken', plain: true });
      expect([response.status, verdict]).toEqual([503, 'ok']);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }));
});

describe('whatever Accept-Signature says', () => {
  test('the answer is the same, signed or told why not', async () => {
    const log: string[] = [];
    const door = createTinyDoor({ ourKeys, log });
    const send: AnyFetch = (url, init) => door.request(url, init);
    const piece = fc.constantFrom(
      'sig=(',
      ')',
      '"@status"',
      '"content-type"',
      '"@query-param";req;name="a"',
      ';req',
      ';sf',
      ';bs',
      ';key="a"',
      ';created',
      ';expires=1',
      ';nonce="',
      '"',
      ';tag="t"',
      ';keyid="x"',
      ';alg="ed25519"',
      ', b=()',
      ' ',
      '\t',
      '%',
    );
    const printable = fc.stringMatching(/^[\t -~]*$/);
    const wish = fc.oneof(
      printable,
      fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
    );
    await fc.assert(
      fc.asyncProperty(wish, printable, async (accept, other) => {
        const headers = { 'accept-signature': accept, 'x-other': other, 'signature-input': other, signature: accept };
        const { response, bytes } = await exchange('https://gw.example', send, {
          path: '/t/open',
          headers,
          plain: true,
        });
        expect(response.status).toBe(200);
        expect(Buffer.from(bytes).toString()).toBe('{"ok":true}');
        const isSigned = response.headers.has('signature');
        expect(response.headers.has('sluice-warnings')).toBe(!isSigned);
      }),
      { numRuns: 400 },
    );
    expect(log.filter((line) => line.includes('could not be signed'))).toEqual([]);
  });

  test('signing that fails costs no answer', async () => {
    const failing = createDoor(
      { name: 'failing' },
      {
        ...tinyDeps(),
        ourKeys: {
          current: () => {
            throw new Error('no key');
          },
        },
      },
    );
    failing.openapi(empty, (c) => c.body(null, 204));
    const response = await failing.request('https://gw.example/t/empty', { headers: ASK });
    expect(response.status).toBe(204);
    expect(response.headers.get('sluice-warnings')).toBe('accept_signature_ignored internal_error');
  });
});
