import { ALL_SHARDS, shardOfId } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { ABANDONED_AFTER_MS, applicationOfMember, driveIntent } from './drive-intent.ts';
import type { IntakeDeps } from './intake-deps.ts';

const SWEEP_EVERY_MS = 1_000;
const PER_SHARD = 20;

/** Finishes what a crashed or impatient caller left: intents that are old, claims of refused applications. */
export class IntentRecovery {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #deps: IntakeDeps;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(client: RedisClient, keys: Keyspace, deps: IntakeDeps, failed: (error: unknown) => void) {
    this.#client = client;
    this.#keys = keys;
    this.#deps = deps;
    this.#failed = failed;
  }

  start(): void {
    const tick = (): void => {
      this.#running = this.sweep()
        .catch(this.#failed)
        .then(() => {
          if (this.#timer) this.#timer = setTimeout(tick, SWEEP_EVERY_MS);
        });
    };
    this.#timer = setTimeout(tick, SWEEP_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** Drives every abandoned intent once. An intent that still waits for another one is left for the next sweep. */
  async sweep(): Promise<void> {
    const oldest = Date.now() - ABANDONED_AFTER_MS;
    const lists = await Promise.all(
      ALL_SHARDS.map((shard) =>
        this.#client.zrange(this.#keys.shard(shard, 'intents'), 0, oldest, 'BYSCORE', 'LIMIT', 0, PER_SHARD),
      ),
    );
    for (const member of lists.flat()) {
      const id = applicationOfMember(member);
      try {
        await driveIntent(this.#deps, id);
        if (member !== id) await this.#client.zrem(this.#keys.shard(shardOfId(id), 'intents'), member);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
