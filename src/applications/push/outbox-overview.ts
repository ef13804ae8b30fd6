import { ALL_SHARDS } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { fromDueScore } from './due-score.ts';
import { SEND_NOW_GRACE_MS } from './lender-message.ts';

/** What there is for one lender, over all shards and whatever process sends it. */
export interface LenderOutbox {
  /** Deliveries that wait, are being sent, or will be sent again. */
  readonly waiting: number;
  /** When the oldest of them came, epoch ms in real time; null = there is none. */
  readonly oldestMs: number | null;
  readonly dead: number;
}

export interface OutboxCount {
  readonly pending: number;
  readonly dead: number;
}

const EMPTY: LenderOutbox = { waiting: 0, oldestMs: null, dead: 0 };
const MICROSECONDS = 1_000;

/** Counts over the outboxes: a few small reads a shard and lender, whatever waits there. */
export class OutboxOverview {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** By lender; one that was never sent anything is not in it. */
  async byLender(): Promise<Map<string, LenderOutbox>> {
    const lanes = await this.#lanes();
    const found = await Promise.all(lanes.map(({ shard, lenderId }) => this.#read(shard, lenderId)));
    const sums = new Map<string, LenderOutbox>();
    for (const [index, one] of found.entries()) {
      const lenderId = lanes[index]?.lenderId ?? '';
      sums.set(lenderId, add(sums.get(lenderId) ?? EMPTY, one));
    }
    return sums;
  }

  /** All lenders together. */
  async count(): Promise<OutboxCount> {
    const sums = [...(await this.byLender()).values()];
    return { pending: sumOf(sums.map(({ waiting }) => waiting)), dead: sumOf(sums.map(({ dead }) => dead)) };
  }

  /**
   * Applications whose first delivery was not tried yet and may be: nothing keeps it back, so it will be gone in a moment.
   * Reads every one; meant for waiting in the sandbox.
   * @param isSent whether this lender is being sent to now
   */
  async countFresh(isSent: (lenderId: string) => boolean, nowMs: number): Promise<number> {
    const lanes = (await this.#lanes()).filter(({ lenderId }) => isSent(lenderId));
    const entries = await Promise.all(
      lanes.map(({ shard, lenderId }) =>
        this.#client.zrange(this.#keys.shard(shard, 'outbox', lenderId), 0, -1, 'WITHSCORES'),
      ),
    );
    const scores = entries.flatMap((flat) => flat.filter((_, index) => index % 2 === 1));
    return scores.filter((score) => isFresh(Number(score), nowMs)).length;
  }

  async #lanes(): Promise<{ shard: number; lenderId: string }[]> {
    const lenders = await Promise.all(
      ALL_SHARDS.map((shard) => this.#client.zrange(this.#keys.shard(shard, 'lanes'), 0, -1)),
    );
    return lenders.flatMap((ids, shard) => ids.map((lenderId) => ({ shard, lenderId })));
  }

  async #read(shard: number, lenderId: string): Promise<LenderOutbox> {
    const waitingKey = this.#keys.shard(shard, 'waiting', lenderId);
    const [waiting, [, place], dead] = await Promise.all([
      this.#client.zcard(waitingKey),
      this.#client.zrange(waitingKey, 0, 0, 'WITHSCORES'),
      this.#client.zcard(this.#keys.shard(shard, 'dead', lenderId)),
    ]);
    return { waiting, oldestMs: place === undefined ? null : Math.floor(Number(place) / MICROSECONDS), dead };
  }
}

function isFresh(score: number, nowMs: number): boolean {
  const { attempts, state, dueMs } = fromDueScore(score);
  if (attempts > 0 || state === 'held') return false;
  return state === 'claimed' || dueMs <= nowMs + SEND_NOW_GRACE_MS;
}

function add(one: LenderOutbox, other: LenderOutbox): LenderOutbox {
  const times = [one.oldestMs, other.oldestMs].filter((time) => time !== null);
  return {
    waiting: one.waiting + other.waiting,
    oldestMs: times.length === 0 ? null : Math.min(...times),
    dead: one.dead + other.dead,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
