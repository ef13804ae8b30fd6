import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isId } from '../../base/ids.ts';

const SECRET_BYTES = 16;
const TOKEN = /^([0-9a-f]{32})([A-Za-z0-9_-]{22})$/;

/** A token as it stands in an address, with the digest that is kept of its secret half. */
export interface MadeToken {
  readonly token: string;
  readonly digest: string;
}

/** Makes the token of a hand-off: which one it is, and 128 random bits that only the address knows. */
export function makeToken(handoffId: string): MadeToken {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { token: `${handoffId.slice(handoffId.indexOf('_') + 1)}${secret}`, digest: digestOf(secret) };
}

/** Reads a token; undefined when it has not even the shape of one. */
export function readToken(token: string): { readonly handoffId: string; readonly digest: string } | undefined {
  const [, hex = '', secret = ''] = TOKEN.exec(token) ?? [];
  const handoffId = `hnd_${hex}`;
  return isId('hnd', handoffId) ? { handoffId, digest: digestOf(secret) } : undefined;
}

/** Compares digests in a time that tells nothing. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
