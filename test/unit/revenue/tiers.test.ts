import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CounterValue, ZERO_COUNTER } from '../../../src/revenue/counters.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { CommissionRule, Pay, RuleCaps } from '../../../src/revenue/terms.ts';
import { tierTrueUp } from '../../../src/revenue/tiers.ts';
import { UnsupportedTerms } from '../../../src/revenue/unsupported-terms.ts';
import { event, history, loan, shanghai, terms } from './fixtures.ts';

const BY_AMOUNT: Pay = {
  tiers: [{ up_to: 1_000_000, percent: '0.2' }, { up_to: 2_000_000, percent: '0.35' }, { percent: '0.5' }],
  measure: 'amount',
  of: 'principal',
  over: 'period',
};

/** Books loans one after the other, as the ledger would, and answers the lines with the counters at the end. */
function book(rule: CommissionRule, principals: readonly bigint[], at = '2026-01-20') {
  const contract = terms({ rules: [rule] });
  const counters: Record<string, CounterValue> = {};
  const drafts = principals.flatMap((principal, index) => {
    const happened = event({
      id: `evt_${index}`,
      occurredAtMs: shanghai(at),
      loan: loan({ id: `loan_${index}`, principal }),
    });
    const [draft] = priceEvent(happened, [contract], history({ counters }));
    for (const move of draft?.counters ?? []) {
      const before = counters[move.key] ?? ZERO_COUNTER;
      counters[move.key] = {
        count: before.count + move.count,
        base: before.base + move.base,
        paid: before.paid + move.paid,
      };
    }
    return draft === undefined ? [] : [draft];
  });
  return { contract, drafts, counters };
}

const vol = (pay: Pay, caps?: RuleCaps): CommissionRule => ({ id: 'vol', on: 'loan.disbursed', pay, caps });

describe('tiers', () => {
  test('marginal: each part of a loan is paid at the tier it falls into', () => {
    const { drafts } = book(vol({ ...BY_AMOUNT, mode: 'marginal' }), [900_000n, 1_200_000n, 100_000n]);
    expect(drafts.map(({ amount }) => amount)).toEqual([1_800n, 200n + 3_500n + 500n, 500n]);
    expect(drafts.map(({ rate }) => rate)).toEqual(['0.2', null, '0.5']);
    expect(drafts[1]?.why).toBe(
      'With 9000.00 CNY in the period before it, 0.2 % of 1000.00 CNY + 0.35 % of 10000.00 CNY + 0.5 % of 1000.00 CNY of principal is 42.00 CNY by rule vol of acme-2026.',
    );
  });

  test('marginal: however a volume is cut into loans, its price differs only by rounding', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 900_000n }), { minLength: 1, maxLength: 8 }), (principals) => {
        const rule = vol({ ...BY_AMOUNT, mode: 'marginal' });
        const sum = book(rule, principals).drafts.reduce((total, { amount }) => total + amount, 0n);
        const whole = book(rule, [principals.reduce((a, b) => a + b)]).drafts[0]?.amount ?? 0n;
        const difference = sum > whole ? sum - whole : whole - sum;
        expect(difference <= BigInt(principals.length)).toBe(true);
      }),
    );
  });

  test('whole: lines plus one true-up are exactly the reached tier on everything', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 900_000n }), { minLength: 1, maxLength: 8 }), (principals) => {
        const rule = vol({ ...BY_AMOUNT, mode: 'whole' });
        const { contract, drafts, counters } = book(rule, principals);
        const counter = counters['main/vol/period/2026-01-01'] ?? ZERO_COUNTER;
        const settled = tierTrueUp([{ terms: contract, rule, counter }], counter);
        const paid = drafts.reduce((total, { amount }) => total + amount, 0n) + settled;
        const alone = book(rule, [principals.reduce((a, b) => a + b)]).drafts[0]?.amount;
        expect(paid).toBe(alone);
      }),
    );
  });

  test('by count: the line’s number decides, fixed or percent', () => {
    const pay: Pay = {
      tiers: [{ up_to: 2, fixed: 100 }, { percent: '1' }],
      measure: 'count',
      of: 'principal',
      mode: 'marginal',
    };
    expect(book(vol(pay), [5_000n, 5_000n, 5_000n]).drafts.map(({ amount }) => amount)).toEqual([100n, 100n, 50n]);
    const { contract, counters } = book(
      vol({ ...pay, tiers: [{ up_to: 2, fixed: 100 }, { fixed: 150 }], mode: 'whole' }),
      [1n, 1n, 1n],
    );
    const [rule] = contract.rules;
    const counter = counters['main/vol/period/2026-01-01'] ?? ZERO_COUNTER;
    expect(rule && tierTrueUp([{ terms: contract, rule, counter }], counter)).toBe(100n);
  });

  test.each<[string, Pay, RuleCaps?]>([
    ['no measure', { ...BY_AMOUNT, measure: undefined }],
    ['an unknown span', { ...BY_AMOUNT, over: 'year' }],
    [
      'limits that fall',
      { ...BY_AMOUNT, tiers: [{ up_to: 2, percent: '1' }, { up_to: 1, percent: '1' }, { percent: '2' }] },
    ],
    ['no open end', { ...BY_AMOUNT, tiers: [{ up_to: 2, percent: '1' }] }],
    ['fixed amounts by volume', { ...BY_AMOUNT, tiers: [{ fixed: 1 }] }],
    ['whole and annualised', { ...BY_AMOUNT, mode: 'whole', annualised: true }],
    ['whole and capped', { ...BY_AMOUNT, mode: 'whole' }, { count: 1, per: 'day' }],
  ])('tiers with %s are refused', (_what, pay, caps) => {
    expect(() => book(vol(pay, caps), [1_000n])).toThrow(UnsupportedTerms);
  });
});

