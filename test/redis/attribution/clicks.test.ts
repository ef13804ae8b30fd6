import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoggedClick } from '../../../src/attribution/clicks/click.ts';
import { clickIdAt, isClickId, placeOfClickId } from '../../../src/attribution/clicks/click-id.ts';
import { touchOfClick } from '../../../src/attribution/touch-of-click.ts';
import { DAY_MS, HOUR_MS } from '../../../src/base/clock.ts';
import type { ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { isUnique } from '../../../src/insight/clicks/tally-clicks.ts';
import { loggedClicks } from '../../support/click-counter.ts';
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

/** Arrivals of a click: its own, and those that repeat it. */
async function arrivalsOf(clickId: string): Promise<LoggedClick[]> {
  const logged = await loggedClicks(redis);
  return logged.filter(({ id, repeats }) => id === clickId || repeats === clickId);
}

let links = 0;

/** A link of acme's over the API. */
async function newLink(change: Record<string, unknown> = {}): Promise<string> {
  links += 1;
  const created = await referral.deps.click.links.create(
    { ...wish, code: `made-${links}`, ...change },
    '2026-03-02T04:00:00.000Z',
  );
  if (created.kind !== 'created') throw new Error('no link');
  return created.link.code;
}

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
  label: null,
};

describe('following a link', () => {
  test('redirects to the hosted page with a click, never cached, and sets a first-party cookie', async () => {
    const { response, location, clickId, cookie } = await follow('/r/acme-home', freshBrowser());
    expect(response.status).toBe(302);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(location.origin + location.pathname).toBe(`${ORIGIN}/apply/acme-home`);
    expect(clickId).toMatch(/^clk_[0-3][0-9a-f]{31}$/);
    expect(cookie).toMatch(/^sluice_v=[0-9a-f]{64}$/);
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
      '/r/acme-home?sub1=a%20b&sub10=z&sub11=no&next=https://evil.example&click=clk_other',
      freshBrowser(),
    );
    expect([...location.searchParams.keys()].sort()).toEqual(['click', 'sub1', 'sub10']);
    expect(location.searchParams.get('sub1')).toBe('a b');
    const click = await referral.reports.clicks.load(clickId);
    expect(click?.sub_ids).toEqual({ sub1: 'a b', sub10: 'z' });
  });

  test('passes on what the link names, adds its own parameters with macros filled in, and leaves the fragment last', async () => {
    const code = await newLink({
      landing: 'https://play.example/store/apps/details?id=app.loan#top',
      pass: ['utm_source', 'id'],
      params: { referrer: 'click={click_id}&sub={sub1}&of={partner_id}/{link}{sub2}{other}' },
    });
    const { location, clickId } = await follow(`/r/${code}?sub1=a%26b&utm_source=mail&id=app.evil&x=1`, freshBrowser());
    expect(location.origin + location.pathname).toBe('https://play.example/store/apps/details');
    expect(location.hash).toBe('#top');
    expect([...location.searchParams]).toEqual([
      ['id', 'app.loan'],
      ['click', clickId],
      ['sub1', 'a&b'],
      ['utm_source', 'mail'],
      ['referrer', `click=${clickId}&sub=a&b&of=acme/${code}{other}`],
    ]);
    expect(location.href).toContain('referrer=click%3Dclk_');
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
    const headers = { 'x-forwarded-for': '203.0.113.77' };
    const { clickId } = await follow('/r/acme-home', freshBrowser(), headers);
    expect(await arrivalsOf(clickId)).toHaveLength(1);
    for (const key of await redis.client.keys(`${redis.keys.prefix}*`)) {
      const dump = (await redis.client.dumpBuffer(key)).toString('latin1');
      expect(`${key} ${dump}`).not.toMatch(/iPhone|203\.0\.113/);
    }
  });
});

