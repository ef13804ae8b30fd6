import { randomBytes } from 'node:crypto';
import { type EventIdNote, newNote } from '../applications/event-ids.ts';
import type { Application } from '../applications/model.ts';
import type { ApplicationStore } from '../applications/store.ts';
import { SECOND_MS } from '../base/clock.ts';
import { type LenderEventResult, recalled } from './answer-lender-events.ts';
import type { Remembered } from './lender-inbox.ts';

/** An event with the application that it is about. */
export interface NotedEvent {
  readonly event: { readonly id: string };
  readonly digest: string;
  readonly applicationId: string;
}

/** An id that is being used for another application is decided after this long at the latest; then its user has died. */
const IN_HAND_MS = 10 * SECOND_MS;
const NONCE_BYTES = 6;

/** The event ids of one request of a lender: noted before anything is decided, so that one id means one event for ever. */
export class EventIdNotes {
  readonly #store: Pick<ApplicationStore, 'eventIds' | 'inbox' | 'load'>;
  readonly #lenderId: string;
  readonly #nonce = randomBytes(NONCE_BYTES).toString('base64url');
  readonly #nowMs: number;

  /** @param nowMs real time */
  constructor(store: Pick<ApplicationStore, 'eventIds' | 'inbox' | 'load'>, lenderId: string, nowMs: number) {
    this.#store = store;
    this.#lenderId = lenderId;
    this.#nowMs = nowMs;
  }

  /** @returns the answer to an event whose id belongs to another application, undefined when it may be judged */
  async claim(one: NotedEvent): Promise<LenderEventResult | undefined> {
    const { eventIds } = this.#store;
    const { id } = one.event;
    const note = this.#noteFor(one);
    let replaces: EventIdNote | undefined;
    for (;;) {
      const other = await eventIds.claim(this.#lenderId, id, note, replaces);
      if (other === undefined) return undefined;
      const verdict = judgeOtherUse(await this.#remembered(other, id), one.digest, this.#nowMs - other.sinceMs);
      if (verdict !== 'free') return verdict === 'reused' ? reused(id) : recalled(id, verdict, one.digest);
      replaces = other;
    }
  }

  /** Takes the notes of events back that were rejected: their ids may be used again, for whatever application. */
  async release(events: readonly NotedEvent[], results: readonly LenderEventResult[]): Promise<void> {
    const kept = new Set(results.flatMap((result) => (isRemembered(result) ? [result.id] : [])));
    const rejected = events.filter(({ event }) => !kept.has(event.id));
    const { eventIds } = this.#store;
    await Promise.all(rejected.map((one) => eventIds.release(this.#lenderId, one.event.id, this.#noteFor(one))));
  }

  #noteFor({ applicationId }: NotedEvent): EventIdNote {
    return newNote(applicationId, this.#nowMs, this.#nonce);
  }

  async #remembered({ applicationId }: EventIdNote, id: string): Promise<Remembered | undefined> {
    return (await rememberedEvent(this.#store, this.#lenderId, applicationId, id))?.remembered;
  }
}

/** What an event id of a lender was answered, with its application; undefined when it was not, or is another lender's. */
export async function rememberedEvent(
  store: Pick<ApplicationStore, 'inbox' | 'load'>,
  lenderId: string,
  applicationId: string,
  eventId: string,
): Promise<{ readonly application: Application; readonly remembered: Remembered } | undefined> {
  const [loaded, [value]] = await Promise.all([store.load(applicationId), store.inbox(applicationId, [eventId])]);
  if (loaded?.application.lender_id !== lenderId || !value) return undefined;
  return { application: loaded.application, remembered: JSON.parse(value) as Remembered };
}

/**
 * What it means that an id was used for another application: what was remembered of it there, `reused` while that is being
 * decided, `free` when it was rejected there or its user has died.
 * @param ageMs how long ago it was noted there
 */
export function judgeOtherUse(
  remembered: Remembered | undefined,
  digest: string,
  ageMs: number,
): Remembered | 'reused' | 'free' {
  if (remembered === undefined) return ageMs < IN_HAND_MS ? 'reused' : 'free';
  if (remembered.result === 'rejected') return 'free';
  return remembered.digest === digest ? remembered : 'reused';
}

function isRemembered({ result, code }: LenderEventResult): boolean {
  return result !== 'rejected' || code === 'id_reused';
}

function reused(id: string): LenderEventResult {
  return { id, result: 'rejected', code: 'id_reused', detail: 'this id was used for another event' };
}
