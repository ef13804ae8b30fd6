import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { EventBooker } from '../../../src/revenue/event-booker.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, entriesOf, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const AT = '2026-01-10T04:00:00.000Z';
const TERMS = { rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }] };

test.each([
  { what: 'a line', type: 'credit.granted' },
  { what: 'nothing that it pays for', type: 'loan.cancelled' },
] as const)(
  'events of several scripts are booked whole though another process has booked $what meanwhile',
  async ({ what, type }) => {
    const partnerId = `parts-${type}`;
    const desk = createDesk(redis, {
      ...TERMS,
      clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
    });
    const other = desk.worker();
    const first = logEvent(partnerId, type, AT, { loan_id: 'loan_00000000000000000000000000000001' });
    const events = Array.from({ length: 100 }, () => logEvent(partnerId, 'credit.granted', AT));
    // One write of the other process, between what this one has read and the first part of what it writes.
    const read = desk.store.readForPricing.bind(desk.store);
    const firsts: Promise<void>[] = [];
    desk.store.readForPricing = async (...given) => {
      const state = await read(...given);
      // The first event begins alone, the others gather meanwhile.
      if (firsts.length === 0 && given[1].eventIds.length > 1) {
        const booked = other.apply(first);
        firsts.push(booked);
        await booked;
      }
      return state;
    };
    const booker = new EventBooker(desk.store, desk.clock);
    await Promise.all(events.map((event) => booker.book(partnerId, event, desk.contracts)));
    const expected = events.length + (what === 'a line' ? 1 : 0);
    expect((await linesOf(desk, partnerId)).length).toBe(expected);
    expect((await entriesOf(desk, partnerId)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: expected }, (_, at) => at + 1),
    );
    expect(
      (await checkLedger({ store: desk.store, periods: desk.periods, jwks: desk.jwks }, partnerId)).differences,
    ).toEqual([]);
  },
);
