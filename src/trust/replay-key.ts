import { hash } from 'node:crypto';

/**
 * What the nonce store keeps of a nonce: 22 characters of base64url, the beginning of SHA-256(key id ‖ 0 ‖ nonce). A nonce
 * is good once per key. Never the header text: one signature can be written in several ways. The zero byte cannot occur in
 * either part, so no two pairs read alike.
 */
export function replayKeyMaterial(keyId: string, nonce: string): string {
  return hash('sha256', `${keyId}\0${nonce}`, 'base64url').slice(0, DIGEST_CHARACTERS);
}

/** 22 base64url characters hold 132 bits: too many for two nonces ever to meet by chance. */
const DIGEST_CHARACTERS = 22;

/** How long a nonce has to be remembered: until its signature is refused as expired. At least 1 second. */
export function replayTtlSeconds(expires: number, clockSkewSeconds: number, nowSeconds: number): number {
  return Math.max(1, Math.ceil(expires + clockSkewSeconds - nowSeconds) + 1);
}
