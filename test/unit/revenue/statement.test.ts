import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkIdentities } from '../../../src/revenue/check-identities.ts';
import { sumLines } from '../../../src/revenue/line-sums.ts';
import { periodOf } from '../../../src/revenue/periods.ts';
import { signStatement } from '../../../src/revenue/sign-statement.ts';
import { buildStatement, deductionsOn, type Statement, statusAtLock } from '../../../src/revenue/statement.ts';
import type { StatementLine } from '../../../src/revenue/statement-line.ts';
import { renderStatementLinesCsv } from '../../../src/revenue/statement-lines-csv.ts';
import { verifyStatement } from '../../../src/revenue/verify-statement.ts';
import { shanghai, statementLine, terms } from './fixtures.ts';

/** RFC 8037 appendix A.1, the key that the whole field tests with. */
const PRIVATE_KEY = createPrivateKey({
  key: {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  },
  format: 'jwk',
});
const JWKS = { keys: [{ ...createPublicKey(PRIVATE_KEY).export({ format: 'jwk' }), kid: 'ours-1' }] };

function jwsWith(key: KeyObject, header: object = { alg: 'EdDSA', kid: 'ours-1' }) {
  return (payload: Uint8Array) => {
    const head = Buffer.from(JSON.stringify(header)).toString('base64url');
    const input = `${head}.${Buffer.from(payload).toString('base64url')}`;
    return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
  };
}

const JANUARY: StatementLine[] = [
  statementLine({ commission_id: 'com_a', amount: 600_000, base: 40_000_000 }),
  statementLine({ commission_id: 'com_b', amount: 400_000, base: 26_666_667, payable_at: '2026-01-06T00:00:00.000Z' }),
  statementLine({
    commission_id: 'com_c',
    kind: 'dispute',
    amount: -12_000,
    base: null,
    rate: null,
    payable_at: '2026-01-31T00:00:00.000Z',
    reverses: 'com_b',
    reason: 'duplicate',
  }),
];
const PENDING = { openingMinor: 0n, addedMinor: 1_200_000n, releasedMinor: 1_000_000n, voidedMinor: 50_000n };

function statement(over: Partial<Parameters<typeof buildStatement>[0]> = {}): Statement {
  return buildStatement({
    id: 'stm_1',
    terms: terms(),
    period: periodOf('month_end', 'Asia/Shanghai', shanghai('2026-01-10')),
    revision: 2,
    status: 'issued',
    lines: sumLines(JANUARY),
    openingMinor: 0n,
    paymentsMinor: 0n,
    pending: PENDING,
    issuedAtMs: shanghai('2026-02-06'),
    ledgerHead: 'ab'.repeat(32),
    ...over,
  });
}

describe('walk-through B, to the cent', () => {
  test('January: 10 000.00 − 120.00 + 592.80 tax = 10 472.80', () => {
    expect(statement()).toMatchObject({
      period: {
        id: '2026-01-01',
        from: '2025-12-31T16:00:00.000Z',
        to: '2026-01-31T16:00:00.000Z',
        timezone: 'Asia/Shanghai',
      },
      opening: 0,
      accruals: 1_000_000,
      adjustments: -12_000,
      tax: 59_280,
      withheld: 0,
      payments: 0,
      closing: 1_047_280,
      pending: { opening: 0, added: 1_200_000, released: 1_000_000, voided: 50_000, closing: 150_000 },
      lines_count: 3,
      accept_by: '2026-02-11T04:00:00.000Z',
      due_on: '2026-02-26',
    });
  });

  test('February: the January line taken back, its tax share with it, the payment, 8 162.00 left', () => {
    const february = statement({
      period: periodOf('month_end', 'Asia/Shanghai', shanghai('2026-02-10')),
      openingMinor: 1_047_280n,
      paymentsMinor: 1_047_280n,
      lines: sumLines([
        statementLine({ commission_id: 'com_d', amount: 800_000 }),
        statementLine({ commission_id: 'com_e', kind: 'clawback', amount: -30_000, reverses: 'com_a' }),
      ]),
    });
    expect(february).toMatchObject({ accruals: 800_000, adjustments: -30_000, tax: 46_200, closing: 816_200 });
    expect(checkIdentities(february, { ledgerBalanceMinor: 816_200n })).toEqual([]);
  });
});

