import { csvRows, type Delimiter, sniffDelimiter } from './csv-rows.ts';
import type { FileSource } from './file-source.ts';
import { type FoundMapping, findColumns } from './find-columns.ts';
import { COLUMN_ROLES, type ColumnNames, type RefKind } from './guess-columns.ts';
import { type Encoding, type InspectedFile, inspectFile } from './inspect-file.ts';
import type { DecimalMark } from './read-amount.ts';
import type { DateOrder } from './read-date.ts';
import { type SourceRow, UnreadableFileError } from './source-row.ts';
import { type ReadRow, readHabits, readTheirRow } from './their-row.ts';
import { xlsxRows } from './xlsx-rows.ts';

/** How somebody says a file is to be read; what is left out is found out. */
export interface ReadingWish {
  readonly columns: ColumnNames;
  readonly refKind?: RefKind | undefined;
  readonly encoding?: Encoding | undefined;
  readonly delimiter?: Delimiter | undefined;
  readonly decimal?: DecimalMark | undefined;
  readonly dateOrder?: DateOrder | undefined;
  /** Of a workbook; absent = the first. */
  readonly sheet?: string | undefined;
  readonly totals: boolean;
}

/** How the last file of a counterparty was read: the default for the next one. */
export interface RememberedMapping {
  readonly columns: ColumnNames;
  readonly refKind: RefKind;
}

/** How a file is read. */
export interface FileReading {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: Encoding | null;
  readonly delimiter: Delimiter | null;
  readonly sheet: string | null;
  readonly mapping: FoundMapping;
  readonly decimal: DecimalMark;
  readonly dateOrder: DateOrder | null;
}

/** A file of which is known how it is read. */
export interface OpenedFile {
  readonly inspected: Pick<InspectedFile, 'sha256' | 'bytes'>;
  readonly reading: FileReading;
  /** All rows, each as what it is, in their order. */
  rows(): AsyncGenerator<ReadRow>;
}

/** Largest workbook: it is in memory while it is read. */
export const XLSX_MAX_BYTES = 64 * 1024 * 1024;
/** Rows that tell how amounts and dates are written. */
const SAMPLE_ROWS = 2_000;

/**
 * Opens a file: what it is, where its header is, which column is which, how it writes amounts and dates.
 * @throws UnreadableFileError which says what was seen
 */
export async function openFile(
  source: FileSource,
  wish: ReadingWish,
  about: { readonly currency: string; readonly timezone: string; readonly remembered: RememberedMapping | undefined },
): Promise<OpenedFile> {
  const inspected = await inspectFile(source);
  const { format } = inspected;
  if (inspected.bytes === 0) throw new UnreadableFileError('the file is empty');
  if (format === 'xls') {
    throw new UnreadableFileError('a workbook of before 2007, or one with a password: save it as XLSX or CSV');
  }
  const isCsv = format === 'csv';
  const encoding = wish.encoding ?? inspected.encoding;
  const delimiter = wish.delimiter ?? sniffDelimiter(new TextDecoder(encoding).decode(inspected.head));
  const rowsOf = isCsv
    ? () => csvRows(source, { encoding, delimiter })
    : await workbookRows(source, inspected.bytes, wish.sheet);
  const sample = await firstRows(rowsOf());
  const found = findColumns(sample, { ...wish, refKind: wish.refKind }, about.remembered);
  if (!found.ok) {
    const seen = found.seen.length === 0 ? '' : `; seen: ${found.seen.map((cell) => JSON.stringify(cell)).join(', ')}`;
    const how = isCsv ? ` (read as ${encoding}, delimiter ${JSON.stringify(delimiter)})` : '';
    throw new UnreadableFileError(`${found.why}${seen}${how}`);
  }
  const { mapping } = found;
  const habits = readHabits(sample, mapping, about.currency);
  const decimal = wish.decimal ?? habits.decimal;
  const dateOrder = wish.dateOrder ?? habits.dateOrder;
  const reading = { mapping, decimal, dateOrder, currency: about.currency, timezone: about.timezone };
  return {
    inspected,
    reading: {
      format,
      encoding: isCsv ? encoding : null,
      delimiter: isCsv ? delimiter : null,
      sheet: isCsv ? null : (wish.sheet ?? null),
      mapping,
      decimal,
      dateOrder: dateOrder ?? null,
    },
    async *rows() {
      for await (const row of rowsOf()) yield readTheirRow(row, reading);
    },
  };
}

/** What is remembered of how a file was read. */
export function rememberedOf({ mapping }: FileReading): RememberedMapping {
  const named = COLUMN_ROLES.flatMap((role) => {
    const name = mapping.names[role];
    return name === null || name === '' ? [] : [[role, name] as const];
  });
  return { columns: Object.fromEntries(named), refKind: mapping.refKind };
}

async function workbookRows(source: FileSource, bytes: number, sheet: string | undefined) {
  if (bytes > XLSX_MAX_BYTES) {
    throw new UnreadableFileError(`a workbook has at most ${XLSX_MAX_BYTES} bytes: save it as CSV`);
  }
  const whole = await source.whole();
  return () => xlsxRows(whole, sheet);
}

async function firstRows(rows: AsyncGenerator<SourceRow>): Promise<SourceRow[]> {
  const sample: SourceRow[] = [];
  for await (const row of rows) {
    sample.push(row);
    if (sample.length >= SAMPLE_ROWS) break;
  }
  return sample;
}