describe('a click’s id', () => {
  test('carries its place, and finds its click in one look', async () => {
    const { clickId } = await follow('/r/acme-home', freshBrowser());
    const place = placeOfClickId(clickId);
    const [logged] = await arrivalsOf(clickId);
    expect(place).toMatchObject({ shard: logged?.shard, position: logged?.position });
    expect(clickIdAt(place?.shard ?? 0, place?.position ?? '', place?.random ?? '')).toBe(clickId);
  });

  test('cannot be guessed: the place of a click with other digits is as unknown as any', async () => {
    const { clickId } = await follow('/r/acme-home', freshBrowser());
    const guessed = `${clickId.slice(0, -1)}${clickId.endsWith('0') ? '1' : '0'}`;
    expect(isClickId(guessed)).toBe(true);
    expect(await referral.reports.clicks.load(guessed)).toBeUndefined();
    expect(await referral.reports.clicks.load(`clk_${'0'.repeat(32)}`)).toBeUndefined();
    expect(await referral.reports.clicks.load('clk_')).toBeUndefined();
  });

  test('of an arrival that repeats another is nobody’s: it was never told', async () => {
    const browser = freshBrowser();
    const { clickId } = await follow('/r/acme-home', browser);
    await follow('/r/acme-home', browser);
    const repeated = (await arrivalsOf(clickId)).find(({ repeats }) => repeats !== null);
    expect(await referral.reports.clicks.load(repeated?.id ?? '')).toBeUndefined();
  });
});

describe('the same visitor', () => {
  test('gets the same click in the window, by address and browser as well as by cookie; each arrival is logged', async () => {
    const browser = freshBrowser();
    const first = await follow('/r/acme-home', browser);
    const second = await follow('/r/acme-home', browser);
    const third = await follow('/r/acme-home', 'Mozilla/5.0 (Another) Chrome/120 Safari/537.36', {
      cookie: `a=b; ${first.cookie}; c=d`,
    });
    expect([second.clickId, third.clickId]).toEqual([first.clickId, first.clickId]);
    expect([second.cookie, third.cookie]).toEqual(['', '']);
    const logged = await arrivalsOf(first.clickId);
    expect(logged.map(isUnique)).toEqual([true, false, false]);
  });

  test('of a cookie is told apart from somebody else behind the same address with the same browser', async () => {
    const browser = freshBrowser();
    const one = await follow('/r/acme-home', browser);
    const code = await newLink();
    const cookie = { cookie: one.cookie };
    const oneThere = await follow(`/r/${code}`, browser, cookie);
    const otherThere = await follow(`/r/${code}`, browser);
    expect(otherThere.clickId).not.toBe(oneThere.clickId);
    expect((await follow(`/r/${code}`, browser, cookie)).clickId).toBe(oneThere.clickId);
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
    const logged = await arrivalsOf(answers[0]?.clickId ?? '');
    expect(logged).toHaveLength(50);
    expect(logged.filter(isUnique)).toHaveLength(1);
  });

  test.each([1, 24, 0.5])('keeps a window of %d hours where the link says so', async (hours) => {
    const code = await newLink({ same_visitor_hours: hours });
    const browser = freshBrowser();
    const { clickId } = await follow(`/r/${code}`, browser);
    expect((await follow(`/r/${code}`, browser)).clickId).toBe(clickId);
    const [logged] = await arrivalsOf(clickId);
    const window = redis.keys.shard(logged?.shard ?? 0, 'vis', logged?.facts.visitor ?? '', code);
    const left = await redis.client.pttl(window);
    expect(left).toBeGreaterThan(hours * HOUR_MS - 10_000);
    expect(left).toBeLessThanOrEqual(hours * HOUR_MS);
    await redis.client.del(window);
    expect((await follow(`/r/${code}`, browser)).clickId).not.toBe(clickId);
  });

  test('has a new click each time where the link has no window', async () => {
    const code = await newLink({ same_visitor_hours: 0 });
    const browser = freshBrowser();
    const first = await follow(`/r/${code}`, browser);
    const second = await follow(`/r/${code}`, browser, { cookie: first.cookie });
    expect(second.clickId).not.toBe(first.clickId);
    const logged = [...(await arrivalsOf(first.clickId)), ...(await arrivalsOf(second.clickId))];
    expect(logged.map(isUnique)).toEqual([true, true]);
  });

  test('is known by the cookie on the next day too, and by address and browser is another one then', async () => {
    const { visitors } = referral.deps.click;
    const today = visitors.identify(undefined, '203.0.113.7', 'X');
    const browser = freshBrowser();
    const first = await follow('/r/acme-home', browser);
    expect(visitors.identify(undefined, '203.0.113.7', 'X')).toEqual(today);
    referral.intake.clock.advanceMs(DAY_MS);
    const tomorrow = visitors.identify(undefined, '203.0.113.7', 'X');
    expect(tomorrow.pseudonym).not.toBe(today.pseudonym);
    expect(tomorrow.address).not.toBe(today.address);
    expect((await follow('/r/acme-home', browser, { cookie: first.cookie })).clickId).toBe(first.clickId);
    expect((await follow('/r/acme-home', browser)).clickId).not.toBe(first.clickId);
  });

  test('is one visitor for whoever pays once a visitor: with the first click, and with the cookie it set', async () => {
    const browser = freshBrowser();
    const first = await follow('/r/acme-home', browser);
    const code = await newLink();
    const later = await follow(`/r/${code}`, 'Mozilla/5.0 (Another) Chrome/121 Safari/537.36', {
      cookie: first.cookie,
    });
    const [[a], [b]] = [await arrivalsOf(first.clickId), await arrivalsOf(later.clickId)];
    expect(b?.facts.visitor).toBe(a?.facts.visitor);
  });
});

