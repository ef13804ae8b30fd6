import { DAY_MS } from '../base/clock.ts';
import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { hashReference } from './hash-reference.ts';

/** For which application a lender's event id is used. */
export interface EventIdNote {
  readonly applicationId: string;
  /** Since when, epoch ms in real time. */
  readonly sinceMs: number;
  /** As it is written: whoever made it knows it by this. */
  readonly text: string;
}

/** An event is not taken in when it is older; so neither is its id remembered for longer. */
const LIFETIME_MS = 1_095 * DAY_MS;

const claimScript = defineScript<'entry', string>({
  file: new URL('./claim-event-id.lua', import.meta.url),
  keys: ['entry'],
  reply: (raw) => raw as string,
});

const releaseScript = defineScript<'entry', boolean>({
  file: new URL('./release-event-id.lua', import.meta.url),
  keys: ['entry'],
  reply: (raw) => raw === 1,
});

/**
 * Which application each event id of a lender was used for: the answers lie beside the applications, but an id is the
 * lender's, whatever it is about. Noted before an event is judged, taken back when it was rejected.
 */
export class EventIds {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Notes an id for an application.
   * @param note from {@link newNote}
   * @param replaces a note for another application that holds no longer
   * @returns the note for another application that stands, undefined when ours does
   */
  async claim(
    lenderId: string,
    eventId: string,
    note: EventIdNote,
    replaces?: EventIdNote,
  ): Promise<EventIdNote | undefined> {
    const args = [note.applicationId, note.text, LIFETIME_MS, replaces?.text ?? ''];
    const held = await claimScript.run(this.#client, { entry: this.#key(lenderId, eventId) }, args);
    return held === '' ? undefined : readNote(held);
  }

  /** Takes a note back that was ours. */
  async release(lenderId: string, eventId: string, note: EventIdNote): Promise<void> {
    await releaseScript.run(this.#client, { entry: this.#key(lenderId, eventId) }, [note.text]);
  }

  /** What an id was used for. */
  async find(lenderId: string, eventId: string): Promise<EventIdNote | undefined> {
    const held = await this.#client.get(this.#key(lenderId, eventId));
    return held === null ? undefined : readNote(held);
  }

  #key(lenderId: string, eventId: string): string {
    const hash = hashReference(lenderId, eventId);
    return this.#keys.shard(shardOfText(hash), 'event', lenderId, hash);
  }
}

/** @param nonce tells the notes of two requests apart */
export function newNote(applicationId: string, sinceMs: number, nonce: string): EventIdNote {
  return { applicationId, sinceMs, text: `${applicationId}|${sinceMs}|${nonce}` };
}

function readNote(text: string): EventIdNote {
  const [applicationId = '', since = '0'] = text.split('|');
  return { applicationId, sinceMs: Number(since), text };
}
