import { DAY_MS, SECOND_MS } from '../../base/clock.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { TopShares } from './reading.ts';
import { DAY_SLOTS, RING_DAYS, readRing, type TrafficDay } from './traffic-day.ts';
import type { TrafficTally } from './traffic-tally.ts';

const script = defineScript<'marks', string>({
  file: new URL('./add-traffic.lua', import.meta.url),
  keys: ['marks'],
  reply: String,
});

const KEEP_RING_SECONDS = ((RING_DAYS + 1) * DAY_MS) / SECOND_MS;
const KEEP_TOPS_SECONDS = (2 * DAY_MS) / SECOND_MS;
/** Most that Redis keeps of a sorted set in its compact form. */
const TOPS_MAX = 128;
/** Of an address share these are told. */
const BUSIEST_ADDRESSES = 16;
const NONE_YET = '';

/** What was counted of links: one string of fixed size a link, and its busiest visitors of a day, all in the partner's slot. */
export class TrafficStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Place of the last thing of a source that was counted for a partner; '' = nothing yet. */
  async markOf(partnerId: string, source: string): Promise<string> {
    return (await this.#client.hget(this.#marks(partnerId), source)) ?? NONE_YET;
  }

  /**
   * Adds a tally, once.
   * @param mark the one that the tally goes on from
   * @returns undefined when it was added; else the mark that is there, and nothing was
   */
  async add(
    partnerId: string,
    tally: TrafficTally,
    { source, mark, next }: { readonly source: string; readonly mark: string; readonly next: string },
  ): Promise<string | undefined> {
    const names: string[] = [];
    const keyNumber = (name: string): number => names.push(name) + 1;
    const rings = [...tally.rings].map(([link, days]) => [
      keyNumber(this.#ring(partnerId, link)),
      [...days].map(([day, slots]) => [day, ...[...slots].flat()]),
    ]);
    const tops = [
      ...[...tally.visitors].map(([place, ids]) => [
        keyNumber(this.#top(partnerId, 'visitors', place)),
        worthCounting(ids),
      ]),
      ...[...tally.addresses].map(([place, ids]) => [
        keyNumber(this.#top(partnerId, 'addresses', place)),
        worthCounting(ids),
      ]),
    ];
    const found = await script.run(
      this.#client,
      { marks: this.#marks(partnerId) },
      [
        source,
        mark,
        next,
        JSON.stringify({ rings, tops }),
        RING_DAYS,
        DAY_SLOTS,
        KEEP_RING_SECONDS,
        KEEP_TOPS_SECONDS,
        TOPS_MAX,
      ],
      names,
    );
    if (found === '') return undefined;
    return found === '-' ? NONE_YET : found;
  }

  /** Days of a link (or of `ALL_LINKS`), as far as they are kept. */
  async days(partnerId: string, link: string, today: number): Promise<ReadonlyMap<number, TrafficDay>> {
    const ring = await this.#client.getBuffer(this.#ring(partnerId, link));
    return ring === null ? new Map() : readRing(ring, today);
  }

  /** The busiest of a link's day; each count is the least that it can be. */
  async top(partnerId: string, link: string, day: number): Promise<TopShares> {
    const place = `${link}:${day}`;
    const [visitors, addresses] = await Promise.all([
      this.#busiest(this.#top(partnerId, 'visitors', place), 1),
      this.#busiest(this.#top(partnerId, 'addresses', place), BUSIEST_ADDRESSES),
    ]);
    return { visitor: visitors, addresses };
  }

  /** Forgets who was busiest on a day: the link is judged afresh. */
  async forgetTop(partnerId: string, link: string, day: number): Promise<void> {
    const place = `${link}:${day}`;
    await this.#client.del(this.#top(partnerId, 'visitors', place), this.#top(partnerId, 'addresses', place));
  }

  /** Notes that applications by links become known for a product. */
  async noteReported(lenderId: string, productId: string, day: number): Promise<void> {
    await this.#client.hset(this.#keys.partner(lenderId, 'quality', 'reported'), productId, day);
  }

  /** The last day on which somebody's did; 0 = never. */
  async reportedOn(lenderId: string, productId: string): Promise<number> {
    return Number((await this.#client.hget(this.#keys.partner(lenderId, 'quality', 'reported'), productId)) ?? 0);
  }

  /** A count of the smallest may be somebody else's as a whole: it is taken off where the set is full. */
  async #busiest(key: string, count: number): Promise<number> {
    const [size, busiest, least] = await Promise.all([
      this.#client.zcard(key),
      this.#client.zrange(key, 0, count - 1, 'REV', 'WITHSCORES'),
      this.#client.zrange(key, 0, 0, 'WITHSCORES'),
    ]);
    const doubt = size < TOPS_MAX ? 0 : Number(least[1] ?? 0);
    let sum = 0;
    for (let at = 1; at < busiest.length; at += 2) sum += Math.max(0, Number(busiest[at]) - doubt);
    return sum;
  }

  #marks(partnerId: string): string {
    return this.#keys.partner(partnerId, 'quality', 'marks');
  }

  #ring(partnerId: string, link: string): string {
    return this.#keys.partner(partnerId, 'quality', 'ring', link);
  }

  #top(partnerId: string, who: 'visitors' | 'addresses', place: string): string {
    return this.#keys.partner(partnerId, 'quality', who, place);
  }
}

/**
 * Among so many of one batch somebody who matters comes more than once; the others are left out, since each that comes to a
 * full set costs as much as the rest of the click together.
 */
const MANY = 100;

function worthCounting(ids: ReadonlyMap<string, number>): (string | number)[] {
  const counted = ids.size <= MANY ? [...ids] : [...ids].filter(([, amount]) => amount > 1);
  return counted.flat();
}
