import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { UsageError } from './usage-error.ts';

/** How far an export has come. */
interface Standing {
  readonly partner: string;
  /** Last entry that is in the file as a whole. */
  readonly seq: number;
  readonly hash: string;
  readonly bytes: number;
}

const GENESIS: Pick<Standing, 'seq' | 'hash' | 'bytes'> = { seq: 0, hash: '', bytes: 0 };

/**
 * A file that an export appends to, part by part. Beside it `<file>.progress` says how far it has come, so that an export
 * that was broken off goes on there; it is gone when the export is whole. By its ending `.gz` the file is compressed, each
 * part a gzip member of its own (RFC 1952 §2.2: members one after the other are one file).
 */
export class ChainFile {
  readonly #file: FileHandle;
  readonly #path: string;
  #standing: Standing;

  constructor(file: FileHandle, path: string, standing: Standing) {
    this.#file = file;
    this.#path = path;
    this.#standing = standing;
  }

  /** @throws UsageError when the file is there and no export was broken off, or one of another ledger was */
  static async open(path: string, partner: string): Promise<ChainFile> {
    const known = await readStanding(path);
    if (known !== undefined && known.partner !== partner) {
      throw new UsageError(`${path} is an unfinished export of ${known.partner}; name another file`);
    }
    try {
      const file = await open(path, known === undefined ? 'wx' : 'r+', 0o600);
      if (known !== undefined) await file.truncate(known.bytes);
      return new ChainFile(file, path, known ?? { ...GENESIS, partner });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
        throw new UsageError(`${path} exists; name another file, or remove it`);
      }
      throw error;
    }
  }

  /** Last entry that is in the file; 0 = none. */
  get last(): Pick<Standing, 'seq' | 'hash'> {
    return this.#standing;
  }

  /** Appends whole lines and says that they are there. @param last entry of the part */
  async append(text: string, last: Pick<Standing, 'seq' | 'hash'>): Promise<void> {
    const part = this.#path.endsWith('.gz') ? gzipSync(text) : Buffer.from(text);
    await this.#file.write(part, 0, part.length, this.#standing.bytes);
    await this.#file.datasync();
    const { partner, bytes } = this.#standing;
    this.#standing = { partner, seq: last.seq, hash: last.hash, bytes: bytes + part.length };
    await writeFile(progressOf(this.#path), JSON.stringify(this.#standing), { mode: 0o600 });
  }

  async finish(): Promise<void> {
    await this.#file.close();
    await rm(progressOf(this.#path), { force: true });
  }

  /** Leaves the file as it is, to be gone on with. */
  async leave(): Promise<void> {
    await this.#file.close();
  }
}

async function readStanding(path: string): Promise<Standing | undefined> {
  const text = await readFile(progressOf(path), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Standing);
}

function progressOf(path: string): string {
  return `${path}.progress`;
}
