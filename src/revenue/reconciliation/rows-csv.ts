import { csvNumber, csvText } from '../csv-cell.ts';
import { toDecimal } from '../decimal-money.ts';
import type { ShownRow } from './list-rows.ts';

const COLUMNS = [
  'category',
  'explanation',
  'ref',
  'their_lines',
  'their_count',
  'their_amount',
  'their_currency',
  'their_date',
  'their_rate',
  'commission_ids',
  'our_count',
  'our_amount',
  'our_currency',
  'our_date',
  'our_rate',
  'difference',
  'known_commission_id',
  'proposals',
  'reason',
  'resolution',
  'resolution_reason',
] as const;
type CsvColumn = (typeof COLUMNS)[number];
const CRLF = '\r\n';
/** Numbers that we write ourselves: a minus is a minus. */
const NUMERIC: ReadonlySet<CsvColumn> = new Set([
  'their_count',
  'their_amount',
  'our_count',
  'our_amount',
  'difference',
]);

/**
 * Rows of a report as CSV (RFC 4180, UTF-8), row by row, header first. Amounts are decimals of major units; texts that a
 * spreadsheet would run as a formula have an apostrophe before them.
 * @param currency of the statement
 */
export async function* reconciliationCsv(rows: AsyncIterable<ShownRow>, currency: string): AsyncGenerator<string> {
  yield COLUMNS.join(',') + CRLF;
  for await (const row of rows) {
    const cells = cellsOf(row, currency);
    yield COLUMNS.map((column) => csvCell(column, cells[column])).join(',') + CRLF;
  }
}

function cellsOf(row: ShownRow, currency: string): Readonly<Record<CsvColumn, string>> {
  const { theirs, ours, resolution } = row;
  const money = (amount: number | undefined, unit: string): string =>
    amount === undefined ? '' : toDecimal(BigInt(amount), unit);
  return {
    category: row.category,
    explanation: row.explanation ?? '',
    ref: row.ref ?? '',
    their_lines: theirs?.lines.join(' ') ?? '',
    their_count: theirs === null ? '' : String(theirs.count),
    their_amount: row.category === 'invalid_row' ? '' : money(theirs?.amount, theirs?.currency ?? currency),
    their_currency: theirs?.currency ?? '',
    their_date: theirs?.date ?? '',
    their_rate: theirs?.rate ?? '',
    commission_ids: ours?.commission_ids.join(' ') ?? '',
    our_count: ours === null ? '' : String(ours.count),
    our_amount: money(ours?.amount, currency),
    our_currency: ours === null ? '' : currency,
    our_date: ours?.date ?? '',
    our_rate: ours?.rate ?? '',
    difference: money(row.difference, currency),
    known_commission_id: row.known_commission_id ?? '',
    proposals: row.proposals
      .map((one) => `${one.commission_id ?? `line ${one.line ?? '?'}`} (${one.because.join(' ')})`)
      .join('; '),
    reason: row.reason ?? '',
    resolution: resolution?.action ?? '',
    resolution_reason: resolution?.reason ?? '',
  };
}

function csvCell(column: CsvColumn, value: string): string {
  return NUMERIC.has(column) ? csvNumber(value) : csvText(value);
}
