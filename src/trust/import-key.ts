import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { KeyAlgorithm } from './key-algorithm.ts';
import { checkKeyStrength, decodeSecret, type KeyRefusal } from './key-strength.ts';

/** A key as it is written in a counterparty's file: exactly one of `jwk`, `pem`, `secretBase64` holds the material. */
export type KeySpec = {
  readonly id: string;
  readonly alg: KeyAlgorithm;
  readonly jwk?: Readonly<Record<string, unknown>>;
  readonly pem?: string;
  readonly secretBase64?: string;
  /** RFC 3339 instant, or epoch seconds; the key is valid from here on. */
  readonly notBefore?: string | number;
  /** RFC 3339 instant, or epoch seconds; the key is no longer valid from here on. */
  readonly notAfter?: string | number;
};

/** A key that signatures of others are checked with; public, or a shared secret. */
export type VerificationKey = {
  readonly id: string;
  readonly alg: KeyAlgorithm;
  readonly keyObject: KeyObject;
  readonly notBeforeSeconds?: number;
  readonly notAfterSeconds?: number;
};

/** A key that we, or a client we ship, sign with; private, or a shared secret. */
export type SigningKey = { readonly id: string; readonly alg: KeyAlgorithm; readonly keyObject: KeyObject };

export type KeyImport<K> = { readonly ok: true; readonly key: K } | ({ readonly ok: false } & KeyRefusal);

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * Reads a counterparty's key. Refuses, with a code and a sentence that never repeats the material:
 * `key_unreadable` (not a key, or not exactly one form), `key_mismatch` (kind of key and `alg` disagree, or a private key
 * where only a public one belongs), `key_weak` (RSA < 2048 bits, secret < 32 bytes, curve other than P-256, an Ed25519
 * point of small order), `key_window_invalid` (validity that is no instant, or ends before it begins).
 */
export function importVerificationKey(spec: KeySpec): KeyImport<VerificationKey> {
  const window = readWindow(spec);
  if (!window.ok) return window;
  const material = readMaterial(spec, 'verify');
  if (!material.ok) return material;
  const key: VerificationKey = {
    id: spec.id,
    alg: spec.alg,
    keyObject: material.key,
    notBeforeSeconds: window.notBeforeSeconds,
    notAfterSeconds: window.notAfterSeconds,
  };
  return { ok: true, key };
}

/** Reads a key to sign with, under the same rules and codes as {@link importVerificationKey}, but private. */
export function importSigningKey(spec: KeySpec): KeyImport<SigningKey> {
  const material = readMaterial(spec, 'sign');
  if (!material.ok) return material;
  return { ok: true, key: { id: spec.id, alg: spec.alg, keyObject: material.key } };
}

/** The public half of a signing key (or the same shared secret), without an end to its validity. */
export function verificationKeyOf(key: SigningKey): VerificationKey {
  const keyObject = key.keyObject.type === 'private' ? createPublicKey(key.keyObject) : key.keyObject;
  return { id: key.id, alg: key.alg, keyObject };
}

/** True when `nowSeconds` lies in [notBefore, notAfter). */
export function isKeyCurrent(key: VerificationKey, nowSeconds: number): boolean {
  if (key.notBeforeSeconds !== undefined && nowSeconds < key.notBeforeSeconds) return false;
  return key.notAfterSeconds === undefined || nowSeconds < key.notAfterSeconds;
}

type Use = 'verify' | 'sign';

function readMaterial(spec: KeySpec, use: Use): KeyImport<KeyObject> {
  const given = [spec.jwk, spec.pem, spec.secretBase64].filter((form) => form !== undefined).length;
  if (given !== 1) return unreadable(spec, `needs exactly one of jwk, pem and a secret; ${given} are given`);
  const read = spec.alg === 'hmac-sha256' ? readSecret(spec) : readAsymmetric(spec, use);
  if (!read.ok) return read;
  const refusal = checkKeyStrength(spec.id, spec.alg, read.key);
  return refusal === undefined ? read : { ok: false, ...refusal };
}

function readSecret(spec: KeySpec): KeyImport<KeyObject> {
  if (spec.pem !== undefined) return mismatch(spec, 'is a PEM key, but hmac-sha256 takes a shared secret');
  if (spec.jwk !== undefined && spec.jwk.kty !== 'oct') return mismatch(spec, 'is not an "oct" JWK');
  const text = spec.jwk === undefined ? spec.secretBase64 : spec.jwk.k;
  const bytes = typeof text === 'string' ? decodeSecret(text) : undefined;
  if (bytes === undefined) return unreadable(spec, 'is not base64');
  return { ok: true, key: createSecretKey(bytes) };
}

function readAsymmetric(spec: KeySpec, use: Use): KeyImport<KeyObject> {
  if (spec.secretBase64 !== undefined) return mismatch(spec, `is a shared secret, but ${spec.alg} takes a jwk or pem`);
  const isPrivate = spec.jwk === undefined ? (spec.pem ?? '').includes('PRIVATE KEY') : spec.jwk.d !== undefined;
  if (use === 'verify' && isPrivate) return mismatch(spec, 'is a private key; give only its public half');
  if (use === 'sign' && !isPrivate) return mismatch(spec, 'is a public key; signing needs the private one');
  if (spec.jwk?.kty === 'oct') return mismatch(spec, `is an "oct" JWK, but ${spec.alg} takes a public key`);
  if (spec.jwk?.use !== undefined && spec.jwk.use !== 'sig') return mismatch(spec, 'has a "use" other than "sig"');
  const create = use === 'verify' ? createPublicKey : createPrivateKey;
  try {
    const key =
      spec.jwk === undefined ? create(spec.pem ?? '') : create({ key: toJsonWebKey(spec.jwk), format: 'jwk' });
    return { ok: true, key };
  } catch {
    // What the parser says may quote the material, so it is not passed on.
    return unreadable(spec, `is not a readable ${use === 'verify' ? 'public' : 'private'} key`);
  }
}

function toJsonWebKey(jwk: Readonly<Record<string, unknown>>): JsonWebKey {
  return jwk as JsonWebKey;
}

type Window = { ok: true; notBeforeSeconds?: number; notAfterSeconds?: number } | ({ ok: false } & KeyRefusal);

function readWindow(spec: KeySpec): Window {
  const notBeforeSeconds = readInstant(spec.notBefore);
  const notAfterSeconds = readInstant(spec.notAfter);
  if (Number.isNaN(notBeforeSeconds) || Number.isNaN(notAfterSeconds)) {
    return { ok: false, code: 'key_window_invalid', detail: `key ${spec.id}: validity must be RFC 3339 instants` };
  }
  if (notBeforeSeconds !== undefined && notAfterSeconds !== undefined && notAfterSeconds <= notBeforeSeconds) {
    return { ok: false, code: 'key_window_invalid', detail: `key ${spec.id}: its validity ends before it begins` };
  }
  return { ok: true, notBeforeSeconds, notAfterSeconds };
}

function readInstant(value: string | number | undefined): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  return RFC_3339.test(value) ? Date.parse(value) / 1000 : Number.NaN;
}

function unreadable(spec: KeySpec, what: string): { ok: false } & KeyRefusal {
  return { ok: false, code: 'key_unreadable', detail: `key ${spec.id} ${what}` };
}

function mismatch(spec: KeySpec, what: string): { ok: false } & KeyRefusal {
  return { ok: false, code: 'key_mismatch', detail: `key ${spec.id} ${what}` };
}
