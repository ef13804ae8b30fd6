import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { deriveKey } from './derive-key.ts';
import type { SigningKey } from './import-key.ts';

/** The public half of a key of ours as it is published. */
export type PublicJwk = {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
};

export type JsonWebKeySet = { readonly keys: readonly PublicJwk[] };

/** A key that the gateway signs with: messages to lenders, responses, statements. */
export type OurKey = {
  /** RFC 7638 thumbprint: the same key has the same id everywhere. */
  readonly kid: string;
  readonly signingKey: SigningKey;
  readonly publicJwk: PublicJwk;
};

/** RFC 8410 §7: PKCS #8 header of an Ed25519 private key; the 32 bytes of seed follow. */
const PKCS8_ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Our Ed25519 key, derived from the root secret, so that every process has the same one and none is stored.
 * @param generation part of the derivation; another one is another key, for rotation
 */
export function deriveOurKey(rootSecret: Uint8Array | string, generation: number = 1): OurKey {
  const seed = deriveKey(rootSecret, `signing/ed25519/${generation}`);
  const der = Buffer.concat([PKCS8_ED25519_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new Error('an Ed25519 public key has no x');
  const kid = ed25519Thumbprint(x);
  return {
    kid,
    signingKey: { id: kid, alg: 'ed25519', keyObject: privateKey },
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' },
  };
}

/** What is served at `/.well-known/jwks.json`: keys in use first, retired ones while their signatures are checked. */
export function publicKeySet(keys: readonly OurKey[]): JsonWebKeySet {
  return { keys: keys.map((key) => key.publicJwk) };
}

/** RFC 7638 thumbprint of an Ed25519 key (members in lexical order, RFC 8037 §2). */
export function ed25519Thumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}
