import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { LogEvent } from '../../../../src/events/event.ts';
import { PageReader } from '../../../../src/insight/pages/page-reader.ts';
import { createVariantClicks, type ReceivedClick } from '../../../../src/insight/pages/variant-clicks.ts';
import { createVariantsProjection } from '../../../../src/insight/pages/variants-projection.ts';
import { logEvent, sampleContext } from '../../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../../support/redis.ts';

const SPLIT = '3f2a91';
const SHARD = 7;

const redis: TestRedis = await startTestRedis();
afterAll(() => redis.close());
beforeEach(async () => void (await redis.client.flushall()));

function click(
  place: number,
  change: Partial<ReceivedClick['facts']> = {},
  repeats: string | null = null,
): ReceivedClick {
  const facts = {
    link_code: 'spring',
    partner_id: 'acme',
    product_id: 'quick-cash',
    lender_id: 'quickcredit',
    visitor: 'v',
    bot: false,
    speculative: false,
    cause: null,
    entry: null,
    at_ms: 0,
    variant: `a~${SPLIT}`,
    ...change,
  };
  return { id: `clk_${place}`, position: `1000-${place}`, repeats, facts };
}

async function counts(): Promise<Record<string, Record<string, number>>> {
  const splits = await new PageReader(redis.client, redis.keys).variantCounts('acme', 'spring');
  return Object.fromEntries(
    [...(splits.get(SPLIT) ?? [])].map(([id, steps]) => [
      id,
      Object.fromEntries(Object.entries(steps).filter(([, count]) => count > 0)),
    ]),
  );
}

describe('clicks of variants', () => {
  test('count once, though the same part of the log comes again and is cut otherwise', async () => {
    const consumer = createVariantClicks(redis.client, redis.keys);
    const log = [1, 2, 3, 9, 10, 11].map((place) => click(place, { variant: place % 2 ? `a~${SPLIT}` : `b~${SPLIT}` }));
    await consumer.consume(SHARD, log.slice(0, 3));
    await consumer.consume(SHARD, log.slice(0, 5));
    await consumer.consume(SHARD, log.slice(2));
    await consumer.consume(SHARD, log);
    expect(await counts()).toEqual({ a: { clicks: 4 }, b: { clicks: 2 } });
    await consumer.consume(SHARD + 1, log.slice(0, 1));
    expect(await counts()).toMatchObject({ a: { clicks: 5 } });
  });

  test('are those of people, each the first of its window, that went where the link leads', async () => {
    const consumer = createVariantClicks(redis.client, redis.keys);
    await consumer.consume(SHARD, [
      click(1),
      click(2, {}, 'clk_1'),
      click(3, { bot: true }),
      click(4, { speculative: true }),
      click(5, { variant: undefined }),
      click(6, { variant: 'nonsense' }),
      click(7, { link_code: 'other' }),
    ]);
    expect(await counts()).toEqual({ a: { clicks: 1 } });
  });
});

describe('what became of people by variant', () => {
  const variant = { id: 'a', split: SPLIT, link_code: 'spring', partner_id: 'acme', click_id: 'clk_1' };
  const event = (type: LogEvent['type'], subject: string, place: number, change: object = {}): LogEvent =>
    logEvent(type, subject, `1-${place}`, {}, { context: sampleContext({ variant, ...change }) });

  test('counts a click once at each step, however many applications it brought and however often it is told', async () => {
    const projection = createVariantsProjection(redis.client, redis.keys);
    const one = 'app_07000000000000000000000000000001';
    const other = 'app_08000000000000000000000000000002';
    const events = [
      event('application.received', one, 1),
      event('application.received', other, 1),
      event('credit.granted', one, 2),
      event('loan.disbursed', one, 3),
      event('loan.disbursed', one, 4),
      event('installment.paid', one, 5),
    ];
    for (const each of [...events, ...events]) await projection.apply(each);
    expect(await counts()).toEqual({ a: { accepted: 1, granted: 1, disbursed: 1 } });
  });

  test('counts with the link that they came by, whoever owns the application', async () => {
    const projection = createVariantsProjection(redis.client, redis.keys);
    await projection.apply(
      event('application.received', 'app_07', 1, { owner_id: 'summit', partner_id: null, link_code: null }),
    );
    await projection.apply(logEvent('application.received', 'app_09', '1-1'));
    expect(await counts()).toEqual({ a: { accepted: 1 } });
  });
});
