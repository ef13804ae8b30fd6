import { describe, expect, test } from 'vitest';
import { ReadyLanes } from '../../../src/applications/push/ready-lanes.ts';

const lane = (lenderId: string, shard: number, dueMs: number) => ({ lenderId, shard, dueMs });

describe('what is ready to be fetched', () => {
  test('is shared out over the shards, those that wait longest first, never more than there is room for', () => {
    const ready = new ReadyLanes();
    ready.replace([0, 1, 2], [lane('a', 0, 30), lane('a', 1, 10), lane('a', 2, 20), lane('b', 0, 5)]);
    expect(ready.allot('a', 2)).toEqual([
      { shard: 1, limit: 1 },
      { shard: 2, limit: 1 },
    ]);
    expect(ready.allot('a', 8).map(({ limit }) => limit)).toEqual([3, 3, 2]);
    expect(ready.allot('a', 0)).toEqual([]);
    expect(ready.allot('c', 8)).toEqual([]);
  });

  test('a look at shards replaces what was known of them, and of them alone', () => {
    const ready = new ReadyLanes();
    ready.replace([0, 1], [lane('a', 0, 1), lane('a', 1, 1), lane('b', 0, 1)]);
    ready.replace([0], []);
    expect(ready.lenders).toEqual(['a']);
    expect(ready.allot('a', 1)).toEqual([{ shard: 1, limit: 1 }]);
  });
});
