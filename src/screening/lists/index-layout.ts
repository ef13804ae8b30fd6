import { SHARD_COUNT } from '../../base/ids.ts';
import type { Token, TokenForm } from '../../identity/token.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { ListKind, ListToken } from './entry.ts';

/**
 * The index of the lists: for every family (kind and form) and shard one linear hash table of small Redis hashes. A bucket
 * holds 44 tokens on average and at most twice that before it is split, so Redis keeps it as a listpack, where an entry
 * takes its 16 + 5 bytes and four of overhead. A reader finds the bucket from the number of buckets that it remembers; each
 * bucket says how far it was split (field ''), so a reader who remembers an old number sees it and asks again.
 */
export const BUCKET_LOAD = 44;
/** 16 bytes of a token are the field of its memberships. */
export const TOKEN_BYTES = 16;

/** The table that holds the tokens of one kind and form. */
export type Family = `${ListKind}.${TokenForm}`;

export function familyOf({ kind, form }: Pick<ListToken, 'kind' | 'form'>): Family {
  return `${kind}.${form}`;
}

export function tokenBytes(token: Token): Buffer {
  return Buffer.from(token, 'base64url');
}

export function tokenText(bytes: Buffer): Token {
  return bytes.toString('base64url');
}

/** Tokens are evenly spread: the first byte says the shard. */
export function shardOfToken(bytes: Buffer): number {
  return bytes.readUInt8(0) % SHARD_COUNT;
}

/** The number that the bucket follows from: bytes 2 to 5, little-endian, as `change-index.lua` reads them. */
export function spreadOf(bytes: Buffer): number {
  return bytes.readUInt32LE(1);
}

/** The bucket of a token among `count` buckets (Litwin's linear hashing); 0 while there are none. */
export function bucketOf(spread: number, count: number): number {
  if (count <= 1) return 0;
  const split = 2 ** (31 - Math.clz32(count));
  const at = spread % (split * 2);
  return at < count ? at : at - split;
}

/** Whether a bucket that was split to `level` bits still is the one that holds a token. */
export function holdsSpread(bucket: number, level: number, spread: number): boolean {
  return spread % 2 ** level === bucket;
}

export function headKey(keys: Keyspace, family: Family, shard: number): string {
  return keys.shard(shard, 'list', family);
}

export function bucketKey(keys: Keyspace, family: Family, shard: number, bucket: number): string {
  return keys.shard(shard, 'list', family, String(bucket));
}
