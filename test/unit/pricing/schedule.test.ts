import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueDate } from '../../../src/pricing/due-date.ts';
import type { Repayment, ScheduleInput } from '../../../src/pricing/schedule.ts';
import { annualRate, buildSchedule } from '../../../src/pricing/schedule.ts';

const base: ScheduleInput = {
  principal: 120000n,
  rate: { annual: '0.12' },
  term: 12,
  termUnit: 'month',
  repayment: 'equal_instalments',
  fees: [],
  startOn: '2026-01-31',
};
const totals = (input: Partial<ScheduleInput>) =>
  buildSchedule({ ...base, ...input }).schedule.map(({ principal, interest }) => [Number(principal), Number(interest)]);

describe('repayment methods', () => {
  test('equal instalments: every payment alike, the last takes what rounding left', () => {
    const { schedule, total, cost } = buildSchedule({ ...base, principal: 100000n, rate: { annual: '0.18' } });
    // 100000 × 0.015 / (1 − 1.015⁻¹²) = 9167.999…
    expect(schedule.slice(0, -1).every((instalment) => instalment.total === 9168n)).toBe(true);
    expect(schedule[0]).toMatchObject({ principal: 7668n, interest: 1500n });
    expect(schedule.at(-1)?.total).toBe(9166n);
    expect(total).toBe(110014n);
    expect(cost.interest).toBe(10014n);
  });

  test('equal principal: interest falls with what is owed', () => {
    expect(totals({ repayment: 'equal_principal', term: 3 })).toEqual([
      [40000, 1200],
      [40000, 800],
      [40000, 400],
    ]);
    expect(totals({ repayment: 'equal_principal', term: 3, principal: 100n, rate: { annual: '0' } })).toEqual([
      [33, 0],
      [33, 0],
      [34, 0],
    ]);
  });

  test('interest only: the principal comes back at the end', () => {
    expect(totals({ repayment: 'interest_only', term: 3 })).toEqual([
      [0, 1200],
      [0, 1200],
      [120000, 1200],
    ]);
  });

  test('bullet: one payment, simple interest over the whole term', () => {
    expect(totals({ repayment: 'bullet', term: 6 })).toEqual([[120000, 7200]]);
  });

  test('days: one payment, a 365th of the annual rate a day, whatever the method', () => {
    const { schedule } = buildSchedule({ ...base, rate: { daily: '0.0005' }, term: 30, termUnit: 'day' });
    expect(schedule).toMatchObject([{ no: 1, dueOn: '2026-03-02', principal: 120000n, interest: 1800n }]);
  });

  test('interest is rounded half even, each period by itself', () => {
    // 50 × 0.01 = 0.5 → 0; 150 × 0.01 = 1.5 → 2
    expect(totals({ repayment: 'bullet', term: 1, principal: 50n })).toEqual([[50, 0]]);
    expect(totals({ repayment: 'bullet', term: 1, principal: 150n })).toEqual([[150, 2]]);
    expect(totals({ repayment: 'bullet', term: 1, principal: 50n, rounding: 'half_up' })).toEqual([[50, 1]]);
  });

  test('one nominal rate, however it is stated', () => {
    expect(annualRate({ monthly: '0.01' }).equals(annualRate({ annual: '0.12' }))).toBe(true);
    expect(annualRate({ daily: '0.0005' }).toDecimal(4)).toBe('0.1825');
    expect(() => annualRate({})).toThrow(RangeError);
    expect(() => annualRate({ annual: '0.1', daily: '0.1' })).toThrow(RangeError);
  });
});

