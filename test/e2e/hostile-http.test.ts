import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { hostileRequests } from '../support/hostile-requests.ts';
import {
  converse,
  fromElsewhere,
  httpText,
  type RawAnswer,
  type RawConversation,
  type RawPart,
  TRUSTING_LOOPBACK,
} from '../support/raw-http.ts';
import { type RedisWatch, watchRedis } from '../support/redis-watch.ts';
import { shippedKey } from '../support/signed-client.ts';
import {
  BODY,
  CHUNKED,
  inChunks,
  PRECHECKS,
  PRODUCTS,
  type SignedTexts,
  type Signing,
  signedTexts,
} from '../support/signed-texts.ts';

let gateway: TestGateway;
let port: number;
let r: SignedTexts;
let watch: RedisWatch;
let slowHead: Promise<RawConversation>;

beforeAll(async () => {
  gateway = await startTestGateway({ variables: TRUSTING_LOOPBACK });
  port = Number(new URL(gateway.url).port);
  r = signedTexts(`127.0.0.1:${port}`);
  watch = await watchRedis(gateway.dataDir);
  // A line now and then, for longer than a head may take; its answer is looked at last.
  const dribble = Array.from({ length: 14 }, (_, i): RawPart[] => [1_000, `X-Slow-${i}: a\r\n`]).flat();
  slowHead = converse(port, [`GET ${PRODUCTS} HTTP/1.1\r\n`, `${r.host()}\r\n`, ...dribble], { patienceMs: 20_000 });
});

afterAll(async () => {
  watch.close();
  await gateway.stop();
});

function expectProblem(answer: RawAnswer | undefined, status: number, code: string): void {
  const { body = '{}', headers = {} } = answer ?? {};
  const problem = JSON.parse(body === '' ? '{}' : body);
  expect([answer?.status, problem.code]).toEqual([status, code]);
  expect(problem).toMatchObject({ status, type: `${gateway.url}/docs/problems#${code}` });
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers['sluice-request-id']).toBe(problem.request_id);
}

const elsewhere = (bytes: RawPart): RawPart => (typeof bytes === 'string' ? fromElsewhere(bytes) : bytes);

describe.each(hostileRequests)(
  '%s: what can be read in two ways is refused and Redis is not asked',
  (_name, requests) => {
    test.each(
      requests.map(
        ([name, bytes, status = 400, code = 'request_malformed']) => [name, { bytes, status, code }] as const,
      ),
    )('%s', async (_case, { bytes, status, code }) => {
      const touched = await watch.touchedBy(async () => {
        const { answers } = await converse(port, elsewhere(bytes(r)));
        expectProblem(answers[0], status, code);
      });
      expect(touched).toEqual([]);
    });
  },
);

