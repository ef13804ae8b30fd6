import { describe, expect, test } from 'vitest';
import { aprOf } from '../../../../src/pricing/apr.ts';
import { dueDate } from '../../../../src/pricing/due-date.ts';
import { loanFlows } from '../../../../src/pricing/loan-flows.ts';
import { buildSchedule } from '../../../../src/pricing/schedule.ts';
import { compounded, exactEffective, exactNominal } from './exact-rate.ts';
import {
  PUBLISHED_EFFECTIVE,
  PUBLISHED_RATES,
  PUBLISHED_TABLES,
  type PublishedRate,
  type PublishedTable,
} from './published-examples.ts';

/** Half a unit of the last digit that was published. */
function within(ours: string, published: string): void {
  const digits = published.split('.')[1]?.length ?? 0;
  expect(Math.abs(Number(ours) - Number(published))).toBeLessThanOrEqual(0.5 * 10 ** -Math.min(digits, 8) + 1e-12);
}

const amountsOf = ({ payments }: PublishedRate) =>
  payments.flatMap(([amount, count]) => Array.from({ length: count }, () => BigInt(amount)));

describe.each(PUBLISHED_RATES)('the nominal rate of $source', (example) => {
  const { received, perYear, first, apr } = example;
  const [whole, odd, of] = first;
  const payments = amountsOf(example);
  const times = payments.map((_, at) => ({ whole: whole + at, fraction: odd / of }));
  const ours = aprOf({ received: BigInt(received), payments, periodsPerYear: perYear[0] / perYear[1], times });

  test('is the published one', () => {
    within(ours?.apr ?? '', apr);
  });

  test('has eight right digits, by exact arithmetic', () => {
    const flows = payments.map((amount, at) => ({ amount, whole: whole + at, odd, of }));
    const exact = exactNominal(BigInt(received), flows, perYear);
    expect(Math.abs(Number(ours?.apr) - Number(exact))).toBeLessThanOrEqual(0.5e-8 + 1e-12);
    if (perYear[1] !== 1) return;
    const effective = compounded(exact, perYear[0]);
    expect(Math.abs(Number(ours?.aprEffective) - Number(effective))).toBeLessThanOrEqual(0.5e-8 + 1e-10);
  });
});

describe.each(PUBLISHED_RATES.filter(({ dates }) => dates))('the unit-periods of $source', (example) => {
  test('are found from the dates alone', () => {
    const { received, perYear, first, dates } = example;
    const { startOn, firstOn, every, unit } = dates ?? { startOn: '', firstOn: '', every: 1, unit: 'month' as const };
    const payments = amountsOf(example).map((total, at) => ({ dueOn: dueDate(firstOn, at * every, unit), total }));
    const flows = loanFlows({ received: BigInt(received), startOn, termUnit: unit, payments });
    expect(flows.periodsPerYear).toBe(perYear[0] / perYear[1]);
    if (first[0] === 1 && first[1] === 0) expect(flows.times).toBeUndefined();
    else expect(flows.times?.[0]).toEqual({ whole: first[0], fraction: first[1] / first[2] });
    const rate = aprOf(flows)?.apr ?? '';
    within(rate, example.apr);
  });
});

describe.each(PUBLISHED_EFFECTIVE)('the compounded rate of $source', ({ received, payments, effective }) => {
  const flows = {
    received: BigInt(received),
    payments: payments.map(([, amount]) => BigInt(amount)),
    periodsPerYear: 1,
    days: payments.map(([days]) => days),
  };
  const ours = aprOf(flows)?.aprEffective ?? '';

  test('is the published one, and has eight right digits by exact arithmetic', () => {
    within(ours, effective);
    const dated = payments.map(([days, amount]) => ({ days, amount: BigInt(amount) }));
    const exact = exactEffective(flows.received, dated);
    expect(Math.abs(Number(ours) - Number(exact))).toBeLessThanOrEqual(0.5e-8 + 1e-12);
  });
});

describe.each(PUBLISHED_TABLES)('the repayment table of $source', (table) => {
  test('by equal instalments, to the cent', () => {
    const { level, rows = [] } = table;
    const { schedule } = scheduleOf(table, 'equal_instalments');
    expect(new Set(schedule.slice(0, -1).map(({ total }) => Number(total)))).toEqual(new Set([level]));
    const first = schedule
      .slice(0, rows.length)
      .map(({ interest, principal }) => [Number(interest), Number(principal)]);
    expect(first).toEqual(rows);
  });
});

describe.each(PUBLISHED_TABLES.filter((table) => table.equalPrincipal))('the repayment table of $source', (table) => {
  test('by equal principal, to the cent; its sum but for rounding each month', () => {
    const { schedule, cost } = scheduleOf(table, 'equal_principal');
    const [first = 0, second = 0] = schedule.map(({ total }) => Number(total));
    expect(first).toBe(table.equalPrincipal?.first);
    expect(Math.abs(first - second - (table.equalPrincipal?.less ?? 0))).toBeLessThanOrEqual(1);
    const difference = Number(cost.interest) - (table.equalPrincipal?.interest ?? 0);
    expect(Math.abs(difference)).toBeLessThanOrEqual(table.months / 2);
  });
});

function scheduleOf({ principal, annual, months }: PublishedTable, repayment: 'equal_instalments' | 'equal_principal') {
  return buildSchedule({
    principal: BigInt(principal),
    rate: { annual },
    term: months,
    termUnit: 'month',
    repayment,
    fees: [],
    startOn: '2020-01-01',
  });
}
