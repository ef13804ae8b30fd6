/** A stretch of a list file that ends where a record ends. */
export interface FilePart {
  readonly bytes: Buffer;
  /** Where it begins and ends in the file. */
  readonly from: number;
  readonly to: number;
}

/** The file cannot be a list: the message says where and why. */
export class ListFileError extends Error {
  override readonly name = 'ListFileError';
}

/** As much as one batch reads; where it is cut follows from the content alone, so every run cuts alike. */
const PART_BYTES = 256 * 1024;
/** A record does not span more. */
const PARTS_A_RECORD = 8;

/**
 * Cuts a stream into parts of about 256 KiB. No more than one part is held.
 * @param start offset in the file at which the stream begins
 * @param endOf where the last whole record of the bytes ends; 0 when there is none
 * @throws ListFileError when a record does not end within 2 MiB
 */
export async function* readParts(
  stream: AsyncIterable<Buffer>,
  start: number,
  endOf: (bytes: Buffer) => number,
): AsyncGenerator<FilePart> {
  let from = start;
  let held: Buffer[] = [];
  let size = 0;
  let wanted = PART_BYTES;
  for await (const chunk of stream) {
    held.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const all = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
      const end = endOf(all.subarray(0, wanted));
      held = [all.subarray(end)];
      size -= end;
      if (end === 0) {
        wanted += PART_BYTES;
        if (wanted > PART_BYTES * PARTS_A_RECORD) {
          throw new ListFileError(`byte ${from}: a record of more than ${wanted - PART_BYTES} bytes is no list entry`);
        }
        continue;
      }
      wanted = PART_BYTES;
      yield { bytes: all.subarray(0, end), from, to: from + end };
      from += end;
    }
  }
  if (size > 0) yield { bytes: Buffer.concat(held), from, to: from + size };
}
