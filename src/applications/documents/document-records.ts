import { DAY_MS, MINUTE_MS } from '../../base/clock.ts';
import { randomIdInShard, shardOfId, shardOfText } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { StoredDocument } from './document.ts';
import type { DocumentContentType } from './sniff-content-type.ts';

/** Bytes as they were sent in, before they have an id. */
export type NewDocument = Omit<StoredDocument, 'id'>;

/** A use that was noted. */
export interface NotedUse {
  readonly document: StoredDocument;
  /** Whether it was not noted before. */
  readonly isNew: boolean;
}

/** What became of a document whose time had come. */
export type Look = 'remove' | 'used' | 'kept' | 'gone';

/** A new use, and one whose application is not there yet, is looked at after this long. */
const LOOK_SOON_MS = 10 * MINUTE_MS;
/** What is in use is looked at this often: an erasure that was cut off at the wrong moment is finished then. */
const LOOK_AGAIN_MS = DAY_MS;
/** The pointer moves once an upload; it cannot move this often while one looks. */
const MOVES_MAX = 20;
const SCAN_COUNT = 500;

type Keys = 'record' | 'uses' | 'due';

const findOrPut = defineScript<'pointer' | 'record' | 'named' | 'namedUses' | 'due', readonly [string, string?]>({
  file: new URL('./find-or-put-document.lua', import.meta.url),
  keys: ['pointer', 'record', 'named', 'namedUses', 'due'],
  reply: (raw) => raw as readonly [string, string?],
});
const noteUse = defineScript<Keys, readonly [] | readonly [number, ...string[]]>({
  file: new URL('./use-document.lua', import.meta.url),
  keys: ['record', 'uses', 'due'],
  reply: (raw) => raw as readonly [] | readonly [number, ...string[]],
});
const dropUse = defineScript<Keys, boolean>({
  file: new URL('./drop-use.lua', import.meta.url),
  keys: ['record', 'uses', 'due'],
  reply: (raw) => raw === 1,
});
const lookAt = defineScript<Keys, Look>({
  file: new URL('./look-at-document.lua', import.meta.url),
  keys: ['record', 'uses', 'due'],
  reply: (raw) => raw as Look,
});
const forget = defineScript<Keys | 'pointer', boolean>({
  file: new URL('./forget-document.lua', import.meta.url),
  keys: ['record', 'uses', 'due', 'pointer'],
  reply: (raw) => raw === 1,
});

/**
 * What is known of documents, without their bytes. A document lives in the shard that its content leads to, so that the same
 * bytes sent twice meet; which documents an application uses is noted in the application's shard as well, and there first.
 * A document is removed in three steps, each of which finds the one before it done: marked (from then on nobody gets it), its file
 * unlinked, its record deleted.
 */
export class DocumentRecords {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** An id that these contents may be stored under. @param token of partner, kind and bytes; nothing can be told from it */
  newId(token: string): string {
    return randomIdInShard('doc', shardOfText(token));
  }

  /**
   * The document that holds the same content and is not over; it waits for an application as long as a new one would.
   * @param nowMs business time
   */
  findSame(token: string, document: NewDocument, nowMs: number): Promise<string | undefined> {
    return this.#findOrPut(token, '', document, nowMs);
  }