describe('fees', () => {
  const fees = [
    { kind: 'service', payee: 'lender', percent: '1.5', when: 'upfront' },
    { kind: 'guarantee', payee: 'guarantor', percent: '0.2', when: 'each' },
    { kind: 'membership', payee: 'lender', fixed: 500, when: 'each' },
  ] as const;

  test('upfront ones are taken from the payout, the others fall due with every instalment', () => {
    const loan = buildSchedule({ ...base, term: 3, fees });
    expect(loan.received).toBe(118200n);
    expect(loan.schedule[2]?.fees).toEqual([
      { kind: 'guarantee', payee: 'guarantor', amount: 240n },
      { kind: 'membership', payee: 'lender', amount: 500n },
    ]);
    expect(loan.cost.fees).toEqual([
      { kind: 'service', payee: 'lender', amount: 1800n },
      { kind: 'guarantee', payee: 'guarantor', amount: 720n },
      { kind: 'membership', payee: 'lender', amount: 1500n },
    ]);
  });
});

describe('due dates', () => {
  test('keep the day of the start, or end with the month', () => {
    const due = buildSchedule({ ...base, term: 5 }).schedule.map((instalment) => instalment.dueOn);
    expect(due).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30']);
    expect(dueDate('2028-01-31', 1, 'month')).toBe('2028-02-29');
    expect(dueDate('2026-11-30', 3, 'month')).toBe('2027-02-28');
    expect(dueDate('2026-12-25', 14, 'day')).toBe('2027-01-08');
  });

  test('impossible dates are errors', () => {
    expect(() => dueDate('2026-02-30', 1, 'month')).toThrow(RangeError);
    expect(() => dueDate('2026-13-01', 1, 'month')).toThrow(RangeError);
    expect(() => dueDate('26-1-1', 1, 'day')).toThrow(RangeError);
  });
});

describe('for every loan', () => {
  const repayments: Repayment[] = ['equal_instalments', 'equal_principal', 'interest_only', 'bullet'];
  const inputs = fc.record({
    principal: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    rate: fc.integer({ min: 0, max: 360_000 }).map((millionths) => ({ annual: (millionths / 1e6).toFixed(6) })),
    term: fc.integer({ min: 1, max: 60 }),
    termUnit: fc.constantFrom('month' as const, 'day' as const),
    repayment: fc.constantFrom(...repayments),
    rounding: fc.constantFrom('half_even' as const, 'half_up' as const, 'floor' as const),
    fees: fc.array(
      fc.record({
        kind: fc.constantFrom('service', 'guarantee'),
        payee: fc.constantFrom('lender', 'guarantor'),
        percent: fc.constantFrom('0.5', '1.25'),
        when: fc.constantFrom('upfront' as const, 'each' as const),
      }),
      { maxLength: 3 },
    ),
    startOn: fc.constant('2026-01-31'),
  });
  const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

  test('principal sums to the amount lent, no part is negative, and every total is its parts', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const loan = buildSchedule(input);
        expect(sum(loan.schedule.map((one) => one.principal))).toBe(input.principal);
        for (const one of loan.schedule) {
          expect(one.principal >= 0n && one.interest >= 0n).toBe(true);
          expect(one.total).toBe(one.principal + one.interest + sum(one.fees.map((fee) => fee.amount)));
        }
        expect(loan.total).toBe(sum(loan.schedule.map((one) => one.total)));
      }),
    );
  });

  test('what is paid beyond what is received is exactly the cost', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { received, total, cost } = buildSchedule(input);
        expect(total - received).toBe(cost.interest + sum(cost.fees.map((fee) => fee.amount)));
      }),
    );
  });

  test('equal instalments differ by no more than the rounding that the last one absorbs', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        fc.pre(input.principal > 100_000n && input.rounding === 'half_even');
        const { schedule } = buildSchedule({ ...input, repayment: 'equal_instalments', termUnit: 'month' });
        const all = schedule.map((one) => one.principal + one.interest);
        const [first = 0n, last = 0n] = [all[0], all.at(-1)];
        expect(all.slice(0, -1).every((payment) => payment === first)).toBe(true);
        const difference = last > first ? last - first : first - last;
        expect(difference <= BigInt(input.term * 4)).toBe(true);
      }),
    );
  });
});
