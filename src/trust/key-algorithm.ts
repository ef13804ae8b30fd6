/**
 * The signature algorithms of RFC 9421 §3.3 that counterparties may use. The algorithm belongs to the key: a message may
 * repeat its name, never choose it (RFC 9421 §7.3.6).
 */
export const keyAlgorithms = [
  'ed25519',
  'ecdsa-p256-sha256',
  'rsa-pss-sha512',
  'rsa-v1_5-sha256',
  'hmac-sha256',
] as const;

export type KeyAlgorithm = (typeof keyAlgorithms)[number];

/** True when `value` names one of {@link keyAlgorithms}. */
export function isKeyAlgorithm(value: string): value is KeyAlgorithm {
  return (keyAlgorithms as readonly string[]).includes(value);
}
