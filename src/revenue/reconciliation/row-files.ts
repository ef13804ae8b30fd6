import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '../../base/ids.ts';
import { CATEGORIES, type Category } from './matching/reconciled-row.ts';
import type { StoredRow } from './stored-row.ts';

const BUFFER_CHARACTERS = 64 * 1024;
const READ_BYTES = 64 * 1024;
const FOLDER_MODE = 0o700;
/** Beginning of the names of folders whose run is not finished. */
const WORK = 'work-';
/** A run that is so old was killed; nothing younger is removed. */
const WORK_MAX_AGE_MS = 86_400_000;

/** A run of a reconciliation: a folder to work in, and rows that appear all at once or not at all. */
export interface RowRun {
  /** For working files; gone after the run. */
  readonly folder: string;
  write(row: StoredRow): Promise<void> | undefined;
  /** From here on the rows can be read. A report that was there before stays as it is. */
  finish(reportId: string): Promise<void>;
  /** Removes what the run has left; after `finish` nothing but working files. */
  end(): Promise<void>;
}

/** Where to read on: a byte of the file of a category. */
export interface RowPosition {
  readonly category: Category;
  readonly offset: number;
}

/**
 * The rows of reports, on disk: `<root>/<report>/<category>.ndjson`. A report may have millions of them, and they are needed for
 * as long as people look into it; the report itself is kept elsewhere.
 */
export class RowFiles {
  readonly #root: string;

  /** @param root made when it is needed; machines that run gateways share it */
  constructor(root: string) {
    this.#root = root;
  }

  async begin(): Promise<RowRun> {
    const work = join(this.#root, `${WORK}${randomUUID()}`);
    const [folder, rows] = [join(work, 'parts'), join(work, 'rows')];
    for (const path of [folder, rows]) await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    const buffers = new Map<Category, string>();
    const flush = async (category: Category): Promise<void> => {
      const text = buffers.get(category) ?? '';
      buffers.set(category, '');
      if (text !== '') await appendFile(join(rows, `${category}.ndjson`), text, { mode: 0o600 });
    };
    return {
      folder,
      write(row) {
        const text = `${buffers.get(row.category) ?? ''}${JSON.stringify(row)}\n`;
        buffers.set(row.category, text);
        return text.length < BUFFER_CHARACTERS ? undefined : flush(row.category);
      },
      finish: async (reportId) => {
        for (const category of buffers.keys()) await flush(category);
        await rename(rows, join(this.#root, reportId)).catch(ignoreExisting);
      },
      end: () => rm(work, { recursive: true, force: true }),
    };
  }

  /** Whether the rows of a report are here. */
  async has(reportId: string): Promise<boolean> {
    return stat(join(this.#root, reportId)).then(
      () => true,
      () => false,
    );
  }

  /** Rows of one category from a position on, each with the position behind it. */
  async *read(reportId: string, { category, offset }: RowPosition): AsyncGenerator<{ row: StoredRow; next: number }> {
    const file = await open(join(this.#root, reportId, `${category}.ndjson`), 'r').catch(() => undefined);
    if (file === undefined) return;
    try {
      let rest: Buffer = Buffer.alloc(0);
      let at = offset;
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, at + rest.length);
        if (bytesRead === 0) return;
        rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const row = JSON.parse(rest.toString('utf8', 0, end)) as StoredRow;
          rest = rest.subarray(end + 1);
          at += end + 1;
          yield { row, next: at };
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Removes the rows of reports that are gone, and what runs that were killed have left. @returns how many reports */
  async sweep(isGone: (reportId: string) => Promise<boolean>, nowMs: number): Promise<number> {
    const names = await readdir(this.#root).catch(() => []);
    let removed = 0;
    for (const name of names) {
      const path = join(this.#root, name);
      // Rows appear a moment before their report does.
      const isOld = nowMs - (await stat(path)).mtimeMs > WORK_MAX_AGE_MS;
      const isOver = name.startsWith(WORK) || (isId('rec', name) && (await isGone(name)));
      if (!isOld || !isOver) continue;
      await rm(path, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }
}

/** Whether text is a category, for positions that come from outside. */
export function isCategory(text: string): text is Category {
  return CATEGORIES.some((category) => category === text);
}

function ignoreExisting(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
}