describe('tax and withholding', () => {
  test('one tax line, rounded once, on the net; the negative net takes its share back', () => {
    const exclusive = terms({ tax: { rate: '0.06', mode: 'exclusive' }, rounding: 'half_up' });
    expect(deductionsOn(1_008n, exclusive)).toEqual({ tax: 60n, taxIncluded: 0n, withheld: 0n });
    expect(deductionsOn(-1_008n, exclusive).tax).toBe(-60n);
  });

  test('inclusive tax is shown, not added: gross × r / (1 + r)', () => {
    const inclusive = terms({ tax: { rate: '0.06', mode: 'inclusive' } });
    expect(deductionsOn(10_600n, inclusive)).toMatchObject({ tax: 0n, taxIncluded: 600n });
    const built = statement({ terms: inclusive });
    expect(built).toMatchObject({ tax: 0, closing: 988_000, tax_included: 55_925 });
  });

  test('what is withheld at lock and at payment reduces the closing', () => {
    const built = statement({ terms: terms({ withhold: { rate: '0.1' } }), withheldAtPaymentMinor: 200n });
    expect(built).toMatchObject({ withheld: 98_800 + 200, closing: 1_047_280 - 98_800 - 200 });
    expect(checkIdentities(built)).toEqual([]);
  });

  test('too little, nothing or less is carried', () => {
    expect([10_000n, 9_999n, 0n, -1n].map((closing) => statusAtLock(closing, terms()))).toEqual([
      'issued',
      'carried',
      'carried',
      'carried',
    ]);
    expect(statusAtLock(0n, terms({ payout: { days: 1, min: 0, invoice: 'none' } }))).toBe('carried');
  });

  test('an amount beyond exact JSON integers is refused', () => {
    expect(() => statement({ openingMinor: 2n ** 53n })).toThrow(RangeError);
  });
});

describe('identities', () => {
  test('hold for whatever is built', () => {
    const money = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    const lines = fc.array(
      fc
        .record({ amount: money, kind: fc.constantFrom('accrual', 'clawback', 'true_up', 'manual') })
        .map((over) => statementLine(over as Partial<StatementLine>)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, money, money, money, (some, opening, payments, added) => {
        const built = statement({
          lines: sumLines(some),
          openingMinor: BigInt(opening),
          paymentsMinor: BigInt(payments),
          pending: { ...PENDING, addedMinor: BigInt(added) },
        });
        expect(checkIdentities(built, { lines: sumLines(some) })).toEqual([]);
      }),
    );
  });

  test('each corrupted amount violates one', () => {
    const good = statement();
    for (const field of ['opening', 'accruals', 'adjustments', 'tax', 'withheld', 'payments', 'closing'] as const) {
      expect(checkIdentities({ ...good, [field]: good[field] + 1 }), field).toContainEqual(
        expect.objectContaining({ identity: 'closing' }),
      );
    }
    for (const field of ['opening', 'added', 'released', 'voided', 'closing'] as const) {
      const pending = { ...good.pending, [field]: good.pending[field] - 1 };
      expect(checkIdentities({ ...good, pending }), field).toMatchObject([{ identity: 'pending_closing' }]);
    }
    const moved = { ...good, accruals: good.accruals - 1, adjustments: good.adjustments + 1 };
    expect(checkIdentities(moved)).toEqual([]);
    expect(checkIdentities(moved, { lines: sumLines(JANUARY) }).map(({ identity }) => identity)).toEqual([
      'accruals',
      'adjustments',
    ]);
    expect(checkIdentities(good, { lines: sumLines(JANUARY.slice(1)) }).map(({ identity }) => identity)).toContain(
      'lines_total',
    );
    expect(checkIdentities(good, { ledgerBalanceMinor: 1n, pendingBalanceMinor: 2n })).toEqual([
      { identity: 'ledger_balance', expected: 1n, found: 1_047_280n },
      { identity: 'pending_balance', expected: 2n, found: 150_000n },
    ]);
  });
});

