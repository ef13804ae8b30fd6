import { hash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a record is written on one line. */
export interface LineCodec<T> {
  encode(record: T): string;
  decode(line: string): T;
}

/** Records that stay in memory; with more of them all go to files. */
const MEMORY_RECORDS = 20_000;
/** Text gathered for one file before it is written. */
const BUFFER_CHARACTERS = 64 * 1024;

/**
 * Records of one side, divided by a key: whoever has the same key is in the same partition, on both sides. A few stay in
 * memory; of many only one partition is, the others lie in files of a folder that its owner removes.
 */
export class Partitions<T> {
  readonly count: number;
  readonly #folder: string;
  readonly #name: string;
  readonly #codec: LineCodec<T>;
  #memory: T[][] | null;
  #buffers: string[] = [];
  #size = 0;

  /** @param folder exists by the time that more than fits is added */
  constructor(folder: string, name: string, count: number, codec: LineCodec<T>) {
    this.#folder = folder;
    this.#name = name;
    this.#codec = codec;
    this.count = count;
    this.#memory = Array.from({ length: count }, () => []);
  }

  /** Returns a promise only when something has to be written. */
  add(key: string, record: T): Promise<void> | undefined {
    const at = partitionOf(key, this.count);
    this.#size += 1;
    if (this.#memory !== null) {
      this.#memory[at]?.push(record);
      return this.#size > MEMORY_RECORDS ? this.#toFiles() : undefined;
    }
    const text = `${this.#buffers[at] ?? ''}${this.#codec.encode(record)}\n`;
    this.#buffers[at] = text;
    return text.length < BUFFER_CHARACTERS ? undefined : this.#flush(at);
  }

  /** All records of one partition, in the order in which they came. */
  async read(partition: number): Promise<T[]> {
    if (this.#memory !== null) return this.#memory[partition] ?? [];
    await this.#flush(partition);
    const text = await readFile(this.#path(partition), 'utf8').catch(absent);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => this.#codec.decode(line));
  }

  async #toFiles(): Promise<void> {
    const all = this.#memory ?? [];
    this.#memory = null;
    this.#buffers = all.map((records) => records.map((record) => `${this.#codec.encode(record)}\n`).join(''));
    for (const at of all.keys()) await this.#flush(at);
  }

  async #flush(at: number): Promise<void> {
    const text = this.#buffers[at] ?? '';
    if (text === '') return;
    this.#buffers[at] = '';
    await appendFile(this.#path(at), text, { mode: 0o600 });
  }

  #path(partition: number): string {
    return join(this.#folder, `${this.#name}-${partition}`);
  }
}

/** Which of `count` partitions a key lies in: the same on both sides and in every process. */
function partitionOf(key: string, count: number): number {
  if (count === 1) return 0;
  return Number.parseInt(hash('sha1', key, 'hex').slice(0, 8), 16) % count;
}

function absent(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
