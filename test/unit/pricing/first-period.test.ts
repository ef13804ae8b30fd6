import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aprOf, compareApr } from '../../../src/pricing/apr.ts';
import { daysBetween, dueDate, monthEnd } from '../../../src/pricing/due-date.ts';
import { type DueDay, monthlyDueDates } from '../../../src/pricing/due-plan.ts';
import { loanFlows } from '../../../src/pricing/loan-flows.ts';
import { annualRate, buildSchedule, type Repayment, type ScheduleInput } from '../../../src/pricing/schedule.ts';
import { unitPeriods } from '../../../src/pricing/unit-periods.ts';
import { exactEffective, exactNominal } from '../applications/quote/exact-rate.ts';

const loan: ScheduleInput = {
  principal: 120_000n,
  rate: { annual: '0.18' },
  term: 12,
  termUnit: 'month',
  repayment: 'equal_instalments',
  fees: [],
  startOn: '2026-01-20',
  dueDay: 10,
};

describe('the first due date', () => {
  test.each([
    ['2026-01-20', 10, undefined, '2026-02-10', 'the next due day, 21 days away'],
    ['2026-01-27', 10, undefined, '2026-03-10', 'the one after it, where the next is 14 days away'],
    ['2026-01-26', 10, undefined, '2026-02-10', 'exactly 15 days away is far enough'],
    ['2026-01-27', 10, 5, '2026-02-10', 'sooner, where the product says so'],
    ['2026-01-10', 10, undefined, '2026-02-10', 'a month away, when paid out on the due day'],
    ['2026-01-31', 'month_end', undefined, '2026-02-28', 'the last day of the next month'],
    ['2028-02-10', 'month_end', undefined, '2028-02-29', 'the last day of February in a leap year'],
    ['2026-12-20', 1, undefined, '2027-02-01', 'in the next year'],
  ] as const)('paid out on %s, due on %s: %s %s (%s)', (startOn, dueDay, firstPeriodMinDays, firstOn, _why) => {
    expect(monthlyDueDates(startOn, 1, { dueDay, firstPeriodMinDays })).toEqual([firstOn]);
  });

  test('is followed by the same day of every month, or by every month’s last', () => {
    expect(monthlyDueDates('2026-01-20', 3, { dueDay: 28 })).toEqual(['2026-02-28', '2026-03-28', '2026-04-28']);
    expect(monthlyDueDates('2026-01-20', 3, { dueDay: 'month_end' })).toEqual([
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
    ]);
  });
});

describe('the interest of a first period that is no month', () => {
  test('is counted by its days, a 365th of the annual rate each, in leap years too', () => {
    // 120000 × 0.18 × 21 / 365 = 1242.739…; the second period bears a month's on what is left.
    const { schedule } = buildSchedule(loan);
    expect(schedule[0]).toMatchObject({ dueOn: '2026-02-10', interest: 1_243n });
    const leap = buildSchedule({ ...loan, startOn: '2028-02-01' });
    // 38 days
    expect(leap.schedule[0]).toMatchObject({ dueOn: '2028-03-10', interest: 2_249n });
  });

  test('leaves the principal of every instalment as in the regular loan, so that payments but the first and last are alike', () => {
    const [odd, regular] = [buildSchedule(loan), buildSchedule({ ...loan, dueDay: undefined })];
    expect(odd.schedule.map(({ principal }) => principal)).toEqual(regular.schedule.map(({ principal }) => principal));
    expect(new Set(odd.schedule.slice(1, -1).map(({ total }) => total))).toEqual(new Set([regular.schedule[0]?.total]));
  });

  test('is an ordinary month’s where the due day is the day of payout, or both are the last of a month', () => {
    for (const change of [{ startOn: '2026-01-10' }, { startOn: '2026-02-28', dueDay: 'month_end' as const }]) {
      expect(buildSchedule({ ...loan, ...change }).schedule[0]?.interest).toBe(1_800n);
    }
  });

  test('does not concern a loan that is paid back at once', () => {
    const bullet = { ...loan, repayment: 'bullet' as const };
    expect(buildSchedule(bullet)).toEqual(buildSchedule({ ...bullet, dueDay: undefined }));
  });
});

