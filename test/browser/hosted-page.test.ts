import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditPage } from '../support/audit-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { askForCode, confirm, fillLoan, fillPerson, focused, SANDBOX_CODE } from '../support/hosted-page.ts';
import { nextPerson } from '../support/intake.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';

const PAGE_MAX_BYTES = 60_000;

/** What the page says. The lender may have been told of an application before its applicant sees the result. */
const WORDS = {
  en: {
    heading: 'Apply for Quick Cash',
    wrongCode: 'Tries left: 4',
    received: /We have your application\.|QuickCredit is (checking|deciding)/,
    next: 'What happens next',
    paid: 'Your loan was paid out.',
    other: '中文',
    otherHeading: '申请快借',
    unknown: 'This link does not work',
  },
  zh: {
    heading: '申请快借',
    wrongCode: '还可尝试 4 次',
    received: /申请已收到。|QuickCredit正在(核验|审批)/,
    next: '接下来',
    paid: '借款已发放。',
    other: 'English',
    otherHeading: 'Apply for Quick Cash',
    unknown: '链接无效',
  },
} as const;

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

/** Opens the page without JavaScript on a phone, and holds afterwards that nothing forbidden happened meanwhile. */
async function visit(language: 'en' | 'zh', path: string, walk: (visitor: Visitor) => Promise<void>): Promise<void> {
  const visitor = await openVisitor(browser, gateway.url, { language, script: 'off' });
  try {
    await visitor.page.goto(`${gateway.url}${path}`);
    await walk(visitor);
    expect(visitor.faults).toEqual([]);
  } finally {
    await visitor.close();
  }
}

describe.each(['en', 'zh'] as const)('the hosted page on a phone without scripts, %s', (language) => {
  const words = WORDS[language];

  test('leads from the link through form, wrong code and right code to the loan, credited to who shared the link', async () => {
    await visit(language, '/r/lantern-quick?sub1=blog', async (visitor) => {
      const { page } = visitor;
      expect(page.url()).toMatch(/\/apply\/lantern-quick\?click=clk_[0-9a-f]{32}&sub1=blog$/);
      expect(await page.locator('h1').textContent()).toBe(words.heading);
      expect(await visitor.bytesLoaded()).toBeLessThan(PAGE_MAX_BYTES);
      await fillPerson(page, nextPerson());
      await fillLoan(page);
      await askForCode(page);
      expect(await focused(page).getAttribute('name')).toBe('otp');
      await page.fill('[name=otp]', '123456');
      await confirm(page);
      expect(await page.locator('#f-otp-error').textContent()).toContain(words.wrongCode);
      expect(await focused(page).getAttribute('name')).toBe('otp');
      await gateway.clock('1m');
      await page.fill('[name=otp]', SANDBOX_CODE);
      await confirm(page);
      expect(await page.locator('[role=status]').textContent()).toMatch(words.received);
      expect(await page.locator('h2').textContent()).toBe(words.next);
      const [id] = /app_[0-9a-f]{32}/.exec((await page.locator('main').textContent()) ?? '') ?? [];
      await gateway.settle();
      await gateway.clock('1h');
      await gateway.settle();
      await page.reload();
      expect(await page.locator('[role=status]').textContent()).toContain(words.paid);
      const { body } = await gateway.operator.get(`/admin/v1/applications/${id}`);
      expect(body).toMatchObject({ attribution: { partner_id: 'lantern', via: 'click' } });
    });
  });

  test('changes language and keeps the click', async () => {
    await visit(language, '/r/lantern-quick', async ({ page }) => {
      const click = new URL(page.url()).searchParams.get('click');
      await page.click(`text=${words.other}`);
      expect(await page.locator('h1').textContent()).toBe(words.otherHeading);
      expect(new URL(page.url()).searchParams.get('click')).toBe(click);
      await askForCode(page);
      expect(await page.locator('html').getAttribute('lang')).toBe(language === 'zh' ? 'en' : 'zh-CN');
    });
  });

  test('nothing sticks out to the side and everything is large enough for a finger, on every step', async () => {
    await visit(language, '/r/lantern-quick', async (visitor) => {
      const { page } = visitor;
      await expectFits(visitor);
      await fillPerson(page, nextPerson());
      await askForCode(page);
      await expectFits(visitor);
      await confirm(page);
      await expectFits(visitor);
      await fillLoan(page);
      await page.fill('[name=otp]', SANDBOX_CODE);
      await confirm(page);
      await expectFits(visitor);
    });
  });

  test('an unknown link says so', async () => {
    await visit(language, '/r/nobody', async (visitor) => {
      expect(await visitor.page.locator('h1').textContent()).toBe(words.unknown);
      await expectFits(visitor);
    });
  });
});

