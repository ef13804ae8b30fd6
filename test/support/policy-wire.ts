import { createHash, createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { importSigningKey, type SigningKey } from '../../src/trust/import-key.ts';
import { makeSignature } from '../../src/trust/signature-value.ts';
import { type PolicyCase, rfcSigningKey, type VectorMessage, vectors } from '../unit/trust/rfc-vectors.ts';
import { httpText } from './raw-http.ts';
import { BODY, PRECHECKS } from './signed-texts.ts';

const { policy, cases } = vectors.policyVectors;
const VECTOR_BODY = '{"hello": "world"}';
const TAMPERED_VECTOR_BODY = '{"hello": "w0rld"}';

/** What the vectors' messages are for, and what takes its place at a gateway: the same text in what is sent and what is signed. */
function substitutions(
  path: string,
  nowSeconds: number,
  nonce: string,
): readonly (readonly [RegExp, (...found: string[]) => string])[] {
  const digests = (['sha256', 'sha512', 'md5'] as const).map((name) => {
    const of = (text: string) => createHash(name).update(text).digest('base64');
    return [new RegExp(of(VECTOR_BODY).replace(/[+/]/g, '\\$&'), 'g'), () => of(BODY)] as const;
  });
  return [
    ...digests,
    [/\/foo(?=[?\n])/g, () => path],
    [/\/bar(?=[?\n])/g, () => '/v1/prechecks/batch'],
    // Only instants near the vectors' clock: `created=1` is meant as it is.
    [/(created|expires)=(16\d{8})/g, (_, name = '', at = '') => `${name}=${nowSeconds + Number(at) - policy.now}`],
    [/nonce="[^"]+"/g, () => `nonce="${nonce}"`],
    [/loan-gateway-v1/g, () => 'sluice'],
  ];
}

/** A vector as bytes for a gateway that has the vectors' keys and is `example.com`. */
export interface PolicyWire {
  readonly bytes: string;
  /** Value of `Signature`. */
  readonly signature: string;
}

/**
 * Makes a vector's request into one for a gateway: path, body, times, tag and nonce become those of a real request, and
 * it is signed anew over the base that the vector was signed over, with the key of the vector. Nothing else changes, so
 * whatever is wrong with the vector is wrong with it still.
 */
export function policyWire(
  vector: PolicyCase,
  nowSeconds: number,
  nonce = randomBytes(12).toString('hex'),
): PolicyWire {
  const message = messageOf(vector);
  // No path here has a PUT beside a POST; these two have a GET.
  const [method, path] = message.method === 'PUT' ? ['GET', '/v1/applications'] : [message.method, PRECHECKS];
  const adapt = (text: string): string =>
    substitutions(path, nowSeconds, nonce).reduce((changed, [from, to]) => changed.replace(from, to), text);
  const [before, after] = signatures(vector, message, adapt);
  const lines = message.headers
    .filter(([name]) => name !== 'Content-Length')
    .map(([name, value]) => `${name}: ${name === 'Signature' ? value.replace(before, after) : adapt(value)}`);
  const body = adaptBody(message.body ?? '');
  const line = `${method} ${adapt(`${message.requestTarget}\n`).trimEnd()}`;
  const signature = lines.find((one) => one.startsWith('Signature:')) ?? '';
  return { bytes: httpText(line, [...lines, `Content-Length: ${body.length}`], body), signature };
}

/** The vector's own request, or that of the one it repeats. */
function messageOf(vector: PolicyCase): VectorMessage {
  const message = vector.request ?? cases.find(({ id }) => id === vector.requestOf)?.request;
  if (message === undefined) throw new Error(`${vector.id} has no request`);
  return message;
}

function adaptBody(body: string): string {
  if (body === VECTOR_BODY) return BODY;
  if (body === TAMPERED_VECTOR_BODY) return BODY.replace('quick-cash', 'quick-c4sh');
  if (body === '') return '';
  throw new Error(`unknown body ${body}`);
}

/** The vector's signature and the one that takes its place, in base64: made with whichever key made the vector's. */
function signatures(
  vector: PolicyCase,
  message: VectorMessage,
  adapt: (text: string) => string,
): readonly [string, string] {
  const source = vector.requestOf === undefined ? vector : cases.find(({ id }) => id === vector.requestOf);
  const base = source?.signatureBaseAsSigned ?? '';
  const value = message.headers.find(([name]) => name === 'Signature')?.[1] ?? '';
  const found = /([A-Za-z0-9+/]{20,}={0,2})[":]/.exec(value)?.[1] ?? '';
  const bytes = Buffer.from(found, 'base64');
  for (const sign of signers()) {
    // A signature that was cut short is cut short again.
    if (sign(base).subarray(0, bytes.length).equals(bytes)) {
      return [found, sign(adapt(base)).subarray(0, bytes.length).toString('base64')];
    }
  }
  throw new Error(`no key of the vectors made the signature of ${vector.id}`);
}

/** All of them sign alike every time. */
function signers(): ((base: string) => Buffer)[] {
  const { publicKeyPem = '' } = vectors.keys['test-key-ed25519'] ?? {};
  const secret = importSigningKey({
    id: 'vector',
    alg: 'hmac-sha256',
    secretBase64: vectors.keys['test-shared-secret']?.secretBase64,
  });
  if (!secret.ok) throw new Error(secret.detail);
  const keys: SigningKey[] = [secret.key, rfcSigningKey('test-key-ed25519')];
  return [
    ...keys.map((key) => (base: string) => makeSignature(key, base)),
    // The confusion of algorithms: HMAC keyed with what everybody knows.
    ...[
      publicKeyPem,
      publicKeyPem.trim(),
      String(createPublicKey(publicKeyPem).export({ type: 'spki', format: 'pem' })),
    ].map((pem) => (base: string) => createHmac('sha256', pem).update(base).digest()),
  ];
}
