import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  importSigningKey,
  importVerificationKey,
  type KeyImport,
  type KeySpec,
  type SigningKey,
  type VerificationKey,
  verificationKeyOf,
} from '../trust/import-key.ts';
import { isKeyAlgorithm, type KeyAlgorithm, keyAlgorithms } from '../trust/key-algorithm.ts';
import { readNamedFile, UsageError } from './usage-error.ts';

/** How a key is named on the command line. */
export interface KeyFlags {
  /** JWK, PEM, or a text file with a base64 secret. */
  readonly key?: string;
  /** Variable that holds a base64 secret. */
  readonly secretEnv?: string;
  readonly keyId?: string;
  readonly alg?: string;
}

const jwkSchema = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  crv: z.string().optional(),
});

const JOSE_ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
  ES256: 'ecdsa-p256-sha256',
  PS512: 'rsa-pss-sha512',
  RS256: 'rsa-v1_5-sha256',
  HS256: 'hmac-sha256',
};
const KINDS: Readonly<Record<string, KeyAlgorithm>> = {
  ed25519: 'ed25519',
  OKP: 'ed25519',
  ec: 'ecdsa-p256-sha256',
  EC: 'ecdsa-p256-sha256',
  rsa: 'rsa-pss-sha512',
  'rsa-pss': 'rsa-pss-sha512',
  RSA: 'rsa-pss-sha512',
  oct: 'hmac-sha256',
};

/** @throws UsageError when there is no key, or it cannot sign */
export async function readSigningKey(flags: KeyFlags): Promise<SigningKey> {
  const spec = await readSpec(flags);
  if (spec.id === '') throw new UsageError('which key is it? give --key-id, as it stands in your file');
  return unwrap(importSigningKey(spec));
}

/**
 * Public, private or secret: what signs also verifies.
 * @throws UsageError when there is no key, or it cannot be read
 */
export async function readVerificationKey(flags: KeyFlags): Promise<VerificationKey> {
  const spec = await readSpec(flags);
  const isPrivate = spec.jwk?.d !== undefined || spec.pem?.includes('PRIVATE KEY') === true;
  return isPrivate ? verificationKeyOf(unwrap(importSigningKey(spec))) : unwrap(importVerificationKey(spec));
}

async function readSpec({ key, secretEnv, keyId, alg }: KeyFlags): Promise<KeySpec> {
  if (alg !== undefined && !isKeyAlgorithm(alg)) throw new UsageError(`--alg is one of ${keyAlgorithms.join(', ')}`);
  const id = keyId ?? '';
  if (secretEnv !== undefined) {
    const secretBase64 = process.env[secretEnv];
    if (secretBase64 === undefined) throw new UsageError(`the variable ${secretEnv} is not set`);
    return { id, alg: alg ?? 'hmac-sha256', secretBase64 };
  }
  if (key === undefined)
    throw new UsageError('which key? give --key FILE (JWK, PEM or a base64 secret) or --secret-env NAME');
  const text = (await readNamedFile(key)).toString('utf8').trim();
  if (text.startsWith('{')) return specOfJwk(key, text, keyId, alg);
  if (text.startsWith('-----BEGIN')) return { id, alg: alg ?? algorithmOfPem(key, text), pem: text };
  return { id, alg: alg ?? 'hmac-sha256', secretBase64: text };
}

function specOfJwk(file: string, text: string, keyId: string | undefined, alg: KeyAlgorithm | undefined): KeySpec {
  const jwk = jwkSchema.safeParse(parseJson(text));
  if (!jwk.success) throw new UsageError(`${file} is JSON, but no JWK: it has no "kty"`);
  const { kid, ...members } = jwk.data;
  const found = alg ?? JOSE_ALGORITHMS[members.alg ?? ''] ?? KINDS[members.kty];
  if (found === undefined) throw new UsageError(`${file}: say what it signs with: --alg ${keyAlgorithms.join(' | ')}`);
  return { id: keyId ?? kid ?? '', alg: found, jwk: members };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function algorithmOfPem(file: string, pem: string): KeyAlgorithm {
  let key: KeyObject;
  try {
    key = pem.includes('PRIVATE KEY') ? createPrivateKey(pem) : createPublicKey(pem);
  } catch {
    // What the parser says may quote the material.
    throw new UsageError(`${file} is no PEM key that can be read; a private one must have no passphrase`);
  }
  const found = KINDS[key.asymmetricKeyType ?? ''];
  if (found === undefined) throw new UsageError(`${file}: keys of type ${key.asymmetricKeyType} sign nothing here`);
  return found;
}

function unwrap<K>(read: KeyImport<K>): K {
  if (read.ok) return read.key;
  throw new UsageError(read.detail);
}
