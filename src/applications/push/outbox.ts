import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { commitOutbox } from './commit-outbox.ts';
import { type AddressedDelivery, type Delivery, parseDelivery, queueDelivery } from './delivery.ts';
import { type DueScore, fromDueScore, toDueScore } from './due-score.ts';

/** An application whose first delivery this process may send now. Nobody else sends anything of it meanwhile. */
export interface ClaimedApplication {
  readonly applicationId: string;
  readonly lenderId: string;
  /** When its delivery was due, epoch ms. */
  readonly dueMs: number;
  /** Attempts of its delivery so far, each of which may have reached the core. */
  readonly attempts: number;
  /** From then on (epoch ms) another process may take it. */
  readonly claimedUntilMs: number;
  /** Score of the claim: by it the outbox knows that it is still ours. */
  readonly token: string;
}

/** What a shard had for one lender. */
export interface ShardClaims {
  readonly claimed: readonly ClaimedApplication[];
  /** When the next one is due, epoch ms; null = there is none. */
  readonly nextDueMs: number | null;
}

/** The first delivery of an application. */
export interface HeadDelivery extends AddressedDelivery {
  /** Microsecond of its coming: its place in the order. */
  readonly place: number;
  /** Whether another one waits behind it. */
  readonly isFollowed: boolean;
}

/** A lender that has something due in a shard. */
export interface DueLane {
  readonly shard: number;
  readonly lenderId: string;
  readonly dueMs: number;
}

type LaneKeys = 'outbox' | 'lanes';

const claimScript = defineScript<LaneKeys, readonly string[]>({
  file: new URL('./claim-deliveries.lua', import.meta.url),
  keys: ['outbox', 'lanes'],
  reply: (raw) => raw as readonly string[],
});

const claimOneScript = defineScript<'outbox' | 'queue', readonly string[]>({
  file: new URL('./claim-delivery.lua', import.meta.url),
  keys: ['outbox', 'queue'],
  reply: (raw) => raw as readonly string[],
});

const putOffScript = defineScript<LaneKeys, boolean>({
  file: new URL('./put-off-delivery.lua', import.meta.url),
  keys: ['outbox', 'lanes'],
  reply: (raw) => raw === 1,
});

const bringForwardScript = defineScript<'waiting' | 'outbox' | 'deliveries' | 'lanes', readonly [string, number]>({
  file: new URL('./bring-forward.lua', import.meta.url),
  keys: ['waiting', 'outbox', 'deliveries', 'lanes'],
  reply: (raw) => raw as readonly [string, number],
});

/** Deliveries that one script looks at. */
const CHUNK = 500;

/**
 * What waits to be sent to lenders' cores, in all shards. Deliveries of an application form a queue; only the application
 * itself stands in its lender's outbox, by when its first delivery is due. So what waits behind something is never looked
 * at, however much it is; and who has claimed an application has all of it. Times are real time.
 */
