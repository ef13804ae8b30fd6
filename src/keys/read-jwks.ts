import { importVerificationKey, type VerificationKey } from '../trust/import-key.ts';
import type { KeyAlgorithm } from '../trust/key-algorithm.ts';

/** One usable key of a party's JWKS. */
export interface JwksKey {
  readonly id: string;
  readonly key: VerificationKey;
  /** The members that make the key, to tell whether it has changed. */
  readonly text: string;
}

/** A key that was left out, and why; the sentence never repeats the material. */
export interface LeftOutKey {
  /** Its kid, else its place in the set. */
  readonly id: string;
  readonly reason: string;
}

export type JwksReading =
  | { readonly ok: true; readonly keys: readonly JwksKey[]; readonly leftOut: readonly LeftOutKey[] }
  | { readonly ok: false; readonly reason: string };

export const MAX_JWKS_KEYS = 32;

/**
 * Ids of files, and what RFC 7638 thumbprints may begin with; nothing that would have to be escaped in a header. `.` and `..`
 * are none: in the path of an operation they are places, so nobody could revoke them.
 */
const KEY_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:|@+/=~-]{1,128}$/;

/** JWA names (RFC 7518, RFC 8037, RFC 9864) of our algorithms. */
const ALGORITHMS: Readonly<Record<string, { readonly alg: KeyAlgorithm; readonly kty: string }>> = {
  EdDSA: { alg: 'ed25519', kty: 'OKP' },
  Ed25519: { alg: 'ed25519', kty: 'OKP' },
  ES256: { alg: 'ecdsa-p256-sha256', kty: 'EC' },
  PS512: { alg: 'rsa-pss-sha512', kty: 'RSA' },
  RS256: { alg: 'rsa-v1_5-sha256', kty: 'RSA' },
};

/** Members that a public key consists of; whatever else a set says about a key is not ours to read. */
const MATERIAL = ['kty', 'crv', 'x', 'y', 'n', 'e', 'd', 'k'] as const;

/**
 * Reads a JWKS (RFC 7517 §5). Keys for other uses, of other algorithms, weak or private ones are left out with a reason; a
 * set that is none, or has more than 32 keys, is refused as a whole.
 * @param refuse further reasons to leave a key out, such as that its private half is published
 */
export function readJwks(
  body: Uint8Array,
  refuse: (jwk: Readonly<Record<string, unknown>>) => string | undefined = () => undefined,
): JwksReading {
  const members = membersOf(body);
  if (members === undefined) return { ok: false, reason: 'the answer is no JSON Web Key Set: { "keys": [ … ] }' };
  if (members.length > MAX_JWKS_KEYS) return { ok: false, reason: `the set has more than ${MAX_JWKS_KEYS} keys` };
  const keys = new Map<string, JwksKey>();
  const leftOut: LeftOutKey[] = [];
  for (const [index, member] of members.entries()) {
    const read = readMember(member, refuse);
    const id = read.id ?? `#${index + 1}`;
    if ('reason' in read) leftOut.push({ id, reason: read.reason });
    else if (keys.has(id)) leftOut.push({ id, reason: 'its kid stands in the set before' });
    else keys.set(id, { id, key: read.key, text: read.text });
  }
  return { ok: true, keys: [...keys.values()], leftOut };
}

function membersOf(body: Uint8Array): unknown[] | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const keys = isObject(json) ? json.keys : undefined;
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

type MemberReading =
  | { readonly id: string; readonly key: VerificationKey; readonly text: string }
  | { readonly id: string | undefined; readonly reason: string };

function readMember(
  jwk: unknown,
  refuse: (jwk: Readonly<Record<string, unknown>>) => string | undefined,
): MemberReading {
  if (!isObject(jwk)) return { id: undefined, reason: 'it is no object' };
  const { kid, use, key_ops: operations } = jwk;
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) {
    return { id: undefined, reason: 'its kid is missing, or not 1–128 letters, digits or . _ : | @ + / = ~ -' };
  }
  if (use !== undefined && use !== 'sig') return { id: kid, reason: 'its use is not sig' };
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return { id: kid, reason: 'its key_ops have no verify' };
  }
  const alg = algorithmOf(jwk);
  if (alg === undefined)
    return { id: kid, reason: 'its alg is not EdDSA, ES256, PS512 or RS256, or not told by its type' };
  const material = Object.fromEntries(MATERIAL.flatMap((name) => (name in jwk ? [[name, jwk[name]]] : [])));
  const refused = refuse(material);
  if (refused !== undefined) return { id: kid, reason: refused };
  const read = importVerificationKey({ id: kid, alg, jwk: material });
  if (!read.ok) return { id: kid, reason: read.detail };
  return { id: kid, key: read.key, text: JSON.stringify([alg, material]) };
}

/** By `alg`; where a set leaves it out, by the kind of key if that has one algorithm only. */
function algorithmOf({ alg, kty, crv }: Readonly<Record<string, unknown>>): KeyAlgorithm | undefined {
  if (typeof alg === 'string') {
    const known = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
    return known?.kty === kty ? known?.alg : undefined;
  }
  if (alg !== undefined) return undefined;
  if (kty === 'OKP' && crv === 'Ed25519') return 'ed25519';
  return kty === 'EC' && crv === 'P-256' ? 'ecdsa-p256-sha256' : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
