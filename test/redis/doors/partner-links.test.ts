import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkSchema } from '../../../src/doors/partner/links/link-schema.ts';
import { linkStatsRowSchema, linkStatsSchema } from '../../../src/doors/partner/links/link-stats-schema.ts';
import { pageOf } from '../../../src/http/pagination.ts';
import { funnelKey } from '../../../src/insight/funnel-keys.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { modulesIn, modulesOfSvg, pixelsOfPng, readQr } from '../../support/read-qr.ts';
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

const HOSTED = { product_id: 'quick-cash', landing: 'hosted' };
interface Body {
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire; schemas judge it
  readonly [field: string]: any;
}

describe('making links', () => {
  test('a link keeps every field that it was made with, and shows it to its owner alone', async () => {
    const wish = {
      code: 'whole-link',
      product_id: 'quick-cash',
      landing: 'https://lender.example.com/start?a=1',
      fallback_url: 'https://acme.example.com/other',
      caps: { clicks_per_day: 1_000, applications_per_day: 100 },
      same_visitor_hours: 0.5,
      pass: ['utm_source', 'utm_campaign'],
      params: { referrer: 'click={click_id}&shop={sub1}' },
      label: 'Nanjing Road 南京路',
    };
    const { status, body } = await door.acme.post('/v1/links', wish);
    expect([status, body]).toMatchObject([201, { ...wish, host: null, status: 'active', paused: null }]);
    expectConforms(linkSchema, body);
    expect((await door.acme.get('/v1/links/whole-link')).body).toEqual(body);
    expect((await door.summit.get('/v1/links/whole-link')).status).toBe(404);
    const agreed = await door.acme.get('/v1/links/acme-home');
    expectConforms(linkSchema, agreed.body);
    expect(agreed.body).toMatchObject({ created_at: null, label: null, same_visitor_hours: 1 });
  });

  test('the address to share is on the public host that was asked for; one that is not ours is refused', async () => {
    const host = new URL(door.url).host;
    const { body } = await door.acme.post('/v1/links', { ...HOSTED, code: 'hosted-here', host });
    expect(body).toMatchObject({ host, url: `${door.url}/r/hosted-here` });
    const foreign = await door.acme.post('/v1/links', { ...HOSTED, host: 'evil.example' });
    expect([foreign.status, foreign.body.errors]).toMatchObject([422, [{ pointer: '/host', code: 'host_unknown' }]]);
  });

  test.each([
    [{ landing: 'https://10.0.0.7/' }, '/landing', 'url_not_allowed'],
    [{ fallback_url: 'https://intranet/' }, '/fallback_url', 'url_not_allowed'],
    [{ params: { ct: '{clik}' } }, '/params/ct', 'unknown_macro'],
    [{ pass: ['click'] }, '/pass/0', 'name_reserved'],
    [{ pass: ['two words'] }, '/pass/0', 'format'],
    [{ code: 'stats' }, '/code', 'code_reserved'],
    [{ code: '-' }, '/code', 'format'],
    [{ same_visitor_hours: 25 }, '/same_visitor_hours', 'too_big'],
    [{ product_id: 'no-such' }, '/product_id', 'unknown_product'],
    [{ label: 'x'.repeat(65) }, '/label', 'too_big'],
  ])('what no file could say is refused over the API too: %j', async (change, pointer, code) => {
    const { status, body } = await door.acme.post('/v1/links', { ...HOSTED, ...change });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer, code }]);
  });

  test('the label is part of the wish: each shop has a code of its own, and the same wish finds it again', async () => {
    const one = await door.acme.post('/v1/links', { ...HOSTED, label: 'shop A' });
    const two = await door.acme.post('/v1/links', { ...HOSTED, label: 'shop B' });
    const again = await door.acme.post('/v1/links', { ...HOSTED, label: 'shop A' });
    expect(two.body.code).not.toBe(one.body.code);
    expect(again.body).toEqual(one.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const list = await door.acme.get('/v1/links?label=shop%20B');
    expect(list.body.data).toEqual([two.body]);
  });
});

