import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkSchema } from '../../../src/doors/partner/links/link-schema.ts';
import { linkStatsSchema } from '../../../src/doors/partner/links/link-stats-schema.ts';
import { productSchema } from '../../../src/doors/partner/products/product-schema.ts';
import { whoamiSchema } from '../../../src/doors/partner/whoami/whoami-schema.ts';
import { quoteSchema } from '../../../src/doors/schemas/quote-schema.ts';
import { pageOf } from '../../../src/http/pagination.ts';
import { cny } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

describe('who am I', () => {
  test('tells profile, keys without material, contracts in force and links', async () => {
    const { status, body } = await door.acme.get('/v1/whoami');
    expect(status).toBe(200);
    expectConforms(whoamiSchema, body);
    expect(body).toMatchObject({ id: 'acme', kind: 'platform', environment: 'sandbox', disclosure: 'coarse' });
    expect(body.keys).toEqual([{ id: 'acme-ed', alg: 'ed25519', not_before: null, not_after: null }]);
    expect(body.contracts).toMatchObject([{ contract: 'main', terms_id: 'acme-2026', currency: 'CNY' }]);
    expect(body.links).toContain('acme-home');
  });

  test('a key with a shared secret is shown without it', async () => {
    const { body } = await door.summit.get('/v1/whoami');
    expect(JSON.stringify(body)).not.toContain('Yhai1pDPbCCk1d');
    expect(body.keys).toEqual([{ id: 'summit-hmac', alg: 'hmac-sha256', not_before: null, not_after: null }]);
  });
});

describe('products', () => {
  test('the catalogue lists every product with lender, funders and the range of its yearly cost', async () => {
    const { status, body } = await door.acme.get('/v1/products');
    expect(status).toBe(200);
    expectConforms(pageOf(productSchema), body);
    const quick = body.data.find((product: { id: string }) => product.id === 'quick-cash');
    expect(quick).toMatchObject({ name: 'Quick Cash', lender: { id: 'quickcredit', name: 'QuickCredit' } });
    expect(Number(quick.apr.max)).toBeCloseTo(0.18, 2);
    expect(quick.requirements.consents[0].parties).toEqual(['quickcredit', 'harbour']);
  });

  test.each([
    ['kind=revolving', ['flexi-line', 'quick-flex']],
    ['term_unit=day', ['wave-days']],
    ['lender=riverbank', ['river-salary']],
    ['amount=100000&term=6&term_unit=month', ['flexi-line', 'quick-cash', 'quick-flex']],
    ['purpose=renovation&region=540000', ['wave-renovation']],
    ['repayment=interest_only', ['river-salary']],
    ['status=closed', []],
    ['apr_max=0.01', []],
    ['sort=-amount&limit=1', ['wave-renovation']],
  ])('the catalogue can be narrowed by %s', async (query, ids) => {
    const { body } = await door.acme.get(`/v1/products?${query}`);
    expect(body.data.map((product: { id: string }) => product.id)).toEqual(ids);
  });

  test('pages follow one another by next_cursor until it is null', async () => {
    const ids: string[] = [];
    for (let path = '/v1/products?limit=2'; path !== ''; ) {
      const { body } = await door.acme.get(path);
      ids.push(...body.data.map((product: { id: string }) => product.id));
      path = body.next_cursor === null ? '' : `/v1/products?limit=2&cursor=${body.next_cursor}`;
    }
    expect(ids).toEqual([...door.intake.registry.products.keys()].sort());
  });

  test('names are in the language of Accept-Language', async () => {
    const { body, headers } = await door.acme.get('/v1/products/quick-cash', { 'accept-language': 'zh-CN,en;q=0.5' });
    expect(body.name).toBe('快借');
    expect(headers.get('content-language')).toBe('zh');
  });

  test('an unchanged catalogue is 304, in another language it is sent', async () => {
    const first = await door.acme.get('/v1/products');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const again = await door.acme.get('/v1/products', { 'if-none-match': etag });
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect(again.headers.get('etag')).toBe(etag);
    expect(again.headers.get('vary')).toBe('Accept-Language');
    const chinese = await door.acme.get('/v1/products', { 'if-none-match': etag, 'accept-language': 'zh' });
    expect([chinese.status, chinese.headers.get('content-language')]).toEqual([200, 'zh']);
    const one = await door.acme.get('/v1/products/quick-cash');
    expectConforms(productSchema, one.body);
    const same = { 'if-none-match': one.headers.get('etag') ?? '' };
    expect((await door.acme.get('/v1/products/quick-cash', same)).status).toBe(304);
  });

  test('a quote adds up and is good until the day ends in the product’s zone', async () => {
    const wish = { amount: cny(500_000), term: 12, term_unit: 'month' };
    const { status, body } = await door.acme.post('/v1/products/quick-cash/quotes', wish);
    expect(status).toBe(200);
    expectConforms(quoteSchema, body);
    const principal = body.schedule.reduce((sum: number, item: { principal: { amount: number } }) => {
      return sum + item.principal.amount;
    }, 0);
    expect(principal).toBe(500_000);
    expect(body.total.amount - body.received.amount).toBe(body.cost.interest.amount);
    expect(body.valid_until).toBe('2026-03-02T16:00:00.000Z');
  });

  test.each([
    [{ amount: cny(500_001), term: 12, term_unit: 'month' }, 'amount_off_step', '/amount'],
    [{ amount: cny(99), term: 12, term_unit: 'month' }, 'amount_out_of_range', '/amount'],
    [{ amount: cny(500_000), term: 5, term_unit: 'month' }, 'term_not_offered', '/term'],
    [
      { amount: { amount: 500_000, currency: 'USD' }, term: 12, term_unit: 'month' },
      'currency_mismatch',
      '/amount/currency',
    ],
  ])('a quote of what is not on offer names the field: %o', async (wish, code, pointer) => {
    const { status, body } = await door.acme.post('/v1/products/quick-cash/quotes', wish);
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({ code, pointer });
  });
});

