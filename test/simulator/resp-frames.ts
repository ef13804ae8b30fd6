const CR = 13;
const ARRAYS = new Set(['*', '~', '>']);
const BULKS = new Set(['$', '=', '!']);

/**
 * Counts whole messages of the Redis protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/) in a stream of
 * bytes, commands as well as replies.
 */
export class RespFrames {
  #bytes: Buffer = Buffer.alloc(0);
  /** Values that are still to come before the message under way is whole. */
  #open = 0;
  count = 0;

  /** Whether what came so far ends with a whole message. */
  get isWhole(): boolean {
    return this.#bytes.length === 0 && this.#open === 0;
  }

  add(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const end = this.#valueEnd(at);
      if (end === null) break;
      at = end;
      if (this.#open === 0) this.count += 1;
    }
    this.#bytes = this.#bytes.subarray(at);
  }

  /** Where the value at `at` ends (an array: its header), null when it is not whole yet. */
  #valueEnd(at: number): number | null {
    const lineEnd = this.#bytes.indexOf(CR, at);
    if (lineEnd < 0 || lineEnd + 1 >= this.#bytes.length) return null;
    const kind = String.fromCharCode(this.#bytes[at] ?? 0);
    const size = Number(this.#bytes.toString('latin1', at + 1, lineEnd));
    let end = lineEnd + 2;
    if (BULKS.has(kind) && size >= 0) {
      end += size + 2;
      if (end > this.#bytes.length) return null;
    }
    if (this.#open > 0) this.#open -= 1;
    if (ARRAYS.has(kind) && size > 0) this.#open += size;
    return end;
  }
}
