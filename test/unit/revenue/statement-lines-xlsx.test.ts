import { inflateRawSync } from 'node:zlib';
import { streamXlsxRows } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { STATEMENT_LINE_COLUMNS, type StatementLine } from '../../../src/revenue/statement-line.ts';
import { statementLinesXlsx } from '../../../src/revenue/statement-lines-xlsx.ts';
import { statementLine } from './fixtures.ts';

async function written(lines: readonly StatementLine[], currency = 'CNY'): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of statementLinesXlsx(each(lines), currency)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function rowsOf(bytes: Uint8Array): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const row of streamXlsxRows(bytes)) rows.push(row.values as unknown[]);
  return rows;
}

describe('the lines of a statement as a workbook', () => {
  test('have the columns and values of the CSV, money in major units', async () => {
    const line = statementLine({ amount: -12_345, base: 5_000_000 });
    const [header, row] = await rowsOf(await written([line]));
    expect(header).toEqual([...STATEMENT_LINE_COLUMNS]);
    expect(row?.[STATEMENT_LINE_COLUMNS.indexOf('amount')]).toBe(-123.45);
    expect(row?.[STATEMENT_LINE_COLUMNS.indexOf('base')]).toBe(50_000);
    expect(row?.[STATEMENT_LINE_COLUMNS.indexOf('commission_id')]).toBe(line.commission_id);
  });

  test('hold no formula, whatever a partner calls its applications', async () => {
    const hostile = ['=cmd|calc', '+1', '-1+1', '@SUM(A1)', '\t=1', '=HYPERLINK("http://evil")'];
    const bytes = await written(hostile.map((partner_ref) => statementLine({ partner_ref })));
    const rows = await rowsOf(bytes);
    const at = STATEMENT_LINE_COLUMNS.indexOf('partner_ref');
    expect(rows.slice(1).map((row) => String(row[at]).trim())).toEqual(hostile.map((text) => text.trim()));
    const sheet = sheetXml(bytes);
    expect(sheet).toContain('=cmd|calc');
    expect(sheet).not.toMatch(/<f[ >]/);
  });

  test('a currency without decimals has none', async () => {
    const [, row] = await rowsOf(await written([statementLine({ amount: 1_200, currency: 'JPY' })], 'JPY'));
    expect(row?.[STATEMENT_LINE_COLUMNS.indexOf('amount')]).toBe(1_200);
  });
});

/** The sheet's own XML, taken out of the archive by hand: a local header of 30 bytes, the name, then deflated bytes. */
function sheetXml(bytes: Uint8Array): string {
  const archive = Buffer.from(bytes);
  const name = 'xl/worksheets/sheet1.xml';
  const at = archive.indexOf(name);
  const extra = archive.readUInt16LE(at - 2);
  return inflateRawSync(archive.subarray(at + name.length + extra)).toString('utf8');
}
