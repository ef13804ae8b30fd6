import { contentDigest } from '../../src/trust/content-digest.ts';
import { httpText, type RawPart } from './raw-http.ts';
import { BODY, CHUNKED, inChunks, PRECHECKS, PRODUCTS, type SignedTexts } from './signed-texts.ts';

/** A request that must be refused; 400 `request_malformed` where nothing else is said. */
export type HostileRequest = readonly [
  name: string,
  bytes: (r: SignedTexts) => RawPart,
  status?: number,
  code?: string,
];

const hosts: HostileRequest[] = [
  ['the same Host twice', (r) => r.withLine(r.host())],
  ['two different Hosts', (r) => r.withLine('Host: evil.example')],
  [
    'a second Host behind 300 other lines',
    (r) => r.withLine(...Array.from({ length: 300 }, (_, i) => `X${i}: a`), r.host()),
  ],
  ['no Host', (r) => r.post([r.length()])],
  ['an empty Host', (r) => r.post(['Host:', r.length()])],
  ['a list of Hosts', (r) => r.post([`${r.host()}, evil.example`, r.length()])],
  ['a Host with userinfo', (r) => r.post([`Host: user@${r.own}`, r.length()])],
  ['a Host with a path', (r) => r.post([`Host: ${r.own}/v1`, r.length()])],
  ['a folded Host', (r) => r.post([`${r.host()}\r\n evil.example`, r.length()])],
];

const targets: HostileRequest[] = [
  ['absolute form to another authority', (r) => r.get('http://evil.example/v1/products')],
  ['absolute form with userinfo', (r) => r.get(`http://user:pass@${r.own}/v1/products`)],
  ['absolute form with userinfo that looks like us', (r) => r.get(`http://${r.own}@evil.example/v1/products`)],
  ['absolute form without an authority', (r) => r.get('http:///v1/products')],
  ['absolute form of another scheme', (r) => r.get(`ftp://${r.own}/v1/products`)],
  ['an upper-case scheme', (r) => r.get(`HTTP://${r.own}/v1/products`)],
  ['authority form', (r) => r.get(r.own)],
  ['CONNECT', (r) => httpText(`CONNECT ${r.own}`, [r.host()])],
  ['asterisk form', (r) => httpText('OPTIONS *', [r.host()])],
  ['asterisk form of a GET', (r) => r.get('*')],
  ['a target without a slash', (r) => r.get('v1/products')],
  ['a query alone', (r) => r.get('?limit=1')],
  ['dot segments', (r) => r.get('/v1/../v1/products')],
  ['dot segments out of another door', (r) => r.get('/healthz/../v1/products')],
  ['a single dot', (r) => r.get('/v1/./products')],
  ['dot segments at the end', (r) => r.get('/v1/products/..')],
  ['encoded dots', (r) => r.get('/v1/%2e%2E/v1/products')],
  ['half-encoded dots', (r) => r.get('/v1/.%2e/v1/products')],
  ['an encoded dot', (r) => r.get('/v1/%2E/products')],
  ['an encoded letter', (r) => r.get('/v1/%70roducts')],
  ['a back-slash', (r) => r.get('/v1\\products')],
  ['an encoded back-slash', (r) => r.get('/v1/%5cproducts')],
  ['an empty segment in front', (r) => r.get('//v1/products')],
  ['an empty segment within', (r) => r.get('/v1//products')],
  ['a fragment', (r) => r.get('/v1/products#top')],
  ['a fragment in the query', (r) => r.get('/v1/products?limit=1#top')],
  ['NUL', (r) => r.get('/v1/prod\x00ucts')],
  ['an encoded NUL', (r) => r.get('/v1/products%00')],
  ['a control character', (r) => r.get('/v1/prod\x01ucts')],
  ['an encoded line break', (r) => r.get('/v1/products%0d%0aX: y')],
  ['a tab', (r) => r.get('/v1/prod\tucts')],
  ['DEL', (r) => r.get('/v1/prod\x7fucts')],
  ['a space', (r) => r.get('/v1/prod ucts')],
  ['bytes beyond ASCII', (r) => r.get('/v1/caf\xc3\xa9')],
  ['bytes beyond ASCII in the query', (r) => r.get('/v1/products?q=\xc3\xa9')],
  ['a broken percent-encoding', (r) => r.get('/v1/products%zz')],
  ['encoded dots, encoded again', (r) => r.get('/v1/%252e%252e/products'), 404, 'not_found'],
  ['an encoded slash', (r) => r.get('/v1%2fproducts'), 404, 'not_found'],
  ['a slash at the end', (r) => r.get('/v1/products/'), 404, 'not_found'],
  ['a path parameter', (r) => r.get('/v1/products;x=1'), 404, 'not_found'],
  ['another case', (r) => r.get('/V1/products'), 404, 'not_found'],
];

