import { describe, expect, test } from 'vitest';
import { afterReads, Gatherer } from '../../../src/limits/gatherer.ts';

interface Sent {
  readonly party: string;
  readonly group: string;
  readonly calls: readonly number[];
}

function gathering(fails = false) {
  const sent: Sent[] = [];
  const gatherer = new Gatherer<string, number, number>({
    schedule: afterReads,
    isSame: (one, other) => one === other,
    send: async (party, group, calls) => {
      sent.push({ party, group, calls });
      if (fails) throw new Error('Connection is closed.');
      return calls.map((call) => call * 10);
    },
  });
  return { sent, gatherer };
}

describe('calls of one turn of the event loop', () => {
  test('travel together by party, and each gets its own answer', async () => {
    const { sent, gatherer } = gathering();
    const calls = [1, 2, 3].flatMap((call) => [gatherer.call('a', 'x', call), gatherer.call('b', 'x', call + 3)]);
    expect(await Promise.all(calls)).toEqual([10, 40, 20, 50, 30, 60]);
    expect(sent).toEqual([
      { party: 'a', group: 'x', calls: [1, 2, 3] },
      { party: 'b', group: 'x', calls: [4, 5, 6] },
    ]);
    expect(await gatherer.call('a', 'x', 7)).toBe(70);
    expect(sent).toHaveLength(3);
  });

  test('travel apart where they are not alike, and in groups that do not hold Redis up', async () => {
    const { sent, gatherer } = gathering();
    const calls = [gatherer.call('a', 'x', 1), gatherer.call('a', 'y', 2), gatherer.call('a', 'y', 3)];
    expect(await Promise.all(calls)).toEqual([10, 20, 30]);
    expect(sent.map((one) => one.calls)).toEqual([[1], [2, 3]]);
    const many = Array.from({ length: 300 }, (_, index) => gatherer.call('b', 'x', index));
    expect(await Promise.all(many)).toEqual(many.map((_, index) => index * 10));
    expect(sent.slice(2).map((one) => one.calls.length)).toEqual([128, 128, 44]);
  });

  test('fail together', async () => {
    const { gatherer } = gathering(true);
    const answers = await Promise.allSettled([gatherer.call('a', 'x', 1), gatherer.call('a', 'x', 2)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
