import { businessDayAt } from '../base/business-day.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { KEEP_DAY_SECONDS } from './probe-budget.ts';

/** So many members a business day. One object for as long as the limit stands: what was read of it is kept by it. */
export interface DayCap {
  /** Counterparty in whose slot the places lie. */
  readonly owner: string;
  /** What is counted, such as `applications`; unique for its owner. */
  readonly name: string;
  readonly limit: number;
  /** IANA zone of its day. */
  readonly zone: string;
}

const script = defineScript<'first' | 'second', number>({
  file: new URL('./take-places.lua', import.meta.url),
  keys: ['first', 'second'],
  reply: (raw) => {
    if (typeof raw !== 'number') throw new Error('take-places.lua: unknown reply');
    return raw;
  },
});

/** What was read of a cap that is far from full holds so long; of others it is read each time. */
const FAR_FRESH_MS = 1_000;
/** Nothing takes a tenth of a day's places, or a hundred of them, in that time. */
const FAR_SHARE = 0.1;
const FAR_PLACES = 100;

interface Reading {
  readonly day: string;
  readonly atMs: number;
  readonly isFar: boolean;
}

const NONE_FULL: ReadonlySet<DayCap> = new Set();

/**
 * Daily caps that count each member once. Taking and giving back are idempotent, so they may be steps of what is finished
 * after a crash; the day is the one of an instant that the member carries, so a step that is repeated after midnight still
 * means the same day.
 */
export class PlaceStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #readings = new WeakMap<DayCap, Reading>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Takes a member's place under one cap, or under two of one owner at once: all or none.
   * @param atMs business time that the member's day is that of
   * @returns the cap that is full, or undefined when the member has its places
   */
  async take(member: string, caps: readonly [DayCap, DayCap?], atMs: number): Promise<DayCap | undefined> {
    const [first, second] = caps;
    const names = { first: this.#keyOf(first, atMs), second: this.#keyOf(second ?? first, atMs) };
    const args = [member, KEEP_DAY_SECONDS, first.limit, second?.limit ?? ''];
    const full = await script.run(this.#client, names, args);
    return full === 0 ? undefined : caps[full - 1];
  }

  /** Gives a member's places back; of those that it does not have nothing happens. */
  async giveBack(member: string, caps: readonly DayCap[], atMs: number): Promise<void> {
    await Promise.all(caps.map((cap) => this.#client.srem(this.#keyOf(cap, atMs), member)));
  }

  /** How many members have a place on the day of an instant. */
  count(cap: DayCap, atMs: number): Promise<number> {
    return this.#client.scard(this.#keyOf(cap, atMs));
  }

  /** Which of these caps are full now. Not a promise while all of them are known to be far from it. */
  full(caps: readonly DayCap[], atMs: number): ReadonlySet<DayCap> | Promise<ReadonlySet<DayCap>> {
    const unsure = caps.filter((cap) => !this.#isFar(cap, atMs));
    return unsure.length === 0 ? NONE_FULL : this.#read(unsure, atMs);
  }

  async #read(caps: readonly DayCap[], atMs: number): Promise<ReadonlySet<DayCap>> {
    const counts = await Promise.all(caps.map((cap) => this.#client.scard(this.#keyOf(cap, atMs))));
    return new Set(caps.filter((cap, index) => this.#note(cap, counts[index] ?? 0, atMs) >= cap.limit));
  }

  #note(cap: DayCap, count: number, atMs: number): number {
    const isFar = cap.limit - count > Math.max(FAR_PLACES, cap.limit * FAR_SHARE);
    this.#readings.set(cap, { day: businessDayAt(atMs, cap.zone).day, atMs: Date.now(), isFar });
    return count;
  }

  #isFar(cap: DayCap, atMs: number): boolean {
    const reading = this.#readings.get(cap);
    return (
      reading?.isFar === true &&
      Date.now() - reading.atMs < FAR_FRESH_MS &&
      reading.day === businessDayAt(atMs, cap.zone).day
    );
  }

  #keyOf({ owner, name, zone }: DayCap, atMs: number): string {
    return this.#keys.partner(owner, 'places', name, businessDayAt(atMs, zone).day);
  }
}
