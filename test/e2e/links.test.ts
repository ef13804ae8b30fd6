import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const CHROME = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';
const LANDING = 'https://lender.example.com/start';
const FALLBACK = 'https://acme.example.com/other';
const WISH = { product_id: 'quick-cash', landing: LANDING, same_visitor_hours: 0 };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

/** Where a person who follows a link is sent. */
async function follow(code: string, origin = gateway.url): Promise<string> {
  const response = await fetch(`${origin}/r/${code}`, { redirect: 'manual', headers: { 'user-agent': CHROME } });
  expect(response.status).toBe(302);
  return response.headers.get('location') ?? '';
}

describe('a link that its partner switches off', () => {
  test('sends people elsewhere at once, counted by cause, and on again when it is on again', async () => {
    await gateway.acme.post('/v1/links', { ...WISH, code: 'switched', fallback_url: FALLBACK });
    expect(await follow('switched')).toMatch(`${LANDING}?click=clk_`);
    await gateway.acme.post('/v1/links/switched/pause', { reason: 'over' });
    expect(await follow('switched')).toMatch(FALLBACK);
    await gateway.acme.send('POST', '/v1/links/switched/resume', {});
    expect(await follow('switched')).toMatch(LANDING);
    await gateway.settle();
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const { body } = await gateway.acme.get(`/v1/links/switched/stats?from=${day}&to=${day}`);
    expect(body.clicks).toMatchObject({ raw: 3, unique: 3, billable: 2, diverted: { link_paused: 1 }, entry: {} });
    expect(body.days).toMatchObject([{ day, clicks: body.clicks }]);
    const seen = await gateway.operator.get('/admin/v1/partners/acme/links/stats?sort=clicks&limit=1');
    expect(seen.body.data).toMatchObject([{ code: 'switched', clicks: body.clicks }]);
    const links = await gateway.operator.get('/admin/v1/partners/acme/links');
    expect(links.body.data.map((link: { code: string }) => link.code)).toContain('switched');
    expect((await gateway.operator.get('/admin/v1/partners/nobody/links')).status).toBe(404);
  });

  test('and leads nowhere else, is told by a page of ours', async () => {
    await gateway.acme.post('/v1/links', { ...WISH, code: 'no-way' });
    await gateway.acme.post('/v1/links/no-way/pause', { reason: 'over' });
    const location = await follow('no-way');
    expect(location).toMatch(`${gateway.url}/apply/no-way?click=`);
    const page = await (await fetch(location)).text();
    expect(page).toContain('This link is switched off');
  });
});

test('the hosted page stays on the public host that was asked; the redirect works on each', async () => {
  const other = gateway.url.replace('127.0.0.1', 'localhost');
  const { body } = await gateway.acme.post('/v1/links', { ...WISH, landing: 'hosted', host: new URL(other).host });
  expect(body.url).toBe(`${other}/r/${body.code}`);
  expect(await follow(body.code, other)).toMatch(`${other}/apply/`);
  expect(await follow(body.code)).toMatch(`${gateway.url}/apply/`);
});

test('a link that has its billable clicks of the day sends people elsewhere within two seconds', async () => {
  const caps = { clicks_per_day: 1 };
  await gateway.acme.post('/v1/links', { ...WISH, code: 'one-a-day', fallback_url: FALLBACK, caps });
  expect(await follow('one-a-day')).toMatch(LANDING);
  await gateway.settle();
  const startedMs = Date.now();
  while (!(await follow('one-a-day')).startsWith(FALLBACK)) {
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    await delay(50);
  }
  expect(Date.now() - startedMs).toBeLessThan(2_000);
  await gateway.settle();
  const { body } = await gateway.acme.get('/v1/links/one-a-day/stats');
  expect(body.clicks.billable).toBe(1);
  expect(body.clicks.diverted.capped).toBeGreaterThan(0);
});
