import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/base/clock.ts';
import type { ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { recordClick } from '../../../src/intake/record-click.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

const PHONE_BROWSER =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

let redis: TestRedis;
let referral: TestReferral;
let door: ReferralDoor;
let browsers = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  door = createReferralDoor(referral.deps);
});
afterAll(() => redis.close());

/** A user agent that no other test has: a visitor of its own. */
function freshBrowser(): string {
  browsers += 1;
  return `${PHONE_BROWSER} v${browsers}`;
}

async function follow(path: string, browser: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await door.request(`${ORIGIN}${path}`, { method, headers: { 'user-agent': browser, ...headers } });
  const location = new URL(response.headers.get('location') ?? 'none:');
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { response, location, clickId: location.searchParams.get('click') ?? '', cookie };
}

async function clicksOf(linkCode: string): Promise<LogEvent[]> {
  const events = await referral.events();
  return events.filter((event) => event.type === 'click.recorded' && event.data.link_code === linkCode);
}

describe('following a link', () => {
  test('redirects to the hosted page with a click, never cached, and sets a first-party cookie', async () => {
    const { response, location, clickId, cookie } = await follow('/r/acme-home', freshBrowser());
    expect(response.status).toBe(302);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(location.origin + location.pathname).toBe(`${ORIGIN}/apply/acme-home`);
    expect(clickId).toMatch(/^clk_[0-9a-f]{32}$/);
    expect(cookie).toMatch(/^sluice_v=[0-9a-f]{32}$/);
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax; Secure/);
    expect(await referral.reports.clicks.load(clickId)).toMatchObject({
      id: clickId,
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      at_ms: referral.intake.clock.nowMs(),
    });
  });

  test('keeps sub1 to sub10 and nothing else', async () => {
    const { location, clickId } = await follow(
      '/r/acme-home?sub1=a%20b&sub10=z&next=https://evil.example',
      freshBrowser(),
    );
    expect([...location.searchParams.keys()].sort()).toEqual(['click', 'sub1', 'sub10']);
    expect(location.searchParams.get('sub1')).toBe('a b');
    const click = await referral.reports.clicks.load(clickId);
    expect(click?.sub_ids).toEqual({ sub1: 'a b', sub10: 'z' });
  });

  test('a long label is cut, and never inside a character', async () => {
    const label = `${'a'.repeat(127)}😀`;
    const { response, location } = await follow(`/r/acme-home?sub1=${encodeURIComponent(label)}`, freshBrowser());
    expect([response.status, location.searchParams.get('sub1')]).toEqual([302, 'a'.repeat(127)]);
  });

  test('an unknown code is a plain page with 404', async () => {
    const { response } = await follow('/r/no-such-link', freshBrowser());
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  test('no address and no user agent is stored anywhere', async () => {
    const browser = freshBrowser();
    await follow('/r/acme-home', browser);
    expect(JSON.stringify(await referral.events())).not.toContain('iPhone');
    const stored = await redis.client.keys(`${redis.keys.prefix}*clk*`);
    const documents = await Promise.all(stored.map((key) => redis.client.hget(key, 'doc')));
    expect(documents.join()).not.toContain('iPhone');
  });
});

describe('the same visitor', () => {
  test('gets the same click within the hour, by address and browser as well as by cookie; each arrival is logged', async () => {
    const before = (await clicksOf('acme-home')).length;
    const browser = freshBrowser();
    const first = await follow('/r/acme-home', browser);
    const second = await follow('/r/acme-home', browser);
    const third = await follow('/r/acme-home', 'Another browser string', { cookie: `a=b; ${first.cookie}; c=d` });
    expect(second.clickId).toBe(first.clickId);
    expect(third.clickId).toBe(first.clickId);
    const logged = (await clicksOf('acme-home')).filter((event) => event.subject === first.clickId);
    expect(logged.map((event) => [event.data.unique, event.data.billable])).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
    expect((await clicksOf('acme-home')).length).toBe(before + 3);
  });

  test('has another click on another link', async () => {
    const browser = freshBrowser();
    const one = await follow('/r/acme-home', browser);
    const other = await follow('/r/lantern-quick', browser);
    expect(other.clickId).not.toBe(one.clickId);
  });

  test('clicking fifty times at once is one click, unique once, logged fifty times', async () => {
    const browser = freshBrowser();
    const answers = await Promise.all(Array.from({ length: 50 }, () => follow('/r/lantern-flex', browser)));
    expect(new Set(answers.map(({ clickId }) => clickId)).size).toBe(1);
    const logged = (await clicksOf('lantern-flex')).filter((event) => event.subject === answers[0]?.clickId);
    expect(logged).toHaveLength(50);
    expect(logged.filter((event) => event.data.unique)).toHaveLength(1);
  });

  test('is another one by address and browser on the next day', () => {
    const { visitors } = referral.deps.click;
    const today = visitors.identify(undefined, '203.0.113.7', 'X');
    expect(visitors.identify(undefined, '203.0.113.7', 'X')).toEqual(today);
    referral.intake.clock.advanceMs(DAY_MS);
    expect(visitors.identify(undefined, '203.0.113.7', 'X').pseudonym).not.toBe(today.pseudonym);
  });

  test('keeps a window of one hour', async () => {
    const browser = freshBrowser();
    const { clickId } = await follow('/r/acme-home', browser);
    const click = await referral.reports.clicks.load(clickId);
    const shard = Number.parseInt(clickId.slice(4, 6), 16) % 64;
    const left = await redis.client.pttl(redis.keys.shard(shard, 'vis', click?.visitor ?? '', 'acme-home'));
    expect(left).toBeGreaterThan(HOUR_MS - 10_000);
    expect(left).toBeLessThanOrEqual(HOUR_MS);
  });
});

describe('who is not paid for', () => {
  test.each([
    ['a bot', { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }, 'GET'],
    ['a HEAD', {}, 'HEAD'],
    ['a prefetch', { 'sec-purpose': 'prefetch' }, 'GET'],
  ])('%s is redirected and counted, not billable, and leaves the window to a person', async (_, headers, method) => {
    const browser = freshBrowser();
    const early = await follow('/r/acme-home', browser, headers, method);
    expect(early.response.status).toBe(302);
    expect(early.cookie).toBe('');
    const events = await clicksOf('acme-home');
    expect(events.find((event) => event.subject === early.clickId)?.data).toMatchObject({
      unique: false,
      billable: false,
    });
    const person = await follow('/r/acme-home', browser);
    const logged = (await clicksOf('acme-home')).find((event) => event.subject === person.clickId);
    expect(logged?.data).toMatchObject({ unique: true, billable: true, bot: false });
  });
});

describe('links made over the API', () => {
  const wish = {
    partner_id: 'acme',
    product_id: 'quick-cash',
    landing: 'https://lender.example/start?a=1#form',
    fallback_url: null,
    caps: {},
    same_visitor_hours: 1,
    pass: [],
    params: {},
    host: null,
  };

  test('the same wish twice is one link; another wish under its code is refused', async () => {
    const { links } = referral.deps.click;
    const first = await links.create({ ...wish, code: 'spring' }, '2026-03-02T04:00:00.000Z');
    const again = await links.create({ ...wish, code: 'spring' }, '2026-03-03T04:00:00.000Z');
    expect([first.kind, again.kind]).toEqual(['created', 'exists']);
    expect(again).toMatchObject({ link: { created_at: '2026-03-02T04:00:00.000Z' } });
    const other = await links.create({ ...wish, partner_id: 'lantern', code: 'spring' }, '2026-03-03T04:00:00.000Z');
    expect(other).toEqual({ kind: 'taken', code: 'spring' });
    expect((await links.list('acme')).map((link) => link.code)).toEqual(['spring']);
    expect(await links.list('lantern')).toEqual([]);
  });

  test('without a code the link gets one that the same wish finds again', async () => {
    const { links } = referral.deps.click;
    const created = await links.create(wish, '2026-03-02T05:00:00.000Z');
    const again = await links.create(wish, '2026-03-02T06:00:00.000Z');
    if (created.kind === 'taken' || again.kind === 'taken') throw new Error('taken');
    expect(again.link).toEqual(created.link);
    expect(created.link.code).toMatch(/^quick-cash-[0-9a-f]{10}$/);
  });

  test('one leads to its own landing, whose query and fragment stay', async () => {
    await referral.deps.click.links.create({ ...wish, code: 'autumn' }, '2026-03-02T04:00:00.000Z');
    const { location, clickId } = await follow('/r/autumn?sub2=x', freshBrowser());
    expect(location.toString()).toBe(`https://lender.example/start?a=1&click=${clickId}&sub2=x#form`);
  });
});

describe('a closed product', () => {
  test('sends to the fallback address; counted with its cause, not billable', async () => {
    const registry = referral.intake.registry;
    const product = registry.products.get('quick-cash');
    if (!product) throw new Error('no product');
    const products = new Map(registry.products).set('quick-cash', { ...product, status: 'paused' as const });
    const link = {
      code: 'winter',
      product_id: 'quick-cash',
      partner_id: 'acme',
      landing: 'hosted',
      caps: {},
      same_visitor_hours: 1,
      pass: [],
      params: {},
      host: null,
    };
    const fallback = { ...link, fallback_url: 'https://acme.example/others' };
    await referral.deps.click.links.create(fallback, '2026-03-02T04:00:00.000Z');
    const paused = createReferralDoor({
      ...referral.deps,
      click: { ...referral.deps.click, registry: () => ({ ...registry, products }) },
    });
    const response = await paused.request(`${ORIGIN}/r/winter`, { headers: { 'user-agent': freshBrowser() } });
    expect(response.headers.get('location')).toMatch(/^https:\/\/acme\.example\/others\?click=clk_/);
    const [event] = await clicksOf('winter');
    expect(event?.data).toMatchObject({ unique: true, billable: false, cause: 'paused' });
  });
});

describe('while Redis is away', () => {
  test('a click is redirected all the same and recorded once under its id when Redis is back', async () => {
    const { click } = referral.deps;
    let isAway = true;
    const clicks = new Proxy(click.clicks, {
      get: (store, member) => {
        if (member === 'record' && isAway) return () => Promise.reject(new Error('Connection is closed.'));
        const value = Reflect.get(store, member);
        return typeof value === 'function' ? value.bind(store) : value;
      },
    });
    const request = {
      code: 'acme-home',
      cookie: undefined,
      address: '203.0.113.9',
      userAgent: freshBrowser(),
      isSpeculative: false,
      subIds: { sub1: 'kept' },
    };
    const answer = await recordClick({ ...click, clicks }, request);
    const id = answer?.clickId ?? '';
    expect(await referral.reports.clicks.load(id)).toBeUndefined();
    isAway = false;
    await click.spool.replay();
    await click.spool.replay();
    expect(await referral.reports.clicks.load(id)).toMatchObject({ id, sub_ids: { sub1: 'kept' } });
    const logged = (await clicksOf('acme-home')).filter((event) => event.subject === id);
    expect(logged.map((event) => event.data.billable)).toEqual([true]);
    // Recording again what was recorded before the reply was lost changes nothing.
    const again = await recordClick(click, request);
    expect(again?.clickId).toBe(id);
  });
});
