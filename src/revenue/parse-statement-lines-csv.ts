import { FORMULA_START } from './csv-cell.ts';
import { fromDecimal } from './decimal-money.ts';
import {
  STATEMENT_LINE_COLUMNS,
  STATEMENT_LINE_KINDS,
  type StatementLine,
  type StatementLineKind,
} from './statement-line.ts';
import { renderStatementLinesCsv } from './statement-lines-csv.ts';

export type ParsedStatementLines =
  | { readonly result: 'parsed'; readonly lines: StatementLine[] }
  | { readonly result: 'malformed'; readonly row: number; readonly problem: string };

/** Columns that no line is without. */
const REQUIRED = ['commission_id', 'period', 'kind', 'occurred_at', 'payable_at', 'amount', 'currency'] as const;

/**
 * Reads a statement's CSV back to its lines. Strict: only what rendering those lines gives, byte for byte, is accepted.
 * `row` counts from 1, the header.
 */
export function parseStatementLinesCsv(csv: string): ParsedStatementLines {
  const records = splitRecords(csv);
  if (records === null) return { result: 'malformed', row: 1, problem: 'quotes or line ends are not RFC 4180' };
  const [header, ...rows] = records;
  if (header?.join(',') !== STATEMENT_LINE_COLUMNS.join(',')) {
    return { result: 'malformed', row: 1, problem: `the header must be ${STATEMENT_LINE_COLUMNS.join(',')}` };
  }
  const lines: StatementLine[] = [];
  for (const [index, cells] of rows.entries()) {
    const line = readLine(cells);
    if (typeof line === 'string') return { result: 'malformed', row: index + 2, problem: line };
    lines.push(line);
  }
  return renderStatementLinesCsv(lines) === csv
    ? { result: 'parsed', lines }
    : { result: 'malformed', row: 1, problem: 'quoting differs from the one form that this file can have' };
}

/** The line, or what is wrong with it. */
function readLine(cells: readonly string[]): StatementLine | string {
  if (cells.length !== STATEMENT_LINE_COLUMNS.length)
    return `${cells.length} cells, not ${STATEMENT_LINE_COLUMNS.length}`;
  const cell = new Map(STATEMENT_LINE_COLUMNS.map((column, index) => [column as string, cells[index] ?? '']));
  const missing = REQUIRED.find((column) => cell.get(column) === '');
  if (missing !== undefined) return `${missing} is empty`;
  const text = (column: string) => unguard(cell.get(column) ?? '');
  const optional = (column: string) => text(column) || null;
  const kind = STATEMENT_LINE_KINDS.find((known) => known === cell.get('kind')) as StatementLineKind | undefined;
  if (kind === undefined) return 'kind is unknown';
  const currency = text('currency');
  const amount = minorUnits(cell.get('amount') ?? '', currency);
  const baseText = cell.get('base') ?? '';
  const base = baseText === '' ? null : minorUnits(baseText, currency);
  if (amount === null || (base === null && baseText !== '')) {
    return `${amount === null ? 'amount' : 'base'} is not a decimal with the digits of ${currency}`;
  }
  return {
    commission_id: text('commission_id'),
    period: text('period'),
    kind,
    rule: optional('rule'),
    on: optional('on'),
    partner_ref: optional('partner_ref'),
    application_id: optional('application_id'),
    loan_id: optional('loan_id'),
    lender_ref: optional('lender_ref'),
    payment_ref: optional('payment_ref'),
    occurred_at: text('occurred_at'),
    payable_at: text('payable_at'),
    base,
    rate: cell.get('rate') || null,
    amount,
    currency,
    reverses: optional('reverses'),
    reason: optional('reason'),
  };
}

function minorUnits(decimal: string, currency: string): number | null {
  const minor = fromDecimal(decimal, currency);
  return minor !== null && Number.isSafeInteger(Number(minor)) ? Number(minor) : null;
}

function unguard(text: string): string {
  return text.startsWith("'") && FORMULA_START.test(text) ? text.slice(1) : text;
}

/** Cells of every record, null when a quote is out of place or a record does not end with CRLF. */
function splitRecords(csv: string): string[][] | null {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const records: string[][] = [];
  let record: string[] = [];
  while (cell.lastIndex < csv.length) {
    const match = cell.exec(csv);
    if (match === null) return null;
    record.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] !== ',') {
      records.push(record);
      record = [];
    }
  }
  return record.length === 0 ? records : null;
}
