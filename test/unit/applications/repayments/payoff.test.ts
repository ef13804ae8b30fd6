import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outstandingPrincipal } from '../../../../src/applications/lifecycle/available.ts';
import type { Loan } from '../../../../src/applications/model.ts';
import { localPayoff, type PayoffTerms } from '../../../../src/applications/repayments/payoff.ts';
import type { AskedInstalments } from '../../../../src/applications/repayments/repayment.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { active, at, cny, LOAN_REF, loanOf, paid, START, submitted, tell, wire } from '../lifecycle/story.ts';

const TERMS: PayoffTerms = { rate: { annual: '0.18' }, timezone: 'Asia/Shanghai' };
const loanAfter = (...events: readonly unknown[]): Loan => loanOf(tell(active(), events).application);
const ask = (loan: Loan, asked: AskedInstalments, days: number, terms = TERMS) =>
  localPayoff(loan, asked, terms, START + days * DAY_MS);

/** The loan of the story: 300 000 paid out on 1 January, due 1 February, 1 March, 1 April: 100 000 + 1 500 + 200 each. */
describe('what it takes to repay', () => {
  test('an instalment that is due is paid in full, with what was paid on it taken off', () => {
    expect(ask(loanAfter(), [1], 31)).toMatchObject({
      ok: true,
      payoff: {
        nos: [1],
        amount: 101_700,
        principal: 100_000,
        interest: 1_500,
        penalty: 0,
        waived: 0,
        source: 'local',
      },
    });
    const part = paid(1, 20, { payment_ref: 'P-1a', principal: cny(40_000), interest: cny(500), fees: [] });
    expect(ask(loanAfter(part), [1], 31)).toMatchObject({
      payoff: { amount: 61_200, principal: 60_000, interest: 1_000, fees: [{ kind: 'service', amount: 200 }] },
    });
  });

  test('an instalment paid ahead by its number is paid as it stands', () => {
    expect(ask(loanAfter(), [1], 2)).toMatchObject({ payoff: { amount: 101_700, interest: 1_500 } });
    expect(ask(loanAfter(), [2, 1], 2)).toMatchObject({ payoff: { nos: [1, 2], amount: 203_400 } });
  });

  test('all of it before the first due day is the principal and the interest of the days since payout, without fees', () => {
    // 300 000 × 18 % / 365 × 10 days = 1 479.45; the day before the first due date is never dearer than the due date.
    expect(ask(loanAfter(), 'all', 10)).toMatchObject({
      payoff: { nos: [1, 2, 3], principal: 300_000, interest: 1_479, fees: [], amount: 301_479 },
    });
    expect(ask(loanAfter(), 'all', 30)).toMatchObject({ payoff: { interest: 1_500, amount: 301_500 } });
    expect(ask(loanAfter(), 'all', 0.3)).toMatchObject({ payoff: { interest: 0, amount: 300_000 } });
  });

  test('all of it later on is what is due in full, and the rest by the days of the running period', () => {
    // Due: 101 700. Of the others 200 000 and 4 days: 200 000 × 18 % / 365 × 4 = 394.52.
    expect(ask(loanAfter(), 'all', 35)).toMatchObject({
      payoff: { principal: 300_000, interest: 1_500 + 395, fees: [{ amount: 200 }], amount: 302_095 },
    });
    expect(ask(loanAfter(paid(1, 31)), 'all', 35)).toMatchObject({ payoff: { nos: [2, 3], amount: 200_395 } });
  });

  test('a period that was paid ahead bears no interest again', () => {
    expect(ask(loanAfter(paid(1, 10)), 'all', 12)).toMatchObject({ payoff: { interest: 0, amount: 200_000 } });
    const interestOnly = paid(1, 10, { principal: cny(0), interest: cny(1_500), fees: [] });
    expect(ask(loanAfter(interestOnly), 'all', 20)).toMatchObject({ payoff: { interest: 0, amount: 300_000 } });
  });

  test('without a known rate the days bear their share of the instalment’s interest', () => {
    const unlisted = { ...TERMS, rate: undefined };
    // 1 500 × 10 / 31 = 483.87
    expect(ask(loanAfter(), 'all', 10, unlisted)).toMatchObject({ payoff: { interest: 484 } });
  });

  test('what was waived need not be paid', () => {
    const waiver = paid(1, 30, { principal: cny(0), interest: cny(0), fees: [], waived: cny(700) });
    expect(ask(loanAfter(waiver), [1], 31)).toMatchObject({
      payoff: { interest: 1_500, waived: 700, amount: 101_000 },
    });
  });

  test('it holds to the end of the day in the product’s zone', () => {
    // 12:00 in Shanghai on 11 January.
    expect(ask(loanAfter(), 'all', 10)).toMatchObject({ payoff: { valid_until: '2026-01-11T16:00:00.000Z' } });
  });

  test('instalments go in order: a gap, an unknown and a paid one are refused with their place', () => {
    expect(ask(loanAfter(), [2], 10)).toMatchObject({ status: 422, code: 'instalment_gap', pointer: '/installments' });
    expect(ask(loanAfter(), [1, 3], 10)).toMatchObject({ code: 'instalment_gap' });
    expect(ask(loanAfter(), [1, 7], 10)).toMatchObject({ code: 'unknown_instalment', pointer: '/installments/1' });
    expect(ask(loanAfter(paid(1, 20)), [1, 2], 31)).toMatchObject({
      code: 'instalment_paid',
      pointer: '/installments/0',
    });
  });

  test('where nothing is owed, or the loan does not run, there is nothing to repay', () => {
    expect(ask(loanAfter(paid(1, 20)), [1], 31)).toMatchObject({ status: 409, code: 'nothing_due' });
    const all = [paid(1, 20), paid(2, 21), paid(3, 22)];
    expect(ask(loanAfter(...all), 'all', 31)).toMatchObject({ code: 'nothing_due' });
    const settled = loanAfter(wire('loan.settled', 40, { settled_at: at(40) }));
    expect(ask(settled, 'all', 41)).toMatchObject({ code: 'nothing_due' });
    const cancelled = loanAfter(wire('loan.cancelled', 2, { reason: 'cooling_off' }));
    expect(ask(cancelled, 'all', 3)).toMatchObject({ code: 'nothing_due' });
    const lost = loanAfter(wire('loan.written_off', 150, { written_off_at: at(150) }));
    expect(ask(lost, 'all', 151)).toMatchObject({ status: 409, code: 'loan_not_running' });
    const early = tell(submitted(), []).application;
    expect(early.loans).toEqual([]);
  });
});

