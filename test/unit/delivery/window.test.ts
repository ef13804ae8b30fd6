import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runLanes } from '../../../src/delivery/channels/run-lanes.ts';
import { Window } from '../../../src/delivery/channels/window.ts';
import type { PlacedEntry } from '../../../src/delivery/feed/feed-entry.ts';

function entries(count: number): PlacedEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `evt_${at}`,
    type: 'loan.disbursed',
    about: 'app_1',
    occurred_at: '',
    recorded_at: '',
    position: `${at + 1}-0`,
  }));
}

describe('the window of a turn', () => {
  test('the cursor never passes an event of which a message is not settled, and ends at the last when all are', () => {
    const run = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 }).chain((parts) => {
      const messages = parts.flatMap((count, index) => Array<number>(count).fill(index));
      return fc.record({
        parts: fc.constant(parts),
        order: fc.shuffledSubarray(messages, { minLength: messages.length, maxLength: messages.length }),
      });
    });
    fc.assert(
      fc.property(run, ({ parts, order }) => {
        const window = new Window(entries(parts.length), parts);
        const open = [...parts];
        let cursor = Number.parseInt(window.advance() ?? '0-0', 10);
        for (const index of order) {
          window.settle(index);
          open[index] = (open[index] ?? 0) - 1;
          cursor = Math.max(cursor, Number.parseInt(window.advance() ?? '0-0', 10));
          const firstOpen = open.findIndex((count) => count > 0);
          expect(cursor).toBe(firstOpen === -1 ? parts.length : firstOpen);
        }
        if (order.length === 0) expect(cursor).toBe(parts.length);
      }),
    );
  });
});

describe('lanes', () => {
  test('each goes in order, never more at once than the width, and ends where work says so', async () => {
    const done: string[] = [];
    let underWay = 0;
    let most = 0;
    await runLanes(
      [['a1', 'a2'], ['b1', 'b2!', 'b3'], ['c1']],
      () => 2,
      async (item) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await Promise.resolve();
        underWay -= 1;
        done.push(item);
        return !item.endsWith('!');
      },
    );
    expect(most).toBe(2);
    expect(done.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2']);
    expect(done.filter((item) => item.startsWith('b'))).toEqual(['b1', 'b2!']);
    expect(done).toContain('c1');
  });

  test('a fault ends the run once what is under way has ended', async () => {
    const work = async (item: string): Promise<boolean> => {
      if (item === 'bad') throw new Error('fault');
      return true;
    };
    await expect(runLanes([['bad'], ['good']], () => 1, work)).rejects.toThrow('fault');
  });
});
