import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

/** Applications and registrations by each token of the person they are about; every token in its own shard, as claims are. */
export class SubjectIndex {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Adds an application or a registration; doing so again changes nothing. */
  async add(tokens: readonly string[], id: string): Promise<void> {
    await Promise.all(tokens.map((token) => this.#client.sadd(this.#key(token), id)));
  }

  /** Ids of everything that any of the tokens leads to. */
  async find(tokens: readonly string[]): Promise<Set<string>> {
    const lists = await Promise.all(tokens.map((token) => this.#client.smembers(this.#key(token))));
    return new Set(lists.flat());
  }

  #key(token: string): string {
    return this.#keys.shard(shardOfText(token), 'person', token);
  }
}
