import { hash } from 'node:crypto';
import { DAY_MS } from '../../base/clock.ts';
import { SHARD_COUNT, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Contributor, ListToken } from './entry.ts';
import type { EntryDoc } from './entry-doc.ts';
import { dayOfDate } from './entry-rules.ts';
import { shardOfToken, tokenBytes } from './index-layout.ts';
import { type PackedMembership, packListAndSource } from './membership.ts';

/** What a lookup needs of an entry's details, kept beside each of its tokens. */
export interface EntryRef {
  readonly id: string;
  /** Hash that names the group's key; null = in no group. */
  readonly group: string | null;
  readonly retry_at: string | null;
}

/** One entry as its group knows it. */
export interface GroupMember {
  readonly id: string;
  readonly tokens: readonly ListToken[];
}

/** Where a membership's details hang. */
export interface RefPlace {
  readonly token: ListToken;
  readonly list: PackedMembership['list'];
  readonly source: number;
}

/** How long a document stays after its entry has expired, for questions that come late. */
const KEPT_AFTER_EXPIRY_DAYS = 400;
const DAY_SECONDS = 86_400;
/** Somebody else wrote the document in between that many times: something is wrong. */
const TRIES = 10;
const SUSPENDED_FIELD = 'suspended';

const putScript = defineScript<'entry', boolean>({
  file: new URL('./put-entry.lua', import.meta.url),
  keys: ['entry'],
  reply: (raw) => raw === 1,
});

/** Documents of entries, the references to them beside their tokens, and groups. */
export class DetailStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  async get(id: string): Promise<EntryDoc | undefined> {
    return (await this.#load(id)).doc;
  }

  /**
   * Changes a document, again from the start when somebody else was quicker.
   * @param change gets what is stored; answers the same object, or undefined, to leave it as it is
   * @returns what is stored afterwards
   */
  async change(
    id: string,
    nowMs: number,
    change: (before: EntryDoc | undefined) => EntryDoc | undefined,
  ): Promise<EntryDoc | undefined> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { version, doc } = await this.#load(id);
      const after = change(doc);
      if (after === undefined || after === doc) return doc;
      const args = [version, JSON.stringify(after), lifetimeMs(after, nowMs)];
      if (await putScript.run(this.#client, { entry: this.#entryKey(id) }, args)) return after;
    }
    throw new Error(`the list entry ${id} is being changed all the time`);
  }

  /** The references beside tokens, in order of the places, one round. */
  async refs(places: readonly RefPlace[]): Promise<(EntryRef | undefined)[]> {
    return Promise.all(
      places.map(async (place) => {
        const stored = await this.#client.hget(this.#refKey(place.token), refField(place));
        return stored ? (JSON.parse(stored) as EntryRef) : undefined;
      }),
    );
  }

  async putRefs(places: readonly RefPlace[], ref: EntryRef): Promise<void> {
    const text = JSON.stringify(ref);
    await Promise.all(places.map((place) => this.#client.hset(this.#refKey(place.token), refField(place), text)));
  }

  async dropRefs(places: readonly RefPlace[]): Promise<void> {
    await Promise.all(places.map((place) => this.#client.hdel(this.#refKey(place.token), refField(place))));
  }

  /** @param expiresOn last day of the entry; the group lives as long as the longest of its entries */
  async joinGroup(group: string, { id, tokens }: GroupMember, expiresOn: string | null): Promise<void> {
    const key = this.#groupKey(group);
    await this.#client.hset(key, id, JSON.stringify(tokens));
    if (expiresOn === null) return;
    const seconds = dayOfDate(expiresOn) * DAY_SECONDS + KEPT_AFTER_EXPIRY_DAYS * DAY_SECONDS;
    await this.#client.expireat(key, seconds, 'NX');
    await this.#client.expireat(key, seconds, 'GT');
  }

  async leaveGroup(group: string, id: string): Promise<void> {
    await this.#client.hdel(this.#groupKey(group), id);
  }

  async group(group: string): Promise<{ readonly isSuspended: boolean; readonly members: readonly GroupMember[] }> {
    const { [SUSPENDED_FIELD]: suspended, ...members } = await this.#client.hgetall(this.#groupKey(group));
    return {
      isSuspended: suspended !== undefined,
      members: Object.entries(members).map(([id, tokens]) => ({ id, tokens: JSON.parse(tokens) as ListToken[] })),
    };
  }

  async isSuspended(group: string): Promise<boolean> {
    return (await this.#client.hexists(this.#groupKey(group), SUSPENDED_FIELD)) === 1;
  }

  /** Marks a group as under appeal, or no more; what joins it meanwhile is suspended too. */
  async markSuspended(group: string, isSuspended: boolean): Promise<void> {
    const key = this.#groupKey(group);
    await (isSuspended ? this.#client.hset(key, SUSPENDED_FIELD, '1') : this.#client.hdel(key, SUSPENDED_FIELD));
  }

  async #load(id: string): Promise<{ readonly version: number; readonly doc: EntryDoc | undefined }> {
    const [version, doc] = await this.#client.hmget(this.#entryKey(id), 'v', 'doc');
    return { version: Number(version ?? 0), doc: doc ? (JSON.parse(doc) as EntryDoc) : undefined };
  }

  #entryKey(id: string): string {
    return this.#keys.shard(shardOfId(id), 'listentry', id);
  }

  #refKey({ token }: ListToken): string {
    return this.#keys.shard(shardOfToken(tokenBytes(token)), 'listref', token);
  }

  #groupKey(group: string): string {
    return this.#keys.shard(Number.parseInt(group.slice(0, 2), 16) % SHARD_COUNT, 'listgroup', group);
  }
}

/** A group belongs to its contributor: two of them may use the same reference. */
export function groupHash(contributor: Contributor, group: string): string {
  return hash('sha256', `${contributor}\0${group}`).slice(0, 32);
}

function refField({ list, source }: RefPlace): string {
  return String(packListAndSource(list, source));
}

function lifetimeMs(doc: EntryDoc, nowMs: number): string {
  if (doc.expires_on === null) return '';
  return String(Math.max(1, dayOfDate(doc.expires_on) * DAY_MS - nowMs) + KEPT_AFTER_EXPIRY_DAYS * DAY_MS);
}
