import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuildApplication } from '../../../src/applications/rebuild/rebuild-application.ts';
import { readClicks } from '../../../src/attribution/clicks/click-log.ts';
import type { NewLink } from '../../../src/attribution/link-store.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import type { ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { daysLately } from '../../../src/doors/schemas/page-funnel-schema.ts';
import type { PageFunnel } from '../../../src/insight/pages/page-funnel.ts';
import { PageReader } from '../../../src/insight/pages/page-reader.ts';
import { createVariantClicks } from '../../../src/insight/pages/variant-clicks.ts';
import { createVariantsProjection } from '../../../src/insight/pages/variants-projection.ts';
import type { Variant } from '../../../src/registry/schema/variants.ts';
import { nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

const PHONE =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const TELLS = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', 'user-agent': PHONE };
const TWO: readonly Variant[] = [
  { id: 'plain', weight: 1 },
  {
    id: 'short',
    weight: 1,
    page: {
      headline: { zh: '三分钟申请', en: 'Three minutes' },
      note: { zh: '只需身份证', en: 'Have your ID ready' },
      button: { zh: '开始', en: 'Start' },
      default_amount: 500_000,
      default_term: 6,
    },
  },
];

let redis: TestRedis;
let referral: TestReferral;
let door: ReferralDoor;
let pages: PageReader;
let links = 0;
let addresses = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  door = createReferralDoor(referral.deps);
  pages = new PageReader(redis.client, redis.keys);
});
afterAll(() => redis.close());

async function makeLink(change: Partial<NewLink> = {}): Promise<string> {
  links += 1;
  const code = `test-${links}`;
  const link = { code, partner_id: 'acme', product_id: 'quick-cash', landing: 'hosted', fallback_url: null, caps: {} };
  const rest = { same_visitor_hours: 1, pass: [], params: {}, host: null, label: null };
  const made = await referral.deps.click.links.create({ ...link, ...rest, ...change }, '2026-03-01T00:00:00.000Z');
  expect(made.kind).toBe('created');
  return code;
}

interface Page {
  readonly status: number;
  readonly html: string;
  readonly path: string;
  readonly click: string;
  readonly load: string;
  readonly form: string;
}

/** Somebody new, unless told who. */
function somebody(userAgent = PHONE): Record<string, string> {
  addresses += 1;
  return { 'user-agent': `${userAgent} ${addresses}`, 'accept-language': 'en' };
}

async function follow(path: string, who = somebody()): Promise<Page> {
  const redirect = await door.request(`${ORIGIN}${path}`, { headers: who });
  return open((redirect.headers.get('location') ?? '').replace(ORIGIN, ''), who);
}

async function open(path: string, who = somebody(), init: RequestInit = {}): Promise<Page> {
  const response = await door.request(`${ORIGIN}${path}`, {
    ...init,
    headers: { ...who, ...(init.headers as object) },
  });
  const location = response.headers.get('location');
  if (location !== null && init.method === 'POST') return open(location.replace(ORIGIN, ''), who);
  const html = await response.text();
  const of = (pattern: RegExp): string => pattern.exec(html)?.[1] ?? '';
  return {
    status: response.status,
    html,
    path,
    click: of(/data-click="([^"]*)"/),
    load: of(/data-load="([^"]*)"/),
    form: of(/name="form" value="([^"]*)"/),
  };
}

function post(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
  const body = new URLSearchParams({ form: page.form, ...fields }).toString();
  const action = /action="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? page.path;
  return open(action, somebody(), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}

async function tell(body: unknown, headers: Readonly<Record<string, string>> = TELLS): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (await door.request(`${ORIGIN}/e`, { method: 'POST', body: text, headers })).status;
}

function funnelOf(code: string): Promise<PageFunnel> {
  return pages.funnel('acme', code, daysLately(referral.intake.clock.nowMs(), 'Asia/Shanghai'));
}

function fieldsOf(): Record<string, string> {
  const person = nextPerson();
  const loan = { amount: '5000', term: '6', purpose: 'consumption' };
  return { name: person.name, id_number: person.idNumber, phone: person.phone, ...loan };
}