describe('links', () => {
  test('none is made to the hosted page for a product that asks for what the page cannot take', async () => {
    const wish = { code: 'no-photos-here', product_id: 'flexi-line', landing: 'hosted' };
    const { status, body } = await door.summit.post('/v1/links', wish);
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/landing', code: 'page_cannot_take' }]]);
    expect(body.errors[0].message).toContain('documents.face');
    const elsewhere = await door.summit.post('/v1/links', { ...wish, landing: 'https://bluewave.example/apply' });
    expect(elsewhere.status).toBe(201);
  });

  test('a link is made once, listed, and its funnel read by its owner alone', async () => {
    const wish = { code: 'spring-sale', product_id: 'quick-cash', landing: 'hosted', caps: { clicks_per_day: 10 } };
    const { status, body } = await door.acme.post('/v1/links', wish);
    expect(status).toBe(201);
    expectConforms(linkSchema, body);
    expect(body.url).toBe(`${door.url}/r/spring-sale`);
    const again = await door.acme.post('/v1/links', wish);
    expect([again.status, again.body]).toEqual([201, body]);
    const list = await door.acme.get('/v1/links');
    expectConforms(pageOf(linkSchema), list.body);
    expect(list.body.data.map((link: { code: string }) => link.code)).toEqual(['acme-home', 'spring-sale']);
    const stats = await door.acme.get('/v1/links/spring-sale/stats');
    expectConforms(linkStatsSchema, stats.body);
    expect(stats.body).toMatchObject({ applications: 0, commission: cny(0) });
    expect((await door.acme.get('/v1/links/acme-home/stats')).status).toBe(200);
    expect((await door.summit.get('/v1/links/spring-sale/stats')).status).toBe(404);
    expect((await door.summit.get('/v1/links/acme-home/stats')).status).toBe(404);
  });

  test('a code that leads elsewhere, or is agreed in a file, is taken', async () => {
    const wish = { code: 'taken-code', product_id: 'quick-cash', landing: 'hosted' };
    await door.acme.post('/v1/links', wish);
    const other = await door.summit.post('/v1/links', wish);
    expect([other.status, other.body.code]).toEqual([409, 'link_code_taken']);
    const agreed = await door.summit.post('/v1/links', { ...wish, code: 'acme-home' });
    expect([agreed.status, agreed.body.code]).toEqual([409, 'link_code_taken']);
  });
});
