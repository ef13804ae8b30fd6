import { constants, createHmac, createSecretKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { VerificationKey } from '../import-key.ts';
import { isSignatureValid } from '../signature-value.ts';

/** A way of making a signature value that is not the right one; `verifies` says whether this value was made so. */
export type SignatureWay = {
  readonly mistake: string;
  readonly hint: string;
  readonly verifies: (base: string, signature: Buffer) => boolean;
};

/** The usual wrong ways for a key; the right one is not among them. */
export function signatureWays(key: VerificationKey): SignatureWay[] {
  return [...spellings(key), ...waysOf(key)];
}

/** Bytes that a signature of this key has. */
export function signatureLength({ alg, keyObject }: VerificationKey): number {
  if (alg === 'hmac-sha256') return 32;
  if (alg === 'ed25519' || alg === 'ecdsa-p256-sha256') return 64;
  return (keyObject.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}

function spellings(key: VerificationKey): SignatureWay[] {
  const once = 'Put the bytes of the signature in base64 between the colons, encoded once';
  return [
    {
      mistake: 'signature_hex',
      hint: `${once}: what stands there is their hexadecimal text.`,
      verifies: (base, signature) => isSignatureValid(key, base, Buffer.from(signature.toString('latin1'), 'hex')),
    },
    {
      mistake: 'signature_encoded_twice',
      hint: `${once}: they are encoded twice.`,
      verifies: (base, signature) => isSignatureValid(key, base, Buffer.from(signature.toString('latin1'), 'base64')),
    },
  ];
}

function waysOf({ alg, keyObject }: VerificationKey): SignatureWay[] {
  switch (alg) {
    case 'hmac-sha256':
      return hmacWays(keyObject);
    case 'ecdsa-p256-sha256':
      return ecdsaWays(keyObject);
    case 'rsa-pss-sha512':
      return pssWays(keyObject);
    case 'rsa-v1_5-sha256':
      return rsaWays(keyObject);
    case 'ed25519':
      return [];
  }
}

function ecdsaWays(key: KeyObject): SignatureWay[] {
  const raw = 'Send the ECDSA signature as its two 32-byte numbers r and s one after the other, not in DER';
  const way = (mistake: string, hint: string, hash: string, dsaEncoding: 'der' | 'ieee-p1363'): SignatureWay => {
    return { mistake, hint, verifies: (base, value) => holds(hash, base, { key, dsaEncoding }, value) };
  };
  return [
    way('ecdsa_der', `${raw} ("ieee-p1363" in Node, "SHA256withECDSAinP1363Format" in Java).`, 'sha256', 'der'),
    way('hash_algorithm', 'Hash with SHA-256: ecdsa-p256-sha256 takes no other.', 'sha512', 'ieee-p1363'),
    way('hash_algorithm', `Hash with SHA-256, and ${raw.toLowerCase()}.`, 'sha512', 'der'),
    way('hash_algorithm', 'Hash with SHA-256: ecdsa-p256-sha256 takes no other.', 'sha384', 'ieee-p1363'),
  ];
}

/** Salt lengths that libraries choose: none, SHA-1's, SHA-256's, SHA-384's; RFC 9421 §3.3.1 wants SHA-512's. */
const SALT_LENGTHS = [0, 20, 32, 48];

function pssWays(key: KeyObject): SignatureWay[] {
  const most = signatureLength({ id: '', alg: 'rsa-pss-sha512', keyObject: key }) - 64 - 2;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const salted = [...SALT_LENGTHS, most].map((saltLength) => ({
    mistake: 'pss_salt_length',
    hint: `Set the salt length of RSA-PSS to 64 bytes; here it is ${saltLength}, and libraries differ in their default.`,
    verifies: (base: string, value: Buffer) => holds('sha512', base, { key, padding, saltLength }, value),
  }));
  const auto = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  const hash = 'Hash with SHA-512 (also in MGF1): rsa-pss-sha512 takes no other.';
  return [
    ...salted,
    { mistake: 'hash_algorithm', hint: hash, verifies: (base, value) => holds('sha256', base, auto, value) },
    ...pkcs1Ways(key, ['sha512', 'sha256'], 'rsa_padding', 'Use RSA-PSS padding: the key is registered for it.'),
  ];
}

function rsaWays(key: KeyObject): SignatureWay[] {
  const auto = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  const hint = 'Use PKCS #1 v1.5 padding, not PSS: the key is registered for rsa-v1_5-sha256.';
  const pss = (hash: string): SignatureWay => {
    return { mistake: 'rsa_padding', hint, verifies: (base, value) => holds(hash, base, auto, value) };
  };
  return [
    ...pkcs1Ways(key, ['sha512', 'sha1'], 'hash_algorithm', 'Hash with SHA-256: rsa-v1_5-sha256 takes no other.'),
    pss('sha256'),
    pss('sha512'),
  ];
}

function pkcs1Ways(key: KeyObject, hashes: readonly string[], mistake: string, hint: string): SignatureWay[] {
  const options = { key, padding: constants.RSA_PKCS1_PADDING };
  return hashes.map((hash) => ({ mistake, hint, verifies: (base, value) => holds(hash, base, options, value) }));
}

/** Values of the wrong shape make some of OpenSSL's checks throw; they verify as little as others. */
function holds(hash: string, base: string, key: Parameters<typeof verify>[2], signature: Buffer): boolean {
  try {
    return verify(hash, Buffer.from(base, 'latin1'), key, signature);
  } catch {
    return false;
  }
}

function hmacWays(key: KeyObject): SignatureWay[] {
  const secret = key.export();
  const standard = secret.toString('base64');
  const url = secret.toString('base64url');
  const text = 'Decode the secret from base64 and use its bytes as the key; what was used is its text.';
  const decoder =
    'The secret was decoded by a reader of the other base64 alphabet, which drops characters; use the right one.';
  const newline =
    'The key has a line end that came from a file or variable: trim the secret, then decode it from base64.';
  const keys: (readonly [mistake: string, hint: string, key: Buffer])[] = [
    ...[standard, standard.replace(/=+$/, ''), url, padded(url)].flatMap((one) => [
      ['secret_as_text', text, Buffer.from(one)] as const,
      ['secret_as_text', newline, Buffer.from(`${one}\n`)] as const,
    ]),
    ['secret_base64_alphabet', decoder, Buffer.from(standard.replace(/[+/]/g, ''), 'base64')],
    ['secret_base64_alphabet', decoder, Buffer.from(url.replace(/[-_]/g, ''), 'base64')],
    [
      'secret_as_text',
      'Use the bytes of the secret as the key, not their hexadecimal text.',
      Buffer.from(secret.toString('hex')),
    ],
  ];
  const others = keys.map(([mistake, hint, bytes]) => hmacWay(mistake, hint, 'sha256', createSecretKey(bytes)));
  const hash = 'Use HMAC with SHA-256: hmac-sha256 takes no other hash.';
  return [...others, ...['sha512', 'sha1'].map((name) => hmacWay('hash_algorithm', hash, name, key))];
}

function hmacWay(mistake: string, hint: string, hash: string, key: KeyObject): SignatureWay {
  return {
    mistake,
    hint,
    verifies: (base, signature) => {
      const right = createHmac(hash, key).update(base, 'latin1').digest();
      return right.length === signature.length && timingSafeEqual(right, signature);
    },
  };
}

function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
