import { createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto';
import type { OurKey } from './our-keys.ts';

export type JwsHeader = { readonly alg: string; readonly kid?: string; readonly [name: string]: unknown };

export type JwsVerdict =
  | { readonly ok: true; readonly header: JwsHeader; readonly payload: Buffer }
  | {
      readonly ok: false;
      readonly code: 'jws_malformed' | 'jws_unsupported' | 'jws_key_unknown' | 'jws_invalid';
      readonly detail: string;
    };

/** A JWKS as far as we need it: ours, or a copy that somebody keeps beside a statement. */
export type KeySet = { readonly keys: readonly Readonly<Record<string, unknown>>[] };

const BASE64URL = /^[A-Za-z0-9_-]*$/;
/** EdDSA of RFC 8037, and its name in RFC 9864. */
const ALGORITHMS = ['EdDSA', 'Ed25519'];

/** A compact JWS (RFC 7515) over the payload bytes, signed with our Ed25519 key; `alg` and `kid` are set by us. */
export function signCompactJws(
  payload: Uint8Array | string,
  key: OurKey,
  extraHeader: Readonly<Record<string, unknown>> = {},
): string {
  const header = Buffer.from(JSON.stringify({ ...extraHeader, alg: 'EdDSA', kid: key.kid })).toString('base64url');
  const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
  return `${input}.${sign(null, Buffer.from(input), key.signingKey.keyObject).toString('base64url')}`;
}

/**
 * Verifies a compact JWS offline against a JWKS. The key is the one that `kid` names, must be Ed25519, and decides the
 * algorithm; `crit` is refused, since we understand no extension (RFC 7515 §4.1.11). Never throws on any input.
 */
export function verifyCompactJws(jws: string, keySet: KeySet): JwsVerdict {
  const parts = jws.split('.');
  const [protectedPart, payloadPart, signaturePart] = parts;
  if (parts.length !== 3 || protectedPart === undefined || payloadPart === undefined || signaturePart === undefined) {
    return refuse('jws_malformed', 'a compact JWS has three parts');
  }
  if (!parts.every((part) => BASE64URL.test(part))) return refuse('jws_malformed', 'a part is not base64url');
  const header = readHeader(protectedPart);
  if (header === undefined) return refuse('jws_malformed', 'the header is not a JSON object with alg');
  if (!ALGORITHMS.includes(header.alg)) return refuse('jws_unsupported', 'alg is not EdDSA');
  if ('crit' in header) return refuse('jws_unsupported', 'crit names extensions that are not supported');
  const jwk = keySet.keys.find(({ kid }) => kid !== undefined && kid === header.kid);
  if (jwk?.kty !== 'OKP' || jwk.crv !== 'Ed25519')
    return refuse('jws_key_unknown', 'kid names no Ed25519 key of the set');
  const publicKey = readPublicKey(jwk);
  if (publicKey === undefined) return refuse('jws_key_unknown', 'the key of that kid is not readable');
  const signature = Buffer.from(signaturePart, 'base64url');
  if (!verify(null, Buffer.from(`${protectedPart}.${payloadPart}`), publicKey, signature)) {
    return refuse('jws_invalid', 'the signature does not verify');
  }
  return { ok: true, header, payload: Buffer.from(payloadPart, 'base64url') };
}

function readHeader(text: string): JwsHeader | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isHeader(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is JwsHeader {
  return typeof value === 'object' && value !== null && 'alg' in value && typeof value.alg === 'string';
}

function readPublicKey(jwk: Readonly<Record<string, unknown>>) {
  const key: JsonWebKey = { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) };
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function refuse(
  code: 'jws_malformed' | 'jws_unsupported' | 'jws_key_unknown' | 'jws_invalid',
  detail: string,
): JwsVerdict {
  return { ok: false, code, detail };
}
