import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLICK_RANDOM_DIGITS } from '../../../src/attribution/clicks/click-id.ts';
import { ClickStore } from '../../../src/attribution/clicks/click-store.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import { randomDigits } from '../../../src/base/random-digits.ts';
import { readLog } from '../../../src/events/log.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import { createTestCounter } from '../../support/click-counter.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk } from './desk.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

test('a rule on clicks pays once for each billable click: not for robots, repeats, or what is beyond the cap', async () => {
  const { client, keys } = redis;
  const desk = createDesk(redis, { rules: [{ id: 'cpc', on: 'click', pay: { fixed: 50 } }] });
  const clicks = new ClickStore(client, keys, desk.clock);
  for (let arrival = 0; arrival < 40; arrival += 1) {
    const visitor = arrival % 20;
    const facts = {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: `${visitor.toString(16).padStart(2, '0')}${'0'.repeat(30)}`,
      bot: visitor < 3,
      speculative: false,
      cause: null,
      entry: null,
      ip: '0'.repeat(16),
      dc: false,
      sub_ids: {},
      at_ms: desk.clock.nowMs(),
    };
    const random = randomDigits(CLICK_RANDOM_DIGITS);
    await clicks.record({ shard: visitor, cookie: null, windowMs: 3_600_000, random, facts });
  }
  const counter = createTestCounter(redis, desk.clock, { paid: ['acme'], caps: { 'acme-home': 12 } });
  await counter.settle();
  const logs = await Promise.all(ALL_SHARDS.map((shard) => readLog(client, keys, shard, '0-0', 1_000)));
  // Another worker applies the same events again, as after a crash.
  for (const event of [...logs.flat(), ...logs.flat()]) await desk.worker().apply(event);
  const { clicks: counted } = await new FunnelReader(client, keys).partnerFunnel('acme');
  expect(counted).toMatchObject({ raw: 40, unique: 17, billable: 12 });
  const lines = Object.values(await client.hgetall(keys.partner('acme', 'lines'))).map((line) => JSON.parse(line));
  expect(lines.map(({ amount }) => Number(amount))).toEqual(Array.from({ length: 12 }, () => 50));
});