export class Outbox {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Adds a delivery by itself; what causes one puts {@link queueDelivery} into its own change instead. */
  async enqueue(delivery: Delivery, lenderId: string, dueMs: number): Promise<void> {
    await commitOutbox(this.#client, this.#keys, delivery.applicationId, queueDelivery(delivery, lenderId, dueMs));
  }

  /** Which lenders have something due in which of these shards. One cheap read a shard. */
  async dueLanes(shards: readonly number[], nowMs: number): Promise<DueLane[]> {
    const found = await Promise.all(
      shards.map((shard) =>
        this.#client.zrangebyscore(this.#keys.shard(shard, 'lanes'), '-inf', `(${nowMs + 1}`, 'WITHSCORES'),
      ),
    );
    return found.flatMap((pairs, index) =>
      pairsOf(pairs).map(([lenderId, score]) => {
        return { shard: shards[index] ?? 0, lenderId, dueMs: Math.floor(Number(score)) };
      }),
    );
  }

  /** Takes up to `limit` applications of a lender; they are nobody else's until `untilMs`. */
  async claim(
    { shard, lenderId }: Pick<DueLane, 'shard' | 'lenderId'>,
    nowMs: number,
    untilMs: number,
    limit: number,
  ): Promise<ShardClaims> {
    const args = [nowMs, untilMs, limit, lenderId];
    const [next = '', ...rest] = await claimScript.run(this.#client, this.#lane(shard, lenderId), args);
    const claimed: ClaimedApplication[] = [];
    for (let at = 0; at < rest.length; at += 3) {
      const { dueMs, attempts } = fromDueScore(Number(rest[at + 1]));
      const token = rest[at + 2] ?? '';
      claimed.push({ applicationId: rest[at] ?? '', lenderId, dueMs, attempts, claimedUntilMs: untilMs, token });
    }
    return { claimed, nextDueMs: next === '' ? null : Math.floor(Number(next)) };
  }

  /** Takes one delivery out of turn, for the operation that made it: only if it is first, untried, and nobody's. */
  async claimOne(
    { delivery: { id, applicationId }, lenderId }: AddressedDelivery,
    untilMs: number,
  ): Promise<ClaimedApplication | 'busy' | 'gone'> {
    const shard = shardOfId(applicationId);
    const keys = { ...this.#lane(shard, lenderId), queue: this.#keys.shard(shard, 'queue', applicationId) };
    const [answer, score, token = ''] = await claimOneScript.run(this.#client, keys, [applicationId, id, untilMs]);
    if (answer !== 'claimed') return answer === 'gone' ? 'gone' : 'busy';
    const { dueMs } = fromDueScore(Number(score));
    return { applicationId, lenderId, dueMs, attempts: 0, claimedUntilMs: untilMs, token };
  }

  /** The first delivery of an application. */
  async head(applicationId: string): Promise<HeadDelivery | undefined> {
    const shard = shardOfId(applicationId);
    const key = this.#keys.shard(shard, 'queue', applicationId);
    const [id, place, next] = await this.#client.zrange(key, 0, 1, 'WITHSCORES');
    if (id === undefined) return undefined;
    const found = await this.#read(shard, id);
    return found && { ...found, place: Number(place), isFollowed: next !== undefined };
  }

  /** Every delivery of an application, in order. */
  async queueOf(applicationId: string): Promise<AddressedDelivery[]> {
    const shard = shardOfId(applicationId);
    const ids = await this.#client.zrange(this.#keys.shard(shard, 'queue', applicationId), 0, -1);
    const found = await Promise.all(ids.map((id) => this.#read(shard, id)));
    return found.flatMap((one) => (one ? [one] : []));
  }

  /** A delivery of an application with its lender; undefined when it is there no longer. */
  async find({ id, applicationId }: Pick<Delivery, 'id' | 'applicationId'>): Promise<AddressedDelivery | undefined> {
    return this.#read(shardOfId(applicationId), id);
  }

  /** A delivery by its id alone, wherever it lies, also when it is dead. */
  async findById(id: string): Promise<AddressedDelivery | undefined> {
    const texts = await Promise.all(
      ALL_SHARDS.map((shard) => this.#client.hget(this.#keys.shard(shard, 'deliveries'), id)),
    );
    const text = texts.find((one) => typeof one === 'string');
    return text ? parseDelivery(id, text) : undefined;
  }

  /** Makes a claimed application due later. @returns false when somebody else has it by now: nothing was done */
  async putOff({ applicationId, lenderId, token }: ClaimedApplication, due: DueScore): Promise<boolean> {
    const lane = this.#lane(shardOfId(applicationId), lenderId);
    return putOffScript.run(this.#client, lane, [applicationId, token, toDueScore(due), lenderId]);
  }

  /** Gives a claim back as it was. */
  async release(claimed: ClaimedApplication): Promise<boolean> {
    const { dueMs, attempts } = claimed;
    return this.putOff(claimed, { dueMs, attempts });
  }

  /** Takes a delivery out that is not needed any more, with its sealed message; the next of its application is due. */
  async remove({ delivery, lenderId }: AddressedDelivery, nowMs: number): Promise<void> {
    const { id, applicationId } = delivery;
    const message = { do: 'HDEL', key: 'messages', field: id } as const;
    await commitOutbox(this.#client, this.#keys, applicationId, { do: 'LEAVE', lenderId, id, nowMs }, message);
  }

  /** Takes out everything that waits for an application, and its sealed messages. */
  async removeAll(applicationId: string, lenderId: string): Promise<void> {
    const ids = await this.#client.zrange(this.#keys.shard(shardOfId(applicationId), 'queue', applicationId), 0, -1);
    const messages = ids.map((field) => ({ do: 'HDEL', key: 'messages', field }) as const);
    await commitOutbox(this.#client, this.#keys, applicationId, { do: 'LEAVE_ALL', lenderId }, ...messages);
  }

  /**
   * Makes everything of a lender that waits for a later attempt due now, what came first being first in turn. How quickly
   * it goes out is the sender's pace.
   * @returns how many applications were moved
   */
  async bringForward(lenderId: string, nowMs: number): Promise<number> {
    const counts = await Promise.all(ALL_SHARDS.map((shard) => this.#bringForward(shard, lenderId, nowMs)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #bringForward(shard: number, lenderId: string, nowMs: number): Promise<number> {
    const keys = {
      ...this.#lane(shard, lenderId),
      waiting: this.#keys.shard(shard, 'waiting', lenderId),
      deliveries: this.#keys.shard(shard, 'deliveries'),
    };
    let moved = 0;
    for (let after = '0'; ; ) {
      const [last, count] = await bringForwardScript.run(this.#client, keys, [nowMs, after, CHUNK, lenderId]);
      moved += count;
      if (last === '') return moved;
      after = last;
    }
  }

  #lane(shard: number, lenderId: string): Record<LaneKeys, string> {
    return { outbox: this.#keys.shard(shard, 'outbox', lenderId), lanes: this.#keys.shard(shard, 'lanes') };
  }

  async #read(shard: number, id: string): Promise<AddressedDelivery | undefined> {
    const text = await this.#client.hget(this.#keys.shard(shard, 'deliveries'), id);
    return text === null ? undefined : parseDelivery(id, text);
  }
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']);
}