describe('mistakes on the hosted page', () => {
  const WRONG = ['amount', 'term', 'id_number', 'consent'];

  async function makeMistakes(page: Page): Promise<void> {
    await fillPerson(page, nextPerson());
    await askForCode(page);
    await page.fill('[name=amount]', '1.005');
    await page.selectOption('[name=purpose]', 'travel');
    await page.fill('[name=id_number]', '110105194912310021');
    await page.fill('[name=otp]', SANDBOX_CODE);
    await confirm(page);
  }

  test('are told right under each input, which is marked as wrong and described by what is wrong', async () => {
    await visit('en', '/r/lantern-quick', async ({ page }) => {
      await makeMistakes(page);
      expect(await page.title()).toBe('Please check: Apply for Quick Cash');
      const marked = await page.locator('[aria-invalid=true]').all();
      const names = await Promise.all(marked.map((input) => input.getAttribute('name')));
      expect([...new Set(names)]).toEqual(WRONG);
      for (const input of marked) {
        const described = (await input.getAttribute('aria-describedby'))?.split(' ') ?? [];
        const error = page.locator(`#${described.at(-1)}`);
        expect(await error.isVisible()).toBe(true);
        expect(await error.getAttribute('class')).toBe('error');
      }
      const amount = await page.locator('#f-amount').boundingBox();
      const error = await page.locator('#f-amount-error').boundingBox();
      expect((error?.y ?? 0) - (amount?.y ?? 0) - (amount?.height ?? 0)).toBeLessThan(12);
    });
  });

  test('are summed up on top, which has the focus; its links lead to the inputs in their order', async () => {
    await visit('en', '/r/lantern-quick', async ({ page }) => {
      await makeMistakes(page);
      expect(await focused(page).getAttribute('role')).toBe('alert');
      const links = await page.locator('.alert a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      expect(links).toEqual(WRONG.map((name) => `#f-${name}`));
      for (const name of WRONG) {
        await page.locator(`.alert a[href="#f-${name}"]`).focus();
        await page.keyboard.press('Enter');
        expect(await focused(page).getAttribute('id')).toBe(`f-${name}`);
      }
    });
  });

  test('cost nobody what was typed, the code included', async () => {
    await visit('en', '/r/lantern-quick', async ({ page }) => {
      await makeMistakes(page);
      expect(await page.inputValue('[name=amount]')).toBe('1.005');
      expect(await page.inputValue('[name=purpose]')).toBe('travel');
      expect(await page.inputValue('[name=otp]')).toBe(SANDBOX_CODE);
      await fillLoan(page);
      await page.fill('[name=id_number]', nextPerson().idNumber);
      await confirm(page);
      expect(await page.locator('[role=status]').textContent()).toMatch(WORDS.en.received);
    });
  });
});

test('the hosted page is completed with a keyboard alone, from top to bottom', async () => {
  const person = nextPerson();
  await visit('en', '/r/lantern-quick', async (visitor) => {
    const { page } = visitor;
    const { keyboard } = page;
    const order: string[] = [];
    const typeInto = async (name: string, text: string) => {
      order.push(...(await visitor.tabTo(`[name=${name}]`)));
      await keyboard.press('ControlOrMeta+A');
      await keyboard.insertText(text);
    };
    await typeInto('amount', '5000');
    order.push(...(await visitor.tabTo('[name=term]')));
    await keyboard.press('ArrowDown');
    order.push(...(await visitor.tabTo('[name=purpose]')));
    await keyboard.press('ArrowDown');
    await typeInto('name', person.name);
    await typeInto('id_number', person.idNumber);
    await typeInto('phone', person.phone);
    for (const box of ['#f-consent', '#f-consent-1']) {
      order.push(...(await visitor.tabTo(box)));
      await keyboard.press('Space');
    }
    order.push(...(await visitor.tabTo('button[value=otp]')));
    const inputs = ['amount', 'term', 'purpose', 'name', 'id_number', 'phone', 'consent', 'consent-1'];
    expect(order.filter((id) => id.startsWith('f-'))).toEqual(inputs.map((name) => `f-${name}`));
    await keyboard.press('Enter');
    await page.waitForSelector('[name=otp]');
    await keyboard.insertText(SANDBOX_CODE);
    await keyboard.press('Enter');
    await page.waitForURL(/\/result\?t=/);
    expect(await page.locator('[role=status]').textContent()).toMatch(WORDS.en.received);
  });
});

/** On the phone and on the narrowest window that has to be read without scrolling sideways (WCAG 1.4.10). */
async function expectFits({ page }: Visitor): Promise<void> {
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await auditPage(page)).toEqual([]);
  }
}
