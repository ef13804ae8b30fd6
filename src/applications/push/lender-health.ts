import { isoOf, SECOND_MS } from '../../base/clock.ts';
import type { BreakerState } from '../../outbound/endpoint-gate.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { ProcessShare } from './lender-line.ts';

/** How a lender's core does, as all processes together have found. */
export interface CoreHealth {
  /** The worst that a process finds. */
  readonly breaker: BreakerState;
  /** RFC 3339, real time; null = never. */
  readonly lastSuccess: string | null;
}

const WRITE_EVERY_MS = SECOND_MS;
const SUCCESS = 'success';
const WORST_FIRST: readonly BreakerState[] = ['open', 'half_open', 'closed'];

/** What every process finds of the lenders' cores, where all of them can read it. */
export class LenderHealth {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #share: ProcessShare;
  readonly #written = new Map<string, number>();

  constructor(client: RedisClient, keys: Keyspace, share: ProcessShare) {
    this.#client = client;
    this.#keys = keys;
    this.#share = share;
  }

  /** A core has answered; written once a second at the most. */
  async succeeded(lenderId: string, nowMs: number): Promise<void> {
    if (nowMs - (this.#written.get(lenderId) ?? 0) < WRITE_EVERY_MS) return;
    this.#written.set(lenderId, nowMs);
    await this.#client.hset(this.#key(lenderId), SUCCESS, isoOf(nowMs));
  }

  /** The breaker of this process has changed. */
  async breaker(lenderId: string, state: BreakerState): Promise<void> {
    await this.#client.hset(this.#key(lenderId), breakerField(this.#share.index), state);
  }

  /** This process begins: what it found when it ran last is over. */
  async reset(lenderIds: readonly string[]): Promise<void> {
    await Promise.all(lenderIds.map((id) => this.#client.hdel(this.#key(id), breakerField(this.#share.index))));
  }

  async read(lenderId: string): Promise<CoreHealth> {
    const fields = await this.#client.hgetall(this.#key(lenderId));
    const indexes = Array.from({ length: this.#share.count }, (_, at) => at + 1);
    const states = new Set(indexes.map((index) => fields[breakerField(index)]));
    return {
      breaker: WORST_FIRST.find((state) => states.has(state)) ?? 'closed',
      lastSuccess: fields[SUCCESS] ?? null,
    };
  }

  #key(lenderId: string): string {
    return this.#keys.partner(lenderId, 'core');
  }
}

function breakerField(index: number): string {
  return `breaker:${index}`;
}
