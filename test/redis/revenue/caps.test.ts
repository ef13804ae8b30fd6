import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RuleCaps } from '../../../src/revenue/terms.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const [STORES, LOANS] = [8, 96];

describe('a cap that many processes book against at once', () => {
  test.each<[string, RuleCaps, { paid: number; lines: number }]>([
    ['of lines a day', { count: 10, per: 'day' }, { paid: 10_000, lines: 10 }],
    [
      'of money a month, of which the last line gets what is left',
      { amount: 10_400, per: 'month' },
      { paid: 10_400, lines: 11 },
    ],
    ['of money a period', { amount: 999, per: 'period' }, { paid: 999, lines: 1 }],
  ])('%s is reached and never passed', async (what, caps, wanted) => {
    const partnerId = `caps-${caps.per}`;
    const desk = createDesk(redis, {
      rules: [{ id: 'capped', on: 'loan.disbursed', pay: { percent: '1', of: 'principal' }, caps }],
    });
    const workers = Array.from({ length: STORES }, () => desk.worker());
    await Promise.all(
      Array.from({ length: LOANS }, (_, index) => {
        const event = logEvent(partnerId, 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(100_000));
        return workers[index % STORES]?.apply(event);
      }),
    );
    const lines = await linesOf(desk, partnerId);
    expect(lines, what).toHaveLength(LOANS);
    const paid = lines.filter(({ status }) => status === 'payable');
    expect(paid).toHaveLength(wanted.lines);
    expect(paid.reduce((sum, { amount }) => sum + amount, 0)).toBe(wanted.paid);
    const voided = lines.filter(({ status }) => status === 'void');
    expect(new Set(voided.map(({ reason, amount }) => `${reason} ${amount}`))).toEqual(new Set(['cap_exceeded 0']));
  });
});