describe('who is not paid for', () => {
  test.each([
    ['a bot', { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }, 'GET'],
    ['a messenger that fetches a preview', { 'user-agent': 'WhatsApp/2.23.20.0 A' }, 'GET'],
    ['another one', { 'user-agent': 'Mozilla/5.0 (Macintosh) Acme-LinkPreview/2.1 Safari/537.36' }, 'GET'],
    ['nobody’s browser', { 'user-agent': '' }, 'GET'],
    ['a HEAD', {}, 'HEAD'],
    ['a prefetch', { 'sec-purpose': 'prefetch;prerender' }, 'GET'],
    ['an older prefetch', { purpose: 'prefetch' }, 'GET'],
    ['a preview', { 'x-purpose': 'preview' }, 'GET'],
    ['an old prefetch', { 'x-moz': 'prefetch' }, 'GET'],
  ])('%s is redirected and logged, not unique, and leaves the window to a person', async (_, headers, method) => {
    const browser = freshBrowser();
    const early = await follow('/r/acme-home', browser, headers, method);
    expect(early.response.status).toBe(302);
    expect(early.cookie).toBe('');
    expect((await arrivalsOf(early.clickId)).map(isUnique)).toEqual([false]);
    const person = await follow('/r/acme-home', browser);
    expect(person.clickId).not.toBe(early.clickId);
    expect((await arrivalsOf(person.clickId)).map(isUnique)).toEqual([true]);
  });
});

describe('links made over the API', () => {
  test('the same wish twice is one link; another wish under its code is refused', async () => {
    const { links } = referral.deps.click;
    const first = await links.create({ ...wish, code: 'spring' }, '2026-03-02T04:00:00.000Z');
    const again = await links.create({ ...wish, code: 'spring' }, '2026-03-03T04:00:00.000Z');
    expect([first.kind, again.kind]).toEqual(['created', 'exists']);
    expect(again).toMatchObject({ link: { created_at: '2026-03-02T04:00:00.000Z' } });
    const other = await links.create({ ...wish, partner_id: 'lantern', code: 'spring' }, '2026-03-03T04:00:00.000Z');
    expect(other).toEqual({ kind: 'taken', code: 'spring' });
    expect((await links.list('acme')).map((link) => link.code)).toContain('spring');
    expect(await links.list('lantern')).toEqual([]);
  });

  test('without a code the link gets one that the same wish finds again', async () => {
    const { links } = referral.deps.click;
    const created = await links.create(wish, '2026-03-02T05:00:00.000Z');
    const again = await links.create(wish, '2026-03-02T06:00:00.000Z');
    if (created.kind !== 'created' || again.kind !== 'exists') throw new Error('no link');
    expect(again.link).toEqual(created.link);
    expect(created.link.code).toMatch(/^quick-cash-[0-9a-f]{10}$/);
  });

  test('one leads to its own landing, whose query and fragment stay', async () => {
    await referral.deps.click.links.create({ ...wish, code: 'autumn' }, '2026-03-02T04:00:00.000Z');
    const { location, clickId } = await follow('/r/autumn?sub2=x', freshBrowser());
    expect(location.toString()).toBe(`https://lender.example/start?a=1&click=${clickId}&sub2=x#form`);
  });
});

