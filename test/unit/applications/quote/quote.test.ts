import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QuotableProduct, Quote } from '../../../../src/applications/quote/quote.ts';
import { quoteLocally } from '../../../../src/applications/quote/quote.ts';
import { quoteToWire } from '../../../../src/applications/quote/quote-to-wire.ts';
import { aprOf, exceedsCap } from '../../../../src/pricing/apr.ts';
import { aprRange } from '../../../../src/pricing/apr-range.ts';

const product: QuotableProduct = {
  currency: 'CNY',
  amount: { min: 100000, max: 5000000, step: 10000 },
  term: { options: [3, 6, 12], unit: 'month' },
  repayment: 'equal_instalments',
  rate: { annual: '0.18' },
  fees: [],
  apr_cap: '0.24',
};
const request = { amount: 100000n, term: 12, termUnit: 'month', startOn: '2026-01-31' } as const;

function quoteOf(
  changes: Partial<QuotableProduct> = {},
  asked: Partial<Parameters<typeof quoteLocally>[1]> = {},
): Quote {
  const answer = quoteLocally({ ...product, ...changes }, { ...request, ...asked });
  if (!answer.ok) throw new Error(answer.problem.code);
  return answer.quote;
}
const problemOf = (changes: Partial<QuotableProduct>, asked: Partial<Parameters<typeof quoteLocally>[1]>) => {
  const answer = quoteLocally({ ...product, ...changes }, { ...request, ...asked });
  return answer.ok ? undefined : answer.problem;
};

describe('yearly cost', () => {
  test('without fees it is the nominal rate, up to rounding to whole cents', () => {
    const { apr, aprEffective } = quoteOf();
    expect(Number(apr)).toBeCloseTo(0.18, 4);
    expect(Number(aprEffective)).toBeCloseTo(1.015 ** 12 - 1, 4);
  });

  test('where nothing is rounded it is exact, with eight digits', () => {
    const rate = { annual: '0.12' };
    expect(quoteOf({ repayment: 'interest_only', rate }).apr).toBe('0.12000000');
    expect(quoteOf({ repayment: 'equal_principal', rate }, { amount: 120000n }).apr).toBe('0.12000000');
    expect(quoteOf({ repayment: 'bullet', rate }, { term: 6 })).toMatchObject({
      apr: '0.12000000',
      aprEffective: '0.12360000', // 1.06² − 1
    });
    expect(quoteOf({ rate: { annual: '0' } }, { amount: 120000n })).toMatchObject({
      apr: '0.00000000',
      aprEffective: '0.00000000',
    });
  });

  test('a loan in days counts 365 of them a year', () => {
    const days = {
      rate: { daily: '0.0005' },
      term: { options: [30], unit: 'day' as const },
      repayment: 'bullet' as const,
    };
    expect(quoteOf(days, { term: 30, termUnit: 'day' }).apr).toBe('0.18250000');
  });

  test('a fee at payout raises it by what it takes: 10 % of a free year is 1/9', () => {
    const flows = { received: 90000n, payments: [100000n], periodsPerYear: 1 };
    expect(aprOf(flows)).toEqual({ apr: '0.11111111', aprEffective: '0.11111111' });
  });

  test('every fee raises it, early ones more than late ones', () => {
    const fee = { kind: 'service', payee: 'lender', fixed: 1200 };
    const plain = Number(quoteOf().apr);
    const each = Number(quoteOf({ fees: [{ ...fee, fixed: 100, when: 'each' }] }).apr);
    const upfront = Number(quoteOf({ fees: [{ ...fee, when: 'upfront' }] }).apr);
    expect(plain).toBeLessThan(each);
    expect(each).toBeLessThan(upfront);
  });

  test('is the rate at which the payments are worth what was received', () => {
    const flows = fc.record({
      received: fc.bigInt({ min: 1_000_000n, max: 10n ** 12n }),
      shares: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }),
      markup: fc.integer({ min: 50, max: 300 }),
    });
    fc.assert(
      fc.property(flows, ({ received, shares, markup }) => {
        const whole = shares.reduce((sum, share) => sum + share, 0);
        const payments = shares.map((share) => (received * BigInt(markup * share)) / BigInt(100 * whole) + 1n);
        const result = aprOf({ received, payments, periodsPerYear: 1 });
        const rate = Number(result?.apr);
        fc.pre(rate > -0.9 && rate < 5);
        const value = payments.reduce((sum, payment, at) => sum + Number(payment) / (1 + rate) ** (at + 1), 0);
        expect(Math.abs(value / Number(received) - 1)).toBeLessThan(1e-5);
      }),
    );
  });

  test('no rate describes a loan of which nothing is received or nothing is paid', () => {
    expect(aprOf({ received: 0n, payments: [100n], periodsPerYear: 12 })).toBeUndefined();
    expect(aprOf({ received: 100n, payments: [0n], periodsPerYear: 12 })).toBeUndefined();
  });
});

