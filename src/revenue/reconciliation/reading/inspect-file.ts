import { createHash } from 'node:crypto';
import type { FileSource } from './file-source.ts';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What a file is, found out by reading it once. */
export interface InspectedFile {
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly format: 'csv' | 'xlsx' | 'xls';
  readonly encoding: Encoding;
  /** The first bytes, for a look at how it is written. */
  readonly head: Uint8Array;
}

const HEAD_BYTES = 64 * 1024;
/** A ZIP archive: every XLSX begins like this. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** An OLE container: workbooks of before 2007, and encrypted ones. */
const OLE = [0xd0, 0xcf, 0x11, 0xe0];

/**
 * Hashes a file and finds out what it is. Its encoding: what its byte order mark says; UTF-16 without one where every other
 * byte is zero; UTF-8 where every byte of it is; GB 18030 (which contains GBK and GB 2312) otherwise.
 */
export async function inspectFile(source: FileSource): Promise<InspectedFile> {
  const sha256 = createHash('sha256');
  const strict = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    sha256.update(chunk);
    bytes += chunk.length;
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    isUtf8 = isUtf8 && isDecodable(strict, chunk, true);
  }
  isUtf8 = isUtf8 && isDecodable(strict, new Uint8Array(0), false);
  return { sha256: sha256.digest('hex'), bytes, format: formatOf(head), encoding: encodingOf(head, isUtf8), head };
}

function isDecodable(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array, stream: boolean): boolean {
  try {
    decoder.decode(chunk, { stream });
    return true;
  } catch {
    return false;
  }
}

function formatOf(head: Uint8Array): InspectedFile['format'] {
  if (ZIP.every((byte, at) => head[at] === byte)) return 'xlsx';
  return OLE.every((byte, at) => head[at] === byte) ? 'xls' : 'csv';
}

function encodingOf(head: Uint8Array, isUtf8: boolean): Encoding {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Separators and digits are ASCII in any language: in UTF-16 half of their bytes are zero.
  const zeros = [0, 0];
  const looked = head.subarray(0, 2_048);
  for (const [at, byte] of looked.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > looked.length / 8 && even === 0) return 'utf-16le';
  if (even > looked.length / 8 && odd === 0) return 'utf-16be';
  return isUtf8 ? 'utf-8' : 'gb18030';
}
