import { ProblemError } from './problem.ts';

/** Bytes that the bodies of large operations may hold in this process at once: six documents, with room to spare. */
export const LARGE_BODIES_LIMIT_BYTES = 64 * 1024 * 1024;
/** Operations that take more than this are large; what smaller ones read is bounded by how fast it is handled. */
export const LARGE_BODY_BYTES = 4 * 1024 * 1024;
const RETRY_AFTER_SECONDS = '1';

/**
 * What large bodies may hold together, from before the first byte is read to the end of the handler. Taken by what the head
 * announces, so it is asked only for callers whose head is signed.
 */
export class LargeBodies {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number = LARGE_BODIES_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /**
   * @param announced value of Content-Length; undefined = the body comes in chunks of which nobody knows how many
   * @param maxBytes what the operation takes
   * @returns gives the place back; calling it again changes nothing
   * @throws ProblemError `body_too_large`; `dependency_unavailable` while the others hold too much
   */
  hold(announced: string | undefined, maxBytes: number): () => void {
    // Chunks are joined at the end: both are there for a moment.
    const bytes = announced === undefined ? 2 * maxBytes : Number(announced);
    if (announced !== undefined && bytes > maxBytes) {
      throw new ProblemError('body_too_large', `the body has more than ${maxBytes} bytes`);
    }
    if (this.#heldBytes + bytes > this.#limitBytes) {
      throw new ProblemError('dependency_unavailable', 'too many large bodies are being taken in at once', {
        // The connection stays: what still arrives is thrown away, so that a client in the middle of sending reads this.
        headers: { 'Retry-After': RETRY_AFTER_SECONDS },
      });
    }
    this.#heldBytes += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.#heldBytes -= bytes;
      isHeld = false;
    };
  }
}
