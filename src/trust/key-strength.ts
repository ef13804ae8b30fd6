import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KeyAlgorithm } from './key-algorithm.ts';

/** Why a key is not taken. `detail` is for the reader of the file it stands in and never contains key material. */
export type KeyRefusal = {
  readonly code: 'key_unreadable' | 'key_mismatch' | 'key_weak' | 'key_window_invalid';
  readonly detail: string;
};

/** NIST SP 800-131A: RSA signatures need 2048 bits or more. */
const MIN_RSA_BITS = 2048;
/**
 * Longer exponents are nobody's, and make every check of a signature as dear as making one: with 3072 bits 8 ms instead of
 * 0.04, in a key that a party may publish by itself.
 */
const MAX_RSA_EXPONENT = 2n ** 32n;
/** RFC 2104 §3: an HMAC secret shorter than the hash (32 bytes for SHA-256) weakens it. */
const MIN_SECRET_BYTES = 32;

/**
 * Encodings of the eight points of small order on edwards25519 (sign bit cleared, non-canonical ones included). With such
 * a public key anybody can make signatures that verify.
 */
const SMALL_ORDER_POINTS = new Set([
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

/** Checks that a key is of the kind its algorithm needs and strong enough; undefined when it is. */
export function checkKeyStrength(id: string, alg: KeyAlgorithm, key: KeyObject): KeyRefusal | undefined {
  const weak = (what: string): KeyRefusal => ({ code: 'key_weak', detail: `key ${id} ${what}` });
  const kind = key.asymmetricKeyType ?? 'secret';
  if (!kindsOf[alg].includes(kind)) {
    return { code: 'key_mismatch', detail: `key ${id} is of type ${kind}, which ${alg} does not use` };
  }
  if (alg === 'hmac-sha256') {
    const bytes = key.symmetricKeySize ?? 0;
    return bytes < MIN_SECRET_BYTES ? weak(`has ${bytes} bytes; at least ${MIN_SECRET_BYTES} are needed`) : undefined;
  }
  if (alg === 'ecdsa-p256-sha256') {
    const curve = key.asymmetricKeyDetails?.namedCurve;
    return curve === 'prime256v1' ? undefined : weak(`is on curve ${curve}; it must be P-256`);
  }
  if (alg === 'ed25519') return isSmallOrder(key) ? weak('is a point of small order') : undefined;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) return weak(`has ${bits} bits; at least ${MIN_RSA_BITS} are needed`);
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
  return exponent < 3n || exponent % 2n === 0n || exponent > MAX_RSA_EXPONENT
    ? weak('has an unusable public exponent')
    : undefined;
}

/** Bytes of a base64 or base64url secret, padded or not; undefined when the text is neither. */
export function decodeSecret(text: string): Buffer | undefined {
  const bare = text.trim().replace(/=+$/, '');
  if (!/^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)$/.test(bare) || bare.length % 4 === 1) return undefined;
  return Buffer.from(bare, 'base64');
}

const kindsOf: Record<KeyAlgorithm, readonly string[]> = {
  ed25519: ['ed25519'],
  'ecdsa-p256-sha256': ['ec'],
  'rsa-pss-sha512': ['rsa', 'rsa-pss'],
  'rsa-v1_5-sha256': ['rsa'],
  'hmac-sha256': ['secret'],
};

function isSmallOrder(key: KeyObject): boolean {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  if (point.length !== 32) return true;
  point[31] = (point[31] ?? 0) & 0x7f;
  return SMALL_ORDER_POINTS.has(point.toString('hex'));
}
