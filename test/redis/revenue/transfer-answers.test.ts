import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { adjust } from '../../../src/revenue/settlement/adjust.ts';
import { type PaymentWish, payStatements } from '../../../src/revenue/settlement/pay-statements.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk } from './desk.ts';

let redis: TestRedis;
let desk: Desk;
beforeAll(async () => {
  redis = await startTestRedis();
  desk = createDesk(redis);
});
afterAll(() => redis.close());

const PAYMENT: PaymentWish = {
  contract: 'main',
  direction: 'out',
  amount: 5_000,
  withheld: 0,
  paidAtMs: Date.parse('2026-01-09T04:00:00.000Z'),
  reference: 'BOC-1',
  allocations: [],
  by: 'ann',
  override: 'advance',
};

describe('a payment under a reference that is known', () => {
  const answer = async (over: Partial<PaymentWish> = {}) => {
    const around = { nowMs: desk.clock.nowMs(), isHeld: false };
    const outcome = await payStatements(desk.store, 'acme', desk.contracts, { ...PAYMENT, ...over }, around);
    return outcome.result === 'differs' ? outcome.how : outcome.result;
  };

  test('is the same payment when it says the same, whoever says it', async () => {
    expect(await answer()).toBe('created');
    expect(await answer()).toBe('exists');
    expect(await answer({ by: 'bob' })).toBe('exists');
  });

  test.each<[string, Partial<PaymentWish>]>([
    ['amount', { amount: 5_001 }],
    ['accounts', { direction: 'in' }],
    ['accounts', { withheld: 1 }],
    ['effective_at', { paidAtMs: PAYMENT.paidAtMs + 1 }],
  ])('is told to exist with different %s: %j', async (what, over) => {
    expect(await answer(over)).toBe(`exists_with_different_${what}`);
  });

  test('is booked once when it comes fifty times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => answer({ reference: 'BOC-2' })));
    expect(answers.sort()).toEqual(['created', ...Array.from({ length: 49 }, () => 'exists')]);
    expect((await desk.store.balances('acme')).get('main/CNY/paid')).toBe(10_000n);
    expect((await checkLedger(desk, 'acme')).differences).toEqual([]);
  });
});

describe('an adjustment under a reference that is known', () => {
  const wish = { amount: -1_200, reason: 'Counted twice', refersTo: null, reference: 'ADJ-1', by: 'ann' };
  const answer = async (over: Partial<typeof wish> = {}) => {
    const outcome = await adjust(desk.store, 'adjusted', desk.contracts, { ...wish, ...over }, desk.clock.nowMs());
    return outcome.result === 'differs' ? outcome.how : outcome.result;
  };

  test('is told to exist, or in what it differs', async () => {
    expect(await answer()).toBe('created');
    expect(await answer({ by: 'bob' })).toBe('exists');
    expect(await answer({ amount: -1_201 })).toBe('exists_with_different_amount');
    expect(await answer({ reason: 'Another' })).toBe('exists_with_different_reference');
    expect((await checkLedger(desk, 'adjusted')).differences).toEqual([]);
  });
});
