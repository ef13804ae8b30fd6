import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDispute } from '../../../src/revenue/settlement/open-dispute.ts';
import { resolveDispute } from '../../../src/revenue/settlement/resolve-dispute.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

test('a dispute that another operator rejects meanwhile is not accepted over their head', async () => {
  const [desk, other] = [createDesk(redis), createDesk(redis)];
  const partnerId = 'argued';
  await desk.commission.apply(logEvent(partnerId, 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(1_000_000)));
  for (const { clock } of [desk, other]) clock.moveTo('2026-02-02T00:00:00.000Z');
  const reviewed = await desk.closer.review({ partnerId, contract: 'main', period: '2026-01-01', actor: 'ann' });
  if (reviewed.result !== 'done') throw new Error(reviewed.result);
  const [line] = await linesOf(desk, partnerId);
  const wish = {
    kind: 'amount' as const,
    commission_id: line?.id ?? '',
    claimed: 20_000,
    note: 'too little',
    partner_ref: null,
    lender_ref: null,
  };
  const lines = { revision: 1, lines: [wish] };
  const opened = await openDispute(desk.store, partnerId, reviewed.statement.id, lines, desk.clock.nowMs());
  if (opened.result !== 'opened') throw new Error(opened.result);
  const about = { versionsOf: () => desk.contracts, nowMs: desk.clock.nowMs() };
  const decide = (store: typeof desk.store, result: 'accepted' | 'rejected', by: string) =>
    resolveDispute(store, partnerId, opened.dispute.id, [{ no: 1, result, amount: null, reason: 'seen' }], {
      ...about,
      by,
    });
  // The other one is quicker: after this one has read the dispute, before it reads anything else.
  const records = desk.store.records.bind(desk.store);
  const firsts: unknown[] = [];
  desk.store.records = async <T>(...given: Parameters<typeof records>) => {
    const read = await records<T>(...given);
    if (firsts.length === 0) firsts.push(await decide(other.store, 'rejected', 'bob'));
    return read;
  };
  expect(await decide(desk.store, 'accepted', 'ann')).toMatchObject({ result: 'resolved_otherwise' });
  expect(firsts).toMatchObject([{ result: 'resolved' }]);
  expect(await linesOf(desk, partnerId)).toHaveLength(1);
});
