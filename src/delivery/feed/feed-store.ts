import { isBefore } from '../../events/log.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { type FeedEntry, type PlacedEntry, readEntry } from './feed-entry.ts';

/** Before everything. */
const FEED_BEGINNING = '0-0';
const SCAN_COUNT = 1_000;

const appendScript = defineScript<'feed' | 'marks', boolean>({
  file: new URL('./append-feed.lua', import.meta.url),
  keys: ['feed', 'marks'],
  reply: (raw) => raw === 1,
});

const trimScript = defineScript<'feed' | 'floor', number>({
  file: new URL('./trim-feed.lua', import.meta.url),
  keys: ['feed', 'floor'],
  reply: Number,
});

/** Where an event of the log stands: its subject, and its place in the subject's shard. */
export interface LogPlace {
  readonly subject: string;
  readonly position: string;
}

/** The feeds of all partners: one stream each, in the partner's slot. */
export class FeedStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @returns false when it was appended before; then nothing was done */
  append(partnerId: string, { subject, position }: LogPlace, entry: FeedEntry): Promise<boolean> {
    const keys = { feed: this.#feed(partnerId), marks: this.#keys.partner(partnerId, 'feed', 'marks') };
    return appendScript.run(this.#client, keys, [subject, position, JSON.stringify(entry)]);
  }

  /** Entries after a place, oldest first; undefined when some after it are kept no longer. */
  async after(partnerId: string, position: string, count: number): Promise<PlacedEntry[] | undefined> {
    // In this order: what is taken off in between is noticed.
    const found = await this.#client.xrange(this.#feed(partnerId), `(${position}`, '+', 'COUNT', count);
    if (isBefore(position, await this.floor(partnerId))) return undefined;
    return found.map(([at, fields]) => readEntry(at, fields));
  }

  /** Where the feed begins: what is after this place is kept. */
  async floor(partnerId: string): Promise<string> {
    return (await this.#client.get(this.#keys.partner(partnerId, 'feed', 'floor'))) ?? FEED_BEGINNING;
  }

  /** The entry at a place; undefined when it is kept no longer. */
  async at(partnerId: string, position: string): Promise<PlacedEntry | undefined> {
    const [found] = await this.#client.xrange(this.#feed(partnerId), position, position);
    return found && readEntry(...found);
  }

  /** Takes off what was appended before that instant, real time, with the marks of subjects that have nothing later. */
  async trim(partnerId: string, beforeMs: number): Promise<number> {
    const keys = { feed: this.#feed(partnerId), floor: this.#keys.partner(partnerId, 'feed', 'floor') };
    const taken = await trimScript.run(this.#client, keys, [`${beforeMs}-0`]);
    const marks = this.#keys.partner(partnerId, 'feed', 'marks');
    let cursor = '0';
    do {
      const [next, page] = await this.#client.hscan(marks, cursor, 'COUNT', SCAN_COUNT);
      const old = page.filter((_, at) => at % 2 === 0 && timeOf(page[at + 1] ?? '') < beforeMs);
      if (old.length > 0) await this.#client.hdel(marks, ...old);
      cursor = next;
    } while (cursor !== '0');
    return taken;
  }

  #feed(partnerId: string): string {
    return this.#keys.partner(partnerId, 'feed');
  }
}

/** Milliseconds of a stream id, real time of Redis. */
export function timeOf(position: string): number {
  return Number(position.slice(0, position.indexOf('-')));
}
