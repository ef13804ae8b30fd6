import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';

const SHARD = 0;

/** A link whose traffic has changed, or all links of a partner. */
export interface DirtyLink {
  readonly partnerId: string;
  /** null = the partner's links together. */
  readonly linkCode: string | null;
}

/** What is to be judged, as told by all processes. */
export class DirtyLinks {
  readonly #client: RedisClient;
  readonly #name: string;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#name = keys.shard(SHARD, 'quality', 'dirty');
  }

  /** Notes links of a partner, and with them the partner itself. */
  async add(partnerId: string, linkCodes: readonly string[]): Promise<void> {
    await this.#client.sadd(this.#name, `${partnerId}|`, ...linkCodes.map((code) => `${partnerId}|${code}`));
  }

  /** Takes out so many at most. Whoever fails to judge them puts them back. */
  async take(count: number): Promise<DirtyLink[]> {
    const taken = await this.#client.spop(this.#name, count);
    return taken.map((name) => {
      const [partnerId = '', linkCode = ''] = name.split('|');
      return { partnerId, linkCode: linkCode === '' ? null : linkCode };
    });
  }
}
