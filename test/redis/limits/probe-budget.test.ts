import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProbeBudget } from '../../../src/limits/probe-budget.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let other: RedisClient;

beforeAll(async () => {
  redis = await startTestRedis();
  other = await connectRedis({ url: redis.url });
});
afterAll(async () => {
  other.disconnect();
  await redis.close();
});

const DAY = '2026-03-02';
let parties = 0;

/** A party that has spent nothing, and processes that spend for it. */
function fresh() {
  parties += 1;
  const partyId = `party-${parties}`;
  const processes = [redis.client, other].map((client) => new ProbeBudget(client, redis.keys));
  const [first, second] = processes;
  if (!first || !second) throw new Error('no process');
  return { partyId, first, second };
}

describe('the probes of a day', () => {
  test('a batch over the budget counts nothing, and what fits after it does', async () => {
    const { partyId, first } = fresh();
    const of = { day: DAY, budget: 10 };
    expect(await first.spend(partyId, of, 7)).toEqual({ ok: true, remaining: 3 });
    expect(await first.spend(partyId, of, 4)).toEqual({ ok: false, remaining: 3 });
    expect(await first.spend(partyId, of, 3)).toEqual({ ok: true, remaining: 0 });
    expect(await first.spend(partyId, of, 1)).toEqual({ ok: false, remaining: 0 });
  });

  test('of amounts that are spent at once, each fits whole or not at all, and never more than the budget', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(amounts, fc.integer({ min: 1, max: 3_000 }), async (list, budget) => {
        const { partyId, first, second } = fresh();
        const answers = await Promise.all(
          list.map((amount, index) => (index % 2 === 0 ? first : second).spend(partyId, { day: DAY, budget }, amount)),
        );
        const spent = list.filter((_, index) => answers[index]?.ok).reduce((sum, amount) => sum + amount, 0);
        expect(spent).toBeLessThanOrEqual(budget);
        expect(await redis.client.get(redis.keys.partner(partyId, 'probes', DAY))).toBe(
          spent === 0 ? null : String(spent),
        );
        // What was refused would not have fitted.
        for (const [index, amount] of list.entries()) {
          if (answers[index]?.ok === false) expect(amount).toBeGreaterThan(0);
          if (answers[index]?.ok === false) expect(spent + amount).toBeGreaterThan(budget);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('are spent to the last by several processes, though each takes some in advance', async () => {
    const { partyId, first, second } = fresh();
    const of = { day: DAY, budget: 7_000 };
    const spend = async (process: ProbeBudget): Promise<number> => {
      let count = 0;
      while ((await process.spend(partyId, of, 8)).ok) count += 8;
      return count;
    };
    const counts = await Promise.all([spend(first), spend(second)]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(of.budget);
  });

  test('far from the end cost a write for every 64th, and what is left is told all the same', async () => {
    const { partyId, first } = fresh();
    const of = { day: DAY, budget: 1_000_000 };
    const left: number[] = [];
    for (let count = 0; count < 200; count += 1) left.push((await first.spend(partyId, of, 1)).remaining);
    expect(left).toEqual(left.map((_, index) => of.budget - 1 - index));
    const key = redis.keys.partner(partyId, 'probes', DAY);
    const counted = Number(await redis.client.get(key));
    expect(counted).toBeGreaterThanOrEqual(200);
    expect(counted).toBeLessThan(200 + 64);
    expect(await redis.client.ttl(key)).toBeGreaterThan(86_400);
  });

  test('start anew with the day and with another budget', async () => {
    const { partyId, first } = fresh();
    expect(await first.spend(partyId, { day: DAY, budget: 20_000 }, 1)).toEqual({ ok: true, remaining: 19_999 });
    expect(await first.spend(partyId, { day: '2026-03-03', budget: 5 }, 5)).toEqual({ ok: true, remaining: 0 });
    expect(await first.spend(partyId, { day: DAY, budget: 66 }, 1)).toEqual({ ok: true, remaining: 0 });
    expect(await first.spend(partyId, { day: DAY, budget: 66 }, 1)).toMatchObject({ ok: false });
  });
});
