import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { FIRST_GENERATION, type KeyGeneration } from './our-keys-generations.ts';

export interface Rotation {
  /** Unique; a rotation asked for again under its id is not done again. */
  readonly id: string;
  readonly nowMs: number;
  readonly signsFromMs: number;
  readonly reason: string;
  readonly rotatedBy: string;
}

export type RotationVerdict =
  | { readonly ok: true; readonly generation: number }
  /** A generation waits for its overlap to pass. */
  | { readonly ok: false; readonly code: 'rotation_open'; readonly generation: number };

const rotateScript = defineScript<'generations', RotationVerdict>({
  file: new URL('./rotate-our-keys.lua', import.meta.url),
  keys: ['generations'],
  reply: (raw) => {
    const [made, generation] = raw as [number, number];
    if (made === 1) return { ok: true, generation };
    if (made === 0) return { ok: false, code: 'rotation_open', generation };
    throw new Error('rotate-our-keys.lua: unknown reply');
  },
});

/**
 * Which generations of our signing key there are, shared by all processes. Only numbers and times: the keys themselves are
 * derived from the root secret and stored nowhere.
 */
export class OurKeysStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** All generations in the order in which they were made; the first alone while nobody has rotated. */
  async read(): Promise<readonly KeyGeneration[]> {
    const fields = await this.#client.hgetall(this.#keys.shard(0, 'our-keys'));
    const later = Object.entries(fields)
      .filter(([name]) => name.startsWith('g:'))
      .map(([name, json]): KeyGeneration => ({ ...JSON.parse(json), generation: Number(name.slice(2)) }))
      .sort((a, b) => a.generation - b.generation);
    return [FIRST_GENERATION, ...later];
  }

  /** Makes the next generation and tells every process. */
  async rotate({ id, nowMs, ...rest }: Rotation): Promise<RotationVerdict> {
    const kept = JSON.stringify({ publishedAtMs: nowMs, ...rest } satisfies Omit<KeyGeneration, 'generation'>);
    const generations = this.#keys.shard(0, 'our-keys');
    const verdict = await rotateScript.run(this.#client, { generations }, [id, nowMs, rest.signsFromMs, kept]);
    if (verdict.ok) await this.#client.publish(this.#keys.ourKeysChannel, String(verdict.generation));
    return verdict;
  }
}
