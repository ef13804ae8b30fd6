import { describe, expect, test } from 'vitest';
import { judgeDurability } from '../../../src/redis/durability.ts';
import { isUnavailable } from '../../../src/redis/is-unavailable.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { assertKeyCount } from '../../../src/redis/script.ts';

describe('the script loader', () => {
  test('a script that uses another number of keys than it declares does not load', () => {
    expect(() => assertKeyCount('x.lua', 'return redis.call("GET", KEYS[1])', 1)).not.toThrow();
    expect(() => assertKeyCount('x.lua', 'return KEYS[1] .. KEYS[2]', 1)).toThrow(/declares 1 keys/);
    expect(() => assertKeyCount('x.lua', 'return KEYS[2]', 2)).toThrow(/uses 2 of KEYS/);
  });
  test('keys that only a comment names do not count', () => {
    expect(() => assertKeyCount('x.lua', '-- KEYS[2] is old\nreturn KEYS[1]', 1)).not.toThrow();
  });
});

describe('durability', () => {
  const best = {
    server: 'redis' as const,
    version: '7.0.15',
    appendonly: true,
    appendfsync: 'always',
    maxmemoryPolicy: 'noeviction',
    replicas: 0,
  };
  test.each([
    ['everything on', {}, 'aof_always', 0],
    ['fsync every second', { appendfsync: 'everysec' }, 'aof_everysec', 0],
    ['no append-only file', { appendonly: false }, 'memory', 1],
    ['no fsync', { appendfsync: 'no' }, 'memory', 1],
    ['an evicting policy', { maxmemoryPolicy: 'allkeys-lru' }, 'aof_always', 1],
    ['an old server', { version: '6.2.1' }, 'aof_always', 1],
    ['an old Valkey', { server: 'valkey' as const, version: '7.0' }, 'aof_always', 1],
  ])('%s', (_name, change, level, shortcomings) => {
    const durability = judgeDurability({ ...best, ...change });
    expect(durability.level).toBe(level);
    expect(durability.shortcomings).toHaveLength(shortcomings);
  });
});

test('an outage is told from a fault', () => {
  expect(isUnavailable(new Error('Command timed out'))).toBe(true);
  expect(isUnavailable(new Error('connect ENOENT /tmp/x.sock'))).toBe(true);
  expect(isUnavailable(new Error('LOADING Redis is loading the dataset in memory'))).toBe(true);
  expect(isUnavailable(new Error('ERR unknown effect X'))).toBe(false);
  expect(isUnavailable('Connection is closed')).toBe(false);
});

test('keys of one shard or one counterparty share a hash tag', () => {
  const keys = createKeyspace('p:');
  expect(keys.shard(63, 'app', 'app_1')).toBe('p:{3f}:app:app_1');
  expect(keys.shard(63, 'log')).toContain('{3f}');
  expect(keys.partner('acme', 'ledger')).toBe('p:{p:acme}:ledger');
});