describe('many links at once', () => {
  test('each item is judged by itself, in order, and laid over the template', async () => {
    const items = [
      { label: 'b1' },
      { code: 'whole-link' },
      { code: 'b3', label: 'b3', landing: 'https://lender.example.com/' },
      { code: 'b4', parms: {} },
      'no link',
      { code: 'b6', params: { a: '{b}' } },
    ];
    const sent = { template: { ...HOSTED, pass: ['utm_source'] }, items };
    const { status, body } = await door.acme.post('/v1/links/batch', sent);
    expect(status).toBe(200);
    expect(body.results.map((result: Body) => result.error?.code ?? result.link.label)).toEqual([
      'b1',
      'link_code_taken',
      'b3',
      'validation_failed',
      'validation_failed',
      'validation_failed',
    ]);
    expect(body.results[0].link).toMatchObject({ landing: 'hosted', pass: ['utm_source'] });
    expect(body.results[2].link).toMatchObject({ code: 'b3', landing: 'https://lender.example.com/' });
    expect(body.results[3].error.errors).toMatchObject([{ pointer: '/parms', code: 'unknown_field' }]);
    expect(body.results[5].error.errors).toMatchObject([{ pointer: '/params/a', code: 'unknown_macro' }]);
    for (const { link } of body.results) if (link !== undefined) expectConforms(linkSchema, link);
    expect((await door.acme.post('/v1/links/batch', sent)).body).toEqual(body);
  });

  test('five hundred shops have five hundred links; one more is too many for one request', async () => {
    const items = Array.from({ length: 500 }, (_, at) => ({ label: `chain ${at}` }));
    const { body } = await door.summit.post('/v1/links/batch', { template: HOSTED, items });
    const codes = body.results.map((result: Body) => result.link?.code);
    expect(new Set(codes).size).toBe(500);
    expect(codes).not.toContain(undefined);
    const more = await door.summit.post('/v1/links/batch', { template: HOSTED, items: [...items, { label: 'x' }] });
    expect(more.status).toBe(422);
    const page = await door.summit.get('/v1/links?limit=200');
    expectConforms(pageOf(linkSchema), page.body);
    expect([page.body.data.length, typeof page.body.next_cursor]).toEqual([200, 'string']);
  });
});

describe('the number of links', () => {
  test('has an end: ten thousand for one partner; the same wish as before still finds its link', async () => {
    const { client, keys } = redis;
    const known = await door.summit.post('/v1/links', { ...HOSTED, code: 'before-it-was-full' });
    const full = Array.from({ length: 10_000 }, (_, at) => `filler-${at}`);
    await client.sadd(keys.partner('summit', 'links'), ...full);
    const { status, body } = await door.summit.post('/v1/links', { ...HOSTED, code: 'one-too-many' });
    expect([status, body.code]).toEqual([409, 'too_many_links']);
    const batch = await door.summit.post('/v1/links/batch', { items: [{ ...HOSTED, code: 'one-too-many' }] });
    expect(batch.body.results).toEqual([{ error: { code: 'too_many_links', errors: [] } }]);
    const again = await door.summit.post('/v1/links', { ...HOSTED, code: 'before-it-was-full' });
    expect([again.status, again.body]).toEqual([201, known.body]);
    await client.srem(keys.partner('summit', 'links'), ...full);
  });
});

