import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { funnelKey } from '../../../src/insight/funnel-keys.ts';
import { createFunnelProjection } from '../../../src/insight/funnel-projection.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import { logEvent, sampleContext } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => redis.client.flushall());

const CONTEXT = sampleContext({ link_code: 'acme-home' });

describe('what a link has brought on single days', () => {
  test('is counted on the day of each event, once, and adds up to what it has brought in all', async () => {
    const { client, keys } = redis;
    const funnel = createFunnelProjection({ client, keys, timeZoneOf: () => 'Asia/Shanghai' });
    const reader = new FunnelReader(client, keys);
    const at = (occurred_at: string) => ({ occurred_at, context: CONTEXT });
    const loan = { principal: 420_000, currency: 'CNY' };
    const app = derivedId('app', 'one');
    const events = [
      logEvent('application.received', app, '1-0', {}, at('2026-03-01T15:59:59.000Z')),
      logEvent('credit.granted', app, '2-0', {}, at('2026-03-01T16:00:00.000Z')),
      logEvent('loan.disbursed', app, '3-0', loan, at('2026-03-02T16:00:00.000Z')),
      logEvent('application.received', derivedId('app', 'two'), '1-0', {}, at('2026-03-02T16:00:00.000Z')),
    ];
    for (const event of [...events, ...events]) await funnel.apply(event);
    const days = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'];
    const perDay = await reader.linkDays('acme', 'acme-home', days);
    expect(perDay.map((day) => [day.applications, day.granted, day.disbursed.count])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [1, 0, 1],
      [0, 0, 0],
    ]);
    expect(await reader.linkStats('acme', 'acme-home', 'CNY', days)).toEqual(
      await reader.linkStats('acme', 'acme-home', 'CNY'),
    );
    expect(await reader.linkStats('acme', 'acme-home', 'CNY', [])).toMatchObject({ applications: 0 });
  });

  test('goes after 400 days; what it has brought in all stays', async () => {
    const { client, keys } = redis;
    const funnel = createFunnelProjection({ client, keys, timeZoneOf: () => 'Asia/Shanghai' });
    const occurred = { occurred_at: '2026-03-01T04:00:00.000Z', context: CONTEXT };
    await funnel.apply(logEvent('application.received', derivedId('app', 'one'), '1-0', {}, occurred));
    const dayKey = funnelKey(keys, 'acme', { by: 'link_day', value: 'acme-home', day: '2026-03-01' });
    expect(await client.ttl(dayKey)).toBe(400 * 86_400);
    expect(await client.ttl(funnelKey(keys, 'acme', { by: 'link', value: 'acme-home' }))).toBe(-1);
  });
});
