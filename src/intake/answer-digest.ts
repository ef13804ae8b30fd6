import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { IntakeDeps } from './intake-deps.ts';

const DIGEST_CHARACTERS = 32;

/**
 * How an answer of an applicant is known without being kept: the same again, or another one. Keyed, since a code of six
 * digits would be found out from its plain hash.
 */
export function answerDigest({ fingerprintKey }: Pick<IntakeDeps, 'fingerprintKey'>, answer: unknown): string {
  const text = canonicalize(answer) ?? '';
  return createHmac('sha256', fingerprintKey).update(`answer\0${text}`).digest('base64url').slice(0, DIGEST_CHARACTERS);
}
