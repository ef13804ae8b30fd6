import { describe, expect, test } from 'vitest';
import { judgeDurability, weakestOf } from '../../../src/redis/durability.ts';

const good = {
  server: 'redis',
  version: '7.0.15',
  appendonly: true,
  appendfsync: 'always',
  maxmemoryPolicy: 'noeviction',
  replicas: 1,
} as const;

describe('what a Redis promises', () => {
  test('append-only with fsync on every write and no eviction falls short of nothing', () => {
    expect(judgeDurability(good)).toMatchObject({ level: 'aof_always', shortcomings: [] });
  });

  test('a cluster is as good as its weakest master, and what any master lacks is told', () => {
    const evicting = judgeDurability({ ...good, maxmemoryPolicy: 'allkeys-lru' });
    const lazy = judgeDurability({ ...good, appendfsync: 'everysec' });
    const together = weakestOf([judgeDurability(good), evicting, lazy]);
    expect(together.level).toBe('aof_everysec');
    expect(together.shortcomings).toEqual(evicting.shortcomings);
  });
});