describe('switching a link off', () => {
  test('says why and since when, until it is on again; the same again changes nothing', async () => {
    await door.acme.post('/v1/links', { ...HOSTED, code: 'to-pause' });
    const off = await door.acme.post('/v1/links/to-pause/pause', { reason: 'over' });
    expectConforms(linkSchema, off.body);
    expect(off.body).toMatchObject({ status: 'paused', paused: { reason: 'over', at: '2026-03-02T04:00:00.000Z' } });
    door.intake.clock.advanceMs(60_000);
    expect((await door.acme.post('/v1/links/to-pause/pause', { reason: 'over' })).body).toEqual(off.body);
    expect((await door.acme.get('/v1/links/to-pause')).body).toEqual(off.body);
    const other = await door.acme.post('/v1/links/to-pause/pause', { reason: 'moved' });
    expect(other.body.paused).toEqual({ reason: 'moved', at: '2026-03-02T04:01:00.000Z' });
    const on = await door.acme.send('POST', '/v1/links/to-pause/resume', {});
    expect([on.status, on.body]).toMatchObject([200, { status: 'active', paused: null }]);
    expect((await door.acme.send('POST', '/v1/links/to-pause/resume', {})).body).toEqual(on.body);
  });

  test('is for its owner alone, and for links of the file too', async () => {
    for (const act of ['pause', 'resume']) {
      const answer = await door.summit.post(`/v1/links/acme-home/${act}`, { reason: 'mine now' });
      expect([act, answer.status]).toEqual([act, 404]);
    }
    expect((await door.acme.post('/v1/links/acme-home/pause', {})).status).toBe(422);
    expect((await door.acme.post('/v1/links/acme-home/pause', { reason: 'rest' })).body.status).toBe('paused');
    expect((await door.acme.send('POST', '/v1/links/acme-home/resume', {})).body.status).toBe('active');
  });
});

describe('what links have brought', () => {
  const count = async (code: string, day: string, counters: Record<string, number>): Promise<void> => {
    const { client, keys } = redis;
    await client.hset(funnelKey(keys, 'acme', { by: 'link_day', value: code, day }), counters);
    for (const [measure, amount] of Object.entries(counters)) {
      await client.hincrby(funnelKey(keys, 'acme', { by: 'link', value: code }), measure, amount);
    }
  };

  beforeAll(async () => {
    for (const code of ['few', 'many', 'none']) await door.acme.post('/v1/links', { ...HOSTED, code, label: 'stat' });
    await count('few', '2026-02-28', { 'clicks.raw': 3, 'clicks.diverted:link_paused': 1, applications: 2 });
    await count('many', '2026-02-27', { 'clicks.raw': 50 });
    await count('many', '2026-03-01', { 'clicks.raw': 1, 'principal:CNY': 500_000_000_000, disbursed: 1 });
  });

  test('over some days is their sum, with each day beside it and no money, which belongs to other days', async () => {
    const { body } = await door.acme.get('/v1/links/many/stats?from=2026-02-27&to=2026-03-01');
    expectConforms(linkStatsSchema, body);
    expect(body).toMatchObject({
      clicks: { raw: 51 },
      disbursed: { count: 1, principal: { amount: 500_000_000_000 } },
      commission: null,
    });
    expect(body.days.map((day: Body) => [day.day, day.clicks.raw])).toEqual([
      ['2026-02-27', 50],
      ['2026-02-28', 0],
      ['2026-03-01', 1],
    ]);
    const whole = await door.acme.get('/v1/links/many/stats');
    expect(whole.body).toMatchObject({ clicks: { raw: 51 }, commission: { amount: 0, currency: 'CNY' } });
    expect(whole.body.days).toBeUndefined();
  });

  test('tells by cause how many clicks went elsewhere', async () => {
    const { body } = await door.acme.get('/v1/links/few/stats?from=2026-02-28&to=2026-02-28');
    expect(body.clicks).toMatchObject({ raw: 3, diverted: { link_paused: 1 } });
  });

  test.each([
    ['from=2026-03-01', '/to'],
    ['to=2026-03-01', '/from'],
    ['from=2026-03-02&to=2026-03-01', '/to'],
    ['from=2026-01-01&to=2026-04-03', '/to'],
  ])('a range that cannot be is refused: %s', async (query, pointer) => {
    const { status, body } = await door.acme.get(`/v1/links/many/stats?${query}`);
    expect([status, body.errors]).toMatchObject([422, [{ pointer, in: 'query' }]]);
  });

  test('of all links stands on one page, most first, also over some days', async () => {
    const ask = async (query: string): Promise<string[]> => {
      const { status, body } = await door.acme.get(`/v1/links/stats?label=stat${query}`);
      expect(status).toBe(200);
      expectConforms(pageOf(linkStatsRowSchema), body);
      return body.data.map((row: Body) => `${row.code} ${row.clicks.raw} ${row.applications}`);
    };
    expect(await ask('')).toEqual(['many 51 0', 'few 3 2', 'none 0 0']);
    expect(await ask('&sort=applications')).toEqual(['few 3 2', 'many 51 0', 'none 0 0']);
    expect(await ask('&from=2026-02-28&to=2026-03-01')).toEqual(['few 3 2', 'many 1 0', 'none 0 0']);
    expect(await ask('&sort=code&limit=1')).toEqual(['few 3 2']);
    expect((await door.acme.get('/v1/links/stats?from=2026-01-01&to=2026-02-01')).status).toBe(422);
  });

  test('of very many links is read for fewer days at once', async () => {
    const labels = Array.from({ length: 500 }, (_, at) => ({ label: 'very many', code: `vm-${at}` }));
    const others = labels.map((item, at) => ({ ...item, code: `vm-x${at}` }));
    await door.acme.post('/v1/links/batch', { template: HOSTED, items: labels });
    await door.acme.post('/v1/links/batch', {
      template: HOSTED,
      items: [...others.slice(1), { ...HOSTED, code: 'vm-y' }],
    });
    await door.acme.post('/v1/links', { ...HOSTED, code: 'vm-z', label: 'very many' });
    await door.acme.post('/v1/links', { ...HOSTED, code: 'vm-w', label: 'very many' });
    const month = 'label=very%20many&from=2026-03-01&to=2026-03-31';
    const { status, body } = await door.acme.get(`/v1/links/stats?${month}`);
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/to', code: 'out_of_range' }]]);
    expect((await door.acme.get(`/v1/links/stats?${month.replace('31', '30')}`)).status).toBe(200);
  });

  test('of another partner is nothing: its codes are as unknown as any', async () => {
    for (const path of ['stats', 'qr.svg', 'qr.png']) {
      expect((await door.summit.get(`/v1/links/many/${path}`)).status).toBe(404);
      expect((await door.acme.get(`/v1/links/no-such/${path}`)).status).toBe(404);
    }
    const rows = await door.summit.get('/v1/links/stats?limit=200');
    expect(JSON.stringify(rows.body)).not.toContain('"many"');
  });
});

