import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GuardedClicks } from '../../../../src/attribution/away/guarded-clicks.ts';
import { ShardBreaker } from '../../../../src/attribution/away/shard-breaker.ts';
import type { ClickArrival } from '../../../../src/attribution/clicks/click.ts';
import { isUnavailable, isUnsent } from '../../../../src/redis/is-unavailable.ts';

const AWAY = new Error('Connection is closed.');
const arrival = { shard: 7 } as ClickArrival;

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!condition() && Date.now() < deadline) await delay(2);
  expect(condition()).toBe(true);
}

describe('the breaker in front of the click log', () => {
  test('is open for every shard after one failure, and closes each as soon as it answers', async () => {
    let broken = new Set([1, 2, 3]);
    let closed = 0;
    const breaker = new ShardBreaker({
      probe: async (shard) => {
        if (broken.has(shard)) throw AWAY;
      },
      closed: () => {
        closed += 1;
      },
      everyMs: 5,
    });
    expect(breaker.isAway(1)).toBe(false);
    breaker.open();
    breaker.open();
    expect([breaker.isAway(1), breaker.isAway(40)]).toEqual([true, true]);
    await until(() => !breaker.isAway(40));
    expect([breaker.isAway(1), breaker.isAnyAway, closed]).toEqual([true, true, 0]);
    broken = new Set();
    await until(() => !breaker.isAnyAway);
    expect(closed).toBe(1);
    await breaker.stop();
  });

  test('looks no more once it is stopped, and opens no more', async () => {
    let probes = 0;
    const breaker = new ShardBreaker({
      probe: async () => {
        probes += 1;
        throw AWAY;
      },
      closed: () => undefined,
      everyMs: 1,
    });
    breaker.open();
    await breaker.stop();
    const before = probes;
    breaker.open();
    await delay(10);
    expect([probes, breaker.isAnyAway]).toEqual([before, false]);
  });
});

describe('a click that cannot be recorded', () => {
  function guarded(failure: unknown) {
    const told: unknown[] = [];
    let asked = 0;
    const breaker = new ShardBreaker({ probe: () => Promise.reject(AWAY), closed: () => undefined, everyMs: 1_000 });
    const clicks = {
      record: () => {
        asked += 1;
        return Promise.reject(failure);
      },
    };
    const guard = new GuardedClicks(clicks, breaker, (error) => told.push(error));
    const fail = async (): Promise<unknown> => guard.record(arrival).catch((error: unknown) => error);
    return { fail, told, breaker, asked: () => asked };
  }

  test('may have been sent the first time; after that nothing is sent while Redis is away', async () => {
    const { fail, breaker, asked, told } = guarded(AWAY);
    const first = await fail();
    expect([isUnavailable(first), isUnsent(first)]).toEqual([true, false]);
    const second = await fail();
    expect([isUnavailable(second), isUnsent(second), asked()]).toEqual([true, true, 1]);
    expect(told).toEqual([]);
    await breaker.stop();
  });

  test('because of a fault is told to a person and kept like any other; the others are still recorded', async () => {
    const fault = new Error('NOAUTH Authentication required.');
    const { fail, breaker, asked, told } = guarded(fault);
    const [first] = [await fail(), await fail()];
    expect([isUnavailable(first), isUnsent(first), asked()]).toEqual([true, false, 2]);
    expect(told).toEqual([fault, fault]);
    expect(breaker.isAnyAway).toBe(false);
  });
});