describe('caps', () => {
  test('over a count the line is void with its reason and its once key stays free', () => {
    const { drafts } = book(vol({ fixed: 100 }, { count: 2, per: 'day' }), [1n, 1n, 1n]);
    expect(drafts.map(({ amount, voidReason }) => [amount, voidReason])).toEqual([
      [100n, null],
      [100n, null],
      [0n, 'cap_exceeded'],
    ]);
    expect(drafts[2]).toMatchObject({ onceKey: null, counters: [], holdUntilMs: null });
    expect(drafts[2]?.why).toBe(
      'A fixed 1.00 CNY by rule vol of acme-2026; not paid, the cap of 2 a day was already reached.',
    );
  });

  test('an amount cap pays what is left of it, and never a cent more in all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 1n, max: 90_000n }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 3_000 }),
        (principals, amount) => {
          const pay: Pay = { percent: '1.5', of: 'principal' };
          const free = book(vol(pay), principals).drafts.reduce((sum, draft) => sum + draft.amount, 0n);
          const capped = book(vol(pay, { amount, per: 'month' }), principals).drafts.reduce(
            (sum, draft) => sum + draft.amount,
            0n,
          );
          expect(capped).toBe(free < BigInt(amount) ? free : BigInt(amount));
        },
      ),
    );
  });

  test('a day, month and period of the cap are the contract’s own', () => {
    const keys = (per: string, at: string) =>
      Object.keys(book(vol({ fixed: 1 }, { count: 9, per }), [1n], at).counters);
    expect(keys('day', '2026-01-31T23:59')).toContain('main/vol/day/2026-01-31');
    expect(keys('day', '2026-02-01T00:00')).toContain('main/vol/day/2026-02-01');
    expect(keys('month', '2026-02-01T00:00')).toContain('main/vol/month/2026-02');
    expect(keys('period', '2026-02-01T00:00')).toContain('main/vol/period/2026-02-01');
  });

  test('a cap that a new version brings in the middle of a month counts what the one before has paid', () => {
    const rule = (caps?: RuleCaps) => vol({ fixed: 100 }, caps);
    const versions = [
      terms({ id: 'old', price_at: 'event', rules: [rule()] }),
      terms({ id: 'new', from: '2026-01-15', price_at: 'event', rules: [rule({ count: 2, per: 'month' })] }),
    ];
    const counters: Record<string, CounterValue> = {};
    const lines = ['2026-01-10', '2026-01-11', '2026-01-16'].flatMap((day, index) =>
      priceEvent(
        event({ id: `evt_${index}`, occurredAtMs: shanghai(day), loan: loan({ id: `loan_${index}` }) }),
        versions,
        history({ counters }),
      ).map((draft) => {
        for (const { key, count, base, paid } of draft.counters) {
          const before = counters[key] ?? ZERO_COUNTER;
          counters[key] = { count: before.count + count, base: before.base + base, paid: before.paid + paid };
        }
        return [draft.termsId, draft.voidReason];
      }),
    );
    expect(lines).toEqual([
      ['old', null],
      ['old', null],
      ['new', 'cap_exceeded'],
    ]);
  });
});
