import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { MINUTE_MS } from '../../base/clock.ts';
import { FREE, isAlive } from './spool-owner.ts';

/** A segment of which nothing is known but that it lies there. */
export interface Segment {
  /** `clicks-<process>-<n>`: what stays the same whoever has it. */
  readonly stem: string;
  readonly owner: string;
  readonly path: string;
  readonly bytes: number;
  /** When it was begun, real time, ms. */
  readonly begunAtMs: number;
}

/** An owner that cannot be asked whether it lives touches its segments more often than this. */
export const SILENT_AFTER_MS = MINUTE_MS;
const NAME = /^(clicks-\d+-(\d+)\.[0-9a-f]+)-([0-9a-f.]+|free)\.log$/;

/**
 * The folder of the spool. A segment's name says who has it: `clicks-<process>-<n>-<owner>.log`. Giving it another owner is
 * renaming it, which succeeds for one of all that try; `n` is the time of its beginning and a random part, so that no two
 * segments of any processes have one name, ever.
 */
export class SegmentFolder {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes a new segment; it and its name are on disk. */
  async create(process: number, owner: string, nowMs: number): Promise<{ segment: Segment; file: FileHandle }> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const stem = `clicks-${process}-${nowMs}.${randomBytes(4).toString('hex')}`;
    const path = this.#pathOf(stem, owner);
    const file = await open(path, 'ax', 0o600);
    try {
      await syncDirectory(this.#directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    return { segment: { stem, owner, path, bytes: 0, begunAtMs: nowMs }, file };
  }

  /** Every segment, oldest first. */
  async list(): Promise<Segment[]> {
    const names = await orAbsent(readdir(this.#directory), []);
    const found: Segment[] = [];
    for (const name of names) {
      const [, stem, begun, owner] = NAME.exec(name) ?? [];
      if (stem === undefined || owner === undefined) continue;
      const path = join(this.#directory, name);
      const facts = await orAbsent(stat(path), undefined);
      if (facts) found.push({ stem, owner, path, bytes: facts.size, begunAtMs: Number(begun) });
    }
    return found.sort((a, b) => a.begunAtMs - b.begunAtMs);
  }

  /** Makes somebody the owner of a segment. @returns undefined when it has another one by now, or is gone */
  async give(segment: Segment, owner: string): Promise<Segment | undefined> {
    const path = this.#pathOf(segment.stem, owner);
    const done = await orAbsent(
      rename(segment.path, path).then(() => true),
      false,
    );
    return done ? { ...segment, owner, path } : undefined;
  }

  /** Whether nobody works with a segment any more, so that it may be taken. */
  async isLeft({ owner, path }: Segment, nowMs: number): Promise<boolean> {
    if (owner === FREE) return true;
    const alive = isAlive(owner);
    if (alive !== undefined) return !alive;
    const facts = await orAbsent(stat(path), undefined);
    return facts !== undefined && nowMs - facts.mtimeMs > SILENT_AFTER_MS;
  }

  /** Shows those who cannot ask that its owner lives. */
  async touch({ path }: Segment, nowMs: number): Promise<void> {
    await orAbsent(utimes(path, nowMs / 1_000, nowMs / 1_000), undefined);
  }

  async remove({ path }: Segment): Promise<void> {
    await orAbsent(unlink(path), undefined);
  }

  /** Sets pieces of a segment aside in `<stem>.damaged`, durably. */
  async setAside({ stem }: Segment, pieces: readonly Buffer[]): Promise<void> {
    const file = await open(join(this.#directory, `${stem}.damaged`), 'a', 0o600);
    try {
      await file.writev(pieces);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  #pathOf(stem: string, owner: string): string {
    return join(this.#directory, `${stem}-${owner}.log`);
  }
}

/** Makes names in a folder durable: syncing a file does not (fsync(2)). */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Whether a segment still has the name under which it is being written: else somebody has taken it. */
export async function isStillThere({ path }: Segment): Promise<boolean> {
  return (await orAbsent(stat(path), undefined)) !== undefined;
}

async function orAbsent<T, U>(work: Promise<T>, absent: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return absent;
    throw error;
  }
}
