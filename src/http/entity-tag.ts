import { createHash } from 'node:crypto';

/** 132 bits: two texts that have one tag will not be met. */
const TAG_LENGTH = 22;

/** The strong entity tag of these very bytes (RFC 9110 §8.8.3), with its quotes. */
export function entityTag(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, TAG_LENGTH)}"`;
}

/** Whether an `If-None-Match` names the tag: weak comparison, `*` names every one (RFC 9110 §13.1.2). */
export function isKnownTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const value = ifNoneMatch.trim();
  if (value === '*') return true;
  // A tag holds no comma of ours; one of somebody else's does not match in parts either.
  return value.split(',').some((part) => part.trim().replace(/^W\//, '') === tag);
}
