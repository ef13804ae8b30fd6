import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Column, FileFormat } from './parse-rows.ts';
import { endOfRecords, parseHeader } from './parse-rows.ts';
import { ListFileError } from './read-parts.ts';

/** Where rows come from. */
export interface ListSourceFile {
  /** For messages: the path, or `standard input`. */
  readonly name: string;
  /** null = not known before the end. */
  readonly size: number | null;
  /** What it is known by when an import goes on; null = it cannot. */
  readonly fingerprint: string | null;
  /** A stream that begins at an offset; only 0 where the size is not known. */
  stream(offset: number): AsyncIterable<Buffer>;
}

const END_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const BOM_BYTES = 3;

/** @throws Error of the file system when it cannot be read */
export async function openListFile(path: string): Promise<ListSourceFile> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    const hash = createHash('sha256').update(`${size}\0${mtimeMs}\0`);
    for (const from of [0, Math.max(0, size - END_BYTES)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(END_BYTES), 0, END_BYTES, from);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { name: path, size, fingerprint: hash.digest('hex'), stream: (offset) => chunksOf(path, offset) };
  } finally {
    await file.close();
  }
}

export function standardInput(input: AsyncIterable<Buffer>): ListSourceFile {
  return { name: 'standard input', size: null, fingerprint: null, stream: () => input };
}

/** Read by one buffer over and over would be quicker, but parts keep pieces of theirs: each read has its own. */
async function* chunksOf(path: string, offset: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let from = offset; ; ) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(READ_BYTES), 0, READ_BYTES, from);
      if (bytesRead === 0) return;
      from += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** What the beginning of a file says about the rest. `bytes` is how much of it is no row. */
export interface FileHead {
  readonly format: FileFormat;
  readonly columns: readonly Column[];
  readonly bytes: number;
  readonly lines: number;
}

/**
 * Reads the header, or sees that there is none because the file is NDJSON.
 * @param start the first bytes of the file, a whole record at least
 * @throws ListFileError when it is neither
 */
export function readHead(name: string, start: Buffer): FileHead {
  const hasBom = start.subarray(0, BOM_BYTES).equals(Buffer.of(0xef, 0xbb, 0xbf));
  const skipped = hasBom ? BOM_BYTES : 0;
  const newline = start.indexOf(0x0a);
  const end = newline < 0 ? start.length : newline + 1;
  const first = start.toString('utf8', skipped, end);
  if (first.trimStart().startsWith('{')) return { format: 'ndjson', columns: [], bytes: skipped, lines: 0 };
  const columns = parseHeader(first);
  if (columns === undefined) {
    throw new ListFileError(
      `${name}: line 1 must be the header value[,expires_on,note], or a JSON object with those keys`,
    );
  }
  return { format: 'csv', columns, bytes: end, lines: 1 };
}

/** Cuts by format, which is seen at the first bytes. */
export function recordEnds(start: { format: FileFormat | null }): (bytes: Buffer) => number {
  return (bytes) => {
    start.format ??= /^\s*\{/.test(bytes.toString('utf8', 0, 64).replace(/^\ufeff/, '')) ? 'ndjson' : 'csv';
    return endOfRecords(start.format)(bytes);
  };
}
