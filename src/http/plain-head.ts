import type { IncomingMessage } from 'node:http';

/** The head of a request that every reader understands alike, read in one pass where the parser put it. */
export interface PlainHead {
  readonly method: 'GET' | 'HEAD';
  /** Of letters, digits, `-` and `_` between single slashes. */
  readonly path: string;
  /** What follows the `?`; empty when there is nothing. */
  readonly query: string;
  /** As the client wrote it: one of ours or not. */
  readonly host: string;
  readonly cookie: string | undefined;
  readonly userAgent: string | undefined;
  /** `Sec-Purpose`, `Purpose`, `X-Purpose` and `X-Moz`, whichever were sent. */
  readonly purpose: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly acceptLanguage: string | undefined;
}

const PATH = /^(?:\/[A-Za-z0-9_-]+)+$/;
/** Printable ASCII without a fragment. */
const QUERY = /^[!"$-~]*$/;

/**
 * The head of an ordinary GET or HEAD without a body; undefined for whatever is not plainly one: it is then for the doors to
 * judge (see checkRawRequest), which refuse what two readers could understand differently.
 */
export function readPlainHead({ method, url = '', rawHeaders }: IncomingMessage): PlainHead | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = question < 0 ? '' : url.slice(question + 1);
  if (!PATH.test(path) || !QUERY.test(query)) return undefined;
  let hosts = 0;
  let host = '';
  let cookie: string | undefined;
  let userAgent: string | undefined;
  let purpose: string | undefined;
  let forwardedFor: string | undefined;
  let acceptLanguage: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    switch (rawHeaders[index]?.toLowerCase()) {
      case 'host':
        if (value.trim() === '') return undefined;
        host = value;
        hosts += 1;
        break;
      case 'user-agent':
        userAgent ??= value;
        break;
      case 'cookie':
        cookie = cookie === undefined ? value : `${cookie}; ${value}`;
        break;
      case 'accept-language':
        acceptLanguage ??= value;
        break;
      case 'sec-purpose':
      case 'purpose':
      case 'x-purpose':
      case 'x-moz':
        purpose = purpose === undefined ? value : `${purpose},${value}`;
        break;
      case 'x-forwarded-for':
        forwardedFor = forwardedFor === undefined ? value : `${forwardedFor},${value}`;
        break;
      // With a body, or with a field that means one thing only and may stand there twice.
      case 'content-length':
      case 'transfer-encoding':
      case 'content-type':
      case 'authorization':
      case 'idempotency-key':
      case 'date':
      case 'upgrade':
      case 'expect':
        return undefined;
    }
  }
  if (hosts !== 1) return undefined;
  return { method, path, query, host, cookie, userAgent, purpose, forwardedFor, acceptLanguage };
}
