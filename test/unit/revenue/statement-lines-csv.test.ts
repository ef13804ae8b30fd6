import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencyDigits, fromDecimal, toDecimal } from '../../../src/revenue/decimal-money.ts';
import { parseStatementLinesCsv } from '../../../src/revenue/parse-statement-lines-csv.ts';
import {
  STATEMENT_LINE_COLUMNS,
  STATEMENT_LINE_KINDS,
  type StatementLine,
} from '../../../src/revenue/statement-line.ts';
import {
  LinesDigest,
  linesSha256,
  renderStatementLinesCsv,
  statementLinesCsv,
} from '../../../src/revenue/statement-lines-csv.ts';
import { statementLine } from './fixtures.ts';

const HEADER =
  'commission_id,period,kind,rule,on,partner_ref,application_id,loan_id,lender_ref,payment_ref,' +
  'occurred_at,payable_at,base,rate,amount,currency,reverses,reason\r\n';

/** Texts made of what breaks CSV readers and spreadsheets. */
const nasty = fc.oneof(
  fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ',', '\r', '\n', '\t', '＝', 'a', '1', ' ', '张'),
    minLength: 1,
  }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
);
const optional = fc.option(nasty, { nil: null });
const money = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
const anyLine: fc.Arbitrary<StatementLine> = fc.record({
  commission_id: nasty,
  period: fc.constant('2026-01-01'),
  kind: fc.constantFrom(...STATEMENT_LINE_KINDS),
  rule: optional,
  on: optional,
  partner_ref: optional,
  application_id: optional,
  loan_id: optional,
  lender_ref: optional,
  payment_ref: optional,
  occurred_at: fc.constant('2026-01-05T04:00:00.000Z'),
  payable_at: fc.constant('2026-01-05T04:00:00.000Z'),
  base: fc.option(money, { nil: null }),
  rate: fc.constantFrom(null, '1.5', '0'),
  amount: money,
  currency: fc.constantFrom('CNY', 'JPY', 'KWD', 'CLF'),
  reverses: optional,
  reason: optional,
});

describe('the CSV of a statement’s lines', () => {
  test('has the columns of the contract, CRLF, and amounts in major units', () => {
    const csv = renderStatementLinesCsv([
      statementLine(),
      statementLine({
        commission_id: 'com_2',
        kind: 'clawback',
        amount: -5,
        base: null,
        rate: null,
        reason: 'a "b", c',
      }),
    ]);
    expect(csv).toBe(
      `${HEADER}com_1,2026-01-01,accrual,first,loan.disbursed,ORDER-1,app_1,loan_1,Q-1,,2026-01-05T04:00:00.000Z,2026-01-05T04:00:00.000Z,5000.00,1.5,75.00,CNY,,\r\n` +
        'com_2,2026-01-01,clawback,first,loan.disbursed,ORDER-1,app_1,loan_1,Q-1,,2026-01-05T04:00:00.000Z,2026-01-05T04:00:00.000Z,,,-0.05,CNY,,"a ""b"", c"\r\n',
    );
    expect(HEADER.trim().split(',')).toEqual([...STATEMENT_LINE_COLUMNS]);
  });

  test('a cell that a spreadsheet would run is text, a negative amount stays a number', () => {
    const csv = renderStatementLinesCsv([
      statementLine({ partner_ref: '=HYPERLINK("x")', lender_ref: '-1', amount: -100 }),
    ]);
    expect(csv).toContain(`,"'=HYPERLINK(""x"")",`);
    expect(csv).toContain(",'-1,");
    expect(csv).toContain(',-1.00,CNY,');
  });

  test('reads back to the same lines, whatever texts they hold', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 4 }), (lines) => {
        expect(parseStatementLinesCsv(renderStatementLinesCsv(lines))).toEqual({ result: 'parsed', lines });
      }),
      { numRuns: 500 },
    );
  });

  test('whole, row by row, and hashed in passing it is the same bytes', async () => {
    const lines = [statementLine(), statementLine({ commission_id: 'com_2', reason: '张三' })];
    let streamed = '';
    for await (const row of statementLinesCsv(lines)) streamed += row;
    const digest = new LinesDigest();
    for (const line of lines) digest.add(line);
    expect(streamed).toBe(renderStatementLinesCsv(lines));
    expect([digest.count, digest.sha256()]).toEqual([2, linesSha256(streamed)]);
    expect(renderStatementLinesCsv([])).toBe(HEADER);
  });

  test.each([
    ['another header', HEADER.replace('rule', 'rules')],
    ['LF line ends', `${HEADER.trim()}\n`],
    ['a missing cell', `${HEADER}com_1,2026-01-01\r\n`],
    ['a missing line end', renderStatementLinesCsv([statementLine()]).slice(0, -2)],
    ['an amount without its digits', renderStatementLinesCsv([statementLine()]).replace('75.00', '75.0')],
    ['needless quotes', renderStatementLinesCsv([statementLine()]).replace('ORDER-1', '"ORDER-1"')],
    ['an unguarded formula', renderStatementLinesCsv([statementLine()]).replace('ORDER-1', '=1')],
    ['an unknown kind', renderStatementLinesCsv([statementLine()]).replace('accrual', 'bonus')],
    ['an open quote', `${HEADER}"com_1`],
    ['a byte order mark', `\uFEFF${HEADER}`],
    ['nothing', ''],
  ])('%s is refused', (_what, csv) => {
    expect(parseStatementLinesCsv(csv).result).toBe('malformed');
  });
});

describe('decimals', () => {
  test('minor units and decimals are one to one, with the currency’s digits', () => {
    expect(['CNY', 'JPY', 'KWD', 'CLF', 'constructor'].map(currencyDigits)).toEqual([2, 0, 3, 4, 2]);
    expect([toDecimal(-5n, 'CNY'), toDecimal(7n, 'JPY'), toDecimal(1_234n, 'KWD')]).toEqual(['-0.05', '7', '1.234']);
    for (const text of ['1', '1.0', '1.000', '+1.00', '-0.00', '01.00', '1,00', '.50', '1e2', '']) {
      expect(fromDecimal(text, 'CNY'), text).toBeNull();
    }
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom('CNY', 'JPY', 'KWD'), (minor, currency) => {
        expect(fromDecimal(toDecimal(minor, currency), currency)).toBe(minor);
      }),
    );
  });
});
