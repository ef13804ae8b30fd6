import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DayCap, PlaceStore } from '../../../src/limits/place-store.ts';
import { ReservationCounter } from '../../../src/limits/reservation-counter.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let other: RedisClient;

beforeAll(async () => {
  redis = await startTestRedis();
  other = await connectRedis({ url: redis.url });
});
afterAll(async () => {
  other.disconnect();
  await redis.close();
});

const NOON = Date.parse('2026-03-02T04:00:00Z');
let caps = 0;

function cap(limit: number, zone = 'Asia/Shanghai'): DayCap {
  caps += 1;
  return { owner: 'quickcredit', name: `cap-${caps}`, limit, zone };
}

describe('places of a day', () => {
  test('of many members at once exactly as many get one as there are, over several processes', async () => {
    const ten = cap(10);
    const stores = [redis.client, other].map((client) => new PlaceStore(client, redis.keys));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => stores[index % 2]?.take(`app_${index}`, [ten], NOON)),
    );
    expect(answers.filter((full) => full === undefined)).toHaveLength(10);
    expect(answers.filter((full) => full === ten)).toHaveLength(40);
  });

  test('a member that asks again has its place, also when there is none left', async () => {
    const store = new PlaceStore(redis.client, redis.keys);
    const one = cap(1);
    expect(await store.take('app_1', [one], NOON)).toBeUndefined();
    expect(await store.take('app_1', [one], NOON)).toBeUndefined();
    expect(await store.take('app_2', [one], NOON)).toBe(one);
    await store.giveBack('app_2', [one], NOON);
    expect(await store.take('app_3', [one], NOON)).toBe(one);
    await store.giveBack('app_1', [one], NOON);
    await store.giveBack('app_1', [one], NOON);
    expect(await store.take('app_2', [one], NOON)).toBeUndefined();
  });

  test('under two caps are had under both or under none, and the full one is named', async () => {
    const store = new PlaceStore(redis.client, redis.keys);
    const [wide, narrow] = [cap(5), cap(1)];
    expect(await store.take('app_1', [wide, narrow], NOON)).toBeUndefined();
    expect(await store.take('app_2', [wide, narrow], NOON)).toBe(narrow);
    expect(await store.take('app_3', [narrow, wide], NOON)).toBe(narrow);
    expect(await redis.client.scard(redis.keys.partner('quickcredit', 'places', wide.name, '2026-03-02'))).toBe(1);
  });

  test('are those of the day of the cap’s own zone', async () => {
    const store = new PlaceStore(redis.client, redis.keys);
    const [shanghai, newYork] = [cap(1), cap(1, 'America/New_York')];
    const lateInShanghai = Date.parse('2026-03-02T15:30:00Z');
    const nextDayInShanghai = Date.parse('2026-03-02T16:30:00Z');
    for (const each of [shanghai, newYork]) await store.take('app_1', [each], lateInShanghai);
    expect(await store.take('app_2', [shanghai], nextDayInShanghai)).toBeUndefined();
    expect(await store.take('app_2', [newYork], nextDayInShanghai)).toBe(newYork);
  });

  test('that are all taken are told at once, though caps far from full are not read each time', async () => {
    const store = new PlaceStore(redis.client, redis.keys);
    const [small, large] = [cap(2), cap(1_000)];
    expect(await store.full([small, large], NOON)).toEqual(new Set());
    await Promise.all(['a', 'b'].map((member) => store.take(member, [small], NOON)));
    expect(await store.full([small, large], NOON)).toEqual(new Set([small]));
    expect(store.full([large], NOON)).not.toBeInstanceOf(Promise);
    expect(store.full([large], NOON + 86_400_000)).toBeInstanceOf(Promise);
  });

  test('are forgotten after their day', async () => {
    const store = new PlaceStore(redis.client, redis.keys);
    const one = cap(1);
    await store.take('app_1', [one], NOON);
    const ttl = await redis.client.ttl(redis.keys.partner('quickcredit', 'places', one.name, '2026-03-02'));
    expect(ttl).toBeGreaterThan(86_400);
    expect(ttl).toBeLessThanOrEqual(2 * 86_400);
  });
});

describe('open reservations', () => {
  const reservation = (name: string) => ({ precheckId: `pre_${name}`, lenderId: 'quickcredit' });
  const until = (minutes: number) => ({ untilMs: NOON + minutes * 60_000, nowMs: NOON, limit: 3, tokens: ['t'] });

  test('are as many as the limit at one time, and each is counted once', async () => {
    const counter = new ReservationCounter(redis.client, redis.keys);
    const names = ['a', 'b', 'c', 'd', 'a'];
    const opened: boolean[] = [];
    for (const name of names) opened.push(await counter.open('acme', reservation(name), until(10)));
    expect(opened).toEqual([true, true, true, false, true]);
    await counter.close('acme', reservation('b'));
    expect(await counter.open('acme', reservation('d'), until(10))).toBe(true);
    expect(await counter.open('summit', reservation('x'), until(10))).toBe(true);
  });

  test('that have ended by time make room', async () => {
    const counter = new ReservationCounter(redis.client, redis.keys);
    for (const name of ['a', 'b', 'c']) await counter.open('timed', reservation(name), until(10));
    const later = { untilMs: NOON + 1_200_000, nowMs: NOON + 599_999, limit: 3, tokens: ['t'] };
    expect(await counter.open('timed', reservation('d'), later)).toBe(false);
    expect(await counter.open('timed', reservation('d'), { ...later, nowMs: NOON + 600_000 })).toBe(true);
  });

  test('of many at once exactly as many are opened as there is room for', async () => {
    const counter = new ReservationCounter(redis.client, redis.keys);
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, index) => counter.open('crowd', reservation(`${index}`), until(10))),
    );
    expect(opened.filter(Boolean)).toHaveLength(3);
  });
});
