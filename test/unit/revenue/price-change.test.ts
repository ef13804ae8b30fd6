import { describe, expect, test } from 'vitest';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { CommissionRule } from '../../../src/revenue/terms.ts';
import { application, event, history, loan, shanghai, terms } from './fixtures.ts';

describe('walk-through E: the price falls 1.2 → 1.0 at 15 January 00:00', () => {
  const rules = (percent: string): CommissionRule[] => [
    { id: 'p', on: 'loan.disbursed', pay: { percent, of: 'principal' } },
  ];
  const versions = (priceAt: 'application' | 'event') => [
    terms({ id: 'old', rules: rules('1.2'), price_at: priceAt }),
    terms({ id: 'new', from: '2026-01-15', rules: rules('1.0'), price_at: priceAt }),
  ];
  const rate = (priceAt: 'application' | 'event', accepted: string, disbursed: string, pins = {}) =>
    priceEvent(
      event({
        occurredAtMs: shanghai(disbursed),
        application: application({ acceptedAtMs: shanghai(accepted), pins }),
      }),
      versions(priceAt),
      history(),
    )[0]?.rate;

  test('accepted 10 January, disbursed 20 January: 1.2', () => {
    expect(rate('application', '2026-01-10', '2026-01-20')).toBe('1.2');
    expect(rate('application', '2026-01-10', '2026-01-20', { main: 'old' })).toBe('1.2');
  });

  test('reserved on the 14th at 23:55, applied on the 15th at 00:03 citing it: pinned to 1.2', () => {
    expect(rate('application', '2026-01-15T00:03', '2026-01-20', { main: 'old' })).toBe('1.2');
  });

  test('prechecked on the 14th without reserving, applied on the 16th: 1.0', () => {
    expect(rate('application', '2026-01-16', '2026-01-20')).toBe('1.0');
  });

  test('a repeat loan in June of the first one: 1.2, priced by event 1.0', () => {
    expect(rate('application', '2026-01-10', '2026-06-10')).toBe('1.2');
    expect(rate('event', '2026-01-10', '2026-06-10', { main: 'old' })).toBe('1.0');
  });

  test('the change is at midnight in the contract’s zone, to the millisecond', () => {
    expect(rate('event', '2026-01-10', '2026-01-14T23:59')).toBe('1.2');
    expect(rate('event', '2026-01-10', '2026-01-15T00:00')).toBe('1.0');
  });

  test('a registration is priced by its own day even under price_at application', () => {
    const reg = (fixed: number): CommissionRule[] => [{ id: 'reg', on: 'applicant.registered', pay: { fixed } }];
    const both = [terms({ id: 'old', rules: reg(12) }), terms({ id: 'new', from: '2026-01-15', rules: reg(10) })];
    const registered = event({
      type: 'applicant.registered',
      loan: null,
      application: application({ pins: { main: 'old' } }),
    });
    expect(priceEvent(registered, both, history())).toMatchObject([{ amount: 10n }]);
  });

  test('before a contract begins it pays nothing', () => {
    expect(rate('application', '2025-12-31', '2026-01-20')).toBeUndefined();
  });

  test('the monthly volume tier has one counter through the month, each line at its own version', () => {
    const tiered = (low: string): CommissionRule[] => [
      {
        id: 'vol',
        on: 'loan.disbursed',
        pay: {
          tiers: [{ up_to: 100_000_000, percent: low }, { percent: '0.5' }],
          measure: 'amount',
          of: 'principal',
          mode: 'marginal',
        },
      },
    ];
    const both = [
      terms({ id: 'old', rules: tiered('0.2') }),
      terms({ id: 'new', from: '2026-01-15', rules: tiered('0.1') }),
    ];
    const counters = { 'main/vol/period/2026-01-01': { count: 9n, base: 99_900_000n, paid: 1n } };
    const underOld = event({ loan: loan({ principal: 300_000n }) });
    const underNew = event({
      loan: loan({ principal: 300_000n }),
      application: application({ acceptedAtMs: shanghai('2026-01-16') }),
    });
    expect(priceEvent(underOld, both, history({ counters }))).toMatchObject([
      { amount: 200n + 1_000n, rate: null, base: 300_000n },
    ]);
    expect(priceEvent(underNew, both, history({ counters }))).toMatchObject([{ amount: 100n + 1_000n }]);
  });
});
