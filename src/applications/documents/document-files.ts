import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isId } from '../../base/ids.ts';
import type { Access, Opened } from '../../identity/seal.ts';
import { FRAME_BYTES, type FrameReader, type FrameSealer, readFramesHead } from '../../identity/seal-frames.ts';
import { framesOf, readHead } from './read-frames.ts';

/** What looking through a whole file comes to. */
export type FileCheck =
  | { readonly kind: 'whole' }
  | { readonly kind: 'missing' }
  /** Cut off, changed, swapped, or not the bytes that were recorded. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'key_unknown'; readonly keyId: string };

/** A file as it lies in its folder. */
export interface ListedFile {
  /** null: not finished, or none of ours. */
  readonly id: string | null;
  readonly path: string;
}

/** The folder cannot be written or read now: full, read-only, unmounted. */
export class DocumentStorageError extends Error {
  override readonly name = 'DocumentStorageError';
}

/** Folders by the first two hex digits of the ids in them. */
export const FOLDER_COUNT = 256;
/** End of the names of files that are not finished. */
export const PART_SUFFIX = '.part';
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * The bytes of documents, sealed in frames, one file each: `<folder>/<2 hex>/<id>`. A file appears whole and durable or not at
 * all: it is written under another name, forced to disk, renamed, and the folder is forced to disk. Several processes may share the
 * folder; a file never changes but for being re-sealed, and its id is never used again.
 */
export class DocumentFiles {
  readonly #root: string;
  readonly #frames: FrameSealer;

  /** @param root made if it is not there */
  constructor(root: string, frames: FrameSealer) {
    this.#root = root;
    this.#frames = frames;
    mkdirSync(root, { recursive: true, mode: FOLDER_MODE });
  }

  /** Id of the key that new files are sealed under. */
  get activeKeyId(): string {
    return this.#frames.activeId;
  }

