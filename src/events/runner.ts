import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SHARD_COUNT } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { dropLease, LEASE_MS, takeLease } from './lease.ts';
import type { Projection, RunnerObserver } from './projection.ts';
import { ShardWorker } from './shard-worker.ts';

const SHARDS_AT_ONCE = 16;
/** Wake-ups can be missed (pub/sub is at most once): every held shard is looked at this often all the same. */
const POLL_MS = 2_000;
const OUTAGE_BACKOFF_MS = 500;

export interface RunnerDeps {
  readonly client: RedisClient;
  /** A connection of its own for wake-ups. */
  readonly subscriber: RedisClient;
  readonly keys: Keyspace;
  readonly projections: readonly Projection[];
  readonly observer: RunnerObserver;
  /** Which of how many processes on this machine this one is (the first is 1): each takes its share of the shards. */
  readonly share?: { readonly index: number; readonly count: number };
}

/** Runs the projections over all shards whose lease it can get; several processes share the shards. */
export class ProjectionRunner {
  readonly #deps: RunnerDeps;
  readonly #owner = randomUUID();
  readonly #workers: ShardWorker[];
  readonly #queue = new Set<number>();
  readonly #busy = new Map<number, Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  #stopping = false;
  #renewing: Promise<void> = Promise.resolve();

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    this.#workers = Array.from(
      { length: SHARD_COUNT },
      (_, shard) => new ShardWorker(shard, { ...deps, owner: this.#owner }),
    );
  }

  async start(): Promise<void> {
    const { subscriber, keys } = this.#deps;
    subscriber.on('message', (channel: string, shard: string) => {
      if (channel === keys.wakeChannel) this.wake(Number(shard));
    });
    await subscriber.subscribe(keys.wakeChannel);
    await this.#renewLeases();
    this.#timers.push(setInterval(() => this.#renewSoon(), LEASE_MS / 3));
    this.#timers.push(setInterval(() => this.#wakeAll(), POLL_MS));
  }

  /** Looks at a shard soon. Cheap; many calls become one look. */
  wake(shard: number): void {
    if (this.#stopping || this.#workers[shard]?.fence === 0) return;
    this.#queue.add(shard);
    this.#pump();
  }

  /** Stops taking work, lets running batches finish, gives the shards up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.allSettled(this.#busy.values());
    // A renewal under way would take back what is given up below.
    await this.#renewing;
    const { client, keys } = this.#deps;
    const held = this.#workers.filter((worker) => worker.fence > 0);
    await Promise.allSettled(held.map((worker) => dropLease(client, keys, worker.shard, this.#owner)));
  }

  #renewSoon(): void {
    this.#renewing = this.#renewing.then(() => (this.#stopping ? undefined : this.#renewLeases()));
  }

  async #renewLeases(): Promise<void> {
    const { client, keys, observer, share = { index: 1, count: 1 } } = this.#deps;
    const ours = this.#workers.filter((worker) => worker.shard % share.count === share.index - 1);
    try {
      await Promise.all(
        ours.map(async (worker) => {
          const before = worker.fence;
          const fence = await takeLease(client, keys, worker.shard, this.#owner);
          worker.fence = fence;
          if (fence !== before && fence > 0) this.wake(worker.shard);
        }),
      );
    } catch (error) {
      observer.failed(error);
    }
  }

  #wakeAll(): void {
    for (const worker of this.#workers) if (worker.fence > 0) this.#queue.add(worker.shard);
    this.#pump();
  }

  #pump(): void {
    for (const shard of this.#queue) {
      if (this.#stopping || this.#busy.size >= SHARDS_AT_ONCE) return;
      // A shard that is being read stays queued and is read again, so an append during the read is not missed.
      if (this.#busy.has(shard)) continue;
      this.#queue.delete(shard);
      const run = this.#drain(shard).finally(() => {
        this.#busy.delete(shard);
        this.#pump();
      });
      this.#busy.set(shard, run);
    }
  }

  async #drain(shard: number): Promise<void> {
    try {
      await this.#workers[shard]?.drain();
    } catch (error) {
      this.#deps.observer.failed(error);
      const pause = isUnavailable(error) ? OUTAGE_BACKOFF_MS : POLL_MS;
      await delay(pause);
      if (!this.#stopping) this.#queue.add(shard);
    }
  }
}
