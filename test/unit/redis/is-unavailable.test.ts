import { describe, expect, test } from 'vitest';
import { isUnavailable } from '../../../src/redis/is-unavailable.ts';

describe('a Redis that cannot be used now is told from a command that never will work', () => {
  test.each([
    'Command timed out',
    'Connection is closed.',
    'Command aborted due to connection close',
    "Stream isn't writeable and enableOfflineQueue options is false",
    "Cluster isn't ready and enableOfflineQueue options is false",
    'Cluster is disconnecting.',
    'All keys in the pipeline should belong to the same slots allocation group',
    'Too many Cluster redirections. Last error: Error: MOVED 1 127.0.0.1:7001',
    'All sentinels are unreachable. Retrying from scratch after 10ms.',
    'connect ETIMEDOUT',
    'connect EHOSTUNREACH 10.0.0.1:6379',
    'getaddrinfo ENOTFOUND redis.example',
    'CLUSTERDOWN The cluster is down',
    'LOADING Redis is loading the dataset in memory',
    'READONLY You can’t write against a read only replica.',
    "OOM command not allowed when used memory > 'maxmemory'.",
  ])('%s: not now', (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  });

  test.each([
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'CROSSSLOT Keys in request don’t hash to the same slot',
    "ERR Error running script: @user_script:1: Script attempted to access nonexistent global variable 'x'",
    'there is no product quick-cash',
  ])('%s: never', (message) => {
    expect(isUnavailable(new Error(message))).toBe(false);
  });
});
