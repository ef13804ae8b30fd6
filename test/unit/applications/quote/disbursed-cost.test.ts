import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disbursedCost } from '../../../../src/applications/quote/disbursed-cost.ts';
import { daysBetween, dueDate } from '../../../../src/pricing/due-date.ts';
import { buildSchedule, type Repayment } from '../../../../src/pricing/schedule.ts';

const CAP = '0.24';
const dueOf = (dueOn: string, principal: number, interest: number, fee = 0) => ({
  due_on: dueOn,
  principal,
  interest,
  fees: fee === 0 ? [] : [{ kind: 'service', payee: 'lender', amount: fee }],
});
const loan = (received: number, ...schedule: ReturnType<typeof dueOf>[]) => ({
  received,
  disbursedOn: '2026-01-10',
  termUnit: 'month' as const,
  schedule,
});

describe('what a loan costs by the schedule that came with its payout', () => {
  test('has every fee in: those due with instalments, and those kept back from the payout', () => {
    const plain = disbursedCost(loan(100_000, dueOf('2026-02-10', 100_000, 1_500)), CAP);
    expect(plain).toEqual({ apr: '0.18000000', aboveCap: false });
    const withFee = disbursedCost(loan(100_000, dueOf('2026-02-10', 100_000, 1_500, 600)), CAP);
    expect(withFee).toEqual({ apr: '0.25200000', aboveCap: true });
    const keptBack = disbursedCost(loan(99_000, dueOf('2026-02-10', 100_000, 1_500)), CAP);
    expect(keptBack.aboveCap).toBe(true);
  });

  test('is above the cap by more than a cent a payment, or not at all', () => {
    expect(disbursedCost(loan(100_000, dueOf('2026-02-10', 100_000, 2_039)), CAP).aboveCap).toBe(false);
    expect(disbursedCost(loan(100_000, dueOf('2026-02-10', 100_000, 2_040)), CAP).aboveCap).toBe(true);
  });

  test('of which nothing was received no rate says the price: it is above every cap', () => {
    expect(disbursedCost(loan(0, dueOf('2026-02-10', 100_000, 0)), CAP)).toEqual({ apr: null, aboveCap: true });
  });

  const rates = fc.record({
    principal: fc.integer({ min: 50_000, max: 5_000_000 }).map(BigInt),
    term: fc.integer({ min: 1, max: 24 }),
    repayment: fc.constantFrom<Repayment>('equal_instalments', 'equal_principal', 'interest_only', 'bullet'),
    day: fc.integer({ min: 0, max: 1_460 }),
  });

  test('of a loan priced at the cap is never above it, by months that count alike', () => {
    fc.assert(
      fc.property(rates, ({ principal, term, repayment, day }) => {
        const disbursedOn = dueDate('2026-01-01', day, 'day');
        const built = buildSchedule({
          principal,
          rate: { annual: CAP },
          term,
          termUnit: 'month',
          repayment,
          fees: [],
          startOn: disbursedOn,
        });
        const schedule = built.schedule.map((one) => dueOf(one.dueOn, Number(one.principal), Number(one.interest)));
        const given = { received: Number(principal), disbursedOn, termUnit: 'month' as const, schedule };
        expect(disbursedCost(given, CAP).aboveCap).toBe(false);
        expect(disbursedCost(given, '0.22').aboveCap).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('of a loan priced at the cap is never above it, by days of a 365th of a year', () => {
    fc.assert(
      fc.property(rates, ({ principal, term, day }) => {
        const disbursedOn = dueDate('2026-01-01', day, 'day');
        const share = principal / BigInt(term);
        let owed = principal;
        const schedule = Array.from({ length: term }, (_, at) => {
          const [from, to] = [dueDate(disbursedOn, at, 'month'), dueDate(disbursedOn, at + 1, 'month')];
          const interest = Math.round((Number(owed) * 0.24 * daysBetween(from, to)) / 365);
          const part = at + 1 === term ? owed : share;
          owed -= part;
          return dueOf(to, Number(part), interest);
        });
        const given = { received: Number(principal), disbursedOn, termUnit: 'month' as const, schedule };
        expect(disbursedCost(given, '0.2402').aboveCap).toBe(false);
        expect(disbursedCost(given, '0.20').aboveCap).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
