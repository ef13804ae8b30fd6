import { hkdfSync } from 'node:crypto';

/** Below this many bytes a root secret can be guessed, and with it everything derived from it. */
export const MIN_ROOT_SECRET_BYTES = 16;
const DEFAULT_LENGTH = 32;

/**
 * A key for one purpose from the root secret: HKDF-SHA-256 (RFC 5869), no salt, `info` = "sluice/" + purpose. Different
 * purposes give independent keys; the same purpose always gives the same one.
 * @param rootSecret bytes, or text taken as UTF-8
 * @param length bytes wanted, 1 to 8160
 * @throws RangeError when the root secret is too short
 */
export function deriveKey(rootSecret: Uint8Array | string, purpose: string, length: number = DEFAULT_LENGTH): Buffer {
  const secret = typeof rootSecret === 'string' ? Buffer.from(rootSecret) : rootSecret;
  if (secret.length < MIN_ROOT_SECRET_BYTES) {
    throw new RangeError(`the root secret has ${secret.length} bytes; at least ${MIN_ROOT_SECRET_BYTES} are needed`);
  }
  return Buffer.from(hkdfSync('sha256', secret, '', `sluice/${purpose}`, length));
}
