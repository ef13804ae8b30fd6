import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { fieldsOf, PageTown, PHONE } from '../../support/page-town.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

const TELLS = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', 'user-agent': PHONE };

let redis: TestRedis;
let town: PageTown;

beforeAll(async () => {
  redis = await startTestRedis();
  town = await PageTown.open(redis);
});
afterAll(() => redis.close());

async function tell(body: unknown, headers: Readonly<Record<string, string>> = TELLS): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (await town.door.request(`${ORIGIN}/e`, { method: 'POST', body: text, headers })).status;
}

describe('what happens on a hosted page', () => {
  test('counts without script: view, what was wrong, the code, the form that was sent', async () => {
    const code = await town.makeLink();
    const page = await town.follow(`/r/${code}`);
    expect(page.status).toBe(200);
    const wrong = await town.post(page, { step: 'otp', ...fieldsOf(), phone: '123' });
    expect(wrong.status).toBe(422);
    const sent = await town.post(wrong, { step: 'otp', ...fieldsOf() });
    expect(sent.html).toContain('name="otp"');
    const funnel = await town.funnelOf(code);
    expect(funnel.total).toMatchObject({ page_views: 1, visitors: 1, otp_sent: 1, submitted: 0 });
    expect(funnel.errors).toEqual([{ field: 'phone', code: 'phone_invalid', count: 1 }]);
    expect(funnel.by_device).toMatchObject([{ device: 'mobile', visitors: 1 }]);
  });

  test('counts once what the page’s script tells as well, and what is sent again', async () => {
    const code = await town.makeLink();
    const page = await town.follow(`/r/${code}`);
    const events = [
      { type: 'view' },
      { type: 'start' },
      { type: 'field_error', n: 0, field: 'id_number', code: 'id_invalid' },
      { type: 'leave', seconds: 30 },
    ];
    for (let time = 0; time < 3; time += 1) {
      expect(await tell({ click: page.click, load: page.load, events })).toBe(204);
    }
    const funnel = await town.funnelOf(code);
    expect(funnel.total).toMatchObject({ page_views: 1, visitors: 1, started: 1 });
    expect(funnel.errors).toEqual([{ field: 'id_number', code: 'id_invalid', count: 1 }]);
    expect(funnel.seconds_visible.median).toBe(30);
  });

  test('counts a page that is loaded twice as two views of one visitor', async () => {
    const code = await town.makeLink();
    const page = await town.follow(`/r/${code}`);
    await town.get(page.path);
    expect((await town.funnelOf(code)).total).toMatchObject({ page_views: 2, visitors: 1 });
  });

  test('is not counted of robots, of what a browser fetches ahead, and of clicks of another week', async () => {
    const code = await town.makeLink();
    const robot = await town.follow(`/r/${code}`, {
      'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)',
      'accept-language': 'en',
    });
    expect(robot).toMatchObject({ status: 200, load: '' });
    const page = await town.follow(`/r/${code}`);
    await town.get(page.path, { ...town.somebody(), 'sec-purpose': 'prefetch' });
    expect((await town.funnelOf(code)).total.page_views).toBe(1);
    town.referral.intake.clock.advanceMs(7 * DAY_MS + MINUTE_MS);
    expect(await town.get(page.path)).toMatchObject({ status: 200, load: '' });
    expect((await town.funnelOf(code)).total.page_views).toBe(1);
  });

  test('of clicks that nobody made is answered alike and ignored', async () => {
    const code = await town.makeLink();
    const forged = 'clk_1f0123456789ab0000fedcba98765432';
    expect(await town.get(`/apply/${code}?click=${forged}`)).toMatchObject({ status: 200, load: '' });
    const page = await town.follow(`/r/${code}`);
    const other = await town.follow(`/r/${code}`);
    expect(await tell({ click: forged, load: page.load, events: [{ type: 'start' }] })).toBe(204);
    expect(await tell({ click: other.click, load: page.load, events: [{ type: 'start' }] })).toBe(204);
    expect(await tell({ click: page.click, load: `${page.load}x`, events: [{ type: 'start' }] })).toBe(204);
    expect((await town.funnelOf(code)).total.started).toBe(0);
  });

  test('cannot fill the store: a click may tell of a hundred things', async () => {
    const code = await town.makeLink();
    const page = await town.follow(`/r/${code}`);
    for (let batch = 0; batch < 15; batch += 1) {
      const again = await town.get(page.path);
      const events = Array.from({ length: 10 }, (_, n) => ({
        type: 'field_error',
        n,
        field: 'name',
        code: 'required',
      }));
      expect(await tell({ click: page.click, load: again.load, events })).toBe(204);
    }
    const { errors, total } = await town.funnelOf(code);
    expect((errors[0]?.count ?? 0) + total.page_views).toBeLessThanOrEqual(100);
    expect(await redis.client.hlen(redis.keys.partner('acme', 'pages', 'click', page.click))).toBeLessThanOrEqual(101);
  });

  test('is told in a closed vocabulary: whatever else comes is refused, so that no personal data can', async () => {
    const { click, load } = await town.follow(`/r/${await town.makeLink()}`);
    const of = (event: object, more: object = {}) => ({ click, load, events: [event], ...more });
    for (const body of [
      of({ type: 'typed', value: '13800138000' }),
      of({ type: 'start', phone: '13800138000' }),
      of({ type: 'field_error', n: 0, field: 'mother', code: 'required' }),
      of({ type: 'field_error', n: 0, field: 'name', code: 'Zhang San' }),
      of({ type: 'leave', seconds: 31 }),
      of({ type: 'start' }, { note: 'x' }),
      { click, load, events: [] },
      { click, load },
      [],
    ]) {
      expect(await tell(body)).toBe(422);
      expect(await tell(body, { ...TELLS, 'content-type': 'text/plain' })).toBe(422);
    }
    expect(await tell('{"click":')).toBe(400);
    expect(await tell(`{"click":"${'x'.repeat(2_100)}"}`)).toBe(413);
    expect(await tell(of({ type: 'start' }), { ...TELLS, 'content-type': 'application/xml' })).toBe(415);
    expect(await tell(of({ type: 'start' }), { ...TELLS, 'content-type': 'text/plain;charset=UTF-8' })).toBe(204);
  });

  test('is refused also in live, where other operations leave out what they do not know', async () => {
    const live = createReferralDoor({ ...town.referral.deps, env: 'live' });
    const { click, load } = await town.follow(`/r/${await town.makeLink()}`);
    const body = JSON.stringify({ click, load, events: [{ type: 'start', phone: '13800138000' }] });
    const response = await live.request(`${ORIGIN}/e`, { method: 'POST', body, headers: TELLS });
    expect(response.status).toBe(422);
  });

  test('is told by our own pages only', async () => {
    const { click, load } = await town.follow(`/r/${await town.makeLink()}`);
    const body = { click, load, events: [{ type: 'start' }] };
    const { 'sec-fetch-site': _, ...older } = TELLS;
    expect(await tell(body, { ...TELLS, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await tell(body, { ...older, origin: 'https://evil.example' })).toBe(403);
    expect(await tell(body, { ...older, origin: ORIGIN })).toBe(204);
  });

  test('leaves nothing of the person in the store', async () => {
    const code = await town.makeLink();
    const fields = fieldsOf();
    await town.post(await town.follow(`/r/${code}`), { step: 'otp', ...fields, phone: '138' });
    const keys = (await redis.client.keys('*')).filter((key) => key.includes(':pages:'));
    const kept = (await Promise.all(keys.map((key) => redis.client.hgetall(key))))
      .map((hash) => JSON.stringify(hash))
      .join('');
    expect(keys.length).toBeGreaterThan(0);
    for (const secret of [fields.name, fields.id_number, fields.phone, 'Android', 'Mozilla']) {
      expect(kept + keys.join()).not.toContain(secret);
    }
  });
});
