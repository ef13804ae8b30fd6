import { verifyContentDigest } from './content-digest.ts';
import { fieldValue } from './field-lines.ts';
import { isKeyCurrent, type VerificationKey } from './import-key.ts';
import { type ParsedSignature, parseSignature, type SignatureParameters } from './parse-signature.ts';
import type { CheckedRequest } from './raw-request.ts';
import { signatureBase } from './signature-base.ts';
import { missingComponents, type SignaturePolicy } from './signature-policy.ts';
import { isSignatureValid } from './signature-value.ts';

/** Where keys are found by their id, which is unique across all counterparties; `P` is whatever stands for a party. */
export type KeyDirectory<P> = {
  find(keyId: string): { readonly key: VerificationKey; readonly party: P } | undefined;
};

/** `signature_replayed` is not among them: whether a nonce was seen is asked of the nonce store afterwards. */
export type SignatureFaultCode =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_incomplete'
  | 'signature_expired'
  | 'signature_from_future'
  | 'signature_invalid'
  | 'digest_mismatch'
  | 'key_unknown';

export type VerifiedSignature<P> = {
  readonly ok: true;
  readonly party: P;
  readonly key: VerificationKey;
  readonly keyId: string;
  readonly nonce: string;
  /** Epoch seconds. */
  readonly created: number;
  /** Epoch seconds. */
  readonly expires: number;
  readonly label: string;
};

export type SignatureFault = {
  readonly ok: false;
  readonly code: SignatureFaultCode;
  /** One sentence for the engineer who signed. */
  readonly detail: string;
  /** With `key_unknown`: which key was named. */
  readonly keyId?: string;
  /** The base that we computed, where it came to that; for diagnostics in the sandbox, never for an answer in live. */
  readonly signatureBase?: string;
};

export type RequestVerdict<P> = VerifiedSignature<P> | SignatureFault;

/** Longer nonces and key ids are nobody's; the bound keeps what we hash and look up small. */
export const MAX_PARAMETER_LENGTH = 256;

/**
 * Verifies a request's signature (RFC 9421 §3.2) and body digest (RFC 9530) against the policy. Synchronous and without
 * side effects; the caller still has to remember the nonce. Checks run from cheap to dear, and a key that is unknown,
 * expired or not yet valid is told at once and in one way, with no cryptography whose time could tell the cases apart.
 * @param nowSeconds real time in epoch seconds
 */
export function verifyRequest<P>(
  request: CheckedRequest,
  policy: SignaturePolicy,
  keys: KeyDirectory<P>,
  nowSeconds: number,
): RequestVerdict<P> {
  const input = fieldValue(request.fields, 'signature-input');
  const value = fieldValue(request.fields, 'signature');
  if (input === undefined && value === undefined) return fault('signature_missing', 'the request is not signed');
  if (input === undefined) return fault('signature_malformed', 'Signature is given without Signature-Input');
  if (value === undefined) return fault('signature_malformed', 'Signature-Input is given without Signature');
  const parse = parseSignature(input, value, policy);
  if (!parse.ok) return fault(parse.fault === 'absent' ? 'signature_incomplete' : 'signature_malformed', parse.detail);
  const { signature } = parse;
  const claims = readClaims(signature.parameters);
  if ('code' in claims) return claims;
  const unfit = checkCoverage(request, signature) ?? checkTimes(claims, policy, nowSeconds);
  if (unfit !== undefined) return unfit;
  const found = keys.find(claims.keyId);
  if (found === undefined || !isKeyCurrent(found.key, nowSeconds)) {
    return { ...fault('key_unknown', 'the keyid names no key that is valid now'), keyId: claims.keyId };
  }
  const wrong = checkSignature(request, signature, found.key);
  if (wrong !== undefined) return wrong;
  const { keyId, nonce, created, expires } = claims;
  return { ok: true, party: found.party, key: found.key, keyId, nonce, created, expires, label: signature.label };
}

