import { DAY_MS, SECOND_MS } from '../../base/clock.ts';
import { shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Handoff, StoredHandoff } from './handoff.ts';
import { sameDigest } from './handoff-token.ts';

/** Lenders name hand-offs long afterwards: kept as long as clicks. */
const LIFETIME_MS = 400 * DAY_MS;
/** How long one request may take to redeem a hand-off before another may try. */
const TAKEN_MS = 15 * SECOND_MS;

const takeScript = defineScript<'handoff', boolean>({
  file: new URL('./take-handoff.lua', import.meta.url),
  keys: ['handoff'],
  reply: (raw) => raw === 1,
});

/** Hand-offs by their id, each in its own shard. */
export class HandoffStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @param digest of the secret half of its token   @param sealed what the lender may be told of the person */
  async create(handoff: Handoff, digest: string, sealed: string | undefined): Promise<void> {
    const key = this.#key(handoff.id);
    const fields = { doc: JSON.stringify(handoff), digest, ...(sealed === undefined ? {} : { sealed }) };
    await this.#client.multi().hset(key, fields).pexpire(key, LIFETIME_MS).exec();
  }

  async load(id: string): Promise<StoredHandoff | undefined> {
    return (await this.#read(id))?.stored;
  }

  /** The hand-off of a token; undefined when there is none, or its secret half is another. */
  async find(id: string, digest: string): Promise<StoredHandoff | undefined> {
    const read = await this.#read(id);
    return read !== undefined && sameDigest(read.digest, digest) ? read.stored : undefined;
  }

  /** Takes a hand-off for redeeming; false when it is spent, or somebody else is redeeming it now. */
  async take(id: string): Promise<boolean> {
    const nowMs = Date.now();
    return takeScript.run(this.#client, { handoff: this.#key(id) }, [nowMs, nowMs + TAKEN_MS]);
  }

  /** Gives back what could not be redeemed. */
  async giveBack(id: string): Promise<void> {
    await this.#client.hdel(this.#key(id), 'taken');
  }

  /** Spends a hand-off for ever, and forgets the person. @param atMs business time */
  async spend(id: string, atMs: number): Promise<void> {
    await this.#client.multi().hset(this.#key(id), 'spent', atMs).hdel(this.#key(id), 'sealed', 'taken').exec();
  }

  async #read(id: string): Promise<{ readonly stored: StoredHandoff; readonly digest: string } | undefined> {
    const [doc, digest, spent, sealed] = await this.#client.hmget(this.#key(id), 'doc', 'digest', 'spent', 'sealed');
    if (!doc || !digest) return undefined;
    const handoff = JSON.parse(doc) as Handoff;
    const spentAtMs = spent === null || spent === undefined ? null : Number(spent);
    return { digest, stored: { handoff, spentAtMs, sealed: sealed ?? undefined } };
  }

  #key(id: string): string {
    return this.#keys.shard(shardOfId(id), 'handoff', id);
  }
}