/** Every box that the page has, ticked. */
function ticked(page: Page): Record<string, string> {
  const boxes = [...page.html.matchAll(/name="consent" value="([^"]*)"/g)].map(([, value]) => value ?? '');
  return boxes.length === 1 ? { consent: boxes[0] ?? '' } : { consent: 'on' };
}

describe('what happens on a hosted page', () => {
  test('counts without script: view, what was wrong, the code, the form that was sent', async () => {
    const code = await makeLink();
    const page = await follow(`/r/${code}`);
    expect(page.status).toBe(200);
    const wrong = await post(page, { step: 'otp', ...fieldsOf(), phone: '123' });
    expect(wrong.status).toBe(422);
    const sent = await post(wrong, { step: 'otp', ...fieldsOf() });
    expect(sent.html).toContain('name="otp"');
    const funnel = await funnelOf(code);
    expect(funnel.total).toMatchObject({ page_views: 1, visitors: 1, otp_sent: 1, submitted: 0 });
    expect(funnel.errors).toEqual([{ field: 'phone', code: 'phone_invalid', count: 1 }]);
    expect(funnel.by_device).toMatchObject([{ device: 'mobile', visitors: 1 }]);
  });

  test('counts once what the page’s script tells as well, and what is sent again', async () => {
    const code = await makeLink();
    const page = await follow(`/r/${code}`);
    const events = [
      { type: 'view' },
      { type: 'start' },
      { type: 'field_error', n: 0, field: 'id_number', code: 'id_invalid' },
      { type: 'leave', seconds: 30 },
    ];
    for (let time = 0; time < 3; time += 1) {
      expect(await tell({ click: page.click, load: page.load, events })).toBe(204);
    }
    const funnel = await funnelOf(code);
    expect(funnel.total).toMatchObject({ page_views: 1, visitors: 1, started: 1 });
    expect(funnel.errors).toEqual([{ field: 'id_number', code: 'id_invalid', count: 1 }]);
    expect(funnel.seconds_visible.median).toBe(30);
  });

  test('counts a page that is loaded twice as two views of one visitor', async () => {
    const code = await makeLink();
    const page = await follow(`/r/${code}`);
    await open(page.path);
    expect((await funnelOf(code)).total).toMatchObject({ page_views: 2, visitors: 1 });
  });

  test('is not counted of robots, of what a browser fetches ahead, and of clicks of another week', async () => {
    const code = await makeLink();
    const robot = await follow(`/r/${code}`, {
      'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)',
      'accept-language': 'en',
    });
    expect(robot).toMatchObject({ status: 200, load: '' });
    const page = await follow(`/r/${code}`);
    await open(page.path, { ...somebody(), 'sec-purpose': 'prefetch' });
    expect((await funnelOf(code)).total.page_views).toBe(1);
    referral.intake.clock.advanceMs(7 * DAY_MS + MINUTE_MS);
    expect(await open(page.path)).toMatchObject({ status: 200, load: '' });
    expect((await funnelOf(code)).total.page_views).toBe(1);
  });

  test('of clicks that nobody made is answered alike and ignored', async () => {
    const code = await makeLink();
    const forged = 'clk_1f0123456789ab0000fedcba98765432';
    expect(await open(`/apply/${code}?click=${forged}`)).toMatchObject({ status: 200, load: '' });
    const page = await follow(`/r/${code}`);
    const other = await follow(`/r/${code}`);
    expect(await tell({ click: forged, load: page.load, events: [{ type: 'start' }] })).toBe(204);
    expect(await tell({ click: other.click, load: page.load, events: [{ type: 'start' }] })).toBe(204);
    expect(await tell({ click: page.click, load: `${page.load}x`, events: [{ type: 'start' }] })).toBe(204);
    expect((await funnelOf(code)).total.started).toBe(0);
  });

  test('cannot fill the store: a click may tell of a hundred things', async () => {
    const code = await makeLink();
    const page = await follow(`/r/${code}`);
    for (let batch = 0; batch < 15; batch += 1) {
      const again = await open(page.path);
      const events = Array.from({ length: 10 }, (_, n) => ({
        type: 'field_error',
        n,
        field: 'name',
        code: 'required',
      }));
      expect(await tell({ click: page.click, load: again.load, events })).toBe(204);
    }
    const { errors, total } = await funnelOf(code);
    expect((errors[0]?.count ?? 0) + total.page_views).toBeLessThanOrEqual(100);
    expect(await redis.client.hlen(redis.keys.partner('acme', 'pages', 'click', page.click))).toBeLessThanOrEqual(101);
  });

  test('is told in a closed vocabulary: whatever else comes is refused, so that no personal data can', async () => {
    const { click, load } = await follow(`/r/${await makeLink()}`);
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
    const live = createReferralDoor({ ...referral.deps, env: 'live' });
    const { click, load } = await follow(`/r/${await makeLink()}`);
    const body = JSON.stringify({ click, load, events: [{ type: 'start', phone: '13800138000' }] });
    const response = await live.request(`${ORIGIN}/e`, { method: 'POST', body, headers: TELLS });
    expect(response.status).toBe(422);
  });

  test('is told by our own pages only', async () => {
    const { click, load } = await follow(`/r/${await makeLink()}`);
    const body = { click, load, events: [{ type: 'start' }] };
    const { 'sec-fetch-site': _, ...older } = TELLS;
    expect(await tell(body, { ...TELLS, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await tell(body, { ...older, origin: 'https://evil.example' })).toBe(403);
    expect(await tell(body, { ...older, origin: ORIGIN })).toBe(204);
  });

  test('leaves nothing of the person in the store', async () => {
    const code = await makeLink();
    const fields = fieldsOf();
    await post(await follow(`/r/${code}`), { step: 'otp', ...fields, phone: '138' });
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

async function countAll(): Promise<void> {
  const consumer = createVariantClicks(redis.client, redis.keys);
  for (const shard of ALL_SHARDS) {
    const clicks = await readClicks(redis.client, redis.keys, shard, '0-0', 10_000);
    await consumer.consume(shard, clicks);
  }
  const projection = createVariantsProjection(redis.client, redis.keys);
  for (const event of await referral.events()) await projection.apply(event);
}

async function totals(code: string): Promise<Record<string, Record<string, number>>> {
  const found: Record<string, Record<string, number>> = {};
  for (const variants of (await pages.variantCounts('acme', code)).values()) {
    for (const [id, steps] of variants) {
      found[id] ??= {};
      for (const [step, count] of Object.entries(steps)) found[id][step] = (found[id][step] ?? 0) + count;
    }
  }
  return found;
}

describe('variants of a hosted page', () => {
  test('each show their own words and proposals, in the page’s language, on every post', async () => {
    const code = await makeLink({ variants: [{ ...TWO[1], id: 'short', weight: 1 }] });
    const page = await follow(`/r/${code}`);
    expect(page.html).toContain('<h1>Three minutes</h1>');
    expect(page.html).toContain('Have your ID ready');
    expect(page.html).toMatch(/<button[^>]*>Start<\/button>/);
    expect(page.html).toMatch(/name="amount"[^>]*value="5,?000"/);
    expect(page.html).toMatch(/<option value="6" selected>/);
    const wrong = await post(page, { step: 'otp', phone: '123' });
    expect(wrong.html).toContain('Three minutes');
    expect((await open(`${page.path}&lang=zh`)).html).toContain('三分钟申请');
  });

  test('stay with a click when the weights change', async () => {
    const before = await makeLink({
      variants: [
        { ...TWO[0], id: 'plain', weight: 0 },
        { ...TWO[1], id: 'short', weight: 1 },
      ],
    });
    const page = await follow(`/r/${before}`);
    expect(page.html).toContain('Three minutes');
    // Links are never changed over the API; those of files are.
    const turned = TWO.map((variant) => ({ ...variant, weight: variant.id === 'plain' ? 1 : 0 }));
    const { links: store } = referral.deps.click;
    const find = store.find.bind(store);
    const remembered = store.remembered.bind(store);
    store.remembered = (code) => {
      const link = remembered(code);
      return link?.code === before ? { ...link, variants: turned } : link;
    };
    store.find = async (code) => store.remembered(code) ?? find(code);
    expect((await follow(`/r/${before}`)).html).not.toContain('Three minutes');
    expect((await open(page.path)).html).toContain('Three minutes');
    Object.assign(store, { find, remembered });
  });

  test('go where each leads, by whom it is for, and a visitor who comes again goes there again', async () => {
    const variants: Variant[] = [
      { id: 'here', weight: 1 },
      { id: 'there', weight: 1, audience: { utm_source: ['wechat'] }, landing: 'https://lender.example/a' },
      {
        id: 'tablet',
        weight: 1,
        audience: { device: ['tablet'], language: ['zh'] },
        landing: 'https://lender.example/b',
      },
    ];
    const code = await makeLink({ variants });
    const go = async (query: string, who: Record<string, string>): Promise<string> =>
      (await door.request(`${ORIGIN}/r/${code}${query}`, { headers: who })).headers.get('location') ?? '';
    const who = somebody();
    const first = await go('?utm_source=WeChat', who);
    expect(first).toMatch(/^https:\/\/lender\.example\/a\?click=clk_/);
    // utm_… is looked at and ends here, unless the link passes it on.
    expect(first).not.toContain('utm_source');
    expect(await go('?utm_source=WeChat', who)).toBe(first);
    expect(await go('', somebody())).toMatch(/\/apply\/test-/);
    const tablet = somebody(
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Safari/604.1',
    );
    expect(await go('', { ...tablet, 'accept-language': 'zh-CN' })).toMatch(/^https:\/\/lender\.example\/b\?/);
    expect(await go('', { ...tablet, 'accept-language': 'en' })).toMatch(/\/apply\/test-/);
  });

  test('are counted from the click to the accepted application, each once, however often it is told', async () => {
    const code = await makeLink({ variants: TWO });
    const shown: Record<string, number> = { plain: 0, short: 0 };
    for (let visit = 0; visit < 12; visit += 1) {
      const page = await follow(`/r/${code}`);
      shown[page.html.includes('Three minutes') ? 'short' : 'plain'] =
        (shown[page.html.includes('Three minutes') ? 'short' : 'plain'] ?? 0) + 1;
    }
    const page = await follow(`/r/${code}`);
    const id = page.html.includes('Three minutes') ? 'short' : 'plain';
    referral.intake.clock.advanceMs(MINUTE_MS);
    const fields = { ...fieldsOf(), ...ticked(page) };
    const sent = await post(page, { step: 'otp', ...fields });
    const done = await post(sent, { step: 'apply', otp: '000000', ...fields });
    expect(done.path).toContain('/result?');
    await countAll();
    await countAll();
    const found = await totals(code);
    const all = (step: string): number => (found.plain?.[step] ?? 0) + (found.short?.[step] ?? 0);
    expect([all('clicks'), all('views'), all('otp_sent'), all('submits'), all('accepted')]).toEqual([13, 13, 1, 1, 1]);
    expect(found[id]?.accepted).toBe(1);
    const other = id === 'plain' ? 'short' : 'plain';
    expect(found[other]?.clicks ?? 0).toBe(shown[other]);
  });

  test('are kept with the application, and are in its events', async () => {
    const code = await makeLink({ variants: [{ ...TWO[1], id: 'short', weight: 1 }] });
    const page = await follow(`/r/${code}`);
    const fields = { ...fieldsOf(), ...ticked(page) };
    const sent = await post(page, { step: 'otp', ...fields });
    await post(sent, { step: 'apply', otp: '000000', ...fields });
    const events = (await referral.events()).filter(({ context }) => context?.variant?.link_code === code);
    expect(events.map(({ type }) => type)).toContain('application.received');
    const [event] = events;
    expect(event?.context?.variant).toMatchObject({
      id: 'short',
      partner_id: 'acme',
      link_code: code,
      click_id: page.click,
    });
    const stored = await referral.reports.store.load(event?.subject ?? '');
    expect(stored?.application.variant).toEqual(event?.context?.variant);
    // The log alone gives it again.
    const own = (await referral.events()).filter(({ subject }) => subject === event?.subject);
    expect(rebuildApplication(own)?.variant).toEqual(stored?.application.variant);
  });
});