type Claims = { keyId: string; nonce: string; created: number; expires: number };

function readClaims({ created, expires, nonce, keyid }: SignatureParameters): Claims | SignatureFault {
  if (created === undefined || expires === undefined || nonce === undefined || keyid === undefined) {
    const absent = Object.entries({ created, expires, nonce, keyid }).filter(([, value]) => value === undefined);
    return fault('signature_incomplete', `the signature lacks ${absent.map(([name]) => name).join(', ')}`);
  }
  if (nonce === '' || nonce.length > MAX_PARAMETER_LENGTH || keyid.length > MAX_PARAMETER_LENGTH) {
    return fault('signature_malformed', `nonce and keyid have 1 to ${MAX_PARAMETER_LENGTH} characters`);
  }
  return { keyId: keyid, nonce, created, expires };
}

function checkCoverage(request: CheckedRequest, signature: ParsedSignature): SignatureFault | undefined {
  const misplaced = signature.components.find(({ options }) => options?.req === true);
  if (misplaced !== undefined) {
    return fault('signature_malformed', `${misplaced.identifier}: req belongs to signatures of responses`);
  }
  // A lone `?` is an empty query, which reads like none at all only to those who do not look at the target.
  const need = { hasQuery: request.query !== '', hasBody: request.body.length > 0 };
  const missing = missingComponents(signature.components, need);
  if (missing.length > 0) return fault('signature_incomplete', `the signature does not cover ${missing.join(', ')}`);
  return undefined;
}

/** What is wrong with the times of a signature at `now`, epoch seconds. */
export function checkTimes(
  { created, expires }: { readonly created: number; readonly expires: number },
  policy: SignaturePolicy,
  now: number,
): SignatureFault | undefined {
  const lifetime = expires - created;
  if (lifetime <= 0) return fault('signature_malformed', 'expires is not after created');
  if (lifetime > policy.maxLifetimeSeconds) {
    const most = policy.maxLifetimeSeconds;
    return fault('signature_malformed', `expires is ${lifetime} s after created; at most ${most} s are allowed`);
  }
  if (now > expires + policy.clockSkewSeconds) {
    return fault('signature_expired', `the signature expired ${Math.floor(now - expires)} s ago by our clock`);
  }
  if (created > now + policy.clockSkewSeconds) {
    return fault('signature_from_future', `created is ${Math.ceil(created - now)} s ahead of our clock`);
  }
  return undefined;
}

function checkSignature(
  request: CheckedRequest,
  signature: ParsedSignature,
  key: VerificationKey,
): SignatureFault | undefined {
  const { alg } = signature.parameters;
  if (alg !== undefined && alg !== key.alg) return fault('signature_invalid', 'alg is not the algorithm of the key');
  const built = signatureBase(request, signature.components, signature.parametersText);
  if (!built.ok) return fault(built.fault === 'absent' ? 'signature_invalid' : 'signature_malformed', built.detail);
  if (!request.addressedToUs) {
    return { ...fault('signature_invalid', 'Host is not a name of this gateway'), signatureBase: built.base };
  }
  if (!isSignatureValid(key, built.base, signature.signature)) {
    const detail = 'the signature does not verify over the signature base that the request gives';
    return { ok: false, code: 'signature_invalid', detail, signatureBase: built.base };
  }
  return checkDigest(request, built.base);
}

function checkDigest(request: CheckedRequest, base: string): SignatureFault | undefined {
  const digest = fieldValue(request.fields, 'content-digest');
  // Without a body and without the field there is nothing to check; with a body, coverage has made sure of the field.
  if (digest === undefined) return undefined;
  const verdict = verifyContentDigest(digest, request.body);
  return verdict.ok ? undefined : { ...fault('digest_mismatch', verdict.detail), signatureBase: base };
}

function fault(code: SignatureFaultCode, detail: string): SignatureFault {
  return { ok: false, code, detail };
}
