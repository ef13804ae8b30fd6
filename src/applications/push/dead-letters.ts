import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { commitOutbox } from './commit-outbox.ts';
import { type AddressedDelivery, type Delivery, parseDelivery } from './delivery.ts';

/** Why a delivery was given up. */
export interface DeadReason {
  readonly error: string;
  /** HTTP status of the core, if it answered. */
  readonly status: number | null;
  /** Attempts that were made, the last one included. */
  readonly attempts: number;
  /** RFC 3339, real time. */
  readonly at: string;
  /** Microsecond of its coming: where it goes back to. */
  readonly place: number;
}

export interface DeadDelivery extends AddressedDelivery, DeadReason {}

export interface DeadQuery {
  /** Absent = every lender. */
  readonly lenderId?: string | undefined;
  readonly kind?: Delivery['kind'] | undefined;
  /** Behind this one. */
  readonly after?: DeadPlace | undefined;
  readonly limit: number;
}

/** Where a page ends: what was given up at the same millisecond is ordered by id. */
export interface DeadPlace {
  readonly atMs: number;
  readonly id: string;
}

export interface DeadPage {
  /** What was given up first comes first. */
  readonly deliveries: readonly DeadDelivery[];
  /** null = this was the last page. A page of one kind may be short, or empty, and still have a next one. */
  readonly next: DeadPlace | null;
}

const reviveScript = defineScript<'dead' | 'deadOfLender' | 'queue' | 'waiting' | 'outbox' | 'lanes', boolean>({
  file: new URL('./revive-delivery.lua', import.meta.url),
  keys: ['dead', 'deadOfLender', 'queue', 'waiting', 'outbox', 'lanes'],
  reply: (raw) => raw === 1,
});

/** Looked at for one page of one kind, so that a rare kind never makes a request slow. */
const SCAN_MAX = 1_000;

/** The deliveries that were given up: they stay until somebody sends them again or drops them. */
export class DeadLetters {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Gives a delivery up, visibly; what waits behind it is due now. */
  async bury({ delivery, lenderId }: AddressedDelivery, reason: DeadReason): Promise<void> {
    const dead = JSON.stringify(reason);
    const effect = { do: 'LEAVE', id: delivery.id, lenderId, nowMs: Date.parse(reason.at), dead } as const;
    await commitOutbox(this.#client, this.#keys, delivery.applicationId, effect);
  }

  /** A page of them, oldest first. */
  async list({ lenderId, kind, after, limit }: DeadQuery): Promise<DeadPage> {
    const take = kind === undefined ? limit : SCAN_MAX;
    const places = await this.#places(lenderId, after, take + 1);
    const deliveries: DeadDelivery[] = [];
    const looked = places.slice(0, take);
    const found = await Promise.all(looked.map((place) => this.#read(place)));
    for (const [index, one] of found.entries()) {
      if (one !== undefined && (kind === undefined || one.delivery.kind === kind)) deliveries.push(one);
      const place = looked[index];
      const isLast = index === places.length - 1;
      if (deliveries.length === limit && place && !isLast) return { deliveries, next: place };
    }
    const last = looked.at(-1);
    return { deliveries, next: places.length > take && last ? last : null };
  }

  /** One of them by its id. */
  async find(id: string): Promise<DeadDelivery | undefined> {
    const found = await Promise.all(
      ALL_SHARDS.map((shard) => this.#client.hexists(this.#keys.shard(shard, 'dead'), id)),
    );
    const shard = found.indexOf(1);
    return shard < 0 ? undefined : this.#read({ shard, id });
  }

  /** Takes one up again under its id, at its old place in the order. @returns false when it is not dead */
  async revive({ delivery, lenderId, place }: DeadDelivery, nowMs: number): Promise<boolean> {
    const shard = shardOfId(delivery.applicationId);
    const { id, applicationId } = delivery;
    const keys = {
      dead: this.#keys.shard(shard, 'dead'),
      deadOfLender: this.#keys.shard(shard, 'dead', lenderId),
      queue: this.#keys.shard(shard, 'queue', applicationId),
      waiting: this.#keys.shard(shard, 'waiting', lenderId),
      outbox: this.#keys.shard(shard, 'outbox', lenderId),
      lanes: this.#keys.shard(shard, 'lanes'),
    };
    return reviveScript.run(this.#client, keys, [id, place, nowMs, applicationId, lenderId]);
  }

  /** Drops one for good, with its sealed message. */
  async drop({ delivery, lenderId }: AddressedDelivery, nowMs: number): Promise<void> {
    const { id, applicationId } = delivery;
    const message = { do: 'HDEL', key: 'messages', field: id } as const;
    await commitOutbox(this.#client, this.#keys, applicationId, { do: 'LEAVE', id, lenderId, nowMs }, message);
  }

  /** The first places behind one, over all shards and lenders. */
  async #places(lenderId: string | undefined, after: DeadPlace | undefined, count: number): Promise<ShardPlace[]> {
    const lanes = await Promise.all(
      ALL_SHARDS.map(async (shard) => {
        const lenders =
          lenderId === undefined ? await this.#client.zrange(this.#keys.shard(shard, 'lanes'), 0, -1) : [lenderId];
        const found = await Promise.all(lenders.map((lender) => this.#placesOf(shard, lender, after, count)));
        return found.flat();
      }),
    );
    return lanes.flat().sort(byPlace).slice(0, count);
  }

  async #placesOf(shard: number, lenderId: string, after: DeadPlace | undefined, count: number): Promise<ShardPlace[]> {
    const key = this.#keys.shard(shard, 'dead', lenderId);
    for (let take = count; ; take *= 2) {
      const flat = await this.#client.zrange(
        key,
        after?.atMs ?? '-inf',
        '+inf',
        'BYSCORE',
        'LIMIT',
        0,
        take,
        'WITHSCORES',
      );
      const places: ShardPlace[] = [];
      for (let at = 0; at + 1 < flat.length; at += 2) {
        const place = { shard, id: flat[at] ?? '', atMs: Number(flat[at + 1]) };
        if (after === undefined || byPlace(place, after) > 0) places.push(place);
      }
      // Those of the same millisecond as the place may fill what was read; then more is read.
      if (places.length >= count || flat.length < 2 * take) return places;
    }
  }

  async #read({ shard, id }: { readonly shard: number; readonly id: string }): Promise<DeadDelivery | undefined> {
    const [reason, text] = await Promise.all([
      this.#client.hget(this.#keys.shard(shard, 'dead'), id),
      this.#client.hget(this.#keys.shard(shard, 'deliveries'), id),
    ]);
    const addressed = text === null ? undefined : parseDelivery(id, text);
    return reason === null || !addressed ? undefined : { ...addressed, ...(JSON.parse(reason) as DeadReason) };
  }
}

interface ShardPlace extends DeadPlace {
  readonly shard: number;
}

function byPlace(one: DeadPlace, other: DeadPlace): number {
  return one.atMs - other.atMs || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}
