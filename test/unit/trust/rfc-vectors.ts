import { readFileSync } from 'node:fs';
import { toFieldLines } from '../../../src/trust/field-lines.ts';
import {
  importSigningKey,
  importVerificationKey,
  type SigningKey,
  type VerificationKey,
} from '../../../src/trust/import-key.ts';
import { isKeyAlgorithm } from '../../../src/trust/key-algorithm.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { type CheckedRequest, checkRawRequest, type RawRequest } from '../../../src/trust/raw-request.ts';
import type { SignedMessage } from '../../../src/trust/signature-base.ts';

export type VectorMessage = {
  kind?: 'request' | 'response';
  method: string;
  requestTarget: string;
  status: number;
  headers: [string, string][];
  body: string | null;
};

export type RfcCase = {
  id: string;
  section: string;
  expect: 'valid' | 'invalid';
  label: string;
  algorithm: string;
  keyId: string;
  deterministic: boolean;
  message: VectorMessage;
  request?: VectorMessage;
  signatureInputHeader: string;
  signatureHeader: string;
  signatureBase: string;
  signature: string;
};

export type PolicyCase = {
  id: string;
  expect: 'accept' | 'reject';
  reason?: string;
  request?: VectorMessage;
  requestOf?: string;
  signatureBaseAsSigned?: string;
};

export type Vectors = {
  keys: Record<string, { jwk?: Record<string, unknown>; publicKeyPem?: string; secretBase64?: string }>;
  rfc: {
    appendixB: RfcCase[];
    body: RfcCase[];
    contentDigest: { algorithm: 'sha-256' | 'sha-512'; body: string; field: string }[];
    componentValues: {
      headerFields: { headers: [string, string][]; expected: Record<string, string> };
      query: { cases: { target: string; expected: string }[] };
      queryParam: { cases: { target: string; expected: Record<string, string> }[] };
      structured: { cases: { header: string; values: string[]; identifier: string; expected: string }[] };
      derived: { request: { method: string; host: string; target: string }; expected: Record<string, string> };
    };
  };
  policyVectors: {
    policy: { now: number; tag: string; maxLifetimeSeconds: number; clockSkewSeconds: number };
    cases: PolicyCase[];
  };
};

/** The public example messages and keys of RFC 9421, and our own policy cases over them. */
export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../vectors/rfc9421.json', import.meta.url), 'utf8'),
) as Vectors;

const algorithmOf: Record<string, string> = {
  'test-key-rsa': 'rsa-v1_5-sha256',
  'test-key-rsa-pss': 'rsa-pss-sha512',
  'test-key-ecc-p256': 'ecdsa-p256-sha256',
  'test-key-ed25519': 'ed25519',
  'test-shared-secret': 'hmac-sha256',
};

export const rfcKeyIds = Object.keys(algorithmOf);

/** The verification half of an RFC test key. */
export function rfcVerificationKey(id: string): VerificationKey {
  const { jwk, secretBase64 } = vectors.keys[id] ?? {};
  const { kty, crv, x, y, n, e } = jwk ?? {};
  const publicJwk = jwk === undefined ? undefined : { kty, crv, x, y, n, e };
  const read = importVerificationKey({ id, alg: algorithm(id), jwk: publicJwk, secretBase64 });
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

/** The private half of an RFC test key. */
export function rfcSigningKey(id: string): SigningKey {
  const { jwk, secretBase64 } = vectors.keys[id] ?? {};
  const read = importSigningKey({ id, alg: algorithm(id), jwk, secretBase64 });
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

function algorithm(id: string) {
  const name = algorithmOf[id] ?? '';
  if (!isKeyAlgorithm(name)) throw new Error(`no algorithm for ${id}`);
  return name;
}

export const exampleNames = toPublicNames([
  'https://example.com',
  'https://www.example.com',
  'https://origin.host.internal.example',
]);

export function toRawRequest(message: VectorMessage): RawRequest {
  return {
    method: message.method,
    target: message.requestTarget,
    headers: message.headers,
    body: Buffer.from(message.body ?? ''),
  };
}

export function toCheckedRequest(message: VectorMessage): CheckedRequest {
  const checked = checkRawRequest(toRawRequest(message), exampleNames);
  if (!checked.ok) throw new Error(checked.detail);
  return checked;
}

export function toSignedMessage(message: VectorMessage, request?: VectorMessage): SignedMessage {
  if (message.kind !== 'response') return toCheckedRequest(message);
  return {
    kind: 'response',
    status: message.status,
    fields: toFieldLines(message.headers),
    request: request === undefined ? undefined : toCheckedRequest(request),
  };
}
