import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AWAY_CLICK_ID_MAX,
  type AwayClickFacts,
  AwayClickIds,
  isAwayClickId,
} from '../../../../src/attribution/away/away-click-id.ts';
import { isClickId, placeOfClickId, randomOfClickId } from '../../../../src/attribution/clicks/click-id.ts';
import { isId, shardOfId } from '../../../../src/base/ids.ts';

const ids = new AwayClickIds('a-root-secret-for-tests-and-nothing-else');
const CAUSES = ['paused', 'hours', 'link_paused', 'capped', 'entry_unsigned', 'entry_expires_too_late', null];
const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];

const anyFacts: fc.Arbitrary<AwayClickFacts> = fc.record({
  shard: fc.integer({ min: 0, max: 63 }),
  atMs: fc.integer({ min: 0, max: 2 ** 47 }),
  linkCode: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/),
  random: fc.stringMatching(/^[0-9a-f]{14}$/),
  bot: fc.boolean(),
  speculative: fc.boolean(),
  dataCentre: fc.boolean(),
  cause: fc.constantFrom(...CAUSES),
  subIds: fc.constant({}),
});
const example: AwayClickFacts = {
  shard: 0x2a,
  atMs: 1_772_422_800_123,
  linkCode: 'acme-home',
  random: '0123456789abcd',
  bot: false,
  speculative: false,
  dataCentre: false,
  cause: null,
  subIds: {},
};

describe('a click id that carries its click', () => {
  test('gives back what it was made of, is at most 120 characters long and needs no escaping in an address', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const id = ids.mint(facts);
        expect(id.length).toBeLessThanOrEqual(AWAY_CLICK_ID_MAX);
        expect(encodeURIComponent(id)).toBe(id);
        expect(ids.read(id)).toEqual(facts);
        expect(shardOfId(id)).toBe(facts.shard);
      }),
    );
  });

  test('carries the sub ids that fit, all or none', () => {
    const short = { sub1: 'news 7', sub10: '春' };
    expect(ids.read(ids.mint({ ...example, subIds: short }))?.subIds).toEqual(short);
    const long = { sub1: 'x'.repeat(128), sub2: 'y' };
    expect(ids.read(ids.mint({ ...example, subIds: long }))?.subIds).toEqual({});
  });

  test('says of a cause that it has no number for that there was another one', () => {
    expect(ids.read(ids.mint({ ...example, cause: 'something_new' }))?.cause).toBe('other');
  });

  test('is accepted wherever the id of a click is, and taken for none of the other shape', () => {
    const id = ids.mint(example);
    expect([isAwayClickId(id), isClickId(id)]).toEqual([true, true]);
    expect([isId('clk', id), placeOfClickId(id)]).toEqual([false, undefined]);
    expect(randomOfClickId(id)).toBe(example.random);
    expect(randomOfClickId('clk_2af8ac10f23c5b5bc1167bda84b833e5')).toBe('167bda84b833e5');
    expect(isAwayClickId('clk_2af8ac10f23c5b5bc1167bda84b833e5')).toBe(false);
  });
});

describe('a forged id', () => {
  test('with any one character changed, left out or doubled says nothing', () => {
    const id = ids.mint({ ...example, subIds: { sub1: 'a' } });
    fc.assert(
      fc.property(fc.nat(id.length - 1), fc.constantFrom(...ALPHABET), (at, other) => {
        const changed = `${id.slice(0, at)}${other}${id.slice(at + 1)}`;
        if (changed !== id) expect(ids.read(changed)).toBeUndefined();
        expect(ids.read(`${id.slice(0, at)}${id.slice(at + 1)}`)).toBeUndefined();
        expect(ids.read(`${id.slice(0, at)}${other}${id.slice(at)}`)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test('with one bit of its binary part changed says nothing', () => {
    const id = ids.mint(example);
    for (let at = 7; at < 43; at += 1) {
      for (const other of ALPHABET) {
        if (other === id[at]) continue;
        expect(ids.read(`${id.slice(0, at)}${other}${id.slice(at + 1)}`)).toBeUndefined();
      }
    }
  });

  test('made under another secret, or put together of two ids, says nothing', () => {
    expect(new AwayClickIds('another-root-secret').read(ids.mint(example))).toBeUndefined();
    const one = ids.mint(example);
    const other = ids.mint({ ...example, linkCode: 'lantern-quick', shard: 7 });
    expect(ids.read(one.slice(0, 43) + other.slice(43))).toBeUndefined();
    expect(ids.read(one.slice(0, 27) + other.slice(27))).toBeUndefined();
    expect(ids.read(`${one}A`)).toBeUndefined();
    expect(ids.read('')).toBeUndefined();
  });
});