  /**
   * Resolves when the file would outlive a loss of power.
   * @throws DocumentStorageError
   */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const writer = this.#frames.write(id);
    await storing(() =>
      this.#place(id, async (handle) => {
        await handle.writeFile(writer.head);
        const last = Math.max(0, Math.ceil(bytes.length / FRAME_BYTES) - 1);
        for (let index = 0; index <= last; index += 1) {
          const plain = bytes.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
          await handle.writeFile(writer.seal(plain, index, index === last));
        }
        return true;
      }),
    );
  }

  /** Whether there is a file of this id. @throws DocumentStorageError */
  async exists(id: string): Promise<boolean> {
    return storing(() => stat(this.#pathOf(id)).then(() => true, ifMissing(false)));
  }

  /**
   * Reads a whole file and compares it with what was recorded of it; nobody gets to see its bytes.
   * @throws DocumentStorageError
   */
  async check(id: string, expected: { readonly sha256: string; readonly bytes: number }): Promise<FileCheck> {
    return storing(async () => {
      const handle = await this.#openFile(id);
      if (handle === undefined) return { kind: 'missing' };
      try {
        const reader = this.#frames.read(await readHead(handle), id, null);
        if (!reader.ok) return asCheck(reader);
        const hash = createHash('sha256');
        let size = 0;
        for await (const plain of plainFrames(handle, reader.plain)) {
          if (plain === undefined) return { kind: 'damaged' };
          hash.update(plain);
          size += plain.length;
        }
        const isSame = size === expected.bytes && hash.digest('hex') === expected.sha256;
        return { kind: isSame ? 'whole' : 'damaged' };
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * The plain bytes, opened frame by frame as they are asked for; nothing is opened before. A frame that does not open breaks
   * the iteration off.
   * @throws DocumentStorageError
   */
  async *read(id: string, access: Access): AsyncGenerator<Buffer> {
    const handle = await this.#openFile(id);
    if (handle === undefined) throw new DocumentStorageError('the file is not there');
    try {
      const reader = this.#frames.read(await readHead(handle), id, access);
      if (!reader.ok) throw new DocumentStorageError(reader.message);
      for await (const plain of plainFrames(handle, reader.plain)) {
        if (plain === undefined) throw new DocumentStorageError('a frame of the file does not open');
        yield plain;
      }
    } finally {
      await handle.close();
    }
  }

  /** Resolves when the file is gone for good; one that is not there is. @throws DocumentStorageError */
  async remove(id: string): Promise<void> {
    await this.discard(this.#pathOf(id));
  }

  /** The same for a file by its path, as `list` gives it. @throws DocumentStorageError */
  async discard(path: string): Promise<void> {
    await storing(async () => {
      if (await unlink(path).then(() => true, ifMissing(false))) await syncFolder(dirname(path));
    });
  }

  /** Everything in one of the folders. @param folder 0–255 @throws DocumentStorageError */
  async list(folder: number): Promise<ListedFile[]> {
    const path = join(this.#root, hexOf(folder));
    const names = await storing(() => readdir(path).catch(ifMissing<string[]>([])));
    return names.map((name) => ({ id: isId('doc', name) ? name : null, path: join(path, name) }));
  }

  /** When a listed file was last written, epoch ms; undefined once it is gone. @throws DocumentStorageError */
  async writtenMs({ path }: ListedFile): Promise<number | undefined> {
    return storing(() => stat(path).then(({ mtimeMs }) => mtimeMs, ifMissing(undefined)));
  }

  /** Id of the key that a file is sealed under; undefined when it is gone, or no sealed file. @throws DocumentStorageError */
  async keyIdOf(id: string): Promise<string | undefined> {
    return storing(async () => {
      const handle = await this.#openFile(id);
      if (handle === undefined) return undefined;
      try {
        return readFramesHead(await readHead(handle))?.keyId;
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * Seals a file under the active key, frame by frame.
   * @param isWanted asked when it has been put in its place: whether the document has not been removed meanwhile
   * @returns whether it was re-sealed; false when it is gone
   * @throws DocumentStorageError
   */
  async reseal(id: string, isWanted: () => Promise<boolean>): Promise<Opened<boolean>> {
    const outcome = await storing(async (): Promise<Opened<boolean>> => {
      const handle = await this.#openFile(id);
      if (handle === undefined) return { ok: true, plain: false };
      try {
        const mover = this.#frames.move(await readHead(handle), id);
        if (!mover.ok) return mover;
        const isWhole = await this.#place(id, async (target) => {
          await target.writeFile(mover.plain.head);
          for await (const { sealed, index, isLast } of framesOf(handle)) {
            const moved = mover.plain.move(sealed, index, isLast);
            if (moved === undefined) return false;
            await target.writeFile(moved);
          }
          return true;
        });
        if (isWhole) return { ok: true, plain: true };
        return { ok: false, code: 'sealed_tampered', message: 'The file was changed, or belongs to another document.' };
      } finally {
        await handle.close();
      }
    });
    if (outcome.ok && outcome.plain && !(await isWanted())) await this.remove(id);
    return outcome;
  }

  /** @param fill writes the content; false = it is not to be */
  async #place(id: string, fill: (handle: FileHandle) => Promise<boolean>): Promise<boolean> {
    const path = this.#pathOf(id);
    const folder = dirname(path);
    if ((await mkdir(folder, { recursive: true, mode: FOLDER_MODE })) !== undefined) await syncFolder(this.#root);
    const part = `${path}.${randomUUID()}${PART_SUFFIX}`;
    try {
      const handle = await open(part, 'wx', FILE_MODE);
      try {
        if (!(await fill(handle))) return false;
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, path);
    } finally {
      await unlink(part).catch(ifMissing(undefined));
    }
    await syncFolder(folder);
    return true;
  }

  #openFile(id: string): Promise<FileHandle | undefined> {
    return open(this.#pathOf(id), 'r').catch(ifMissing(undefined));
  }

  #pathOf(id: string): string {
    if (!isId('doc', id)) throw new TypeError('not the id of a document');
    return join(this.#root, id.slice('doc_'.length, 'doc_'.length + 2), id);
  }
}

/** Each frame opened; undefined, and the end, at the first one that does not open. */
async function* plainFrames(handle: FileHandle, reader: FrameReader): AsyncGenerator<Buffer | undefined> {
  for await (const { sealed, index, isLast } of framesOf(handle)) {
    const plain = reader.open(sealed, index, isLast);
    yield plain;
    if (plain === undefined) return;
  }
}

function asCheck(fault: Exclude<Opened<unknown>, { readonly ok: true }>): FileCheck {
  return fault.code === 'key_unknown' ? { kind: 'key_unknown', keyId: fault.keyId } : { kind: 'damaged' };
}

/** A file's name is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hexOf(folder: number): string {
  return folder.toString(16).padStart(2, '0');
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

/** What the file system fails with, as an error that says so; paths stay out of it, since it is told. */
async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof DocumentStorageError) throw error;
    throw new DocumentStorageError(`the folder of documents cannot be used: ${code}`, { cause: error });
  }
}