describe('the yearly rate of a loan with an odd first period', () => {
  const ratesOf = (input: ScheduleInput) => {
    const { received, schedule } = buildSchedule(input);
    const flows = loanFlows({ received, startOn: input.startOn, termUnit: 'month', payments: schedule });
    return { flows, schedule, rates: aprOf(flows) };
  };

  test.each(['2026-01-20', '2026-01-27', '2026-05-01'])(
    'paid out on %s: eight digits by exact arithmetic',
    (startOn) => {
      const { flows, schedule, rates } = ratesOf({ ...loan, startOn });
      const back = dueDate(schedule[0]?.dueOn ?? '', -1, 'month');
      const whole = back >= startOn ? 1 : 0;
      const odd = daysBetween(startOn, whole === 1 ? back : (schedule[0]?.dueOn ?? ''));
      const exact = schedule.map(({ total }, at) => ({ amount: total, whole: whole + at, odd, of: 30 }));
      const nominal = exactNominal(flows.received, exact, [12, 1]);
      expect(Math.abs(Number(rates?.apr) - Number(nominal))).toBeLessThanOrEqual(0.5e-8 + 1e-12);
      const dated = schedule.map(({ dueOn, total }) => ({ days: daysBetween(startOn, dueOn), amount: total }));
      const effective = exactEffective(flows.received, dated);
      expect(Math.abs(Number(rates?.aprEffective) - Number(effective))).toBeLessThanOrEqual(0.5e-8 + 1e-12);
    },
  );

  test('stays near the nominal rate: days and months are counted differently, no more', () => {
    const days = fc.integer({ min: 0, max: 1_460 });
    const due = fc.oneof(fc.integer({ min: 1, max: 28 }), fc.constant('month_end' as const));
    fc.assert(
      fc.property(days, due, (day, dueDay) => {
        const startOn = dueDate('2026-01-01', day, 'day');
        const { rates } = ratesOf({ ...loan, principal: 5_000_000n, startOn, dueDay });
        expect(Math.abs(Number(rates?.apr) - 0.18)).toBeLessThan(0.004);
        expect(Math.abs(Number(rates?.aprEffective) - (1.015 ** 12 - 1))).toBeLessThan(0.006);
      }),
      { numRuns: 60 },
    );
  });
});

describe('unit-periods', () => {
  test.each([
    ['2026-01-31', ['2026-02-28', '2026-03-31', '2026-04-30'], undefined],
    ['2026-02-28', ['2026-03-31', '2026-04-30', '2026-05-31'], undefined],
    ['2026-01-15', ['2026-02-15', '2026-03-15'], undefined],
    ['2026-01-05', ['2026-02-14', '2026-03-14'], [9, 40]],
    ['2026-01-25', ['2026-02-10', '2026-03-10'], [16, 16]],
    ['2026-01-10', ['2026-02-28', '2026-03-31'], [21, 49]],
  ] as const)('paid out on %s, due on %j', (startOn, dueOns, odd) => {
    const { periodsPerYear, times, days } = unitPeriods(startOn, dueOns, 'month');
    expect(periodsPerYear).toBe(12);
    if (odd === undefined) expect([times[0], days]).toEqual([{ whole: 1, fraction: 0 }, undefined]);
    else expect([(times[0]?.fraction ?? 0) * 30, days?.[0]]).toEqual([expect.closeTo(odd[0], 9), odd[1]]);
  });

  test('of one payment are the whole term, in the unit that the loan is counted in', () => {
    expect(unitPeriods('2026-01-31', ['2026-02-28'], 'month').periodsPerYear).toBe(12);
    expect(unitPeriods('2026-01-31', ['2026-07-31'], 'month').periodsPerYear).toBe(2);
    expect(unitPeriods('2026-01-31', ['2026-02-28'], 'day').periodsPerYear).toBe(365 / 28);
  });
});

