import { hash, randomUUID } from 'node:crypto';

/** Prefixes of every id that leaves the gateway. */
export type IdPrefix =
  | 'app'
  | 'loan'
  | 'reg'
  | 'pre'
  | 'clk'
  | 'lnk'
  | 'hnd'
  | 'evt'
  | 'com'
  | 'stm'
  | 'rec'
  | 'quo'
  | 'act'
  | 'card'
  | 'rep'
  | 'dlv'
  | 'doc'
  | 'dsp'
  | 'apl'
  | 'pay'
  | 'lst'
  | 'alm'
  | 'qly'
  | 'req';

/** Data about one subject, application or click lives in one of 64 shards; the number is fixed at first boot. */
export const SHARD_COUNT = 64;

/** Every shard's number. */
export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

/** 16 bytes. */
const ID_DIGITS = 32;
const SEPARATOR = '\u0000';

/** A shard's hash tag text, `00` … `3f`. */
export function shardTag(shard: number): string {
  return shard.toString(16).padStart(2, '0');
}

/**
 * An id that the same parts always give again, so a retry finds the first answer. Its first byte carries the shard.
 * @param parts what makes the thing unique, e.g. partner and partner_ref
 */
export function derivedId(prefix: IdPrefix, ...parts: readonly string[]): string {
  return `${prefix}_${hash('sha256', [prefix, ...parts].join(SEPARATOR), 'hex').slice(0, ID_DIGITS)}`;
}

/** Like `derivedId`, but in the shard of `owner` (a loan lives beside its application). */
export function derivedIdBeside(prefix: IdPrefix, owner: string, ...parts: readonly string[]): string {
  const own = derivedId(prefix, owner, ...parts);
  return `${prefix}_${shardByte(owner)}${own.slice(prefix.length + 3)}`;
}

/**
 * A fresh random id, 122 of its bits random. Made of a UUID, because the runtime keeps a store of random bytes for those:
 * many times as quick as drawing them for each id.
 */
export function randomId(prefix: IdPrefix): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

/** A fresh random id in a given shard. */
export function randomIdInShard(prefix: IdPrefix, shard: number): string {
  return `${prefix}_${shardTag(shard)}${randomUUID().replaceAll('-', '').slice(2)}`;
}

/** The shard that an id of ours carries. Ids from outside must have passed `isId` first. */
export function shardOfId(id: string): number {
  return Number.parseInt(shardByte(id), 16) % SHARD_COUNT;
}

/** The shard of something that has no id of ours: a token, a lender's reference, a link code. */
export function shardOfText(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 2), 16) % SHARD_COUNT;
}

/** Whether `text` has the shape of one of our ids. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9a-f]{32}$/.test(text.slice(prefix.length + 1));
}

function shardByte(id: string): string {
  const start = id.indexOf('_') + 1;
  return id.slice(start, start + 2);
}
