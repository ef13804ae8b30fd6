import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { documentedOperations } from '../support/operations.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const DOCUMENTS = ['partner', 'lender', 'operator', 'referral'] as const;
const operations = documentedOperations();

let gateway: TestGateway;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
  gateway = await startTestGateway();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** Opens a page, and holds afterwards that it asked no other host and that the console stayed silent. */
async function visit(
  language: 'en' | 'zh',
  path: string,
  viewport: { readonly width: number; readonly height: number },
  walk: (visitor: Visitor) => Promise<void>,
): Promise<void> {
  const visitor = await openVisitor(browser, gateway.url, { language, viewport });
  try {
    await visitor.page.goto(`${gateway.url}${path}`);
    await walk(visitor);
    expect(visitor.faults).toEqual([]);
  } finally {
    await visitor.close();
  }
}

describe('/docs', () => {
  test.each(DOCUMENTS)('shows every operation of the %s document', async (document) => {
    await visit('en', `/docs?doc=${document}`, DESKTOP, async ({ page }) => {
      await page.waitForSelector('.opblock');
      const shown = await page.locator('.opblock').evaluateAll((blocks) =>
        blocks.map((block) => {
          const method = block.querySelector('.opblock-summary-method')?.textContent;
          return `${method} ${block.querySelector('.opblock-summary-path')?.getAttribute('data-path')}`;
        }),
      );
      const expected = operations
        .filter(({ door }) => door === document)
        .map(({ method, path }) => `${method} ${path}`);
      expect(shown.sort()).toEqual(expected.sort());
    });
  });

  test.each([
    ['en', 'Lender API', 'How to authenticate'],
    ['zh', '助贷机构接口', '鉴权方式'],
  ] as const)(
    'is read with a keyboard alone: another document, an operation, how to sign (%s)',
    async (language, name, how) => {
      await visit(language, '/docs', DESKTOP, async (visitor) => {
        const { page } = visitor;
        await page.waitForSelector('.opblock');
        expect(await page.locator('.info .title').textContent()).toContain('Sluice partner API');
        await visitor.tabTo(`text="${name}"`);
        await page.keyboard.press('Enter');
        await page.waitForURL(/doc=lender/);
        await page.waitForSelector('.opblock');
        expect(await page.locator('.info .title').textContent()).toContain('Sluice lender API');
        expect(await page.locator('[aria-current=page]').first().textContent()).toBe(name);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        await visitor.tabTo(`button:text-is("${how}")`);
        await page.keyboard.press('Enter');
        expect(await page.locator('.auth-container').textContent()).toContain('HTTP Message Signatures (RFC 9421)');
        await page.locator('.auth-btn-wrapper button:visible').press('Enter');
        await visitor.tabTo('.opblock-summary-control');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.opblock-body');
      });
    },
  );

  test('fits on a phone', async () => {
    await visit('zh', '/docs', PHONE, async (visitor) => {
      await visitor.page.waitForSelector('.opblock');
      expect(await visitor.overflow()).toBe(0);
    });
  });
});

describe('/docs/problems', () => {
  test.each([
    ['en', 'Problems', 'The request is not signed'],
    ['zh', '错误码', '请求未签名'],
  ] as const)('leads to the code that a problem names, on a phone (%s)', async (language, heading, meaning) => {
    await visit(language, '/docs/problems#signature_missing', PHONE, async (visitor) => {
      const { page } = visitor;
      expect(await page.locator('h1').textContent()).toBe(heading);
      expect(await page.locator(':target').textContent()).toContain(meaning);
      const box = await page.locator(':target').boundingBox();
      expect(box?.y).toBeLessThan(PHONE.height);
      expect(await visitor.overflow()).toBe(0);
    });
  });
});
