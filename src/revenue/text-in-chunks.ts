/** Text gathered before it is passed on: many small chunks cost more than the rows. */
const CHUNK_CHARACTERS = 16_384;

/** Text in UTF-8, a few thousand characters at a time, as its parts come. */
export async function* textInChunks(parts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let chunk = '';
  for await (const part of parts) {
    chunk += part;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(chunk);
    chunk = '';
  }
  yield encoder.encode(chunk);
}
