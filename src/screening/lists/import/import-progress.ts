import { hash, randomUUID } from 'node:crypto';
import type { RedisClient } from '../../../redis/connection.ts';
import type { Keyspace } from '../../../redis/keyspace.ts';
import { defineScript } from '../../../redis/script.ts';
import type { Column } from './parse-rows.ts';
import { ListFileError } from './read-parts.ts';

/** How far an import has come: everything up to `batch` is in the index and counted. */
export interface ImportState {
  /** Starts that were asked to begin anew; part of what the batches are known by. */
  readonly run: number;
  /** Day on which it began: what expires is judged by that day to the end. */
  readonly today: number;
  readonly batch: number;
  readonly offset: number;
  readonly lines: number;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly rejected: number;
  readonly rejectedBytes: number;
  readonly isDone: boolean;
}

const KEPT_SECONDS = 30 * 86_400;

const saveScript = defineScript<'import', boolean>({
  file: new URL('./save-import.lua', import.meta.url),
  keys: ['import'],
  reply: (raw) => raw === 1,
});

/** Keeps the state of one import in Redis, for one process at a time. */
export class ImportProgress {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #owner = randomUUID();

  constructor(client: RedisClient, keys: Keyspace, importId: string) {
    this.#client = client;
    this.#key = keys.shard(0, 'listimport', importId);
  }

  async load(): Promise<ImportState | undefined> {
    const stored = await this.#client.hget(this.#key, 'state');
    return stored ? (JSON.parse(stored) as ImportState) : undefined;
  }

  /** Makes it this process's: another one that is at it stops at its next batch. */
  async takeOver(state: ImportState): Promise<void> {
    await this.#save(state, '1');
  }

  /** @throws ListFileError when another process has taken the import over */
  async save(state: ImportState): Promise<void> {
    if (await this.#save(state, '')) return;
    throw new ListFileError('another process has taken over the import of this file; this one stops');
  }

  #save(state: ImportState, takeOver: string): Promise<boolean> {
    const args = [this.#owner, JSON.stringify(state), takeOver, KEPT_SECONDS];
    return saveScript.run(this.#client, { import: this.#key }, args);
  }
}

/** The same file with the same options is the same import. */
export function importIdOf(parts: readonly string[]): string {
  return hash('sha256', parts.join('\0')).slice(0, 32);
}
