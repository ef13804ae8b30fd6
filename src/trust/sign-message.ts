import { randomBytes } from 'node:crypto';
import { type Component, readComponent } from './component.ts';
import { contentDigest } from './content-digest.ts';
import { toFieldLines } from './field-lines.ts';
import type { SigningKey } from './import-key.ts';
import { type RequestMessage, type SignedMessage, signatureBase } from './signature-base.ts';
import { nativePolicy, requiredComponents } from './signature-policy.ts';
import { makeSignature } from './signature-value.ts';
import { ScanError, type ScannedItem, scanInnerLists } from './structured-scanner.ts';

/** A request to sign, as it will be sent. */
export type RequestToSign = {
  readonly method: string;
  /** Absolute http(s) URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly key: SigningKey;
  /** Epoch seconds. */
  readonly createdSeconds: number;
  readonly lifetimeSeconds?: number;
  /** Unique for the key while the signature lives; 128 random bits by default. */
  readonly nonce?: string;
  readonly tag?: string;
  /** Identifiers to cover instead of the required ones, for example `@method` or `"content-digest";key="sha-256"`. */
  readonly covered?: readonly string[];
};

/** Header fields to add to the request. */
export type SignatureHeaders = {
  readonly 'Content-Digest'?: string;
  readonly 'Signature-Input': string;
  readonly Signature: string;
};

const LABEL = 'sig';
const NONCE_BYTES = 16;

/**
 * Signs a request as the native doors expect it: Content-Digest where there is a body, then RFC 9421.
 * @throws RangeError when the request has a body but no content type, or `covered` names what it does not have
 */
export function signRequest(request: RequestToSign): SignatureHeaders {
  const url = new URL(request.url);
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const hasBody = body !== undefined && body.length > 0;
  const headers = Object.entries(request.headers ?? {});
  const isGiven = headers.some(([name]) => name.toLowerCase() === 'content-digest');
  // A digest that is there already is signed as it is; a second line of it would be combined with the first.
  const digest = hasBody && !isGiven ? contentDigest(body) : undefined;
  if (digest !== undefined) headers.push(['Content-Digest', digest]);
  const message: RequestMessage = {
    kind: 'request',
    method: request.method,
    scheme: url.protocol.slice(0, -1),
    authority: url.host,
    target: `${url.pathname}${url.search}`,
    path: url.pathname,
    query: url.search,
    fields: toFieldLines(headers),
  };
  const created = Math.floor(request.createdSeconds);
  const signed = signMessage(message, request.key, {
    covered: request.covered ?? requiredComponents({ hasQuery: url.search !== '', hasBody }),
    created,
    expires: created + (request.lifetimeSeconds ?? nativePolicy.maxLifetimeSeconds),
    nonce: request.nonce ?? randomBytes(NONCE_BYTES).toString('base64url'),
    tag: request.tag ?? nativePolicy.tag,
  });
  return digest === undefined ? signed : { 'Content-Digest': digest, ...signed };
}

/** What to sign of a message, and when. Times in epoch seconds. */
export type SignatureContent = {
  readonly covered: readonly string[];
  readonly created: number;
  readonly expires?: number;
  readonly nonce?: string;
  readonly tag?: string;
  /** Name of the key's algorithm, where the signature is to say it. */
  readonly alg?: string;
  /** Under which the signature stands in both fields; `sig` by default. */
  readonly label?: string;
};

/**
 * Signs any message, also a response: its `covered` may then name parts of the request, as in `"@method";req`.
 * @throws RangeError when a covered component is none, is named twice, or the message does not have it
 */
export function signMessage(
  message: SignedMessage,
  key: SigningKey,
  content: SignatureContent,
): { readonly 'Signature-Input': string; readonly Signature: string } {
  const { label = LABEL } = content;
  const parameters = signatureParametersText(toIdentifiers(content.covered), { ...content, keyid: key.id });
  const built = signatureBase(message, readIdentifiers(parameters), parameters);
  if (!built.ok) throw new RangeError(`cannot sign: ${built.detail}`);
  const value = makeSignature(key, built.base).toString('base64');
  return { 'Signature-Input': `${label}=${parameters}`, Signature: `${label}=:${value}:` };
}

function signatureParametersText(
  identifiers: readonly string[],
  { created, expires, nonce, alg, keyid, tag }: Omit<SignatureContent, 'covered'> & { keyid: string },
): string {
  let text = `(${identifiers.join(' ')});created=${created}`;
  if (expires !== undefined) text += `;expires=${expires}`;
  if (nonce !== undefined) text += `;nonce=${quoted(nonce)}`;
  if (alg !== undefined) text += `;alg=${quoted(alg)}`;
  text += `;keyid=${quoted(keyid)}`;
  return tag === undefined ? text : `${text};tag=${quoted(tag)}`;
}

function toIdentifiers(covered: readonly string[]): string[] {
  return covered.map((name) => (name.startsWith('"') ? name : quoted(name)));
}

function readIdentifiers(parameters: string): Component[] {
  const items = scanOwn(parameters);
  const seen = new Set<string>();
  return items.map((item) => {
    const reading = readComponent(item);
    if (!reading.ok) throw new RangeError(`cannot sign: ${reading.detail}`);
    if (seen.has(item.raw)) throw new RangeError(`cannot sign: ${item.raw} is covered twice`);
    seen.add(item.raw);
    return reading.component;
  });
}

function scanOwn(parameters: string): readonly ScannedItem[] {
  try {
    return scanInnerLists(`${LABEL}=${parameters}`)[0]?.items ?? [];
  } catch (error) {
    if (error instanceof ScanError) throw new RangeError(`cannot sign: ${error.message}`);
    throw error;
  }
}

/** An RFC 8941 string. */
function quoted(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError('cannot sign: a parameter has characters outside ASCII');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
