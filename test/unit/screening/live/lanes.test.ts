import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lanes } from '../../../../src/screening/live/lanes.ts';

describe('lanes', () => {
  test('who finds no place waits for one, in order of arrival', async () => {
    const lanes = new Lanes(1);
    expect(lanes.enter(1_000)).toBe(true);
    const order: string[] = [];
    const wait = async (name: string) => {
      expect(await lanes.enter(1_000)).toBe(true);
      order.push(name);
    };
    const waiting = [wait('first'), wait('second')];
    lanes.leave();
    await waiting[0];
    lanes.leave();
    await waiting[1];
    expect(order).toEqual(['first', 'second']);
  });

  test('who waits too long goes away, and leaves the place to others', async () => {
    const lanes = new Lanes(1);
    lanes.enter(0);
    expect(await lanes.enter(5)).toBe(false);
    lanes.leave();
    expect(lanes.enter(0)).toBe(true);
  });

  test('there are never more in than there are places, and in the end all are free', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 30 }), async (visits) => {
        const lanes = new Lanes(3);
        let inside = 0;
        await Promise.all(
          visits.map(async ([waitMs, stayMs]) => {
            if (!(await lanes.enter(waitMs))) return;
            inside += 1;
            expect(inside).toBeLessThanOrEqual(3);
            await delay(stayMs);
            inside -= 1;
            lanes.leave();
          }),
        );
        expect([lanes.enter(0), lanes.enter(0), lanes.enter(0)]).toEqual([true, true, true]);
        expect(await lanes.enter(0)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
