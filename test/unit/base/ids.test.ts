import { describe, expect, test } from 'vitest';
import {
  derivedId,
  derivedIdBeside,
  isId,
  randomId,
  randomIdInShard,
  SHARD_COUNT,
  shardOfId,
  shardOfText,
} from '../../../src/base/ids.ts';

describe('ids that are derived', () => {
  test('are the same for ever: what is stored is found by them', () => {
    const id = derivedId('app', 'acme', 'ORDER-1');
    expect(id).toBe('app_4adba18fd641b5118cad0a8944aeca36');
    expect(derivedIdBeside('loan', id, 'DRAW-1')).toBe('loan_4a17ac6b8248d0cbcffa90ebd94d0387');
    expect([shardOfText('lantern-quick'), shardOfText('借款')]).toEqual([56, 32]);
  });

  test('do not run into each other where parts are joined', () => {
    expect(derivedId('app', 'ab', 'c')).not.toBe(derivedId('app', 'a', 'bc'));
  });

  test('lie beside their owner', () => {
    const owner = derivedId('app', 'acme', 'ORDER-2');
    expect(shardOfId(derivedIdBeside('loan', owner, 'DRAW-1'))).toBe(shardOfId(owner));
  });
});

describe('ids that are random', () => {
  test('are well-formed, all different, and in the shard that was asked for', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) =>
      n % 2 === 0 ? randomId('pre') : randomIdInShard('pre', n % SHARD_COUNT),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => isId('pre', id))).toBe(true);
    for (const [n, id] of ids.entries()) if (n % 2 === 1) expect(shardOfId(id)).toBe(n % SHARD_COUNT);
  });
});
