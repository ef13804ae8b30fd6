import { DAY_MS, HOUR_MS, MINUTE_MS, msOf, SECOND_MS } from '../../base/clock.ts';
import { shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Handoff, SealedHandoff, StoredHandoff } from './handoff.ts';
import { sameDigest } from './handoff-token.ts';

/** Lenders name hand-offs long afterwards: one that was redeemed is kept as long as clicks. */
const LIFETIME_MS = 400 * DAY_MS;
/** One that nobody opened is no touch. */
const UNOPENED_LIFETIME_MS = 2 * DAY_MS;
/** Nobody comes back from a lender's page later. */
const BACK_LIFETIME_MS = DAY_MS;
/** As long as a form on our own page can be sent. */
export const FORM_LIFETIME_MS = 2 * HOUR_MS;
/** Between the end by business time and that of what is sealed. */
const SLACK_MS = MINUTE_MS;
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

  /** @param digest of the secret half of its token */
  async create(handoff: Handoff, digest: string, { person, back }: SealedHandoff): Promise<void> {
    const { id, created_at: from, expires_at: until } = handoff;
    const key = this.#key(id);
    const work = this.#client.multi().hset(key, { doc: JSON.stringify(handoff), digest });
    work.pexpire(key, UNOPENED_LIFETIME_MS).set(this.#key(id, 'back'), back, 'PX', BACK_LIFETIME_MS);
    // Real time runs no faster than business time, so nothing is gone while it can be redeemed.
    if (person !== undefined) work.set(this.#key(id, 'person'), person, 'PX', msOf(until) - msOf(from) + SLACK_MS);
    await work.exec();
  }

  /** Where the applicant comes back to, sealed; undefined when that is over. */
  async back(id: string): Promise<string | undefined> {
    return (await this.#client.get(this.#key(id, 'back'))) ?? undefined;
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
    const key = this.#key(id);
    const work = this.#client.multi().hset(key, 'spent', atMs).hdel(key, 'taken').del(this.#key(id, 'person'));
    await work.pexpire(key, LIFETIME_MS).exec();
  }

  /**
   * Spends a hand-off for ever, for our own form: whoever opened it may have it shown for a while, and that is how long the
   * person is kept. @param atMs business time
   */
  async spendOnForm(id: string, atMs: number): Promise<void> {
    const key = this.#key(id);
    const until = Date.now() + FORM_LIFETIME_MS;
    const work = this.#client.multi().hset(key, { spent: atMs, form: until }).hdel(key, 'taken');
    await work.pexpire(key, LIFETIME_MS).pexpire(this.#key(id, 'person'), FORM_LIFETIME_MS).exec();
  }

  /** Notes what came of it on our own form, and forgets the person. */
  async conclude(id: string, applicationId: string): Promise<void> {
    await this.#client.multi().hset(this.#key(id), 'applied', applicationId).del(this.#key(id, 'person')).exec();
  }

  /** Forgets whom it was about: what is left tells that there was one. @returns whether there was one */
  async forget(id: string): Promise<boolean> {
    const read = await this.#read(id);
    if (read === undefined) return false;
    const { handoff } = read.stored;
    const doc = JSON.stringify({ ...handoff, tokens: [], partner_user_ref: null } satisfies Handoff);
    const key = this.#key(id);
    const work = this.#client.multi().hset(key, 'doc', doc).pexpire(key, LIFETIME_MS);
    await work.del(this.#key(id, 'person'), this.#key(id, 'back')).exec();
    return true;
  }

  async #read(id: string): Promise<{ readonly stored: StoredHandoff; readonly digest: string } | undefined> {
    const [[doc, digest, spent, form, applied], sealed] = await Promise.all([
      this.#client.hmget(this.#key(id), 'doc', 'digest', 'spent', 'form', 'applied'),
      this.#client.get(this.#key(id, 'person')),
    ]);
    if (!doc || !digest) return undefined;
    const handoff = JSON.parse(doc) as Handoff;
    const spentAtMs = spent === null || spent === undefined ? null : Number(spent);
    const formUntilMs = form ? Number(form) : null;
    const stored = { handoff, spentAtMs, sealed: sealed ?? undefined, formUntilMs, appliedAs: applied ?? null };
    return { digest, stored };
  }

  #key(id: string, ...part: readonly ('person' | 'back')[]): string {
    return this.#keys.shard(shardOfId(id), 'handoff', id, ...part);
  }
}
