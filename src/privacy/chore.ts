import { randomUUID } from 'node:crypto';
import { SECOND_MS } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** A process that dies over a chore is followed by another one after this long. */
export const CHORE_LEASE_MS = 10 * SECOND_MS;
const CHORE_SHARD = 0;

const holdScript = defineScript<'holder', boolean>({
  file: new URL('./hold-chore.lua', import.meta.url),
  keys: ['holder'],
  reply: (raw) => raw === 1,
});

/** A background chore that one process of the installation does at a time, as far as a lease can tell. */
export class Chore {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #process = randomUUID();

  constructor(client: RedisClient, keys: Keyspace, name: string) {
    this.#client = client;
    this.#key = keys.shard(CHORE_SHARD, 'chore', name);
  }

  /** Takes or renews it. @returns whether it is ours */
  hold(): Promise<boolean> {
    return holdScript.run(this.#client, { holder: this.#key }, [this.#process, CHORE_LEASE_MS]);
  }

  /** Gives it up, so that the next process need not wait for the lease to run out. */
  async release(): Promise<void> {
    await holdScript.run(this.#client, { holder: this.#key }, [this.#process, 0]);
  }
}
