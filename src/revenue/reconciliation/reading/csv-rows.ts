import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import type { FileSource } from './file-source.ts';
import type { Encoding } from './inspect-file.ts';
import { ROW_CHARACTERS_MAX, type SourceRow, UnreadableFileError } from './source-row.ts';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Lines looked at to find out what stands between cells. */
const SNIFFED_LINES = 50;

/**
 * The delimiter that divides most lines of a sample in the same way; a comma where none does. Quoted text does not count.
 * Decimal commas are as regular as delimiters: of two that divide alike, the one is taken that is no decimal comma.
 */
export function sniffDelimiter(sample: string): Delimiter {
  const lines = sample
    .replaceAll(/"(?:[^"]|"")*"/g, '')
    .split(/\r\n|\n|\r/)
    .slice(0, SNIFFED_LINES)
    .filter((line) => line.trim() !== '');
  let best: { readonly delimiter: Delimiter; readonly score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of [';', '\t', '|', ','] as const) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const count = line.split(delimiter).length - 1;
      if (count > 0) counts.set(count, (counts.get(count) ?? 0) + 1);
    }
    const score = Math.max(0, ...counts.values());
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/**
 * Rows of a delimited file, as it is read. Quotes that stand in the middle of a cell are text; rows of any width are taken.
 * @throws UnreadableFileError where a row has no end
 */
export async function* csvRows(
  source: FileSource,
  { encoding, delimiter }: { readonly encoding: Encoding; readonly delimiter: Delimiter },
): AsyncGenerator<SourceRow> {
  const parser = parse({
    delimiter,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: ROW_CHARACTERS_MAX,
    info: true,
  });
  const text = Readable.from(decoded(source, encoding), { objectMode: false });
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    throw new UnreadableFileError(faultOf(error as CsvError));
  } finally {
    text.destroy();
  }
}

async function* decoded(source: FileSource, encoding: Encoding): AsyncGenerator<string> {
  // Node knows the name utf-16be for decoding too; a byte order mark is taken away by every decoder.
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source.chunks()) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

function faultOf({ code, lines, message }: CsvError & { lines?: number }): string {
  if (code === 'CSV_MAX_RECORD_SIZE' || code === 'CSV_QUOTE_NOT_CLOSED') {
    return `line ${lines ?? '?'}: a quote is not closed, or a row has more than ${ROW_CHARACTERS_MAX} characters`;
  }
  return message;
}
