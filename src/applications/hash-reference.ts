import { createHash } from 'node:crypto';

/** A lender's own reference may be anything, an identity even: keys carry its hash. */
export function hashReference(lenderId: string, reference: string): string {
  return createHash('sha256').update(`${lenderId}\u0000${reference}`).digest('base64url').slice(0, 22);
}
