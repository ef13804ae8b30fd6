import { hash } from 'node:crypto';

/** 64 bits of SHA-256: enough against accidents, which is all that a checksum on our own disk is for. */
const CHECKSUM_DIGITS = 16;
const HEADER = /^([0-9a-f]{16}) (\d{1,6}) $/;
/** `<checksum> <length> `; longer than any that is written. */
const HEADER_MAX = CHECKSUM_DIGITS + 1 + 6 + 1;
/** No record is longer: ten sub ids of 128 characters, each escaped in JSON, are a fifth of it. */
export const RECORD_MAX_BYTES = 65_536;
const LINE_FEED = 0x0a;
const SPACE = 0x20;

/**
 * A record as it is kept on disk: `<checksum> <length> <text>` and a line feed. The text has no line feed in it, so that
 * after a damaged record the next one is found again.
 * @throws RangeError when the record is too long, or has a line feed
 */
export function encodeFrame(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length > RECORD_MAX_BYTES || body.includes(LINE_FEED)) throw new RangeError('no record of a spool');
  return Buffer.concat([Buffer.from(`${checksumOf(body)} ${body.length} `), body, Buffer.from('\n')]);
}

/** A piece of a segment. */
export type Frame =
  | { readonly kind: 'record'; readonly text: string }
  /** Bytes that are no record, or no longer the one that was written. */
  | { readonly kind: 'damaged'; readonly bytes: Buffer }
  /** What a crash cut off at the end: whoever it was about had not been answered yet. */
  | { readonly kind: 'torn'; readonly bytes: Buffer };

/** Reads frames out of chunks of any size; keeps no more than one frame and one chunk in memory. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    yield* this.#take(false);
  }

  /** What is left when the segment ends. */
  *end(): Generator<Frame> {
    yield* this.#take(true);
    if (this.#rest.length > 0) yield { kind: 'torn', bytes: this.#rest };
    this.#rest = Buffer.alloc(0);
  }

  *#take(isEnd: boolean): Generator<Frame> {
    let at = 0;
    for (;;) {
      const found = readFrame(this.#rest.subarray(at), isEnd);
      if (found === undefined) break;
      at += found.length;
      yield found.frame;
    }
    this.#rest = this.#rest.subarray(at);
  }
}

interface Found {
  readonly frame: Frame;
  /** Bytes that it takes. */
  readonly length: number;
}

/** The first frame; undefined while more bytes are needed to tell, or none are left but a torn tail. */
function readFrame(bytes: Buffer, isEnd: boolean): Found | undefined {
  if (bytes.length === 0) return undefined;
  const start = bodyStart(bytes);
  if (start !== undefined) {
    const end = start.at + start.length;
    if (bytes.length <= end && !isEnd && isHopeful(bytes, start.at)) return undefined;
    const body = bytes.subarray(start.at, end);
    // Its line feed is the one byte that the checksum does not cover: a record with another one is whole.
    if (bytes.length > end && checksumOf(body) === start.checksum) {
      return { frame: { kind: 'record', text: body.toString() }, length: end + 1 };
    }
  }
  const lineEnd = bytes.indexOf(LINE_FEED);
  if (lineEnd >= 0) return { frame: { kind: 'damaged', bytes: bytes.subarray(0, lineEnd + 1) }, length: lineEnd + 1 };
  if (isEnd) return undefined;
  // No line of ours is this long: given out piece by piece, so that memory stays bounded.
  if (bytes.length > RECORD_MAX_BYTES + HEADER_MAX + 1)
    return { frame: { kind: 'damaged', bytes }, length: bytes.length };
  return undefined;
}

/** Whether a frame that is not whole yet may become so: no line feed where its text should be. */
function isHopeful(bytes: Buffer, from: number): boolean {
  return bytes.indexOf(LINE_FEED, from) < 0;
}

function bodyStart(bytes: Buffer): { at: number; length: number; checksum: string } | undefined {
  const at = bytes.indexOf(SPACE, CHECKSUM_DIGITS + 1) + 1;
  if (at === 0 || at > HEADER_MAX) return undefined;
  const [, checksum, digits] = HEADER.exec(bytes.toString('latin1', 0, at)) ?? [];
  const length = Number(digits);
  return checksum === undefined || length > RECORD_MAX_BYTES ? undefined : { at, length, checksum };
}

function checksumOf(body: Buffer): string {
  return hash('sha256', body, 'hex').slice(0, CHECKSUM_DIGITS);
}