const lines: HostileRequest[] = [
  ['a folded line', (r) => r.withLine('X-A: a\r\n b')],
  ['a fold before the first line', (r) => httpText(`POST ${PRECHECKS}`, [' X-A: a', r.host(), r.length()], BODY)],
  ['bare LF everywhere', (r) => r.withLine().replaceAll('\r\n', '\n')],
  ['bare LF after the request line', (r) => r.withLine().replace('\r\n', '\n')],
  ['bare LF within a value', (r) => r.withLine('X-A: a\nContent-Type: text/plain')],
  ['bare CR within a value', (r) => r.withLine('X-A: a\rX-B: b')],
  ['a space before the colon', (r) => r.withLine('X-A : a')],
  ['a space before the colon of Content-Length', (r) => r.post([r.host(), `Content-Length : ${BODY.length}`])],
  ['a line without a colon', (r) => r.withLine('X-A')],
  ['a line without a name', (r) => r.withLine(': a')],
  ['NUL in a value', (r) => r.withLine('X-A: a\x00b')],
  ['a control character in a value', (r) => r.withLine('X-A: a\x01b')],
  ['a name beyond ASCII', (r) => r.withLine('X-\xe9: a')],
  ['two Content-Types', (r) => r.withLine('Content-Type: text/plain')],
  ['the same Content-Type twice', (r) => r.withLine('Content-Type: application/json')],
  ['two Authorizations', (r) => r.withLine('Authorization: Bearer a', 'Authorization: Bearer b')],
  ['the same Idempotency-Key twice', (r) => r.withLine('Idempotency-Key: a', 'Idempotency-Key: a')],
  ['two Dates', (r) => r.withLine('Date: a', 'Date: b')],
  ['a second Content-Digest', (r) => r.withLine('Content-Digest: sha-512=:AAAA:'), 401, 'signature_invalid'],
  [
    'the same Content-Digest twice',
    (r) => r.withLine(`Content-Digest: ${contentDigest(Buffer.from(BODY))}`),
    401,
    'signature_invalid',
  ],
  ['a second Signature', (r) => r.withLine('Signature: sig=:AAAA:'), 401, 'signature_malformed'],
  ['a second Signature-Input', (r) => r.withLine('Signature-Input: sig=("@method")'), 401, 'signature_malformed'],
];

