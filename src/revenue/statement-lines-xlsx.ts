import type { ReadableStream } from 'node:stream/web';
import { writeXlsxStream } from 'hucre/xlsx';
import { currencyDigits, toDecimal } from './decimal-money.ts';
import { STATEMENT_LINE_COLUMNS, type StatementLine } from './statement-line.ts';

/** Characters: wide enough for what the column usually holds. */
const WIDTHS: Partial<Record<keyof StatementLine, number>> = {
  commission_id: 38,
  application_id: 38,
  loan_id: 38,
  reverses: 38,
  occurred_at: 26,
  payable_at: 26,
  partner_ref: 20,
  lender_ref: 20,
  payment_ref: 20,
  reason: 24,
};
const USUAL_WIDTH = 14;
const MONEY_COLUMNS: ReadonlySet<string> = new Set(['base', 'amount']);

/**
 * The lines as an Excel workbook, written while they are read: the columns and values of the CSV, money as numbers. Texts are
 * cells of type text, so none of them is ever run as a formula; beyond a sheet's limit of rows another sheet goes on.
 * @param currency of the statement
 */
export function statementLinesXlsx(lines: AsyncIterable<StatementLine>, currency: string): ReadableStream<Uint8Array> {
  const digits = currencyDigits(currency);
  const money = digits === 0 ? '#,##0' : `#,##0.${'0'.repeat(digits)}`;
  return writeXlsxStream(rowsOf(lines), {
    name: 'lines',
    columns: STATEMENT_LINE_COLUMNS.map((column) => ({
      header: column,
      width: WIDTHS[column] ?? USUAL_WIDTH,
      ...(MONEY_COLUMNS.has(column) ? { numFmt: money } : {}),
    })),
    freezePane: { rows: 1 },
  }) as ReadableStream<Uint8Array>;
}

async function* rowsOf(lines: AsyncIterable<StatementLine>): AsyncGenerator<(string | number | null)[]> {
  for await (const line of lines) {
    yield STATEMENT_LINE_COLUMNS.map((column) => {
      const value = line[column];
      // What a spreadsheet keeps is a binary number whatever is written: its decimal text is exact.
      return typeof value === 'number' ? Number(toDecimal(BigInt(value), line.currency)) : value;
    });
  }
}