describe('quote', () => {
  test('says what is received, paid and due', () => {
    const quote = quoteOf({}, { term: 3 });
    expect(quote).toMatchObject({ source: 'local', currency: 'CNY', received: 100000n });
    expect(quote.schedule.map((instalment) => instalment.dueOn)).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
  });

  test('travels in snake_case with money as amount and currency', () => {
    const wire = quoteToWire(
      quoteOf({ fees: [{ kind: 'service', payee: 'lender', fixed: 100, when: 'each' }] }, { term: 3 }),
    );
    expect(wire).toMatchObject({ source: 'local', received: { amount: 100000, currency: 'CNY' } });
    expect(wire.schedule[0]).toEqual({
      no: 1,
      due_on: '2026-02-28',
      principal: { amount: 32838, currency: 'CNY' },
      interest: { amount: 1500, currency: 'CNY' },
      fees: [{ kind: 'service', payee: 'lender', amount: { amount: 100, currency: 'CNY' } }],
      total: { amount: 34438, currency: 'CNY' },
    });
    expect(Object.keys(wire).sort()).toEqual(
      ['apr', 'apr_effective', 'cost', 'received', 'schedule', 'source', 'total'].sort(),
    );
  });

  test.each([
    ['an amount below the range', { amount: 90000n }, 'amount_out_of_range', '/amount'],
    ['an amount above the range', { amount: 5010000n }, 'amount_out_of_range', '/amount'],
    ['an amount between two steps', { amount: 105000n }, 'amount_off_step', '/amount'],
    ['a term that is not on offer', { term: 9 }, 'term_not_offered', '/term'],
    ['a term in another unit', { termUnit: 'day' as const }, 'term_not_offered', '/term_unit'],
  ])('%s is refused with the field to change', (_what, asked, code, pointer) => {
    expect(problemOf({}, asked)).toMatchObject({ code, pointer });
  });

  test('a product whose fees lift it above its cap gives no quote', () => {
    const fees = [{ kind: 'service', payee: 'lender', percent: '5', when: 'upfront' as const }];
    expect(problemOf({ fees }, {})).toMatchObject({ code: 'apr_above_cap', pointer: '' });
    expect(problemOf({ fees, apr_cap: '0.36' }, {})).toBeUndefined();
    expect(problemOf({ rate: { annual: '0.25' }, apr_cap: undefined }, {})).toMatchObject({ code: 'apr_above_cap' });
  });

  test('fees that leave nothing are a problem, not a rate', () => {
    const fees = [{ kind: 'other', payee: 'lender', fixed: 100000, when: 'upfront' as const }];
    expect(problemOf({ fees }, {})).toMatchObject({ code: 'fees_exceed_amount' });
  });

  test('a product priced exactly at its cap is quoted at every amount and term: rounding is not price', () => {
    const methods = fc.constantFrom('equal_instalments' as const, 'equal_principal' as const, 'interest_only' as const);
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 500 }), fc.constantFrom(3, 6, 12), methods, (steps, term, repayment) => {
        const asked = { amount: BigInt(steps) * 10000n, term };
        expect(problemOf({ rate: { annual: '0.24' }, repayment }, asked)).toBeUndefined();
        expect(problemOf({ rate: { annual: '0.242' }, repayment }, asked)).toMatchObject({ code: 'apr_above_cap' });
      }),
    );
  });

  test('the cap allows one minor unit a payment and no more', () => {
    const flows = (paid: bigint) => ({ received: 100000n, payments: [paid], periodsPerYear: 1 });
    expect(exceedsCap(flows(124001n), '0.24')).toBe(false);
    expect(exceedsCap(flows(124002n), '0.24')).toBe(true);
  });

  test('the range of a product spans its terms and amounts', () => {
    const fees = [{ kind: 'service', payee: 'lender', fixed: 500, when: 'upfront' as const }];
    const range = aprRange({ ...product, fees });
    expect(range).toEqual({
      min: quoteOf({ fees }, { amount: 5000000n, term: 12 }).apr,
      max: quoteOf({ fees }, { amount: 100000n, term: 3 }).apr,
    });
  });
});
