import { ALL_SHARDS, SHARD_COUNT } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { ListToken } from './entry.ts';
import {
  bucketKey,
  bucketOf,
  type Family,
  familyOf,
  headKey,
  holdsSpread,
  shardOfToken,
  spreadOf,
  tokenBytes,
} from './index-layout.ts';
import { MEMBERSHIP_BYTES, MEMBERSHIPS_PER_VALUE, type PackedMembership, unpackMemberships } from './membership.ts';

/** The field in which a bucket says how far it was split. */
const LEVEL_FIELD = '';
const FULL_VALUE_BYTES = MEMBERSHIP_BYTES * MEMBERSHIPS_PER_VALUE;
/** Further fields of a token that are asked for at once when its first one is full: 252 memberships together. */
const FURTHER_FIELDS = 20;
/** Each retry sees a newer number of buckets; a table does not double that often while one reader asks. */
const TRIES = 8;
const NONE: readonly PackedMembership[] = [];

/** What a bucket answered about a token. */
type Answer = 'stale' | readonly PackedMembership[];

/** Reads the index: one command a token, all of them one round. */
export class ListIndex {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  /** Number of buckets by family and shard, as last seen; a bucket that was split since tells so itself. */
  readonly #counts = new Map<Family, Uint32Array>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** The memberships of each token, in order of the tokens. Commands go out in the caller's tick. */
  read(tokens: readonly ListToken[]): Promise<(readonly PackedMembership[])[]> {
    return Promise.all(tokens.map((token) => this.#readOne(token)));
  }

  /** Learns the sizes of a family's tables, so that its first lookups need no second round. */
  async warm(family: Family): Promise<void> {
    await Promise.all(ALL_SHARDS.map((shard) => this.#refresh(family, shard)));
  }

  async #readOne(token: ListToken): Promise<readonly PackedMembership[]> {
    const family = familyOf(token);
    const bytes = tokenBytes(token.token);
    const shard = shardOfToken(bytes);
    const spread = spreadOf(bytes);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const count = this.#countsOf(family)[shard] ?? 0;
      const bucket = bucketOf(spread, count);
      const key = bucketKey(this.#keys, family, shard, bucket);
      const [level, value] = await this.#client.hmgetBuffer(key, LEVEL_FIELD, bytes);
      const answer = this.#answerOf({ bucket, count, spread }, level, value);
      if (answer === 'full') {
        const all = await this.#askAll(key, bucket, bytes);
        if (all !== 'stale') return all;
      } else if (answer !== 'stale') return answer;
      // A bucket that is missing because Redis was emptied or restored: the table is learnt anew, too.
      await this.#refresh(family, shard);
    }
    throw new Error(`the list index ${family} does not come to rest`);
  }

  #answerOf(
    { bucket, count, spread }: { readonly bucket: number; readonly count: number; readonly spread: number },
    level: Buffer | null | undefined,
    value: Buffer | null | undefined,
  ): Answer | 'full' {
    // Bucket 0 is there as soon as anything is.
    if (!level) return bucket === 0 && count <= 1 ? NONE : 'stale';
    if (!holdsSpread(bucket, Number(level.toString('latin1')), spread)) return 'stale';
    if (!value) return NONE;
    return value.length < FULL_VALUE_BYTES ? unpackMemberships(value) : 'full';
  }

  /** A full value goes on under further fields; all are read at once, so that no change comes between them. */
  async #askAll(key: string, bucket: number, bytes: Buffer): Promise<Answer> {
    const further = Array.from({ length: FURTHER_FIELDS }, (_, part) => Buffer.concat([bytes, Buffer.of(part + 1)]));
    const [level, ...values] = await this.#client.hmgetBuffer(key, LEVEL_FIELD, bytes, ...further);
    if (!level || !holdsSpread(bucket, Number(level.toString('latin1')), spreadOf(bytes))) return 'stale';
    return unpackMemberships(Buffer.concat(values.filter((value) => value !== null)));
  }

  async #refresh(family: Family, shard: number): Promise<void> {
    const count = await this.#client.hget(headKey(this.#keys, family, shard), 'n');
    this.#countsOf(family)[shard] = Number(count ?? 0);
  }

  #countsOf(family: Family): Uint32Array {
    let counts = this.#counts.get(family);
    if (counts === undefined) {
      counts = new Uint32Array(SHARD_COUNT);
      this.#counts.set(family, counts);
    }
    return counts;
  }
}
