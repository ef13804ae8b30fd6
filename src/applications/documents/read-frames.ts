import type { FileHandle } from 'node:fs/promises';
import { FRAMES_HEAD_MAX_BYTES, readFramesHead, SEALED_FRAME_BYTES } from '../../identity/seal-frames.ts';

/** A frame where it stands in its file. The bytes are good until the next one is asked for. */
export interface SealedFrame {
  readonly sealed: Uint8Array;
  readonly index: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

/** The beginning of a file: its head, and maybe more. */
export async function readHead(handle: FileHandle): Promise<Uint8Array> {
  const buffer = Buffer.alloc(FRAMES_HEAD_MAX_BYTES);
  const size = await readFully(handle, buffer, 0);
  return buffer.subarray(0, size);
}

/** The frames of a file in order, as many as its length has room for; at least one, be it empty. */
export async function* framesOf(handle: FileHandle): AsyncGenerator<SealedFrame> {
  const { size } = await handle.stat();
  const start = readFramesHead(await readHead(handle))?.length ?? 0;
  const buffer = Buffer.alloc(SEALED_FRAME_BYTES);
  for (let index = 0; ; index += 1) {
    const at = start + index * SEALED_FRAME_BYTES;
    const length = await readFully(handle, buffer, at);
    const isLast = at + length >= size || length < SEALED_FRAME_BYTES;
    yield { sealed: buffer.subarray(0, length), index, isLast };
    if (isLast) return;
  }
}

/** Fills the buffer unless the file ends before. @returns how many bytes there were */
async function readFully(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let size = 0;
  while (size < buffer.length) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, position + size);
    if (bytesRead === 0) break;
    size += bytesRead;
  }
  return size;
}
