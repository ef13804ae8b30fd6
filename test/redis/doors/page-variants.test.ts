import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuildApplication } from '../../../src/applications/rebuild/rebuild-application.ts';
import { readClicks } from '../../../src/attribution/clicks/click-log.ts';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import { createVariantClicks } from '../../../src/insight/pages/variant-clicks.ts';
import { createVariantsProjection } from '../../../src/insight/pages/variants-projection.ts';
import { reportApplication } from '../../../src/intake/report-application.ts';
import type { Variant } from '../../../src/registry/schema/variants.ts';
import { nextPerson } from '../../support/intake.ts';
import { PageTown } from '../../support/page-town.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

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
let town: PageTown;

beforeAll(async () => {
  redis = await startTestRedis();
  town = await PageTown.open(redis);
});
afterAll(() => redis.close());

async function countAll(): Promise<void> {
  const consumer = createVariantClicks(redis.client, redis.keys);
  for (const shard of ALL_SHARDS) {
    const clicks = await readClicks(redis.client, redis.keys, shard, '0-0', 10_000);
    await consumer.consume(shard, clicks);
  }
  const projection = createVariantsProjection(redis.client, redis.keys);
  for (const event of await town.referral.events()) await projection.apply(event);
}

async function totals(code: string): Promise<Record<string, Record<string, number>>> {
  const found: Record<string, Record<string, number>> = {};
  for (const variants of (await town.pages.variantCounts('acme', code)).values()) {
    for (const [id, steps] of variants) {
      found[id] ??= {};
      for (const [step, count] of Object.entries(steps)) found[id][step] = (found[id][step] ?? 0) + count;
    }
  }
  return found;
}

describe('variants of a hosted page', () => {
  test('each show their own words and proposals, in the page’s language, on every post', async () => {
    const code = await town.makeLink({ variants: [{ ...TWO[1], id: 'short', weight: 1 }] });
    const page = await town.follow(`/r/${code}`);
    expect(page.html).toContain('<h1>Three minutes</h1>');
    expect(page.html).toContain('Have your ID ready');
    expect(page.html).toMatch(/<button[^>]*>Start<\/button>/);
    expect(page.html).toMatch(/name="amount"[^>]*value="5,?000"/);
    expect(page.html).toMatch(/<option value="6" selected>/);
    const wrong = await town.post(page, { step: 'otp', phone: '123' });
    expect(wrong.html).toContain('Three minutes');
    expect((await town.get(`${page.path}&lang=zh`)).html).toContain('三分钟申请');
  });

  test('stay with a click when the weights change', async () => {
    const before = await town.makeLink({
      variants: [
        { ...TWO[0], id: 'plain', weight: 0 },
        { ...TWO[1], id: 'short', weight: 1 },
      ],
    });
    const page = await town.follow(`/r/${before}`);
    expect(page.html).toContain('Three minutes');
    // Links are never changed over the API; those of files are.
    const turned = TWO.map((variant) => ({ ...variant, weight: variant.id === 'plain' ? 1 : 0 }));
    const { links: store } = town.referral.deps.click;
    const find = store.find.bind(store);
    const remembered = store.remembered.bind(store);
    store.remembered = (code) => {
      const link = remembered(code);
      return link?.code === before ? { ...link, variants: turned } : link;
    };
    store.find = async (code) => store.remembered(code) ?? find(code);
    expect((await town.follow(`/r/${before}`)).html).not.toContain('Three minutes');
    expect((await town.get(page.path)).html).toContain('Three minutes');
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
    const code = await town.makeLink({ variants });
    const go = (query: string, by: Record<string, string>) => town.locationOf(`/r/${code}${query}`, by);
    const who = town.somebody();
    const first = await go('?utm_source=WeChat', who);
    expect(first).toMatch(/^https:\/\/lender\.example\/a\?click=clk_/);
    // utm_… is looked at and ends here, unless the link passes it on.
    expect(first).not.toContain('utm_source');
    expect(await go('?utm_source=WeChat', who)).toBe(first);
    expect(await go('', town.somebody())).toMatch(/\/apply\/test-/);
    const tablet = town.somebody(
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Safari/604.1',
    );
    expect(await go('', { ...tablet, 'accept-language': 'zh-CN' })).toMatch(/^https:\/\/lender\.example\/b\?/);
    expect(await go('', { ...tablet, 'accept-language': 'en' })).toMatch(/\/apply\/test-/);
  });

  test('are counted from the click to the accepted application, each once, however often it is told', async () => {
    const code = await town.makeLink({ variants: TWO });
    const idOf = ({ html }: { readonly html: string }): string => (html.includes('Three minutes') ? 'short' : 'plain');
    const shown: Record<string, number> = { plain: 0, short: 0 };
    for (let visit = 0; visit < 12; visit += 1) {
      const id = idOf(await town.follow(`/r/${code}`));
      shown[id] = (shown[id] ?? 0) + 1;
    }
    const page = await town.follow(`/r/${code}`);
    const id = idOf(page);
    expect((await town.apply(page)).path).toContain('/result?');
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
    const code = await town.makeLink({ variants: [{ ...TWO[1], id: 'short', weight: 1 }] });
    const page = await town.follow(`/r/${code}`);
    await town.apply(page);
    const events = (await town.referral.events()).filter(({ context }) => context?.variant?.link_code === code);
    expect(events.map(({ type }) => type)).toContain('application.received');
    const [event] = events;
    expect(event?.context?.variant).toMatchObject({
      id: 'short',
      partner_id: 'acme',
      link_code: code,
      click_id: page.click,
    });
    const stored = await town.referral.reports.store.load(event?.subject ?? '');
    expect(stored?.application.variant).toEqual(event?.context?.variant);
    // The log alone gives it again.
    const own = (await town.referral.events()).filter(({ subject }) => subject === event?.subject);
    expect(rebuildApplication(own)?.variant).toEqual(stored?.application.variant);
  });

  test('are kept with an application that began at the lender, by the click that it names', async () => {
    const variants: Variant[] = [{ id: 'store', weight: 1, landing: 'https://lender.example/app' }];
    const code = await town.makeLink({ variants });
    const location = new URL(await town.locationOf(`/r/${code}`));
    town.referral.intake.clock.advanceMs(MINUTE_MS);
    const person = nextPerson();
    const result = await reportApplication(town.referral.reports, 'quickcredit', {
      lender_ref: 'QC-VARIANT',
      product_id: 'quick-cash',
      subject: { phone: person.phone, id_number: person.idNumber, name: person.name },
      click_id: location.searchParams.get('click'),
      channel: 'app',
      applied_at: isoOf(town.referral.intake.clock.nowMs()),
    });
    if (result.kind !== 'reported') throw new Error(result.kind);
    expect(result.application.variant).toMatchObject({ id: 'store', link_code: code });
    await countAll();
    expect(await totals(code)).toMatchObject({ store: { clicks: 1, views: 0, accepted: 1 } });
  });
});
