import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import type { CloseOutcome } from '../../../src/revenue/close-outcome.ts';
import type { Statement } from '../../../src/revenue/statement.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const TERMS = {
  payout: { days: 15, min: 0, invoice: 'none' },
  rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }],
};
const JANUARY = '2026-01-01';

function request(partnerId: string) {
  return { partnerId, contract: 'main', period: JANUARY, actor: 'ann' };
}

function statementOf(outcome: CloseOutcome): Statement {
  if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.statement;
}

async function granted(desk: Desk, partnerId: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, () => logEvent(partnerId, 'credit.granted', '2026-01-05T04:00:00.000Z'));
  await Promise.all(events.map((event) => desk.commission.apply(event)));
}

describe('a draft', () => {
  test('takes in thousands of late lines, all of them, in one refresh', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'many-late', 1);
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    statementOf(await desk.closer.review(request('many-late')));
    await granted(desk, 'many-late', 6_000);
    const refreshed = statementOf(await desk.closer.refresh(request('many-late')));
    expect(refreshed).toMatchObject({ lines_count: 6_001, accruals: 6_001 * 3_000, status: 'draft' });
    expect(statementOf(await desk.closer.lock(request('many-late')))).toMatchObject({
      revision: refreshed.revision,
      lines_sha256: refreshed.lines_sha256,
    });
    expect((await checkLedger(desk, 'many-late')).differences).toEqual([]);
  });

  test('of the last revision is what is locked: a refresh that broke off is drafted first', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'broken-off', 1);
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    statementOf(await desk.closer.review(request('broken-off')));
    const [record] = await desk.periods.records('broken-off');
    const field = `main|${JANUARY}`;
    const next = JSON.stringify({ ...record, revision: 2 });
    await redis.client.hset(desk.store.slot('broken-off').periods, field, next);
    expect(await desk.closer.lock(request('broken-off'))).toMatchObject({ code: 'period_out_of_order' });
    expect(statementOf(await desk.closer.review(request('broken-off')))).toMatchObject({ revision: 2 });
    expect(statementOf(await desk.closer.lock(request('broken-off')))).toMatchObject({ revision: 2, status: 'issued' });
  });

  test('lists a line whose hold ended before the cut, even if the line came in while the period was being cut', async () => {
    const tiers = [{ up_to: 1, fixed: 100 }, { fixed: 200 }];
    const desk = createDesk(redis, {
      ...TERMS,
      rules: [
        {
          id: 'n',
          on: 'loan.disbursed',
          pay: { tiers, measure: 'count', over: 'period', mode: 'whole' },
          hold_days: 5,
        },
      ],
    });
    const loan = (recordedAt: string) =>
      logEvent('cut', 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(100_000), { recordedAt });
    await desk.commission.apply(loan('2026-01-10T04:00:01.000Z'));
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    // An event that waited: recorded while it was still held, booked between the release and the cut.
    const release = desk.releaser.releaseOf.bind(desk.releaser);
    let isLate = true;
    desk.releaser.releaseOf = async (...given) => {
      const released = await release(...given);
      if (isLate) await desk.commission.apply(loan('2026-01-10T04:00:02.000Z'));
      isLate = false;
      return released;
    };
    const draft = statementOf(await desk.closer.review(request('cut')));
    // 100 + 200 as they came, 100 of true-up: two lines at the upper tier.
    expect(draft).toMatchObject({ lines_count: 3, accruals: 400 });
    expect((await linesOf(desk, 'cut')).every(({ period }) => period === JANUARY)).toBe(true);
  });
});