describe('for every loan with a due day', () => {
  const repayments: Repayment[] = ['equal_instalments', 'equal_principal', 'interest_only'];
  const dueDays: fc.Arbitrary<DueDay> = fc.oneof(fc.integer({ min: 1, max: 28 }), fc.constant('month_end' as const));
  const rates = fc.oneof(
    fc.integer({ min: 0, max: 360_000 }).map((millionths) => ({ annual: (millionths / 1e6).toFixed(6) })),
    fc.integer({ min: 0, max: 3_000 }).map((part) => ({ monthly: (part / 1e5).toFixed(5) })),
    fc.integer({ min: 0, max: 100 }).map((part) => ({ daily: (part / 1e5).toFixed(5) })),
  );
  const inputs = fc.record({
    principal: fc.bigInt({ min: 1n, max: 10n ** 11n }),
    rate: rates,
    term: fc.integer({ min: 1, max: 48 }),
    termUnit: fc.constant('month' as const),
    repayment: fc.constantFrom(...repayments),
    fees: fc.array(
      fc.record({
        kind: fc.constant('service'),
        payee: fc.constant('lender'),
        fixed: fc.integer({ min: 0, max: 5_000 }),
        when: fc.constantFrom('upfront' as const, 'each' as const),
      }),
      { maxLength: 2 },
    ),
    startOn: fc.integer({ min: 0, max: 1_460 }).map((day) => dueDate('2026-01-01', day, 'day')),
    dueDay: dueDays,
    firstPeriodMinDays: fc.integer({ min: 1, max: 31 }),
  });

  test('principal sums to the amount, no balance and no total is negative, interest is rate × balance rounded', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { schedule, total, received, cost } = buildSchedule(input);
        const annual = annualRate(input.rate);
        let owed = input.principal;
        for (const [at, item] of schedule.entries()) {
          const from = at === 0 ? input.startOn : (schedule[at - 1]?.dueOn ?? '');
          const days = BigInt(daysBetween(from, item.dueOn));
          const monthly = at > 0 || isMonth(input.startOn, item.dueOn);
          const [top, bottom] = monthly ? [1n, 12n] : [days, 365n];
          const exact = [owed * annual.numerator * top, annual.denominator * bottom] as const;
          const off = 2n * (item.interest * exact[1] - exact[0]);
          expect((off < 0n ? -off : off) <= exact[1]).toBe(true);
          expect(item.principal >= 0n && item.total >= 0n).toBe(true);
          expect(item.total).toBe(item.fees.reduce((sum, fee) => sum + fee.amount, item.principal + item.interest));
          owed -= item.principal;
          expect(owed >= 0n).toBe(true);
        }
        expect(owed).toBe(0n);
        expect(schedule).toHaveLength(input.term);
        const charged = cost.fees.reduce((sum, fee) => sum + fee.amount, cost.interest);
        expect(total - received).toBe(charged);
      }),
    );
  });

  test('the first instalment is due on the due day, not too soon and at most a month later than it might be', () => {
    fc.assert(
      fc.property(inputs, ({ startOn, dueDay, firstPeriodMinDays }) => {
        const [first = ''] = monthlyDueDates(startOn, 1, { dueDay, firstPeriodMinDays });
        const days = daysBetween(startOn, first);
        expect(days >= firstPeriodMinDays && days < firstPeriodMinDays + 31).toBe(true);
        expect(dueDay === 'month_end' ? first === monthEnd(first) : Number(first.slice(8)) === dueDay).toBe(true);
      }),
    );
  });

  test('comparing with a rate says the same as finding it', () => {
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 0.5, noNaN: true }), (input, rate) => {
        fc.pre(input.principal > 100_000n);
        const { received, schedule } = buildSchedule(input);
        const flows = loanFlows({ received, startOn: input.startOn, termUnit: 'month', payments: schedule });
        const apr = Number(aprOf(flows)?.apr);
        fc.pre(Math.abs(apr - rate) > 1e-7);
        expect(compareApr(flows, rate)).toBe(Math.sign(apr - rate));
      }),
      { numRuns: 50 },
    );
  });

  function isMonth(startOn: string, dueOn: string): boolean {
    const ends = startOn === monthEnd(startOn) && dueOn === monthEnd(startOn, 1);
    return ends || dueDate(startOn, 1, 'month') === dueOn;
  }
});
