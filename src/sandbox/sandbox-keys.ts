import { createPrivateKey } from 'node:crypto';
import { deriveKey } from '../trust/derive-key.ts';
import { type SigningKey, type VerificationKey, verificationKeyOf } from '../trust/import-key.ts';

/** RFC 8410 §7: PKCS #8 header of an Ed25519 private key; the 32 bytes of seed follow. */
const PKCS8_ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Key id of a sandbox lender. */
export function sandboxKeyId(lenderId: string): string {
  return `sandbox-${lenderId}`;
}

/**
 * The key that a sandbox lender signs its events with, derived from the root secret: the gateway and the sandbox lender
 * find the same one without telling each other.
 */
export function sandboxSigningKey(rootSecret: Uint8Array | string, lenderId: string): SigningKey {
  const seed = deriveKey(rootSecret, `sandbox/lender/${lenderId}`);
  const der = Buffer.concat([PKCS8_ED25519_PREFIX, seed]);
  const keyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { id: sandboxKeyId(lenderId), alg: 'ed25519', keyObject };
}

/** The public half, for the gateway's key directory. */
export function sandboxVerificationKey(rootSecret: Uint8Array | string, lenderId: string): VerificationKey {
  return verificationKeyOf(sandboxSigningKey(rootSecret, lenderId));
}
