import { randomBytes } from 'node:crypto';
import { contentDigest } from '../../src/trust/content-digest.ts';
import { toFieldLines } from '../../src/trust/field-lines.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signMessage } from '../../src/trust/sign-message.ts';
import { httpText } from './raw-http.ts';
import { shippedKey } from './signed-client.ts';

/** A precheck that is accepted. */
export const BODY: string = JSON.stringify({
  product_id: 'quick-cash',
  subject: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
});
export const PRECHECKS = '/v1/prechecks';
export const PRODUCTS = '/v1/products';
export const CHUNKED = 'Transfer-Encoding: chunked';

export interface Signing {
  readonly method?: string;
  readonly body?: string;
  readonly key?: SigningKey;
  readonly authority?: string;
  readonly createdSeconds?: number;
}

/** Header lines of a request to `own` that acme signs over just these characters of the target, whatever they are. */
function signed(own: string, target: string, options: Signing = {}): string[] {
  const { body, key = shippedKey('acme'), authority = own } = options;
  const { method = body === undefined ? 'GET' : 'POST', createdSeconds = Date.now() / 1_000 } = options;
  const fields: [string, string][] =
    body === undefined
      ? []
      : [
          ['Content-Type', 'application/json'],
          ['Content-Digest', contentDigest(Buffer.from(body, 'latin1'))],
        ];
  const mark = target.indexOf('?');
  const [path, query] = mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)];
  const message = { kind: 'request', method, scheme: 'http', authority, target, path, query } as const;
  const created = Math.floor(createdSeconds);
  const covered = ['@method', '@authority', '@path', '@query', ...fields.map(([name]) => name.toLowerCase())];
  const content = { covered, created, expires: created + 60, nonce: randomBytes(12).toString('hex'), tag: 'sluice' };
  const signature = signMessage({ ...message, fields: toFieldLines(fields) }, key, content);
  return [...fields, ...Object.entries(signature)].map(([name, value]) => `${name}: ${value}`);
}

/** A body as one chunk and the last one. */
export function inChunks(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

/** Requests of acme as text, rightly signed for a gateway, so that whatever else is wrong with them is all that is wrong. */
export interface SignedTexts {
  /** The gateway's authority, as it stands in Host and in `@authority`. */
  readonly own: string;
  /** The Host line. */
  host(): string;
  /** The Content-Length line of {@link BODY}. */
  length(): string;
  /** The signed header lines of a request to a target. */
  signed(target: string, options?: Signing): string[];
  /** A GET whose target is written as it is. */
  get(target: string, line?: string): string;
  /** A precheck with these lines in place of Host and Content-Length. */
  post(framing: readonly string[], body?: string): string;
  /** A precheck with lines more than it needs. */
  withLine(...lines: string[]): string;
}

/** @param own `host:port` of the gateway */
export function signedTexts(own: string): SignedTexts {
  const host = (): string => `Host: ${own}`;
  const length = (): string => `Content-Length: ${BODY.length}`;
  const post: SignedTexts['post'] = (framing, body = BODY) =>
    httpText(`POST ${PRECHECKS}`, [...framing, ...signed(own, PRECHECKS, { body: BODY })], body);
  return {
    own,
    host,
    length,
    signed: (target, options) => signed(own, target, options),
    get: (target, line = `GET ${target}`) => {
      const signable = /^[\x20-\x7e]*$/.test(target) ? target : PRODUCTS;
      return httpText(line, [host(), ...signed(own, signable)]);
    },
    post,
    withLine: (...lines) => post([host(), length(), ...lines]),
  };
}