describe('a signature that is not right leaves nothing in Redis', () => {
  const lines = (change: (line: string) => string, options: Signing = {}): string =>
    httpText(
      `POST ${PRECHECKS}`,
      [r.host(), r.length(), ...r.signed(PRECHECKS, { body: BODY, ...options }).map(change)],
      BODY,
    );
  const same = (line: string): string => line;

  test.each([
    ['no signature', () => httpText(`GET ${PRODUCTS}`, [r.host()]), 'signature_missing'],
    [
      'a wrong signature',
      () => lines((line) => line.replace(/^Signature: sig=:..../, 'Signature: sig=:AAAA')),
      'signature_invalid',
    ],
    [
      'a signature over another path',
      () => httpText(`GET ${PRODUCTS}`, [r.host(), ...r.signed('/v1/whoami')]),
      'signature_invalid',
    ],
    ['a signature for another host', () => lines(same, { authority: 'evil.example' }), 'signature_invalid'],
    [
      'another host, rightly signed for',
      () => lines(same, { authority: 'evil.example' }).replace(r.host(), 'Host: evil.example'),
      'signature_invalid',
    ],
    ['an unknown key', () => lines(same, { key: { ...shippedKey('acme'), id: 'nobody' } }), 'key_unknown'],
    [
      "another partner's key",
      () => lines(same, { key: { ...shippedKey('acme'), id: 'summit-hmac' } }),
      'signature_invalid',
    ],
    ['another body', () => lines(same).replace('quick-cash', 'quick-flex'), 'digest_mismatch'],
    [
      'a signature of ten minutes ago',
      () => lines(same, { createdSeconds: Date.now() / 1_000 - 600 }),
      'signature_expired',
    ],
    [
      'a signature of tomorrow',
      () => lines(same, { createdSeconds: Date.now() / 1_000 + 86_400 }),
      'signature_from_future',
    ],
    [
      'a nonce that was not signed',
      () => lines((line) => line.replace(/nonce="[^"]*"/, 'nonce="x"')),
      'signature_invalid',
    ],
    ['no nonce', () => lines((line) => line.replace(/;nonce="[^"]*"/, '')), 'signature_incomplete'],
    ['another tag', () => lines((line) => line.replace('tag="sluice"', 'tag="other"')), 'signature_incomplete'],
  ] as const)('%s', async (_case, bytes, code) => {
    const touched = await watch.touchedBy(async () => {
      const { answers } = await converse(port, fromElsewhere(bytes()));
      expectProblem(answers[0], 401, code);
      expect(answers[0]?.headers['accept-signature']).toContain('tag="sluice"');
    });
    expect(touched).toEqual([]);
  });

  test('a right one leaves its nonce, a replay asks for it', async () => {
    let bytes = '';
    const touched = await watch.touchedBy(async () => {
      bytes = r.get(PRODUCTS);
      expect((await converse(port, bytes)).answers[0]?.status).toBe(200);
    });
    expect(touched).toContain('nonce');
    const touchedAgain = await watch.touchedBy(async () =>
      expectProblem((await converse(port, bytes)).answers[0], 401, 'signature_replayed'),
    );
    expect(touchedAgain).toContain('nonce');
  });
});

describe('what is odd but can be read in one way only is served', () => {
  test.each([
    ['chunks', () => r.post([r.host(), CHUNKED], inChunks(BODY))],
    ['CHUNKED', () => r.post([r.host(), 'Transfer-Encoding: CHUNKED'], inChunks(BODY))],
    ['a chunk extension', () => r.post([r.host(), CHUNKED], inChunks(BODY).replace('\r\n', ';a=b\r\n'))],
    [
      'trailers, which count for nothing',
      () => r.post([r.host(), CHUNKED], inChunks(BODY).replace(/\r\n$/, 'X-A: b\r\n\r\n')),
    ],
    ['absolute form to ourselves', () => httpText(`GET http://${r.own}${PRODUCTS}`, [r.host(), ...r.signed(PRODUCTS)])],
    [
      'absolute form to ourselves under an upper-case name, whatever Host says (RFC 9112 §3.2.2)',
      () => {
        const authority = `localhost:${port}`;
        const lines = ['Host: evil.example', ...r.signed(PRODUCTS, { authority })];
        return httpText(`GET http://LOCALHOST:${port}${PRODUCTS}`, lines);
      },
    ],
    ['HTTP/1.0 with Host', () => r.get(PRODUCTS).replace('HTTP/1.1', 'HTTP/1.0')],
    ['an upgrade to h2c, which is left alone', () => r.withLine('Connection: Upgrade', 'Upgrade: h2c')],
    ['an upgrade to WebSocket, which is left alone', () => r.withLine('Connection: Upgrade', 'Upgrade: websocket')],
    [
      'what proxies say about where it came from, which nobody signed',
      () => r.withLine('X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example', 'X-Original-URL: /admin/v1'),
    ],
    ['another method in X-HTTP-Method-Override', () => r.withLine('X-HTTP-Method-Override: DELETE')],
    ['a signature that Connection calls hop-by-hop', () => r.withLine('Connection: Signature, Content-Digest')],
    ['Latin-1 in a header that is not covered', () => r.withLine('X-A: \xe9')],
  ] as const)('%s', async (_case, bytes) => {
    expect((await converse(port, bytes())).answers[0]?.status).toBe(200);
  });

  test('Expect: 100-continue is told to go on', async () => {
    const bytes = r.withLine('Expect: 100-continue');
    const bodyAt = bytes.indexOf('\r\n\r\n') + 4;
    const { interim, answers } = await converse(port, [bytes.slice(0, bodyAt), 100, bytes.slice(bodyAt)]);
    expect([interim, answers[0]?.status]).toEqual([[100], 200]);
  });
});

describe('several requests on one connection', () => {
  const all = (...parts: string[]) => converse(port, parts.join(''), { answers: Number.POSITIVE_INFINITY });
  const closing = (): string => httpText('GET /v1/absent', [r.host(), 'Connection: close']);

  test('are answered in their order', async () => {
    const { answers } = await all(r.withLine(), r.get(PRODUCTS), closing());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
  });

  test('a request within a body is a body', async () => {
    const smuggled = r.get(PRODUCTS);
    const lines = [r.host(), `Content-Length: ${smuggled.length}`, ...r.signed(PRECHECKS, { body: smuggled })];
    const { answers } = await all(httpText(`POST ${PRECHECKS}`, lines, smuggled), closing());
    expect(answers.map(({ status }) => status)).toEqual([400, 404]);
    expectProblem(answers[0], 400, 'json_invalid');
  });

  test('a request within a body of a refused request is a body', async () => {
    const smuggled = r.get(PRODUCTS);
    const lines = [r.host(), `Content-Length: ${smuggled.length}`];
    const { answers } = await all(httpText('POST /v1/absent', lines, smuggled), closing());
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  test.each([
    ['two Hosts', () => r.withLine(r.host())],
    ['gzip, chunked', () => r.post([r.host(), 'Transfer-Encoding: gzip, chunked'], inChunks(BODY))],
    ['two lengths', () => r.withLine('Content-Length: 3')],
    ['a length and chunks', () => r.post([r.host(), r.length(), CHUNKED], inChunks(BODY))],
    [
      '400 000 announced bytes that are requests',
      () => r.post([r.host(), 'Content-Length: 400000'], r.get(PRODUCTS).repeat(9)),
    ],
  ])('nothing behind %s is taken for a request', async (_case, bytes) => {
    const { answers } = await converse(port, [bytes(), 50, r.get(PRODUCTS)], { answers: 2, patienceMs: 1_000 }).catch(
      () => ({ answers: [] }),
    );
    expect(answers.filter(({ status }) => status === 200)).toEqual([]);
  });

  test('a length that is too short gives a wrong digest, and the rest is refused', async () => {
    const { answers } = await all(r.post([r.host(), `Content-Length: ${BODY.length - 5}`]));
    expectProblem(answers[0], 401, 'digest_mismatch');
    expectProblem(answers[1], 400, 'request_malformed');
  });

  test.each([
    ['what is no HTTP', 'hello there\r\n\r\n', 400],
    ['a head that is too large', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', 400],
    ['an odd expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n', 417],
  ])(
    '%s behind a good request is answered behind it, so that neither is taken for the other',
    async (_case, bad, status) => {
      const { answers } = await all(r.withLine(), bad);
      expect(answers.map((answer) => answer.status)).toEqual([200, status]);
    },
  );
});

test('a head that dribbles in is cut off with 408', async () => {
  const { answers, closed } = await slowHead;
  expectProblem(answers[0], 408, 'request_timeout');
  expect(closed || answers[0]?.headers.connection === 'close').toBe(true);
});
