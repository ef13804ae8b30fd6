import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { availableCredit } from '../../../../src/applications/lifecycle/available.ts';
import type { ProductFacts } from '../../../../src/applications/lifecycle/decision.ts';
import { creditView } from '../../../../src/applications/lifecycle/view.ts';
import {
  active,
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  PRODUCT,
  requested,
  schedule,
  submitted,
  tell,
  wire,
} from './story.ts';

const priced: ProductFacts = {
  ...PRODUCT,
  amount: { min: 100_000, max: 5_000_000 },
  repayment: 'equal_instalments',
  rate: { monthly: '0.015' },
  fees: [{ kind: 'service', payee: 'lender', percent: '0.5', when: 'upfront' }],
};
const facts = factsAt(200, { product: priced });
const grant = (data: Record<string, unknown>, product: ProductFacts = priced) =>
  tell(submitted(), [granted(1, data)], factsAt(200, { product }));
const codeOf = ({ decisions: [decision] }: ReturnType<typeof grant>) =>
  decision && 'code' in decision ? decision.code : decision?.result;

describe('the prices of a credit', () => {
  test('are complete: what the lender leaves out is the product’s', () => {
    const pricing = [{ term: 3, annual: '0.12', fees: [], apr: '0.12' }, { term: 6, annual: '0.15' }, { term: 12 }];
    const fee = { kind: 'service', payee: 'lender', percent: '0.5', when: 'upfront' };
    const complete = [
      { term: 3, annual: '0.12', fees: [], apr: '0.12' },
      { term: 6, annual: '0.15', fees: [fee], apr: null },
      { term: 12, annual: '0.1800000000', fees: [fee], apr: null },
    ];
    const { application, events } = grant({ pricing, terms: [3, 6, 12] });
    expect(application.credit?.pricing).toEqual(complete);
    expect(creditView(application)?.pricing).toEqual(complete);
    expect(events.at(-1)?.data).toMatchObject({ pricing: complete, terms: [3, 6, 12], term_unit: 'month' });
  });

  test('keep the cap, whatever yearly rate the lender states: fees count', () => {
    const fees = [{ kind: 'insurance', payee: 'insurer', percent: '2', when: 'upfront' }];
    expect(codeOf(grant({ pricing: [{ term: 3, annual: '0.18', fees, apr: '0.18' }] }))).toBe('apr_above_cap');
    expect(codeOf(grant({ pricing: [{ term: 12, annual: '0.18', fees, apr: '0.18' }] }))).toBe('applied');
    expect(codeOf(grant({ pricing: [{ term: 3, annual: '0.18', fees: [], apr: '0.25' }] }))).toBe('apr_above_cap');
  });

  test('keep the cap on the smallest loan too, where fixed fees weigh most', () => {
    const pricing = [
      { term: 3, annual: '0.18', fees: [{ kind: 'other', payee: 'lender', fixed: 2_000, when: 'upfront' }] },
    ];
    expect(codeOf(grant({ pricing }))).toBe('apr_above_cap');
    expect(codeOf(grant({ pricing, min: cny(500_000) }))).toBe('applied');
  });

  test.each([
    ['a term that is not one of terms', { terms: [3, 6], pricing: [{ term: 12 }] }],
    ['a smallest loan above the amount', { min: cny(500_001) }],
  ])('%s is refused', (_what, data) => {
    expect(codeOf(grant(data))).toBe('schema_invalid');
  });

  test.each([
    ['a term that is priced twice', [{ term: 3 }, { term: 3, annual: '0.1' }]],
    ['a rate in per cent', [{ term: 3, annual: '18' }]],
    ['a fee that is neither a percentage nor fixed', [{ term: 3, fees: [{ kind: 'a', payee: 'b', when: 'each' }] }]],
  ])('%s is no price', (_what, pricing) => {
    expect(() => grant({ pricing })).toThrow('/data/pricing');
  });

  test('of a product that is no longer listed must be complete', () => {
    expect(codeOf(grant({ pricing: [{ term: 3 }] }, PRODUCT))).toBe('schema_invalid');
    expect(codeOf(grant({ pricing: [{ term: 3, annual: '0.18' }] }, PRODUCT))).toBe('applied');
  });

  test('change with an update, which keeps the cap too', () => {
    const update = (annual: string) => wire('credit.updated', 2, { pricing: [{ term: 3, annual, fees: [] }] });
    const dearer = tell(submitted(), [granted(1), update('0.26')], facts);
    expect(dearer.decisions.at(-1)).toMatchObject({ code: 'apr_above_cap' });
    const { application, events } = tell(submitted(), [granted(1), update('0.20')], facts);
    const pricing = [{ term: 3, annual: '0.20', fees: [], apr: null }];
    expect(application.credit?.pricing).toEqual(pricing);
    expect(events.at(-1)).toMatchObject({ type: 'credit.updated', data: { pricing } });
  });
});

describe('a credit that is updated', () => {
  const updated = (days: number, data: Record<string, unknown>) => wire('credit.updated', days, data);
  const changedBy = (...updates: unknown[]) => tell(active(), updates).application;
  const available = (...updates: unknown[]) => {
    const view = creditView(changedBy(...updates));
    return view && [view.status, view.available];
  };

  test('has more left when it is raised, and none, never less, when it is lowered below what is lent', () => {
    expect(available()).toEqual(['active', cny(200_000)]);
    expect(available(updated(3, { amount: cny(900_000) }))).toEqual(['active', cny(600_000)]);
    expect(available(updated(3, { amount: cny(100_000) }))).toEqual(['active', cny(0)]);
    expect(available(updated(3, { amount: cny(0) }))).toEqual(['active', cny(0)]);
  });

  test('can be frozen and thawed; while frozen nothing is left to draw, and its loans go on', () => {
    const frozen = updated(3, { status: 'frozen', reason: 'risk' });
    expect(available(frozen)).toEqual(['frozen', cny(0)]);
    expect(changedBy(frozen).loans[0]?.status).toBe('active');
    expect(available(frozen, updated(4, { status: 'active' }))).toEqual(['active', cny(200_000)]);
  });

  test('can be closed for good reasons of the lender’s', () => {
    expect(available(updated(3, { status: 'closed', reason: 'customer' }))).toEqual(['closed', cny(0)]);
  });

  test('never has less than nothing left, whatever comes in whatever order', () => {
    const change = fc.record({
      days: fc.integer({ min: 1, max: 100 }),
      amount: fc.integer({ min: 0, max: 2_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const application = changedBy(...changes.map(({ days, amount }) => updated(days, { amount: cny(amount) })));
        expect(availableCredit(application)).toBe(Math.max(0, (application.credit?.amount ?? 0) - 300_000));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a payout', () => {
  const dear = schedule().map((item) => ({ ...item, interest: cny(4_500) }));

  test('that costs more than the cap by its schedule is refused, whatever was stated before', () => {
    const told = tell(submitted(), [granted(0.1), requested(0.2), disbursed(0.3, { schedule: dear })], facts);
    expect(told.decisions.at(-1)).toMatchObject({
      code: 'apr_above_cap',
      detail: expect.stringContaining('cap is 0.24'),
    });
    expect(told.application.loans[0]?.disbursed_at).toBeNull();
  });

  test('of which too much was kept back is refused alike', () => {
    const kept = { received: cny(285_000), disbursed_at: at(0.3) };
    const told = tell(submitted(), [granted(0.1), requested(0.2), disbursed(0.3, kept)], facts);
    expect(told.decisions.at(-1)).toMatchObject({ code: 'apr_above_cap' });
  });
});
