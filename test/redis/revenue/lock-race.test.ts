import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, disbursed, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

test('a lock that another process finishes meanwhile is told as locked, not as a ledger that does not add up', async () => {
  const [desk, other] = [createDesk(redis), createDesk(redis)];
  await desk.commission.apply(logEvent('raced', 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(1_000_000)));
  for (const { clock } of [desk, other]) clock.moveTo('2026-02-02T00:00:00.000Z');
  const request = { partnerId: 'raced', contract: 'main', period: '2026-01-01', actor: 'ann' };
  expect(await desk.closer.review(request)).toMatchObject({ result: 'done' });
  // The other one is quicker: between what this one has read of the book and what it reads of the balances.
  const balances = desk.store.balances.bind(desk.store);
  const firsts: unknown[] = [];
  desk.store.balances = async (partnerId) => {
    if (firsts.length === 0) firsts.push(await other.closer.lock(request));
    return balances(partnerId);
  };
  expect(await desk.closer.lock(request)).toMatchObject({ result: 'refused', code: 'period_locked' });
  expect(firsts).toMatchObject([{ result: 'done' }]);
});
