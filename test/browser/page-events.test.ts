import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applyWith, askForCode, fillPerson } from '../support/hosted-page.ts';
import { nextPerson } from '../support/intake.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';

let gateway: TestGateway;
let browser: Browser;
let links = 0;

beforeAll(async () => {
  browser = await launchChromium();
  gateway = await startTestGateway();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** A link with one variant, walked through by somebody with a browser. @returns its page's funnel and its results */
async function walked(walk: (visitor: Visitor) => Promise<void>, options: { readonly script?: 'on' | 'off' } = {}) {
  links += 1;
  const code = `walked-${links}`;
  const variants = [{ id: 'short', weight: 1, page: { headline: { zh: '三分钟申请', en: 'Three minutes' } } }];
  const made = await gateway.acme.post('/v1/links', { code, product_id: 'quick-cash', landing: 'hosted', variants });
  expect(made.status).toBe(201);
  const visitor = await openVisitor(browser, gateway.url, { language: 'en', ...options });
  try {
    await visitor.page.goto(`${gateway.url}/r/${code}`);
    expect(await visitor.page.locator('h1').textContent()).toBe('Three minutes');
    await walk(visitor);
    // What a test blocks itself, the console tells.
    expect(visitor.faults.filter((fault) => !fault.endsWith('net::ERR_FAILED'))).toEqual([]);
  } finally {
    await visitor.close();
  }
  await gateway.settle();
  const page = await gateway.acme.get(`/v1/links/${code}/page`);
  const results = await gateway.acme.get(`/v1/links/${code}/variants`);
  const steps: [string, number][] = results.body.variants[0].steps.map((each: { step: string; count: number }) => [
    each.step,
    each.count,
  ]);
  return { page: page.body, steps: { clicks: results.body.variants[0].clicks, ...Object.fromEntries(steps) } };
}

describe('what a browser tells of a hosted page', () => {
  test('is each step once, and what was wrong beside which input', async () => {
    const { page, steps } = await walked(async (visitor) => {
      await visitor.page.fill('[name=id_number]', '110105194912310021');
      await visitor.page.locator('[name=id_number]').blur();
      await applyWith(visitor.page, nextPerson());
    });
    expect(steps).toMatchObject({ clicks: 1, views: 1, starts: 1, otp_sent: 1, submits: 1, accepted: 1 });
    expect(page.total).toMatchObject({ page_views: 1, visitors: 1, started: 1, otp_sent: 1, submitted: 1 });
    expect(page.errors).toContainEqual({ field: 'id_number', code: 'id_invalid', count: 1 });
    expect(page.seconds_to_submit.median).toBeGreaterThan(0);
    expect(page.by_device).toMatchObject([{ device: 'mobile' }]);
  });

  test('is known of a browser without script as well, but for what only a script sees', async () => {
    const { steps } = await walked((visitor) => applyWith(visitor.page, nextPerson()), { script: 'off' });
    expect(steps).toMatchObject({ clicks: 1, views: 1, starts: 0, otp_sent: 1, submits: 1, accepted: 1 });
  });

  test('is how long it was looked at, when it is left', async () => {
    const made = await gateway.acme.post('/v1/links', { code: 'left', product_id: 'quick-cash', landing: 'hosted' });
    expect(made.status).toBe(201);
    const { page, close } = await openVisitor(browser, gateway.url, { language: 'zh' });
    await page.goto(`${gateway.url}/r/left`);
    await page.goto(`${gateway.url}/healthz`);
    // A page that has gone tells when it likes.
    await expect
      .poll(async () => (await gateway.acme.get('/v1/links/left/page')).body.seconds_visible.median)
      .toBeGreaterThan(0);
    await close();
  });

  test('keeps nobody from applying when it is blocked', async () => {
    const { steps } = await walked(async ({ page }) => {
      await page.route('**/e', (route) => route.abort());
      await fillPerson(page, nextPerson());
      await askForCode(page);
      await page.waitForSelector('[name=otp]');
    });
    expect(steps).toMatchObject({ views: 1, starts: 0, otp_sent: 1 });
  });
});
