import type { FieldLines } from './field-lines.ts';
import type { PublicNames } from './public-names.ts';

/** An HTTP request exactly as it was received: nothing decoded, normalised, merged or re-ordered. */
export type RawRequest = {
  readonly method: string;
  /** The request target of the request line, for example `/v1/prechecks?x=1`. */
  readonly target: string;
  /** As in the request line; `1.1` by default. */
  readonly httpVersion?: string;
  /** Header lines in order, duplicates kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
};

/** A request that means the same to every reader; the input of signature checks. */
export type CheckedRequest = {
  readonly ok: true;
  readonly kind: 'request';
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Lower case, default port dropped. */
  readonly authority: string;
  /** True when `authority` is one of our public names. A signature for anybody else's name never counts. */
  readonly addressedToUs: boolean;
  /** Path and query in origin form, even when the request line had the absolute form. */
  readonly target: string;
  readonly path: string;
  /** With its `?`; empty when the target has none. */
  readonly query: string;
  readonly fields: FieldLines;
  readonly body: Uint8Array;
};

export type MalformedRequest = { readonly ok: false; readonly code: 'request_malformed'; readonly detail: string };

/** Fields that mean one thing only; two lines of them are read differently by different servers. */
const SINGLE_VALUED = new Set([
  'host',
  'content-type',
  'content-length',
  'authorization',
  'idempotency-key',
  'date',
  'transfer-encoding',
]);

/**
 * Dot segments, empty segments, back-slashes, fragments, broken percent-encodings, needless ones (of letters, digits,
 * `-._~`: RFC 3986 §6.2.2.2), encoded back-slashes and control characters, and anything outside printable ASCII: what
 * routers, proxies and signers each resolve in their own way. `/%6detrics` would pass a proxy that withholds `/metrics`.
 */
const AMBIGUOUS_PATH =
  /\/\/|\/\.{1,2}(?:\/|$)|%(?![0-9A-Fa-f]{2})|%(?:2[dDeE]|3\d|[46][1-9A-Fa-f]|[57][\daA]|5[cCfF]|7[eEfF])|%[01][0-9A-Fa-f]|[\\#]|[^\x21-\x7e]/;
const UNPRINTABLE_OR_FRAGMENT = /[^\x21-\x7e]|#/;
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_-]+)+$/;
const METHOD = /^[A-Z]+$/;
/** Nothing but a path, a query or the end may follow the authority: in `http://ours@theirs/` ours is a user name. */
const ABSOLUTE_FORM = /^(https?):\/\/([^/?#@]+)((?:[/?#].*)?)$/i;

/**
 * Refuses requests that two readers could understand differently (RFC 9112 §3.2, §6.1; request smuggling), before anything
 * is verified or routed. A `Host` that is not ours is no such fault: it is told in `addressedToUs`.
 */
export function checkRawRequest(raw: RawRequest, names: PublicNames): CheckedRequest | MalformedRequest {
  if (!METHOD.test(raw.method)) return malformed('the method is not upper-case letters');
  const fields = readFields(raw.headers);
  if (typeof fields === 'string') return malformed(fields);
  if (fields.host === undefined) return malformed('the Host header is missing');
  // RFC 9112 §6.1: whoever put chunks into HTTP/1.0 has passed on what it did not understand.
  if (raw.httpVersion === '1.0' && fields.names.includes('transfer-encoding')) {
    return malformed('HTTP/1.0 has no Transfer-Encoding');
  }
  let target = raw.target;
  let host = fields.host;
  if (target.charCodeAt(0) !== SLASH) {
    const absolute = ABSOLUTE_FORM.exec(target);
    if (absolute === null) return malformed('the request target is neither a path nor an http(s) URL');
    // RFC 9112 §3.2.2: in absolute form the target names the host and the Host header is ignored.
    host = absolute[2] ?? '';
    if (names.find(host) === undefined) return malformed('the request target names another authority');
    target = absolute[3] ?? '';
    if (!target.startsWith('/')) target = `/${target}`;
  }
  const questionMark = target.indexOf('?');
  const path = questionMark === -1 ? target : target.slice(0, questionMark);
  const query = questionMark === -1 ? '' : target.slice(questionMark);
  if (!PLAIN_PATH.test(path) && AMBIGUOUS_PATH.test(path)) return malformed('the path is not in its normal form');
  if (query !== '' && UNPRINTABLE_OR_FRAGMENT.test(query))
    return malformed('the query has characters that need encoding');
  const name = names.find(host);
  return {
    ok: true,
    kind: 'request',
    method: raw.method,
    scheme: name?.scheme ?? names.defaultScheme,
    authority: name?.authority ?? host.toLowerCase(),
    addressedToUs: name !== undefined,
    target,
    path,
    query,
    fields,
    body: raw.body,
  };
}

const SLASH = 0x2f;
const ZERO = 0x30;

/** One pass over the header lines: lower-cased names, the host, and a sentence about the first fault. */
function readFields(headers: RawRequest['headers']): (FieldLines & { host?: string }) | string {
  const names: string[] = [];
  const values: string[] = [];
  let host: string | undefined;
  let framing = 0;
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    if (SINGLE_VALUED.has(name)) {
      if (names.includes(name)) return `the ${name} header is given more than once`;
      if (name === 'host') host = value.trim();
      else if (name === 'content-length') {
        // `010` is ten to RFC 9110 and eight to who reads numbers as C does.
        if (value.length > 1 && value.charCodeAt(0) === ZERO) return 'Content-Length begins with a zero';
        framing += 1;
      } else if (name === 'transfer-encoding') {
        // The server only takes the chunks apart; of `gzip, chunked` it would hand on what a proxy had unpacked.
        if (value.trim().toLowerCase() !== 'chunked') return 'Transfer-Encoding is not "chunked" alone';
        framing += 1;
      }
    }
    names.push(name);
    values.push(value);
  }
  if (framing === 2) return 'Content-Length and Transfer-Encoding are both given';
  return { names, values, host: host === '' ? undefined : host };
}

function malformed(detail: string): MalformedRequest {
  return { ok: false, code: 'request_malformed', detail };
}