describe('the QR code of a link', () => {
  test('leads to its address, with the labels that were asked for, as PNG and as SVG', async () => {
    await door.acme.post('/v1/links', { ...HOSTED, code: 'qr' });
    const png = await door.acme.get('/v1/links/qr/qr.png?size=300&level=L&sub1=a%20b');
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    const { modules } = modulesIn(pixelsOfPng(png.body));
    expect(readQr(modules)).toEqual({ text: `${door.url}/r/qr?sub1=a+b`, level: 'L' });
    const svg = await door.acme.get('/v1/links/qr/qr.svg');
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    const drawn = modulesIn(modulesOfSvg(svg.body.toString()));
    expect([drawn.quiet, readQr(drawn.modules)]).toEqual([4, { text: `${door.url}/r/qr`, level: 'M' }]);
  });

  test('that somebody has already is not sent again; another size is another picture', async () => {
    const etag = (await door.acme.get('/v1/links/qr/qr.png')).headers.get('etag') ?? '';
    const again = await door.acme.get('/v1/links/qr/qr.png', { 'if-none-match': etag });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, undefined, etag]);
    expect((await door.acme.get('/v1/links/qr/qr.png?size=128', { 'if-none-match': etag })).status).toBe(200);
  });

  test.each([
    ['size=4096', '/size'],
    ['size=64&margin=32', '/size'],
    ['margin=-1', '/margin'],
    ['level=X', '/level'],
    ['sub11=x', '/sub11'],
    [`level=H&${[1, 2, 3, 4].map((at) => `sub${at}=${'%E4%B8%AD'.repeat(120)}`).join('&')}`, '/sub1'],
  ])('that cannot be drawn is refused by the parameter: %s', async (query, pointer) => {
    const { status, body } = await door.acme.get(`/v1/links/qr/qr.png?${query}`);
    expect([status, body.errors]).toMatchObject([422, [{ pointer, in: 'query' }]]);
  });
});
