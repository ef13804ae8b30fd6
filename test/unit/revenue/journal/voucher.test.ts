import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockStatement, pay } from '../../../../src/revenue/accounts.ts';
import { codeOf } from '../../../../src/revenue/journal/journal-account.ts';
import { voucherCsv, voucherJson } from '../../../../src/revenue/journal/journal-text.ts';
import { paymentVoucher, statementVoucher } from '../../../../src/revenue/journal/voucher.ts';
import {
  GENESIS_HEAD,
  type LedgerEntryKind,
  recordTransfers,
  sealEntry,
} from '../../../../src/revenue/ledger-entry.ts';
import type { Statement } from '../../../../src/revenue/statement.ts';
import type { RuleSum } from '../../../../src/revenue/summarise-lines.ts';

const BOOK = { contract: 'main', currency: 'CNY' };
const dateOf = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);

function statement(pending: { opening: number; closing: number }): Statement {
  const period = { id: '2026-01-01', from: '', to: '2026-01-31T16:00:00.000Z', timezone: 'Asia/Shanghai' };
  return { id: 'stm_1', payer: 'operator', ...BOOK, period, pending } as unknown as Statement;
}

function entry(
  kind: LedgerEntryKind,
  transfers: Parameters<typeof recordTransfers>[0],
  at = '2026-02-02T00:00:00.000Z',
) {
  const ref = { reference: 'BOC-1' };
  return sealEntry(GENESIS_HEAD, {
    id: 'x',
    kind,
    ...BOOK,
    at,
    effective_at: at,
    period: '2026-01-01',
    transfers: recordTransfers(transfers),
    ref,
  });
}

function sum(kind: RuleSum['kind'], amount: bigint): RuleSum {
  return { kind, rule: 'first', on: null, count: 1, base: 0n, amount };
}

describe('a voucher', () => {
  test('of a period has what was earned, taken back and held against what is owed, to the minor unit', () => {
    const lock = entry('lock', lockStatement(BOOK, { lines: 9_000n, tax: 540n, taxIncluded: 0n, withheld: 90n }));
    const sums = [sum('accrual', 10_000n), sum('clawback', -1_200n), sum('correction', 200n)];
    const found = statementVoucher(
      { partyId: 'acme', statement: statement({ opening: 300, closing: 800 }) },
      lock,
      sums,
      dateOf,
    );
    expect(found).toMatchObject({ number: 'acme/main/2026-01-01', date: '2026-01-31', side: 'partner' });
    expect(found?.rows).toEqual([
      { account: 'expense', debit: 10_000n, credit: 0n },
      { account: 'clawback', debit: 0n, credit: 1_200n },
      { account: 'adjustment', debit: 200n, credit: 0n },
      { account: 'provision', debit: 500n, credit: 0n },
      { account: 'tax', debit: 540n, credit: 0n },
      { account: 'pending', debit: 0n, credit: 500n },
      { account: 'withheld', debit: 0n, credit: 90n },
      { account: 'stated', debit: 0n, credit: 9_450n },
    ]);
  });

  test('of a funder is the same with debit and credit turned: a receivable against income', () => {
    const lock = entry('lock', lockStatement(BOOK, { lines: 9_000n, tax: 540n, taxIncluded: 0n, withheld: 0n }));
    const basis = { partyId: 'funder:harbour', statement: statement({ opening: 0, closing: 0 }) };
    expect(statementVoucher(basis, lock, [sum('accrual', 9_000n)], dateOf)).toMatchObject({
      counterparty: 'harbour',
      side: 'funder',
      rows: [
        { account: 'income', debit: 0n, credit: 9_000n },
        { account: 'output_tax', debit: 0n, credit: 540n },
        { account: 'receivable', debit: 9_540n, credit: 0n },
      ],
    });
  });

  test('balances whatever was locked or paid, and is refused when its lines are not those of the lock', () => {
    const minor = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    const held = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(minor, minor, minor, minor, minor, held, (earned, taken, tax, taxIncluded, withheld, closing) => {
        const lock = entry('lock', lockStatement(BOOK, { lines: earned + taken, tax, taxIncluded, withheld }));
        const basis = { partyId: 'acme', statement: statement({ opening: 0, closing }) };
        const sums = [sum('accrual', earned), sum('clawback', taken)];
        const found = [
          statementVoucher(basis, lock, sums, dateOf),
          paymentVoucher(basis, entry('payment', pay(BOOK, earned, withheld)), 1, dateOf),
        ];
        for (const one of found) {
          const rows = one?.rows ?? [];
          expect(rows.reduce((total, { debit, credit }) => total + debit - credit, 0n)).toBe(0n);
          expect(rows.every(({ debit, credit }) => debit > 0n !== credit > 0n)).toBe(true);
        }
        expect(() => statementVoucher(basis, lock, [...sums, sum('manual', 1n)], dateOf)).toThrow(RangeError);
      }),
    );
  });

  test('of a payment from before its period is booked on that period’s first day', () => {
    const basis = { partyId: 'acme', statement: statement({ opening: 0, closing: 0 }) };
    const early = entry('payment', pay(BOOK, 100n), '2025-12-30T04:00:00.000Z');
    const inside = entry('payment', pay(BOOK, 100n), '2026-01-12T20:00:00.000Z');
    expect(paymentVoucher(basis, early, 1, dateOf)).toMatchObject({
      date: '2026-01-01',
      number: 'acme/main/2026-01-01/P1',
    });
    expect(paymentVoucher(basis, inside, 2, dateOf)).toMatchObject({ date: '2026-01-13', reference: 'BOC-1' });
  });
});

describe('the journal', () => {
  test('names accounts by the operator’s codes, those without one by that of their kind or their own name', () => {
    const codes = { expense: '6601.03', paid: '1002' };
    expect(['expense', 'clawback', 'received', 'tax'].map((name) => codeOf(name as 'tax', codes))).toEqual([
      '6601.03',
      '6601.03',
      '1002',
      'tax',
    ]);
  });

  test('writes decimals of major units as CSV, integers of minor units as JSON, and no formula', () => {
    const basis = { partyId: 'acme', statement: statement({ opening: 0, closing: 0 }) };
    const payment = entry('payment', pay(BOOK, 1_050n));
    const found = paymentVoucher(basis, { ...payment, ref: { reference: '=1+1' } }, 1, dateOf);
    if (found === null) throw new Error('no voucher');
    const style = { codes: { paid: '1002' }, language: 'zh' } as const;
    const csv = voucherCsv(found, style);
    expect(csv.split('\r\n')[1]).toContain(',1002,paid,0.00,10.50,CNY,支付佣金 acme main 2026-01-01,');
    expect(csv).toContain(",'=1+1,");
    const [, paid] = JSON.parse(voucherJson(found, style)).rows;
    expect(paid).toMatchObject({ account: '1002', ledger_account: 'paid', debit: 0, credit: 1050 });
  });
});
