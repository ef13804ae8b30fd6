import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** A file of a counterparty that can be read from its beginning as often as needed, piece by piece. */
export interface FileSource {
  /** Bytes. */
  readonly size: number;
  chunks(): AsyncIterable<Uint8Array>;
  /** All of it at once: for formats that cannot be read from front to back. */
  whole(): Promise<Uint8Array>;
}

/** Small enough to give other work a turn between two, large enough to cost nothing. */
const CHUNK_BYTES = 64 * 1024;

/** A file that is in memory already. */
export function bytesSource(bytes: Uint8Array): FileSource {
  return {
    size: bytes.length,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    },
    whole: async () => bytes,
  };
}

/** A file on this machine. Throws what `stat` throws when there is none. */
export async function pathSource(path: string): Promise<FileSource> {
  const { size } = await stat(path);
  return {
    size,
    chunks: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
    async whole() {
      const file = await open(path, 'r');
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    },
  };
}
