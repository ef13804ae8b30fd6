import { hash as oneShotHash } from 'node:crypto';
import { type BareItem, ScanError, scanItems } from './structured-scanner.ts';

/** The algorithms of RFC 9530 §5 that are fit for use against an adversary. */
export const digestAlgorithms = ['sha-256', 'sha-512'] as const;

export type DigestAlgorithm = (typeof digestAlgorithms)[number];

export type DigestVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'digest_mismatch'; readonly detail: string };

const HASH_NAMES: Readonly<Record<DigestAlgorithm, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };
const MATCH: DigestVerdict = { ok: true };

/** The `Content-Digest` value of a body (RFC 9530 §2), over the bytes as sent, after any content coding. */
export function contentDigest(body: Uint8Array, algorithm: DigestAlgorithm = 'sha-256'): string {
  return `${algorithm}=:${hash(algorithm, body)}:`;
}

/**
 * Checks a received `Content-Digest` against the body. Every member with an algorithm of ours must match, and there must be
 * one; members with others are ignored (RFC 9530 §2). The right digest is not told: it would be an oracle.
 */
export function verifyContentDigest(value: string, body: Uint8Array): DigestVerdict {
  // The one form that nearly everybody sends; comparing texts is enough, as a digest is no secret.
  if (value.length === SHA_256_FIELD_LENGTH && value.startsWith('sha-256=:') && value === contentDigest(body))
    return MATCH;
  let members: { label: string; item: BareItem }[];
  try {
    members = scanItems(value);
  } catch (error) {
    if (error instanceof ScanError) return mismatch(`Content-Digest is malformed: ${error.message}`);
    throw error;
  }
  let supported = 0;
  for (const { label, item } of members) {
    if (!isDigestAlgorithm(label)) continue;
    supported += 1;
    if (item.type !== 'bytes' || item.value !== hash(label, body)) {
      return mismatch(`the ${label} digest in Content-Digest is not that of the body`);
    }
  }
  return supported > 0 ? MATCH : mismatch(`Content-Digest has none of ${digestAlgorithms.join(', ')}`);
}

const SHA_256_FIELD_LENGTH = 'sha-256=::'.length + 44;

function hash(algorithm: DigestAlgorithm, body: Uint8Array): string {
  return oneShotHash(HASH_NAMES[algorithm], body, 'base64');
}

function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return Object.hasOwn(HASH_NAMES, name);
}

function mismatch(detail: string): DigestVerdict {
  return { ok: false, code: 'digest_mismatch', detail };
}