describe('a signed statement verified offline', () => {
  const signed = signStatement(statement(), jwsWith(PRIVATE_KEY));
  const failed = (input: Parameters<typeof verifyStatement>[0]) =>
    verifyStatement(input)
      .filter(({ ok }) => !ok)
      .map(({ check }) => check);
  const embedded = (lines: readonly object[], over: object = {}) => ({
    statement: JSON.parse(JSON.stringify({ ...signed, ...over, lines })) as unknown,
    jwks: JWKS,
  });

  test('holds with embedded lines, with the CSV, and with rows', () => {
    const linesCsv = renderStatementLinesCsv(JANUARY);
    expect(failed(embedded(JANUARY))).toEqual([]);
    expect(failed({ statement: signed, linesCsv, jwks: JWKS })).toEqual([]);
    expect(failed({ statement: signed, lines: JANUARY, jwks: JWKS })).toEqual([]);
    expect(createHash('sha256').update(linesCsv).digest('hex')).toBe(signed.lines_sha256);
    expect(verifyStatement(embedded(JANUARY)).map(({ check }) => check)).toHaveLength(11);
  });

  test('one digit of one line changed fails', () => {
    const [a, ...rest] = JANUARY as [StatementLine, ...StatementLine[]];
    expect(failed(embedded([{ ...a, amount: 600_001 }, ...rest]))).toEqual(['lines_sha256', 'lines_total']);
    expect(failed(embedded([{ ...a, base: 40_000_001 }, ...rest]))).toEqual(['lines_sha256']);
    expect(failed(embedded([{ ...a, partner_ref: 'ORDER-2' }, ...rest]))).toEqual(['lines_sha256']);
    const linesCsv = renderStatementLinesCsv(JANUARY).replace('6000.00', '6000.01');
    expect(failed({ statement: signed, linesCsv, jwks: JWKS })).toEqual(['lines_sha256', 'lines_total']);
  });

  test('two lines swapped fail', () => {
    const [a, b, c] = JANUARY;
    expect(failed(embedded([b, a, c] as object[]))).toEqual(['lines_sha256', 'lines_order']);
  });

  test('a line added, removed or repeated fails', () => {
    expect(failed(embedded(JANUARY.slice(1)))).toEqual(['lines_count', 'lines_sha256', 'lines_total']);
    expect(failed(embedded([...JANUARY, JANUARY[2] as object]))).toContain('lines_order');
    expect(
      failed(embedded([...JANUARY, statementLine({ commission_id: 'com_z', currency: 'USD', payable_at: '2026-02' })])),
    ).toContain('lines_currency');
  });

  test('any field of the statement changed fails', () => {
    for (const [field, value] of Object.entries(signed)) {
      if (field === 'jws') continue;
      const changed = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}0` : null;
      expect(failed(embedded(JANUARY, { [field]: changed })), field).not.toEqual([]);
    }
    expect(failed(embedded(JANUARY, { extra: 1 }))).toEqual(['payload']);
  });

  test('a signature by another key, under another algorithm, or none fails', () => {
    const other = createPrivateKey({
      key: {
        kty: 'OKP',
        crv: 'Ed25519',
        d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs',
        x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
      },
      format: 'jwk',
    });
    const by = (key: KeyObject, header?: object) => signStatement(statement(), jwsWith(key, header));
    const check = (made: Statement) => failed({ statement: made, lines: JANUARY, jwks: JWKS });
    expect(check(by(other))).toEqual(['signature']);
    expect(check(by(PRIVATE_KEY, { alg: 'none', kid: 'ours-1' }))).toEqual(['signature']);
    expect(check(by(PRIVATE_KEY, { alg: 'EdDSA', kid: 'ours-2' }))).toEqual(['signature']);
    expect(check(by(PRIVATE_KEY, { alg: 'EdDSA', kid: 'ours-1', crit: ['b64'], b64: false }))).toEqual(['signature']);
    expect(check(by(PRIVATE_KEY, { alg: 'EdDSA' }))).toEqual([]);
    expect(check({ ...signed, jws: null })).toEqual(['signature', 'payload']);
    expect(failed({ statement: signed, lines: JANUARY, jwks: { keys: [] } })).toEqual(['signature']);
  });

  test('whatever JSON it is given, it answers and does not throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, lines) => {
        expect(verifyStatement({ statement: value, jwks: JWKS }).some(({ ok }) => !ok)).toBe(true);
        expect(verifyStatement({ statement: { ...signed, lines }, jwks: JWKS }).some(({ ok }) => !ok)).toBe(true);
      }),
    );
    expect(failed({ statement: signed, jwks: JWKS })).toEqual(['lines_present']);
    expect(failed({ statement: signed, linesCsv: 'x', jwks: JWKS })).toEqual(['lines_present']);
  });
});
