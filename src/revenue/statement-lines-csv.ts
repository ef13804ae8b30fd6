import { createHash } from 'node:crypto';
import { csvNumber, csvText } from './csv-cell.ts';
import { toDecimal } from './decimal-money.ts';
import { STATEMENT_LINE_COLUMNS, type StatementLine } from './statement-line.ts';

const CRLF = '\r\n';

/** Columns that hold money or a number that we write ourselves: never guarded, a minus is a minus. */
const NUMERIC_COLUMNS: ReadonlySet<string> = new Set(['base', 'rate', 'amount']);

/**
 * The lines as CSV, row by row with their line ends, header first: RFC 4180, CRLF, UTF-8 without BOM, amounts as
 * decimal major units with the currency's digits. The same lines always give the same bytes.
 */
export async function* statementLinesCsv(
  lines: AsyncIterable<StatementLine> | Iterable<StatementLine>,
): AsyncGenerator<string> {
  yield csvHeader();
  for await (const line of lines) yield csvRow(line);
}

/** The whole CSV as one text. */
export function renderStatementLinesCsv(lines: Iterable<StatementLine>): string {
  let csv = csvHeader();
  for (const line of lines) csv += csvRow(line);
  return csv;
}

/** SHA-256 (hex) of the CSV's bytes: what `sha256sum` prints for the downloaded file. */
export function linesSha256(csv: string): string {
  return createHash('sha256').update(csv, 'utf8').digest('hex');
}

/** Counts and hashes lines as they pass, without keeping the CSV. */
export class LinesDigest {
  readonly #hash = createHash('sha256').update(csvHeader(), 'utf8');
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(line: StatementLine): void {
    this.#hash.update(csvRow(line), 'utf8');
    this.#count += 1;
  }

  /** The same as `linesSha256` of the CSV of the lines added so far. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }
}

function csvHeader(): string {
  return STATEMENT_LINE_COLUMNS.join(',') + CRLF;
}

function csvRow(line: StatementLine): string {
  return STATEMENT_LINE_COLUMNS.map((column) => csvCell(column, line)).join(',') + CRLF;
}

function csvCell(column: (typeof STATEMENT_LINE_COLUMNS)[number], line: StatementLine): string {
  const value = line[column];
  if (value === null) return '';
  if (typeof value === 'number') return toDecimal(BigInt(value), line.currency);
  return NUMERIC_COLUMNS.has(column) ? csvNumber(value) : csvText(value);
}
