import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/base/clock.ts';
import type { EventType, LogEvent } from '../../../src/events/event.ts';
import { AlarmStore } from '../../../src/screening/probe-watch/alarm-store.ts';
import { CardWatch } from '../../../src/screening/probe-watch/card-watch.ts';
import { detectCardTesting } from '../../../src/screening/probe-watch/detect-card-testing.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let alarms: AlarmStore;
let watch: CardWatch;
const raised: string[] = [];
const nowMs = Date.parse('2026-03-02T04:00:00.000Z');

beforeAll(async () => {
  redis = await startTestRedis();
  const { client, keys } = redis;
  alarms = new AlarmStore(client, keys);
  const observer = { raised: ({ partnerId }: { readonly partnerId: string }) => void raised.push(partnerId) };
  watch = new CardWatch({ client, keys, alarms, realClock: { nowMs: () => nowMs }, observer });
});
afterAll(() => redis.close());

let number = 0;

function eventOf(partnerId: string, type: EventType, atMs = nowMs): LogEvent {
  number += 1;
  const position = `${atMs}-${number}`;
  return { id: `evt_${number}`, type, position, context: { owner_id: partnerId } } as unknown as LogEvent;
}

/** So many cards, of which so many are refused. @returns the events */
async function bind(partnerId: string, cards: number, refused: number, atMs = nowMs): Promise<LogEvent[]> {
  const events = Array.from({ length: cards }, (_, index) => [
    eventOf(partnerId, 'card.requested', atMs),
    // Spread over the day.
    eventOf(partnerId, (index * refused) % cards < refused ? 'card.refused' : 'card.bound', atMs),
  ]).flat();
  for (const event of events) await watch.apply(event);
  return events;
}

const kindsOf = async (partnerId: string) => (await alarms.onOf(partnerId)).map(({ kind }) => kind);

describe('a partner most of whose many cards are refused', () => {
  test('raises one alarm for people to look at, and no more when the log is read again', async () => {
    const events = await bind('tester', 50, 45);
    expect([await kindsOf('tester'), raised]).toEqual([['card_testing'], ['tester']]);
    const [alarm] = await alarms.list({ partnerId: 'tester' });
    expect(Object.keys(alarm?.evidence ?? {})).toEqual(['tried', 'refused', 'refused_share']);
    const before = await watch.finding('tester', true);
    for (const event of events) await watch.apply(event);
    expect([await watch.finding('tester', true), raised]).toEqual([before, ['tester']]);
  });

  test('is not one whose cards are mostly bound, who has few, or whose log of yesterday is read again', async () => {
    await bind('platform', 300, 60);
    await bind('beginner', 20, 20);
    await bind('yesterday', 100, 100, nowMs - DAY_MS);
    expect([await kindsOf('platform'), await kindsOf('beginner'), await kindsOf('yesterday')]).toEqual([[], [], []]);
  });

  test('is one for as long as it hovers around the limits', () => {
    expect(detectCardTesting({ tried: 60, refused: 29 }, false)).toBeUndefined();
    expect(detectCardTesting({ tried: 60, refused: 29 }, true)).toBeDefined();
    expect(detectCardTesting({ tried: 600, refused: 29 }, true)).toBeUndefined();
  });
});
