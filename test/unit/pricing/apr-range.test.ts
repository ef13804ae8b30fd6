import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type QuotableProduct, quoteLocally } from '../../../src/applications/quote/quote.ts';
import { aprRange, offerAboveCap } from '../../../src/pricing/apr-range.ts';
import { dueDate } from '../../../src/pricing/due-date.ts';

const product: QuotableProduct = {
  currency: 'CNY',
  amount: { min: 100_000, max: 2_000_000, step: 10_000 },
  term: { options: [3, 6], unit: 'month' },
  repayment: 'equal_instalments',
  rate: { annual: '0.15' },
  fees: [{ kind: 'service', payee: 'lender', fixed: 300, when: 'upfront' }],
  apr_cap: '0.36',
};

/** Rounding to whole cents moves the rate of a loan of 1000.00 by a few millionths. */
const ROUNDING = 1e-5;

const aprAt = (given: QuotableProduct, amount: bigint, term: number, startOn: string): number => {
  const answer = quoteLocally(given, { amount, term, termUnit: given.term.unit, startOn });
  if (!answer.ok) throw new Error(answer.problem.code);
  return Number(answer.quote.apr);
};

describe('the range of a product’s yearly cost', () => {
  test.each([undefined, 10, 'month_end'] as const)(
    'with due day %s holds for every day of payout, amount and term, and is reached',
    (due_day) => {
      const given = { ...product, due_day, term: { options: [3], unit: 'month' as const } };
      const { min, max } = aprRange(given) ?? { min: '', max: '' };
      const found: number[] = [];
      for (let day = 0; day < 1_461; day += due_day === undefined ? 97 : 1) {
        const startOn = dueDate('2026-01-01', day, 'day');
        found.push(aprAt(given, 100_000n, 3, startOn), aprAt(given, 2_000_000n, 3, startOn));
      }
      expect(Math.min(...found)).toBeCloseTo(Number(min), 7);
      expect(Math.max(...found)).toBeCloseTo(Number(max), 7);
    },
  );

  test('holds for amounts in between, rounding aside', () => {
    const given = { ...product, due_day: 5 };
    const { min, max } = aprRange(given) ?? { min: '', max: '' };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 190 }), fc.integer({ min: 0, max: 1_460 }), (steps, day) => {
        const startOn = dueDate('2026-01-01', day, 'day');
        const apr = aprAt(given, 100_000n + BigInt(steps) * 10_000n, 6, startOn);
        expect(apr).toBeGreaterThanOrEqual(Number(min) - ROUNDING);
        expect(apr).toBeLessThanOrEqual(Number(max) + ROUNDING);
      }),
      { numRuns: 100 },
    );
  });

  test('is none where fees leave nothing of any loan', () => {
    const fees = [{ kind: 'other', payee: 'lender', percent: '100', when: 'upfront' as const }];
    expect(aprRange({ ...product, fees })).toBeUndefined();
    expect(offerAboveCap({ ...product, fees }, '0.36')).toMatchObject({ amount: 100_000n });
  });
});

describe('a product is above its cap', () => {
  const plain = { ...product, rate: { annual: '0.24' }, fees: [] };

  test('when one of its corners is, which is named', () => {
    expect(offerAboveCap(product, '0.165')).toMatchObject({ amount: 100_000n, term: 3 });
    expect(offerAboveCap(product, '0.36')).toBeUndefined();
  });

  test('not when it is priced exactly at its cap: rounding is no price', () => {
    for (const repayment of ['equal_instalments', 'equal_principal', 'interest_only', 'bullet'] as const) {
      expect(offerAboveCap({ ...plain, repayment }, '0.24')).toBeUndefined();
      expect(offerAboveCap({ ...plain, repayment }, '0.2395')).toBeDefined();
    }
  });

  test('when the days of a first period lift it there, though ordinary months would not', () => {
    expect(offerAboveCap({ ...plain, due_day: 10 }, '0.24')).toBeDefined();
    const { max = '' } = aprRange({ ...plain, due_day: 10 }) ?? {};
    expect(Number(max)).toBeGreaterThan(0.24);
    expect(offerAboveCap({ ...plain, due_day: 10 }, '0.2425')).toBeUndefined();
  });

  test('with every offer that is quoted within it', () => {
    const rates = fc
      .integer({ min: 100, max: 260 })
      .map((thousandths) => ({ annual: (thousandths / 1_000).toFixed(3) }));
    const days = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 28 }), fc.constant('month_end' as const));
    fc.assert(
      fc.property(rates, days, fc.integer({ min: 0, max: 1_460 }), fc.boolean(), (rate, due_day, day, small) => {
        const given = { ...product, rate, due_day, apr_cap: '0.24' };
        fc.pre(offerAboveCap(given, '0.24') === undefined);
        const request = { amount: small ? 100_000n : 2_000_000n, term: 3, termUnit: 'month' as const };
        const answer = quoteLocally(given, { ...request, startOn: dueDate('2026-01-01', day, 'day') });
        expect(answer.ok).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
