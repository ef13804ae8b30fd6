import { createHash } from 'node:crypto';
import type { Keyspace } from '../redis/keyspace.ts';

const HASH_LENGTH = 22;

/** Applications of the partner that may see them, by last change. */
export function updatedIndexKey(keys: Keyspace, ownerId: string): string {
  return keys.partner(ownerId, 'index', 'updated');
}

/** The same of one person as the partner names them. The name may be anything, an identity even: the key has its hash. */
export function userIndexKey(keys: Keyspace, ownerId: string, partnerUserRef: string): string {
  const hash = createHash('sha256').update(`${ownerId}\u0000${partnerUserRef}`).digest('base64url');
  return keys.partner(ownerId, 'index', 'user', hash.slice(0, HASH_LENGTH));
}

/** Applications that a lender has been given, by last change. */
export function lenderIndexKey(keys: Keyspace, lenderId: string): string {
  return keys.partner(lenderId, 'index', 'lender');
}
