import { constants, createHmac, sign, timingSafeEqual, verify } from 'node:crypto';
import type { SigningKey, VerificationKey } from './import-key.ts';

/** RFC 9421 §3.3.1: the salt of rsa-pss-sha512 is exactly 64 bytes. */
const PSS_SALT_BYTES = 64;
const HMAC_BYTES = 32;

/**
 * True when `signature` is the key's signature over `base` (the signature base, ASCII). The key alone decides the
 * algorithm. Never throws: a signature of the wrong shape is a wrong signature. ECDSA values are r‖s (RFC 9421 §3.3.4).
 */
export function isSignatureValid(key: VerificationKey, base: string, signature: Uint8Array): boolean {
  if (key.alg === 'hmac-sha256') {
    if (signature.length !== HMAC_BYTES) return false;
    return timingSafeEqual(createHmac('sha256', key.keyObject).update(base, 'latin1').digest(), signature);
  }
  const data = Buffer.from(base, 'latin1');
  const { keyObject } = key;
  switch (key.alg) {
    case 'ed25519':
      return verify(null, data, keyObject, signature);
    case 'ecdsa-p256-sha256':
      return verify('sha256', data, { key: keyObject, dsaEncoding: 'ieee-p1363' }, signature);
    case 'rsa-pss-sha512':
      return verify('sha512', data, pss(keyObject), signature);
    case 'rsa-v1_5-sha256':
      return verify('sha256', data, { key: keyObject, padding: constants.RSA_PKCS1_PADDING }, signature);
  }
}

/** The key's signature over `base` (the signature base, ASCII). */
export function makeSignature(key: SigningKey, base: string): Buffer {
  const data = Buffer.from(base, 'latin1');
  const { keyObject } = key;
  switch (key.alg) {
    case 'hmac-sha256':
      return createHmac('sha256', keyObject).update(data).digest();
    case 'ed25519':
      return sign(null, data, keyObject);
    case 'ecdsa-p256-sha256':
      return sign('sha256', data, { key: keyObject, dsaEncoding: 'ieee-p1363' });
    case 'rsa-pss-sha512':
      return sign('sha512', data, pss(keyObject));
    case 'rsa-v1_5-sha256':
      return sign('sha256', data, { key: keyObject, padding: constants.RSA_PKCS1_PADDING });
  }
}

function pss(key: VerificationKey['keyObject']) {
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: PSS_SALT_BYTES };
}
