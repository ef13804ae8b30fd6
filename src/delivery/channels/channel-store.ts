import { MINUTE_MS } from '../../base/clock.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { type PlacedEntry, readEntry } from '../feed/feed-entry.ts';
import { timeOf } from '../feed/feed-store.ts';
import { type DeliveryRecord, queueMember } from './delivery-record.ts';

type ChannelKey = 'lease' | 'state' | 'due' | 'queue' | 'records' | 'index' | 'done' | 'told';

/** Where one partner is told over one way. */
export interface ChannelPlace {
  readonly partnerId: string;
  /** `webhook`, or `postback-…` of one host. */
  readonly name: string;
}

/** How a channel does. Times are epoch ms, real time; null = never. */
export interface ChannelState {
  /** Place in the feed up to which every event was delivered, or has a record. */
  readonly cursor: string | null;
  /** Since when nothing is sent; null = it is. */
  readonly disabledMs: number | null;
  readonly disabledStatus: number | null;
  readonly lastSuccessMs: number | null;
  readonly lastTriedMs: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

export interface Look {
  readonly state: ChannelState;
  /** First deliveries of lanes that are due. */
  readonly due: readonly DeliveryRecord[];
  /** What the feed has after the cursor. */
  readonly entries: readonly PlacedEntry[];
  /** When the first delivery that waits is due, ms. */
  readonly nextDueMs: number | null;
}

export type StateField =
  | 'cursor'
  | 'disabled_ms'
  | 'disabled_status'
  | 'success_ms'
  | 'tried_ms'
  | 'last_status'
  | 'last_error';

/** What became of deliveries, in the order in which it is written. */
export type Settlement =
  | { readonly do: 'keep'; readonly record: DeliveryRecord; readonly dueMs: number }
  | { readonly do: 'leave'; readonly record: DeliveryRecord }
  | { readonly do: 'state'; readonly field: StateField; readonly value: string }
  | { readonly do: 'told'; readonly lane: string; readonly text: string }
  /** Everything that waits is due now. */
  | { readonly do: 'forward' };

/** Delivered ones of a channel that are remembered. */
const DELIVERED_KEPT = 1_000;
/** A channel begins that long before it was first seen. */
const BEGINS_BEFORE_MS = MINUTE_MS;

const lookScript = defineScript<'lease' | 'state' | 'due' | 'queue' | 'records' | 'feed', unknown>({
  file: new URL('./look.lua', import.meta.url),
  keys: ['lease', 'state', 'due', 'queue', 'records', 'feed'],
  reply: (raw) => raw,
});

const settleScript = defineScript<ChannelKey, boolean>({
  file: new URL('./settle.lua', import.meta.url),
  keys: ['lease', 'state', 'due', 'queue', 'records', 'index', 'done', 'told'],
  reply: (raw) => raw === 1,
});

const leaseScript = defineScript<'lease', boolean>({
  file: new URL('./partner-lease.lua', import.meta.url),
  keys: ['lease'],
  reply: (raw) => raw === 1,
});

type RawLook = readonly [string[], string[], [string, string[]][], string];

/** What is on its way to partners. One process at a time looks after a partner; each write makes sure of it. */
export class ChannelStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Takes or renews looking after a partner. @returns whether the owner has it now */
  takeLease(partnerId: string, owner: string, lifetimeMs: number): Promise<boolean> {
    return leaseScript.run(this.#client, { lease: this.#leaseKey(partnerId) }, [owner, lifetimeMs]);
  }

  async dropLease(partnerId: string, owner: string): Promise<void> {
    await leaseScript.run(this.#client, { lease: this.#leaseKey(partnerId) }, [owner, 0]);
  }

  /** @param target fingerprint of where it leads @returns undefined when somebody else looks after the partner */
  async look(
    place: ChannelPlace,
    owner: string,
    wish: { readonly target: string; readonly nowMs: number; readonly lanes: number; readonly entries: number },
  ): Promise<Look | undefined> {
    const { target, nowMs, lanes, entries } = wish;
    const keys = { ...this.keys(place), feed: this.#keys.partner(place.partnerId, 'feed') };
    const raw = await lookScript.run(this.#client, keys, [owner, nowMs, lanes, entries, target, BEGINS_BEFORE_MS]);
    if (!Array.isArray(raw)) return undefined;
    const [state, due, found, next] = raw as unknown as RawLook;
    return {
      state: readState(fieldsOf(state)),
      due: due.map((json) => JSON.parse(json) as DeliveryRecord),
      entries: found.map(([position, fields]) => readEntry(position, fields)),
      nextDueMs: next === '' ? null : Number(next),
    };
  }

  /** Which of these lanes have something that waits. */
  async waiting(place: ChannelPlace, lanes: readonly string[]): Promise<ReadonlySet<string>> {
    if (lanes.length === 0) return new Set();
    const scores = await this.#client.zmscore(this.keys(place).due, ...lanes);
    return new Set(lanes.filter((_, index) => scores[index] !== null));
  }

  /** @returns false when somebody else looks after the partner: nothing was written */
  settle(place: ChannelPlace, owner: string, nowMs: number, changes: readonly Settlement[]): Promise<boolean> {
    const args = [owner, nowMs, DELIVERED_KEPT, ...changes.flatMap(flatten)];
    return settleScript.run(this.#client, this.keys(place), args);
  }

  /** What a lane was last told of its money (JSON); undefined = nothing. */
  async told(place: ChannelPlace, lane: string): Promise<string | undefined> {
    return (await this.#client.hget(this.keys(place).told, lane)) ?? undefined;
  }

  keys(place: ChannelPlace): Readonly<Record<ChannelKey, string>> {
    const { partnerId, name } = place;
    const key = (...rest: readonly string[]): string => this.#keys.partner(partnerId, 'deliveries', name, ...rest);
    return {
      lease: this.#leaseKey(partnerId),
      state: key('state'),
      due: key('due'),
      queue: key('queue'),
      records: key('records'),
      index: key('index'),
      done: key('done'),
      told: key('told'),
    };
  }

  #leaseKey(partnerId: string): string {
    return this.#keys.partner(partnerId, 'deliveries', 'lease');
  }
}

/** The hash `state`, as it is stored. */
export function readState(fields: Readonly<Record<string, string>>): ChannelState {
  const number = (name: StateField): number | null => (fields[name] === undefined ? null : Number(fields[name]));
  return {
    cursor: fields.cursor ?? null,
    disabledMs: number('disabled_ms'),
    disabledStatus: number('disabled_status'),
    lastSuccessMs: number('success_ms'),
    lastTriedMs: number('tried_ms'),
    lastStatus: number('last_status'),
    lastError: fields.last_error ?? null,
  };
}

function fieldsOf(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']),
  );
}

function flatten(change: Settlement): (string | number)[] {
  switch (change.do) {
    case 'keep': {
      const { record, dueMs } = change;
      const json = JSON.stringify(record);
      return ['keep', record.id, record.lane, queueMember(record), json, dueMs, timeOf(record.position)];
    }
    case 'leave': {
      const { record } = change;
      const isDelivered = record.state === 'delivered' ? '1' : '0';
      const json = JSON.stringify(record);
      return ['leave', record.id, record.lane, queueMember(record), json, isDelivered, timeOf(record.position)];
    }
    case 'state':
      return ['state', change.field, change.value, '', '', '', ''];
    case 'told':
      return ['told', change.lane, change.text, '', '', '', ''];
    case 'forward':
      return ['forward', '', '', '', '', '', ''];
  }
}