const framings: HostileRequest[] = [
  ['Transfer-Encoding with Content-Length', (r) => r.post([r.host(), r.length(), CHUNKED], inChunks(BODY))],
  ['Content-Length behind Transfer-Encoding', (r) => r.post([r.host(), CHUNKED, r.length()], inChunks(BODY))],
  ['two different Content-Lengths', (r) => r.withLine('Content-Length: 3')],
  ['the same Content-Length twice', (r) => r.withLine(r.length())],
  ['a list of Content-Lengths', (r) => r.post([r.host(), `${r.length()}, ${BODY.length}`])],
  ['a signed Content-Length', (r) => r.post([r.host(), `Content-Length: +${BODY.length}`])],
  ['a negative Content-Length', (r) => r.post([r.host(), 'Content-Length: -1'])],
  ['a hexadecimal Content-Length', (r) => r.post([r.host(), 'Content-Length: 0x10'])],
  ['a Content-Length that reads as octal', (r) => r.post([r.host(), `Content-Length: 0${BODY.length}`])],
  ['a Content-Length beyond all numbers', (r) => r.post([r.host(), `Content-Length: ${'9'.repeat(30)}`])],
  ['an empty Content-Length', (r) => r.post([r.host(), 'Content-Length:'])],
  ['Transfer-Encoding identity', (r) => r.post([r.host(), 'Transfer-Encoding: identity'])],
  ['Transfer-Encoding xchunked', (r) => r.post([r.host(), 'Transfer-Encoding: xchunked'], inChunks(BODY))],
  ['Transfer-Encoding gzip, chunked', (r) => r.post([r.host(), 'Transfer-Encoding: gzip, chunked'], inChunks(BODY))],
  ['Transfer-Encoding chunked, identity', (r) => r.post([r.host(), `${CHUNKED}, identity`], inChunks(BODY))],
  ['Transfer-Encoding chunked, chunked', (r) => r.post([r.host(), `${CHUNKED}, chunked`], inChunks(BODY))],
  ['two Transfer-Encodings', (r) => r.post([r.host(), CHUNKED, CHUNKED], inChunks(BODY))],
  [
    'Transfer-Encoding behind a vertical tab',
    (r) => r.post([r.host(), 'Transfer-Encoding: \x0bchunked'], inChunks(BODY)),
  ],
  ['Transfer-Encoding with a parameter', (r) => r.post([r.host(), `${CHUNKED};x=1`], inChunks(BODY))],
  ['an empty Transfer-Encoding', (r) => r.post([r.host(), 'Transfer-Encoding:'], inChunks(BODY))],
  ['Transfer-Encoding in HTTP/1.0', (r) => r.post([r.host(), CHUNKED], inChunks(BODY)).replace('HTTP/1.1', 'HTTP/1.0')],
  ['a chunk size beyond 64 bits', (r) => r.post([r.host(), CHUNKED], `1${'0'.repeat(16)}\r\n${BODY}\r\n0\r\n\r\n`)],
  ['a negative chunk size', (r) => r.post([r.host(), CHUNKED], `-1\r\n${BODY}\r\n0\r\n\r\n`)],
  ['a chunk size with 0x', (r) => r.post([r.host(), CHUNKED], `0x${inChunks(BODY)}`)],
  ['a chunk size with a space', (r) => r.post([r.host(), CHUNKED], inChunks(BODY).replace('\r\n', ' \r\n'))],
  ['a chunk longer than its size', (r) => r.post([r.host(), CHUNKED], `5\r\n${BODY}\r\n0\r\n\r\n`)],
  ['chunks with bare LF', (r) => r.post([r.host(), CHUNKED], inChunks(BODY).replaceAll('\r\n', '\n'))],
  [
    'trailers that would frame the request anew',
    (r) =>
      r.post([r.host(), CHUNKED], inChunks(BODY).replace(/\r\n$/, 'Host: evil.example\r\nContent-Length: 5\r\n\r\n')),
  ],
  [
    'a signature in the trailers',
    (r) => {
      const all = r.signed(PRECHECKS, { body: BODY });
      const late = all.filter((line) => line.startsWith('Signature'));
      const early = all.filter((line) => !line.startsWith('Signature'));
      const body = inChunks(BODY).replace(/\r\n$/, `${late.join('\r\n')}\r\n\r\n`);
      return httpText(`POST ${PRECHECKS}`, [r.host(), CHUNKED, 'Trailer: Signature', ...early], body);
    },
    401,
    'signature_missing',
  ],
  [
    '100 KiB of trailers',
    (r) => r.post([r.host(), CHUNKED], inChunks(BODY).replace(/\r\n$/, `X-A: ${'a'.repeat(100 * 1_024)}\r\n\r\n`)),
    431,
    'head_too_large',
  ],
  [
    '20 KB of chunk extensions',
    (r) => r.post([r.host(), CHUNKED], inChunks(BODY).replace('\r\n', `;a=${'b'.repeat(20_000)}\r\n`)),
    413,
    'body_too_large',
  ],
  ['400 000 announced bytes', (r) => r.post([r.host(), 'Content-Length: 400000']), 413, 'body_too_large'],
  [
    'a body behind a GET that was signed without one',
    (r) => httpText(`GET ${PRODUCTS}`, [r.host(), 'Content-Length: 5', ...r.signed(PRODUCTS)], 'hello'),
    401,
    'signature_incomplete',
  ],
];

const sizesAndVersions: HostileRequest[] = [
  ['100 KiB of headers', (r) => r.withLine(`X-A: ${'a'.repeat(100 * 1_024)}`), 431, 'head_too_large'],
  [
    '10 000 tiny headers',
    (r) => r.withLine(...Array.from({ length: 10_000 }, (_, i) => `X${i}: a`)),
    431,
    'head_too_large',
  ],
  ['a request line of 1 MiB', (r) => httpText(`GET /${'a'.repeat(1_024 * 1_024)}`, [r.host()]), 431, 'head_too_large'],
  ['HTTP/1.0 without Host', () => `GET ${PRODUCTS} HTTP/1.0\r\n\r\n`],
  ['HTTP/0.9', () => `GET ${PRODUCTS}\r\n\r\n`],
  ['HTTP/1.2', (r) => r.get(PRODUCTS).replace('HTTP/1.1', 'HTTP/1.2')],
  ['HTTP/3.0', (r) => r.get(PRODUCTS).replace('HTTP/1.1', 'HTTP/3.0')],
  ['http/1.1 in lower case', (r) => r.get(PRODUCTS).replace('HTTP/1.1', 'http/1.1')],
  ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS hello', () => Buffer.from('160301020001000001fc0303', 'hex')],
  ['a lower-case method', (r) => r.get(PRODUCTS, `get ${PRODUCTS}`)],
  ['a method that there is not', (r) => r.get(PRODUCTS, `SLUICE ${PRODUCTS}`)],
  ['TRACE', (r) => r.get(PRODUCTS, `TRACE ${PRODUCTS}`), 405, 'method_not_allowed'],
  ['an expectation that nobody knows', (r) => r.withLine('Expect: 200-ok'), 417, 'expectation_failed'],
];

/** By what is wrong with them. */
export const hostileRequests: readonly (readonly [what: string, requests: readonly HostileRequest[]])[] = [
  ['Host', hosts],
  ['request target', targets],
  ['header lines', lines],
  ['framing', framings],
  ['sizes and versions', sizesAndVersions],
];
