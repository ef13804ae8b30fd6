import type { IncomingMessage } from 'node:http';
import { LARGE_BODY_BYTES } from './large-bodies.ts';
import { ProblemError } from './problem.ts';

export const NO_BODY: Uint8Array = new Uint8Array(0);

/**
 * Bytes of all bodies together of which the rest has not arrived. Strangers may send slowly over as many connections as they
 * like, and nobody is authenticated before the body is here: memory must not be theirs to fill.
 */
export const ARRIVING_LIMIT_BYTES = 256 * 1024 * 1024;
const arriving = { bytes: 0 };

/**
 * The bytes of a request's body, at most `limitBytes`. Not a promise when the head says that there is no body: most reads
 * then need no turn of the event loop. Reading stops at the first byte too many, with or without Content-Length.
 * @throws ProblemError `body_too_large`, `request_malformed` when the client went away before the end, or
 * `dependency_unavailable` when {@link ARRIVING_LIMIT_BYTES} are on their way
 */
export function readBody(incoming: IncomingMessage, limitBytes: number): Uint8Array | Promise<Uint8Array> {
  const { headers } = incoming;
  const length = headers['content-length'];
  if (length === undefined) {
    if (headers['transfer-encoding'] === undefined) return NO_BODY;
  } else {
    if (length === '0') return NO_BODY;
    if (Number(length) > limitBytes) throw tooLarge(limitBytes);
  }
  const reading = new Reading(limitBytes, length === undefined ? 0 : Number(length));
  const message: ReadMessage = incoming;
  message[READING] = reading;
  incoming.on('data', onData);
  incoming.on('end', onEnd);
  incoming.on('error', onLost);
  incoming.on('close', onLost);
  if (incoming.destroyed) onLost.call(message);
  return reading.done;
}

const READING: unique symbol = Symbol('reading');

/** The state lies on the message, so that the listeners below are shared by all requests instead of made for each. */
type ReadMessage = IncomingMessage & { [READING]?: Reading };

class Reading {
  readonly limitBytes: number;
  readonly chunks: Buffer[] = [];
  /** The whole body of a large operation, put together while it arrives: chunks and their sum would be there twice. */
  readonly whole: Buffer | undefined;
  size = 0;
  resolve: (body: Uint8Array) => void = ignore;
  reject: (error: Error) => void = ignore;
  readonly done: Promise<Uint8Array>;

  constructor(limitBytes: number, announcedBytes: number) {
    this.limitBytes = limitBytes;
    this.whole =
      announcedBytes > 0 && limitBytes > LARGE_BODY_BYTES ? Buffer.allocUnsafeSlow(announcedBytes) : undefined;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

function ignore(): void {}

function onData(this: ReadMessage, chunk: Buffer): void {
  const reading = this[READING];
  if (reading === undefined) return;
  reading.size += chunk.length;
  arriving.bytes += chunk.length;
  const isTooLarge = reading.size > reading.limitBytes;
  if (!isTooLarge && arriving.bytes <= ARRIVING_LIMIT_BYTES) {
    if (reading.whole === undefined) reading.chunks.push(chunk);
    else chunk.copy(reading.whole, reading.size - chunk.length);
    return;
  }
  settle(this, reading);
  // What still arrives is thrown away by the server once the answer is sent, so that the client can read it.
  this.pause();
  reading.reject(isTooLarge ? tooLarge(reading.limitBytes) : tooMany());
}

function onEnd(this: ReadMessage): void {
  const reading = this[READING];
  if (reading === undefined) return;
  settle(this, reading);
  const { chunks, size, whole } = reading;
  if (whole !== undefined) {
    reading.resolve(whole.subarray(0, size));
    return;
  }
  const [only] = chunks;
  reading.resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
}

function onLost(this: ReadMessage): void {
  const reading = this[READING];
  if (reading === undefined) return;
  settle(this, reading);
  reading.reject(new ProblemError('request_malformed', 'the body ended early'));
}

function settle(message: ReadMessage, { size }: Reading): void {
  message[READING] = undefined;
  arriving.bytes -= size;
  message.off('data', onData);
  message.off('end', onEnd);
  message.off('error', onLost);
  message.off('close', onLost);
}

/** The same for a request that came by no socket (`app.request()`), from its web stream. */
export async function readWebBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  if (request.body === null) return NO_BODY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.length;
    if (size > limitBytes) {
      await reader.cancel();
      throw tooLarge(limitBytes);
    }
    chunks.push(value);
  }
}

function tooMany(): ProblemError {
  return new ProblemError('dependency_unavailable', 'too many bodies are arriving at once', {
    headers: { 'Retry-After': '1', Connection: 'close' },
  });
}

function tooLarge(limitBytes: number): ProblemError {
  return new ProblemError('body_too_large', `the body has more than ${limitBytes} bytes`);
}
