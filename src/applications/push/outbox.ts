import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { type Delivery, formatDelivery, parseDelivery } from './delivery.ts';
import { fromDueScore, toDueScore } from './due-score.ts';

/** A delivery that this process may send now. */
export interface ClaimedDelivery {
  readonly delivery: Delivery;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** From then on (epoch ms) another process may take it. */
  readonly claimedUntilMs: number;
}

/** Why a delivery was given up. */
export interface DeadReason {
  readonly error: string;
  readonly status: number | null;
  /** RFC 3339. */
  readonly at: string;
}

export interface DeadDelivery extends DeadReason {
  readonly delivery: Delivery;
}

export interface OutboxCount {
  /** All deliveries that wait, are being sent or will be retried. */
  readonly pending: number;
  readonly dead: number;
}

const claimScript = defineScript<'outbox', readonly string[]>({
  file: new URL('./claim-deliveries.lua', import.meta.url),
  keys: ['outbox'],
  reply: (raw) => raw as readonly string[],
});

const claimOneScript = defineScript<'outbox', string | null>({
  file: new URL('./claim-delivery.lua', import.meta.url),
  keys: ['outbox'],
  reply: (raw) => raw as string | null,
});

/** The deliveries of all shards: enqueue, claim, put off, finish, give up, take up again. Times are real time. */
export class Outbox {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Adds a delivery that is due now; one that is there already, or was given up, stays as it is. */
  async enqueue(delivery: Delivery, nowMs: number): Promise<void> {
    const { outbox, dead } = this.#keysOf(delivery);
    const member = formatDelivery(delivery);
    if ((await this.#client.hexists(dead, member)) === 1) return;
    await this.#client.zadd(outbox, 'NX', toDueScore({ dueMs: nowMs, attempts: 0 }), member);
  }

  /** Takes up to `limit` due deliveries of a shard; they are nobody else's until `untilMs`. */
  async claim(shard: number, nowMs: number, untilMs: number, limit: number): Promise<ClaimedDelivery[]> {
    const outbox = this.#keys.shard(shard, 'outbox');
    const reply = await claimScript.run(this.#client, { outbox }, [nowMs, untilMs, limit]);
    const claimed: ClaimedDelivery[] = [];
    for (let at = 0; at < reply.length; at += 2) {
      const delivery = parseDelivery(reply[at] ?? '');
      if (!delivery) continue;
      claimed.push({ delivery, attempts: fromDueScore(Number(reply[at + 1])).attempts, claimedUntilMs: untilMs });
    }
    return claimed;
  }

  /** Takes one delivery out of turn; undefined when it is gone, or somebody has it (due later than `takenAfterMs`). */
  async claimOne(delivery: Delivery, takenAfterMs: number, untilMs: number): Promise<ClaimedDelivery | undefined> {
    const { outbox } = this.#keysOf(delivery);
    const score = await claimOneScript.run(this.#client, { outbox }, [formatDelivery(delivery), takenAfterMs, untilMs]);
    if (score === null) return undefined;
    return { delivery, attempts: fromDueScore(Number(score)).attempts, claimedUntilMs: untilMs };
  }

  /** Whether a delivery still waits to be sent, or is being sent. */
  async isPending(delivery: Delivery): Promise<boolean> {
    return (await this.#client.zscore(this.#keysOf(delivery).outbox, formatDelivery(delivery))) !== null;
  }

  /** Makes a delivery due later. Does nothing when somebody has finished it meanwhile. */
  async putOff(delivery: Delivery, dueMs: number, attempts: number): Promise<void> {
    const { outbox } = this.#keysOf(delivery);
    await this.#client.zadd(outbox, 'XX', toDueScore({ dueMs, attempts }), formatDelivery(delivery));
  }

  /** Removes a delivery that is not needed any more. */
  async remove(delivery: Delivery): Promise<void> {
    await this.#client.zrem(this.#keysOf(delivery).outbox, formatDelivery(delivery));
  }

  /** Gives a delivery up, visibly. */
  async bury(delivery: Delivery, reason: DeadReason): Promise<void> {
    const { outbox, dead } = this.#keysOf(delivery);
    const member = formatDelivery(delivery);
    const write = this.#client.multi().hset(dead, member, JSON.stringify(reason)).zrem(outbox, member);
    await write.exec();
  }

  /** Takes a delivery that was given up, up again, under the same id. */
  async revive(delivery: Delivery, nowMs: number): Promise<void> {
    const { outbox, dead } = this.#keysOf(delivery);
    const member = formatDelivery(delivery);
    const score = toDueScore({ dueMs: nowMs, attempts: 0 });
    await this.#client.multi().zadd(outbox, 'NX', score, member).hdel(dead, member).exec();
  }

  /** Everything that was given up. */
  async listDead(): Promise<DeadDelivery[]> {
    const hashes = await Promise.all(ALL_SHARDS.map((shard) => this.#client.hgetall(this.#keys.shard(shard, 'dead'))));
    return hashes.flatMap((hash) =>
      Object.entries(hash).flatMap(([member, json]) => {
        const delivery = parseDelivery(member);
        return delivery ? [{ delivery, ...(JSON.parse(json) as DeadReason) }] : [];
      }),
    );
  }

  /** How much there is to send, over all shards and whatever process sends it. */
  async count(): Promise<OutboxCount> {
    const counts = await Promise.all(
      ALL_SHARDS.map((shard) =>
        Promise.all([
          this.#client.zcard(this.#keys.shard(shard, 'outbox')),
          this.#client.hlen(this.#keys.shard(shard, 'dead')),
        ]),
      ),
    );
    return counts.reduce<OutboxCount>(
      (sum, [pending, dead]) => ({ pending: sum.pending + pending, dead: sum.dead + dead }),
      { pending: 0, dead: 0 },
    );
  }

  /**
   * Deliveries that have not failed yet: nothing keeps them back, so they will be gone in a moment. Reads every member;
   * meant for waiting in the sandbox.
   */
  async countFresh(): Promise<number> {
    const entries = await Promise.all(
      ALL_SHARDS.map((shard) => this.#client.zrange(this.#keys.shard(shard, 'outbox'), 0, -1, 'WITHSCORES')),
    );
    const scores = entries.flatMap((pairs) => pairs.filter((_, index) => index % 2 === 1));
    return scores.filter((score) => fromDueScore(Number(score)).attempts === 0).length;
  }

  #keysOf(delivery: Delivery): { outbox: string; dead: string } {
    const shard = shardOfId(delivery.applicationId);
    return { outbox: this.#keys.shard(shard, 'outbox'), dead: this.#keys.shard(shard, 'dead') };
  }
}
