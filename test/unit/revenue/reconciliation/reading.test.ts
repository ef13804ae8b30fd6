import { writeXlsxStream } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../../../src/revenue/reconciliation/reading/file-source.ts';
import { openFile, type ReadingWish } from '../../../../src/revenue/reconciliation/reading/open-file.ts';
import { readAmount } from '../../../../src/revenue/reconciliation/reading/read-amount.ts';
import { readDate } from '../../../../src/revenue/reconciliation/reading/read-date.ts';
import type { ReadRow } from '../../../../src/revenue/reconciliation/reading/their-row.ts';

const ABOUT = { currency: 'CNY', timezone: 'Asia/Shanghai', remembered: undefined };

async function read(bytes: Uint8Array, wish: Partial<ReadingWish> = {}, about: Partial<typeof ABOUT> = {}) {
  const file = await openFile(bytesSource(bytes), { columns: {}, totals: false, ...wish }, { ...ABOUT, ...about });
  const rows: ReadRow[] = [];
  for await (const row of file.rows()) rows.push(row);
  return { file, rows };
}

/** Reference, minor units and day of the rows that were read, in short. */
function short(rows: readonly ReadRow[]): string[] {
  return rows.flatMap((read) =>
    read.kind === 'row'
      ? [`${read.row.ref} ${read.row.amount} ${read.row.currency} ${read.row.day}`]
      : [read.kind === 'invalid' ? `${read.kind} ${read.line}: ${read.why}` : read.kind],
  );
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
/** `订单号,金额` and `合计`, as GBK writes them. */
const GBK = Buffer.concat([
  Buffer.from([0xb6, 0xa9, 0xb5, 0xa5, 0xba, 0xc5, 0x2c, 0xbd, 0xf0, 0xb6, 0xee]),
  Buffer.from('\r\nORDER-1,12.50\r\n'),
  Buffer.from([0xba, 0xcf, 0xbc, 0xc6]),
  Buffer.from(',12.50\r\n'),
]);

describe('ugly files', () => {
  test.each([
    ['a byte order mark', utf8('\ufefforder_no,amount\nORDER-1,12.50\n'), ['heading', 'ORDER-1 1250 CNY null']],
    ['GBK with a total row', GBK, ['heading', 'ORDER-1 1250 CNY null', 'total']],
    [
      'UTF-16 with tabs',
      Buffer.from('\ufeff订单号\t佣金\nORDER-1\t¥1,250.00\n', 'utf16le'),
      ['heading', 'ORDER-1 125000 CNY null'],
    ],
    [
      'UTF-16 without a mark',
      Buffer.from('order\tamount\nORDER-1\t12.50\n', 'utf16le'),
      ['heading', 'ORDER-1 1250 CNY null'],
    ],
    [
      'semicolons, decimal commas, days before months',
      utf8('Bestellnummer;Betrag;Datum\nA-1;1.234,56;31.01.2026\nA-2;-7,00;05.01.2026\n'),
      ['heading', 'A-1 123456 CNY 2026-01-31', 'A-2 -700 CNY 2026-01-05'],
    ],
    [
      'a title above the header, empty rows, the header again, a total without a label',
      utf8(
        'ACME 2026-01 对账单\n\n订单号,金额(元),放款日期\nA,1.00,2026/1/5\n订单号,金额(元),放款日期\nB,2.00,20260106\n,,\n,3.00,\n',
      ),
      ['heading', 'empty', 'heading', 'A 100 CNY 2026-01-05', 'heading', 'B 200 CNY 2026-01-06', 'empty'].concat(
        'null 300 CNY null',
      ),
    ],
    [
      'bars, quoted cells, references kept from being numbers',
      utf8('ref|amount|date\n="00123"|"1 234.50"|46027\n\'00124|(12.00)|2026-01-06T23:30:00Z\n'),
      ['heading', '00123 123450 CNY 2026-01-05', '00124 -1200 CNY 2026-01-07'],
    ],
    [
      'rows that cannot be read',
      utf8('ref,amount,date\nA,x,\nB,1.005,\n1.23457E+17,1.00,\nC,1.00,03.04.2026\nD,1.00,2026-02-30\n'),
      [
        'heading',
        'invalid 2: amount "X" is no amount',
        'invalid 3: amount "1.005" has more decimals than CNY has',
        'invalid 4: reference 1.23457E+17 was rounded by a spreadsheet: make its column text',
        'invalid 5: date 03.04.2026 can be two days: name date_order=dmy or mdy',
        'invalid 6: date "2026-02-30" is none',
      ].map((line) => line.replace('"X"', '"x"')),
    ],
    [
      'other currencies, by column and by sign',
      utf8('ref,amount,currency\nA,10.00,USD\nB,US$5.00,\nC,元 1,人民币\n'),
      ['heading', 'A 1000 USD null', 'B 500 USD null', 'C 100 CNY null'],
    ],
  ])('%s', async (_name, bytes, expected) => {
    expect(short((await read(bytes)).rows)).toEqual(expected);
  });

  test('columns are named by header or by position; what was used last is the default of the next file', async () => {
    const wish = { columns: { ref: 'Deal', amount: 'We get' }, refKind: 'lender_ref' as const };
    const named = await read(utf8('Deal,Amount,We get\nQ-1,500.00,5.00\n'), wish);
    expect(short(named.rows)).toEqual(['heading', 'Q-1 500 CNY null']);
    expect(named.file.reading.mapping).toMatchObject({ source: 'given', refKind: 'lender_ref', headerLine: 1 });

    const remembered = { columns: { ref: 'Deal', amount: 'We get' }, refKind: 'lender_ref' } as const;
    const again = await read(utf8('Deal,Amount,We get\nQ-2,500.00,6.00\n'), {}, { remembered } as object);
    expect(short(again.rows)).toEqual(['heading', 'Q-2 600 CNY null']);
    expect(again.file.reading.mapping.source).toBe('remembered');

    const bare = await read(utf8('Q-1,5.00\nQ-2,6.00\n'), { columns: { ref: '#1', amount: '#2' } });
    expect(short(bare.rows)).toEqual(['Q-1 500 CNY null', 'Q-2 600 CNY null']);
  });

  test('a file without an amount says what was seen', async () => {
    await expect(read(utf8('name,phone\na,b\n'))).rejects.toThrow(/seen: "name", "phone"/);
  });

  test('an open quote is told with its line', async () => {
    const bytes = utf8(`ref,amount\nA,1.00\n"B,2.00\n${'x,1.00\n'.repeat(20_000)}`);
    await expect(read(bytes)).rejects.toThrow(/quote is not closed/);
  });

  test('a workbook: text, numbers, dates, money of formulas, a total', async () => {
    const rows = [
      ['ORDER-1', 10.1, new Date('2026-01-05T00:00:00Z')],
      ['00123', 0.1 + 0.2, null],
      ['合计', 10.4, null],
    ];
    const stream = writeXlsxStream(rows, {
      name: 'Jan',
      columns: [{ header: '订单号' }, { header: '佣金金额' }, { header: '日期', numFmt: 'yyyy-mm-dd' }],
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const { rows: found, file } = await read(Buffer.concat(chunks));
    expect(file.reading).toMatchObject({ format: 'xlsx', encoding: null });
    expect(short(found)).toEqual(['heading', 'ORDER-1 1010 CNY 2026-01-05', '00123 30 CNY null', 'total']);
  });
});

describe('money', () => {
  test.each([
    ['1,234.56', '.', 123456n],
    ['1.234,56', ',', 123456n],
    ['1 234,56', ',', 123456n],
    ["1'234.56", '.', 123456n],
    ['１，２３４．５６', '.', 123456n],
    ['￥1,234.56', '.', 123456n],
    ['CNY 12', '.', 1200n],
    ['12.5元', '.', 1250n],
    ['-¥12.00', '.', -1200n],
    ['(12.00)', '.', -1200n],
    ['(¥12.00)', '.', -1200n],
    ['12.00-', '.', -1200n],
    ['−12.00', '.', -1200n],
    ['+0.10', '.', 10n],
    ['.5', '.', 50n],
    ['10.5000', '.', 1050n],
  ] as const)('%s with %s is %s', (text, decimal, minor) => {
    expect(readAmount(text, 'CNY', decimal)).toMatchObject({ ok: true, minor });
  });

  test.each(['', '-', 'abc', '1.2.3', '1,2', '12.345', '1e3', '--1', '12 34.5.6'])('%j is none', (text) => {
    expect(readAmount(text, 'CNY', '.').ok).toBe(false);
  });

  test('currencies have their own decimals', () => {
    expect(readAmount('1,500', 'JPY', '.')).toMatchObject({ ok: true, minor: 1500n });
    expect(readAmount('1.500', 'KWD', '.')).toMatchObject({ ok: true, minor: 1500n });
  });
});

describe('dates', () => {
  test.each([
    ['2026-01-05', '2026-01-05'],
    ['2026/1/5 13:00', '2026-01-05'],
    ['2026年1月5日', '2026-01-05'],
    ['20260105123000', '2026-01-05'],
    ['25.01.2026', '2026-01-25'],
    ['01/25/2026', '2026-01-25'],
    ['05/05/2026', '2026-05-05'],
    [46027, '2026-01-05'],
    [20260105, '2026-01-05'],
    ['', null],
  ])('%s is %s', (cell, day) => {
    expect(readDate(cell, 'Asia/Shanghai', undefined)).toEqual({ ok: true, day });
  });
});