  /**
   * Records a document whose file is stored.
   * @returns its id; another one when the same content has been recorded meanwhile: the file is needed no more
   */
  async put(token: string, id: string, document: NewDocument, nowMs: number): Promise<string> {
    return (await this.#findOrPut(token, id, document, nowMs)) ?? id;
  }

  /** A document that has not been removed; whether its upload is over is not looked at. */
  async find(id: string): Promise<StoredDocument | undefined> {
    const fields = await this.#client.hgetall(this.#keysOf(id).record);
    return fields.state === 'stored' ? read(id, fields) : undefined;
  }

  /** Applications that use a document. */
  usersOf(id: string): Promise<string[]> {
    return this.#client.hkeys(this.#keysOf(id).uses);
  }

  /** Applications that use it with the real times since when, epoch ms. */
  async usesOf(id: string): Promise<{ readonly applicationId: string; readonly sinceMs: number }[]> {
    const uses = await this.#client.hgetall(this.#keysOf(id).uses);
    return Object.entries(uses).map(([applicationId, since]) => ({ applicationId, sinceMs: Number(since) }));
  }

  /** Ids of the documents that an application uses, or was about to. */
  ofApplication(applicationId: string): Promise<string[]> {
    return this.#client.smembers(this.#ofKey(applicationId));
  }

  /**
   * Notes that an application uses a document.
   * @returns undefined when there is none of this id, partner and kind, or its upload is over
   */
  async use(
    id: string,
    by: { readonly partnerId: string; readonly kind: string; readonly applicationId: string },
    nowMs: number,
  ): Promise<NotedUse | undefined> {
    const { partnerId, kind, applicationId } = by;
    const isListed = (await this.#client.sadd(this.#ofKey(applicationId), id)) === 0;
    const args = [id, partnerId, kind, applicationId, nowMs, Date.now(), nowMs + LOOK_SOON_MS];
    const [isNew, ...pairs] = await noteUse.run(this.#client, this.#keysOf(id), args);
    if (isNew === undefined) {
      if (!isListed) await this.unlist(applicationId, [id]);
      return undefined;
    }
    const fields: Record<string, string> = {};
    for (let at = 0; at + 1 < pairs.length; at += 2) fields[pairs[at] ?? ''] = pairs[at + 1] ?? '';
    return { document: read(id, fields), isNew: isNew === 1 };
  }

  /**
   * Takes a use back.
   * @param whenUnused `remove` marks a document that nobody uses then; `expire` lets it wait for the end of its upload
   * @returns whether it is to be removed now
   */
  dropUse(id: string, applicationId: string, whenUnused: 'remove' | 'expire', nowMs: number): Promise<boolean> {
    const mode = whenUnused === 'remove' ? 1 : 0;
    return dropUse.run(this.#client, this.#keysOf(id), [id, applicationId, nowMs, mode]);
  }

  /** The last step of taking uses back: the application has nothing to do with these documents any more. */
  async unlist(applicationId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#client.srem(this.#ofKey(applicationId), ...ids);
  }

  /** Documents of a shard whose time has come, at most `count` after the first `skip`. */
  due(shard: number, nowMs: number, skip: number, count: number): Promise<string[]> {
    return this.#client.zrangebyscore(this.#keys.shard(shard, 'docs'), '-inf', nowMs, 'LIMIT', skip, count);
  }

  /** Judges a document whose time has come. @param usesInOrder how many of its uses were found in order; absent = ask */
  look(id: string, nowMs: number, usesInOrder = -1): Promise<Look> {
    return lookAt.run(this.#client, this.#keysOf(id), [
      id,
      nowMs,
      usesInOrder,
      nowMs + LOOK_SOON_MS,
      nowMs + LOOK_AGAIN_MS,
    ]);
  }

  /** Deletes the record of a document whose file is gone. */
  async forget(id: string): Promise<void> {
    const keys = this.#keysOf(id);
    const token = (await this.#client.hget(keys.record, 'token')) ?? '';
    await forget.run(this.#client, { ...keys, pointer: this.#keys.shard(shardOfId(id), 'docsame', token) }, [id]);
  }

  /** Every document of a shard that has a record, some hundreds at a time; one that comes or goes meanwhile may be left out. */
  async *allOf(shard: number): AsyncGenerator<readonly string[]> {
    let cursor = '0';
    do {
      const [next, pairs] = await this.#client.zscan(this.#keys.shard(shard, 'docs'), cursor, 'COUNT', SCAN_COUNT);
      cursor = next;
      yield pairs.filter((_, index) => index % 2 === 0);
    } while (cursor !== '0');
  }

  /** Which of these have a record, in whatever state. */
  async areRecorded(ids: readonly string[]): Promise<boolean[]> {
    return Promise.all(ids.map(async (id) => (await this.#client.exists(this.#keysOf(id).record)) === 1));
  }

  async #findOrPut(token: string, newId: string, document: NewDocument, nowMs: number): Promise<string | undefined> {
    const shard = shardOfText(token);
    const pointer = this.#keys.shard(shard, 'docsame', token);
    const { partnerId, kind, sha256, contentType, bytes, expiresMs } = document;
    const fields = { token, partner: partnerId, kind, sha256, type: contentType, bytes: String(bytes) };
    for (let move = 0; move < MOVES_MAX; move += 1) {
      const named = (await this.#client.get(pointer)) ?? '';
      const keys = {
        pointer,
        record: this.#keys.shard(shard, 'doc', newId),
        named: this.#keys.shard(shard, 'doc', named || newId),
        namedUses: this.#keys.shard(shard, 'docuses', named || newId),
        due: this.#keys.shard(shard, 'docs'),
      };
      const args = [named, newId, nowMs, expiresMs, ...Object.entries(fields).flat()];
      const [answer, id] = await findOrPut.run(this.#client, keys, args);
      if (answer !== 'moved') return id;
    }
    throw new Error(`the same document was recorded ${MOVES_MAX} times while one upload was tried`);
  }

  #keysOf(id: string): Record<Keys, string> {
    const shard = shardOfId(id);
    return {
      record: this.#keys.shard(shard, 'doc', id),
      uses: this.#keys.shard(shard, 'docuses', id),
      due: this.#keys.shard(shard, 'docs'),
    };
  }

  #ofKey(applicationId: string): string {
    return this.#keys.shard(shardOfId(applicationId), 'docsof', applicationId);
  }
}

function read(id: string, fields: Readonly<Record<string, string>>): StoredDocument {
  const { partner = '', kind = '', sha256 = '', type = '', bytes = '0', expires = '0' } = fields;
  return {
    id,
    partnerId: partner,
    kind,
    sha256,
    contentType: type as DocumentContentType,
    bytes: Number(bytes),
    expiresMs: Number(expires),
  };
}
