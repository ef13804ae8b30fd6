import { isBefore } from '../../events/log.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { timeOf } from '../feed/feed-store.ts';
import { type ChannelPlace, type ChannelState, ChannelStore, readState } from './channel-store.ts';
import { type DeliveryRecord, type DeliveryState, queueMember } from './delivery-record.ts';

/** How far a channel is behind. */
export interface ChannelOverview extends ChannelState {
  /** Deliveries that wait for another attempt, or behind one that does. */
  readonly pending: number;
  /** Events of the feed that it has not come to yet; counted up to `BACKLOG_COUNTED`. */
  readonly backlog: number;
  /** Epoch ms of the oldest event that waits, in either way; null = none does. */
  readonly oldestMs: number | null;
}

export interface DeliveryQuery {
  readonly state?: DeliveryState | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A delivery with the channel that it goes over. */
export interface FoundDelivery {
  readonly place: ChannelPlace;
  readonly record: DeliveryRecord;
}

/** Events behind a cursor are counted up to here. */
export const BACKLOG_COUNTED = 1_000;
const SCAN_PAGE = 200;
const SCAN_MAX = 4_000;
const REDRIVE_TRIES = 5;

const redriveScript = defineScript<'due' | 'queue' | 'records', boolean>({
  file: new URL('./redrive.lua', import.meta.url),
  keys: ['due', 'queue', 'records'],
  reply: (raw) => raw === 1,
});

const enableScript = defineScript<'state' | 'due', boolean>({
  file: new URL('./enable.lua', import.meta.url),
  keys: ['state', 'due'],
  reply: (raw) => raw === 1,
});

/** Channels as people look at them: how they do, what waits, what was given up; and what can be done about it. */
export class ChannelDesk {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #store: ChannelStore;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
    this.#store = new ChannelStore(client, keys);
  }

  async overview(place: ChannelPlace): Promise<ChannelOverview> {
    const keys = this.#store.keys(place);
    const feed = this.#keys.partner(place.partnerId, 'feed');
    const state = readState(await this.#client.hgetall(keys.state));
    const from = state.cursor === null ? '-' : `(${state.cursor}`;
    const [pending, behind, oldest] = await Promise.all([
      this.#client.zcard(keys.queue),
      state.cursor === null ? [] : this.#client.xrange(feed, from, '+', 'COUNT', BACKLOG_COUNTED),
      this.#oldestPending(place),
    ]);
    const first = behind[0]?.[0];
    const times = [first === undefined ? null : timeOf(first), oldest].filter((time) => time !== null);
    return { ...state, pending, backlog: behind.length, oldestMs: times.length === 0 ? null : Math.min(...times) };
  }

  /** Deliveries with a record, by their event, newest first. */
  async list(places: readonly ChannelPlace[], { state, after, limit }: DeliveryQuery) {
    const found: FoundDelivery[] = [];
    const lists = await Promise.all(places.map((place) => this.#listOf(place, { state, after, limit })));
    for (const list of lists) found.push(...list);
    found.sort((a, b) => (isLater(a.record, b.record) ? -1 : 1));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { page, next: found.length > limit && last !== undefined ? orderOf(last.record) : null };
  }

  async find(places: readonly ChannelPlace[], id: string): Promise<FoundDelivery | undefined> {
    for (const place of places) {
      const json = await this.#client.hget(this.#store.keys(place).records, id);
      if (json !== null) return { place, record: JSON.parse(json) as DeliveryRecord };
    }
    return undefined;
  }

  /**
   * Sends a delivery again that was given up, or that waits for its next attempt: now, with all attempts before it.
   * @returns the record from now on; undefined when there is none, `delivered` when it needs none
   */
  async redrive(
    { place, record: seen }: FoundDelivery,
    nowMs: number,
  ): Promise<DeliveryRecord | 'delivered' | undefined> {
    const keys = this.#store.keys(place);
    for (let tries = 0; tries < REDRIVE_TRIES; tries += 1) {
      const json = await this.#client.hget(keys.records, seen.id);
      if (json === null) return undefined;
      const record = JSON.parse(json) as DeliveryRecord;
      if (record.state === 'delivered') return 'delivered';
      const revived: DeliveryRecord = { ...record, state: 'retrying', attempts: 0, next_ms: nowMs };
      const { id, lane } = record;
      const args = [id, lane, queueMember(record), json, JSON.stringify(revived), nowMs];
      if (await redriveScript.run(this.#client, keys, args)) return revived;
    }
    return seen;
  }

  /** Lets a channel send again that was switched off. @returns false when it was not */
  enable(place: ChannelPlace, nowMs: number): Promise<boolean> {
    return enableScript.run(this.#client, this.#store.keys(place), [nowMs]);
  }

  /** Forgets deliveries that are over and whose event was told before that instant. */
  async forget(place: ChannelPlace, beforeMs: number): Promise<void> {
    const { index, records, done } = this.#store.keys(place);
    for (let skipped = 0; ; ) {
      const ids = await this.#client.zrangebyscore(index, '-inf', `(${beforeMs}`, 'LIMIT', skipped, SCAN_PAGE);
      if (ids.length === 0) return;
      const stored = await this.#client.hmget(records, ...ids);
      const over = ids.filter((_, at) => isOver(stored[at] ?? null));
      if (over.length > 0) {
        await this.#client.hdel(records, ...over);
        await this.#client.zrem(done, ...over);
        await this.#client.zrem(index, ...over);
      }
      skipped += ids.length - over.length;
    }
  }

  async #oldestPending(place: ChannelPlace): Promise<number | null> {
    const { queue, index } = this.#store.keys(place);
    const members = await this.#client.zrange(queue, 0, SCAN_PAGE - 1);
    if (members.length === 0) return null;
    const ids = members.map((member) => member.slice(member.lastIndexOf('|') + 1));
    const scores = await this.#client.zmscore(index, ...ids);
    const times = scores.flatMap((score) => (score === null ? [] : [Number(score)]));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** One more than asked for, so that whoever merges lists knows whether there is more. */
  async #listOf(place: ChannelPlace, { state, after, limit }: DeliveryQuery): Promise<FoundDelivery[]> {
    const { index, records } = this.#store.keys(place);
    const found: FoundDelivery[] = [];
    const max = after === undefined ? '+inf' : String(timeOf(after));
    for (let skipped = 0; skipped < SCAN_MAX && found.length <= limit; skipped += SCAN_PAGE) {
      const ids = await this.#client.zrevrangebyscore(index, max, '-inf', 'LIMIT', skipped, SCAN_PAGE);
      if (ids.length === 0) break;
      for (const json of await this.#client.hmget(records, ...ids)) {
        const record = json === null ? undefined : (JSON.parse(json) as DeliveryRecord);
        const isWanted = record && (state === undefined || record.state === state);
        if (isWanted && (after === undefined || isEarlier(record, after))) found.push({ place, record });
      }
    }
    return found;
  }
}

/** Place in a list: place of the event, then the delivery. */
function orderOf({ position, id }: DeliveryRecord): string {
  return `${position}|${id}`;
}

function isEarlier(record: DeliveryRecord, order: string): boolean {
  const [position = '', id = ''] = order.split('|');
  return record.position === position ? record.id < id : isBefore(record.position, position);
}

function isLater(a: DeliveryRecord, b: DeliveryRecord): boolean {
  return isEarlier(b, orderOf(a));
}

function isOver(json: string | null): boolean {
  if (json === null) return true;
  const { state } = JSON.parse(json) as DeliveryRecord;
  return state === 'dead' || state === 'delivered';
}