describe('a link that leads elsewhere', () => {
  test('sends to the fallback address while its product is closed; the click has its cause', async () => {
    const registry = referral.intake.registry;
    const product = registry.products.get('quick-cash');
    if (!product) throw new Error('no product');
    const products = new Map(registry.products).set('quick-cash', { ...product, status: 'paused' as const });
    const code = await newLink({ landing: 'hosted', fallback_url: 'https://acme.example/others', params: { x: '1' } });
    const { location, facts } = await through({ registry: () => ({ ...registry, products }) }, code);
    expect(location).toMatch(/^https:\/\/acme\.example\/others\?click=clk_[0-9a-f]{32}$/);
    expect(facts).toMatchObject({ cause: 'paused' });
  });

  test('and while it is full; without a fallback address it leads where it always does', async () => {
    const full = { linkCaps: { isFull: () => true } };
    const code = await newLink({ fallback_url: 'https://acme.example/others' });
    const there = await through(full, code);
    expect(there.location).toMatch(/^https:\/\/acme\.example\/others\?click=/);
    expect(there.facts).toMatchObject({ cause: 'capped' });
    const open = await through(full, await newLink());
    expect(open.location).toMatch(/^https:\/\/lender\.example\/start\?a=1&click=/);
    expect(open.facts).toMatchObject({ cause: 'capped' });
  });

  test('a suspended partner’s link is gone, unless it leads elsewhere', async () => {
    const registry = referral.intake.registry;
    const partner = registry.traffic.get('acme');
    if (!partner) throw new Error('no partner');
    const traffic = new Map(registry.traffic).set('acme', { ...partner, status: 'suspended' as const });
    const suspended = { registry: () => ({ ...registry, traffic }) };
    expect((await through(suspended, await newLink())).status).toBe(404);
    const elsewhere = await through(suspended, await newLink({ fallback_url: 'https://acme.example/others' }));
    expect(elsewhere.location).toMatch(/^https:\/\/acme\.example\/others/);
    expect(elsewhere.facts).toMatchObject({ cause: 'suspended' });
  });

  test('whoever comes again once its partner may send people is a click of their own, which counts', async () => {
    const { registry } = referral.intake;
    const partner = registry.traffic.get('acme');
    if (!partner) throw new Error('no partner');
    const traffic = new Map(registry.traffic).set('acme', { ...partner, status: 'suspended' as const });
    const code = await newLink({ fallback_url: 'https://acme.example/others' });
    const browser = freshBrowser();
    const turnedAway = await through({ registry: () => ({ ...registry, traffic }) }, code, browser);
    const cameAgain = await through({}, code, browser);
    expect(cameAgain.location).toMatch(/^https:\/\/lender\.example\//);
    expect(clickOf(cameAgain)).not.toBe(clickOf(turnedAway));
    const click = await referral.deps.page.clicks.load(clickOf(cameAgain));
    expect(click && touchOfClick(click)).not.toHaveProperty('void');
  });

  test('because its lender is suspended has done nothing wrong: its click counts later', async () => {
    const { registry } = referral.intake;
    const lender = registry.lenders.get('quickcredit');
    if (!lender) throw new Error('no lender');
    const lenders = new Map(registry.lenders).set('quickcredit', { ...lender, status: 'suspended' as const });
    const there = await through({ registry: () => ({ ...registry, lenders }) }, await newLink());
    expect(there.facts).toMatchObject({ cause: 'lender_suspended' });
    const click = await referral.deps.page.clicks.load(clickOf(there));
    expect(click && touchOfClick(click)).not.toHaveProperty('void');
  });

  function clickOf({ location }: { readonly location: string | null }): string {
    return new URL(location ?? 'none:').searchParams.get('click') ?? '';
  }

  async function through(change: Partial<TestReferral['deps']['click']>, code: string, browser = freshBrowser()) {
    const other = createReferralDoor({ ...referral.deps, click: { ...referral.deps.click, ...change } });
    const response = await other.request(`${ORIGIN}/r/${code}`, { headers: { 'user-agent': browser } });
    const [logged] = await loggedClicks(redis, code);
    return { status: response.status, location: response.headers.get('location'), facts: logged?.facts };
  }
});