const amounts = fc.record({
  no: fc.integer({ min: 1, max: 3 }),
  days: fc.integer({ min: 1, max: 120 }),
  principal: fc.integer({ min: 0, max: 100_000 }),
  interest: fc.integer({ min: 0, max: 1_500 }),
  fee: fc.integer({ min: 0, max: 200 }),
  waived: fc.integer({ min: 0, max: 2_000 }),
});

describe('whatever was paid before', () => {
  test('the parts of a payoff sum to its amount, none is negative, and its principal is what is outstanding', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 6 }), fc.integer({ min: 1, max: 130 }), (payments, today) => {
        const loan = loanAfter(
          ...payments.map(({ no, days, principal, interest, fee, waived }, index) =>
            paid(no, days, {
              payment_ref: `P-${index}`,
              principal: cny(principal),
              interest: cny(interest),
              fees: [{ kind: 'service', payee: 'lender', amount: cny(fee) }],
              waived: cny(waived),
              lender_ref: LOAN_REF,
            }),
          ),
        );
        const result = ask(loan, 'all', today);
        if (!result.ok) {
          expect(result.code).toBe('nothing_due');
          return;
        }
        const { payoff } = result;
        const fees = payoff.fees.map((fee) => fee.amount);
        const sum = fees.reduce((total, fee) => total + fee, payoff.principal + payoff.interest + payoff.penalty);
        expect(payoff.amount).toBe(sum - payoff.waived);
        expect(
          Math.min(payoff.amount, payoff.principal, payoff.interest, payoff.waived, ...fees),
        ).toBeGreaterThanOrEqual(0);
        expect(payoff.principal).toBeLessThanOrEqual(outstandingPrincipal(loan));
        const [no = 1] = payoff.nos;
        const one = ask(loan, [no], today);
        if (one.ok && today > 90) expect(one.payoff.amount).toBeLessThanOrEqual(payoff.amount);
      }),
      { numRuns: 300 },
    );
  });

  test('waiting a day before the due date never makes paying everything cheaper', () => {
    const fresh = loanAfter();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 88 }), (today) => {
        const [now, tomorrow] = [ask(fresh, 'all', today), ask(fresh, 'all', today + 1)];
        if (now.ok && tomorrow.ok) expect(tomorrow.payoff.amount).toBeGreaterThanOrEqual(now.payoff.amount);
      }),
      { numRuns: 88 },
    );
  });
});
