import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LinkStore } from '../../../src/attribution/link-store.ts';
import { splitOf } from '../../../src/attribution/variants/split-of.ts';
import { businessDay } from '../../../src/base/business-day.ts';
import { isoOf } from '../../../src/base/clock.ts';
import { linkVariantsSchema } from '../../../src/doors/schemas/link-variants-schema.ts';
import { pageFunnelSchema } from '../../../src/doors/schemas/page-funnel-schema.ts';
import { PageReader } from '../../../src/insight/pages/page-reader.ts';
import { pagesKeys } from '../../../src/insight/pages/pages-keys.ts';
import { type OpenOperatorDoor, openOperatorDoor } from '../../support/operator-door.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const VARIANTS = [
  { id: 'plain', weight: 50 },
  { id: 'short', weight: 50, page: { headline: { zh: '三分钟', en: 'Three minutes' }, default_amount: 500_000 } },
  { id: 'wechat', weight: 1, audience: { utm_source: ['wechat'], device: ['mobile'] } },
];

let redis: TestRedis;
let door: TestPartnerDoor;
let operator: OpenOperatorDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  operator = await openOperatorDoor(
    { client: redis.client, keys: redis.keys },
    {
      registry: () => door.intake.registry,
      links: new LinkStore(redis.client, redis.keys),
      pages: new PageReader(redis.client, redis.keys),
      clock: door.intake.clock,
    },
  );
  const made = await door.acme.post('/v1/links', {
    code: 'tested',
    product_id: 'quick-cash',
    landing: 'hosted',
    variants: VARIANTS,
  });
  expect([made.status, made.body.variants]).toEqual([201, VARIANTS]);
  const split = splitOf(made.body.variants);
  await redis.client.hset(pagesKeys.variants(redis.keys, 'acme', 'tested'), {
    [`${split}|plain|clicks`]: 4_000,
    [`${split}|plain|views`]: 3_900,
    [`${split}|plain|accepted`]: 400,
    [`${split}|short|clicks`]: 4_010,
    [`${split}|short|accepted`]: 560,
    '0ld0ld|gone|clicks': 7,
  });
  const today = businessDay(door.intake.clock.nowMs(), 'Asia/Shanghai');
  await redis.client.hset(pagesKeys.day(redis.keys, 'acme', 'tested', today), {
    'mobile|short|views': 3,
    'mobile|short|once:views': 2,
    'mobile||once:views': 1,
    'mobile|short|error:id_number:id_invalid': 4,
    'desktop||submit_in:120': 1,
  });
});
afterAll(async () => {
  await operator.close();
  await door.close();
  await redis.close();
});

describe('the results of a link', () => {
  test('show its partner what each variant brought, how sure that is, and which one is better', async () => {
    const { status, body } = await door.acme.get('/v1/links/tested/variants');
    expect(status).toBe(200);
    expectConforms(linkVariantsSchema, body);
    const [plain, short, wechat, gone] = body.variants;
    expect(plain).toMatchObject({ id: 'plain', clicks: 4_000, verdict: 'control', clicks_planned: 3_841 });
    expect(short).toMatchObject({ id: 'short', control: 'plain', verdict: 'better', difference: { value: 0.039651 } });
    expect(wechat).toMatchObject({ id: 'wechat', verdict: 'not_compared', audience: VARIANTS[2]?.audience });
    expect(gone).toMatchObject({ id: 'gone', weight: null, clicks: 7 });
  });

  test('show its partner how people come through the page, over a range or the last four weeks', async () => {
    const { status, body } = await door.acme.get('/v1/links/tested/page');
    expect(status).toBe(200);
    expectConforms(pageFunnelSchema, body);
    expect(body.total).toMatchObject({ page_views: 3, visitors: 3 });
    expect(body.by_variant).toMatchObject([{ variant: null }, { variant: 'short', visitors: 2 }]);
    expect(body.errors).toEqual([{ field: 'id_number', code: 'id_invalid', count: 4 }]);
    expect(body.seconds_to_submit.median).toBe(120);
    const day = isoOf(door.intake.clock.nowMs()).slice(0, 4);
    const past = await door.acme.get(`/v1/links/tested/page?from=${Number(day) - 1}-01-01&to=${Number(day) - 1}-01-31`);
    expect(past.body.total.visitors).toBe(0);
    expect((await door.acme.get('/v1/links/tested/page?from=2026-01-01')).status).toBe(422);
    expect((await door.acme.get('/v1/links/tested/page?from=2026-01-01&to=2026-12-31')).status).toBe(422);
  });

  test('are nobody else’s: another partner’s link is as unknown as none', async () => {
    for (const code of ['tested', 'no-such-link']) {
      expect((await door.summit.get(`/v1/links/${code}/variants`)).status).toBe(404);
      expect((await door.summit.get(`/v1/links/${code}/page`)).status).toBe(404);
    }
  });

  test('are the same to operators of any role', async () => {
    const finance = await operator.add('fiona', 'finance');
    for (const what of ['variants', 'page']) {
      const own = await door.acme.get(`/v1/links/tested/${what}`);
      const read = await finance.get(`/admin/v1/partners/acme/links/tested/${what}`);
      expect([read.status, read.body]).toEqual([200, own.body]);
      expect((await finance.get(`/admin/v1/partners/summit/links/tested/${what}`)).status).toBe(404);
    }
  });

  test('of a link without variants are an empty list', async () => {
    expect((await door.acme.get('/v1/links/acme-home/variants')).body.variants).toEqual([]);
  });
});

describe('making a link with variants', () => {
  test('takes no proposal that the product does not lend, and no list that leaves people out', async () => {
    const wish = { product_id: 'quick-cash', landing: 'hosted' };
    const of = async (variants: unknown) => (await door.acme.post('/v1/links', { ...wish, variants })).body.errors;
    expect(await of([{ id: 'a', weight: 1, page: { default_amount: 1 } }])).toMatchObject([
      { pointer: '/variants/0/page/default_amount', code: 'not_offered' },
    ]);
    expect(await of([{ id: 'a', weight: 0 }])).toMatchObject([{ pointer: '/variants' }]);
    expect(await of([{ id: 'a', weight: 1, landing: 'https://10.0.0.7/' }])).toMatchObject([
      { pointer: '/variants/0/landing', code: 'url_not_allowed' },
    ]);
  });

  test('again is the same link; with other variants it is another wish', async () => {
    const wish = { code: 'again', product_id: 'quick-cash', landing: 'hosted', variants: VARIANTS };
    expect((await door.acme.post('/v1/links', wish)).status).toBe(201);
    expect((await door.acme.post('/v1/links', wish)).body.code).toBe('again');
    expect((await door.acme.post('/v1/links', { ...wish, variants: VARIANTS.slice(0, 2) })).status).toBe(409);
  });
});
