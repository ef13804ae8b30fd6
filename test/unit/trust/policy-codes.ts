/** What each reason of the policy vectors is called in an answer of the gateway. */
const CODE_OF_REASON: Readonly<Record<string, string>> = {
  insufficient_coverage: 'signature_incomplete',
  missing_parameter: 'signature_incomplete',
  signature_not_found: 'signature_incomplete',
  invalid_component: 'signature_malformed',
  duplicate_component: 'signature_malformed',
  invalid_parameter: 'signature_malformed',
  lifetime_too_long: 'signature_malformed',
  malformed_signature: 'signature_malformed',
  missing_component: 'signature_invalid',
  algorithm_mismatch: 'signature_invalid',
  signature_invalid: 'signature_invalid',
  content_digest_mismatch: 'digest_mismatch',
  content_digest_unsupported: 'digest_mismatch',
  expired: 'signature_expired',
  created_in_future: 'signature_from_future',
  unknown_key: 'key_unknown',
  nonce_replayed: 'signature_replayed',
};

/** Vectors with two faults, of which we tell the other one first: what is too old here lives too long as well. */
const CODE_OF_CASE: Readonly<Record<string, string>> = { 'bad-created-too-old': 'signature_malformed' };

/** The one code that a rejected vector is answered with. */
export function codeOfVector(vector: { readonly id: string; readonly reason?: string }): string {
  const code = CODE_OF_CASE[vector.id] ?? CODE_OF_REASON[vector.reason ?? ''];
  if (code === undefined) throw new Error(`no code for ${vector.id}`);
  return code;
}
