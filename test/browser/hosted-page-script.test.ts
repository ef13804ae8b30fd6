import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditPage } from '../support/audit-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { editedPartners } from '../support/edited-partners.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applyWith, askForCode, confirm, fillLoan, fillPerson, focused, SANDBOX_CODE } from '../support/hosted-page.ts';
import { nextPerson } from '../support/intake.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';

const PAGE_MAX_BYTES = 60_000;
const LANDING = 'https://app.quickcredit.example/credit';

let gateway: TestGateway;
let browser: Browser;
let partners: string;

beforeAll(async () => {
  browser = await launchChromium();
  partners = editedPartners([
    'lending/quickcredit/lender.yaml',
    '    quotes: local\n',
    `    quotes: local\n    onward: { android: "${LANDING}?a={application_id}", h5: "${LANDING}?c={click_id}" }\n`,
  ]);
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
  rmSync(partners, { recursive: true, force: true });
});

interface Options {
  readonly language?: 'en' | 'zh';
  readonly script?: 'on' | 'off';
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens the form on a phone, and holds afterwards that nothing forbidden happened meanwhile. */
async function visit(options: Options, walk: (visitor: Visitor) => Promise<void>): Promise<void> {
  const visitor = await openVisitor(browser, gateway.url, { language: 'en', ...options });
  try {
    await visitor.page.goto(`${gateway.url}/r/lantern-quick`);
    await walk(visitor);
    expect(visitor.faults).toEqual([]);
  } finally {
    await visitor.close();
  }
}

/** Posts of the form, as they leave. */
function posts(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    const isForm = request.method() === 'POST' && new URL(request.url()).pathname.startsWith('/apply/');
    if (isForm) sent.push(new URLSearchParams(request.postData() ?? '').get('step') ?? '');
  });
  return sent;
}

const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();

describe('the hosted page with its script', () => {
  test.each(['en', 'zh'] as const)('leads to the result without leaving the form in between (%s)', async (language) => {
    await visit({ language }, async (visitor) => {
      const { page } = visitor;
      expect(await visitor.bytesLoaded()).toBeLessThan(PAGE_MAX_BYTES);
      await page.evaluate('window.isSamePage = true');
      await fillPerson(page, nextPerson());
      await askForCode(page);
      await page.waitForSelector('[name=otp]');
      expect(await focused(page).getAttribute('name')).toBe('otp');
      await fillLoan(page);
      await page.fill('[name=otp]', '123456');
      await confirm(page);
      await page.waitForSelector('#f-otp-error');
      expect(await page.evaluate('window.isSamePage')).toBe(true);
      expect(await focused(page).getAttribute('name')).toBe('otp');
      await page.fill('[name=otp]', SANDBOX_CODE);
      await confirm(page);
      await page.waitForURL(/\/result\?t=/);
    });
  });

  test('says the same as the server, in the same places', async () => {
    const mistakes = async ({ page }: Visitor) => {
      await page.fill('[name=phone]', nextPerson().phone);
      await askForCode(page);
      await page.waitForSelector('[name=otp]');
      await page.fill('[name=amount]', '1.005');
      await page.selectOption('[name=purpose]', 'travel');
      await page.fill('[name=id_number]', '110105194912310021');
      await page.fill('[name=otp]', '12');
      await page.locator('[name=consent]').first().check();
      await confirm(page);
      await page.waitForSelector('.alert');
      expect(await focused(page).getAttribute('role')).toBe('alert');
      const wrong = await page.locator('[aria-invalid=true]').evaluateAll((all) =>
        all.map((input) => {
          // A hint may stand before what is wrong.
          const described = input.getAttribute('aria-describedby')?.split(' ').at(-1);
          return `${input.getAttribute('name')}: ${described}`;
        }),
      );
      return { errors: await texts(page, '.error'), summary: await texts(page, '.alert h2, .alert li'), wrong };
    };
    const told: unknown[] = [];
    for (const script of ['off', 'on'] as const) {
      await visit({ script }, async (visitor) => {
        const sent = posts(visitor.page);
        told.push(await mistakes(visitor));
        expect(sent).toEqual(script === 'on' ? ['otp'] : ['otp', 'apply']);
      });
    }
    expect(told[1]).toEqual(told[0]);
    expect((told[0] as { errors: string[] }).errors).toHaveLength(6);
  });

  test('tells what is wrong when an input is left, and that it is right as soon as it is', async () => {
    await visit({}, async ({ page }) => {
      await page.locator('[name=id_number]').pressSequentially('11010519491231002');
      await page.keyboard.press('Tab');
      expect(await page.locator('#f-id_number-error').textContent()).toContain('not a valid ID number');
      await page.locator('[name=id_number]').press('End');
      await page.locator('[name=id_number]').pressSequentially('x');
      expect(await page.locator('#f-id_number-error').count()).toBe(0);
      expect(await page.inputValue('[name=id_number]')).toBe('110105 19491231 002X');
      await page.locator('[name=phone]').pressSequentially('13800138000');
      expect(await page.inputValue('[name=phone]')).toBe('138 0013 8000');
    });
  });

  test('takes off the list of faults what has been put right, until nothing is left of it', async () => {
    await visit({}, async ({ page }) => {
      await page.fill('[name=id_number]', '1');
      await askForCode(page);
      expect(await texts(page, '.alert h2, .alert a')).toEqual([
        'Please correct these 2 entries:',
        'ID number',
        'Mobile number',
      ]);
      await page.fill('[name=id_number]', nextPerson().idNumber);
      expect(await texts(page, '.alert h2, .alert a')).toEqual(['Please correct this:', 'Mobile number']);
      await page.fill('[name=phone]', nextPerson().phone);
      expect(await page.locator('.alert').count()).toBe(0);
    });
  });

  test('computes what the loan costs as the server does, by slider too', async () => {
    let computed: string[] = [];
    await visit({}, async ({ page }) => {
      await page.selectOption('[name=term]', '6');
      await page.fill('#slider', '500000');
      expect(await page.inputValue('[name=amount]')).toBe('5000');
      expect(await page.locator('#slider').getAttribute('aria-valuetext')).toBe('¥5,000');
      computed = await texts(page, '#estimate span');
      await page.fill('[name=amount]', '5001');
      expect(await page.locator('.estimate').isVisible()).toBe(false);
    });
    await visit({ script: 'off' }, async ({ page }) => {
      await fillLoan(page);
      await page.fill('[name=phone]', nextPerson().phone);
      await askForCode(page);
      expect(await texts(page, '#estimate span')).toEqual(computed);
      expect(computed[0]).toBe('About ¥877.63 a month, 6 times.');
    });
  });

  test('waits for a slow code without losing what is typed meanwhile, and asks for it once', async () => {
    await visit({}, async ({ page }) => {
      const sent = posts(page);
      let letThrough = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        letThrough = resolve;
      });
      await page.route('**/apply/lantern-quick?*', async (route) => {
        if (route.request().method() === 'POST') await held;
        await route.continue();
      });
      const person = nextPerson();
      await page.fill('[name=phone]', person.phone);
      await page.dblclick('button[value=otp]');
      expect(await page.locator('button[value=otp]').textContent()).toBe('One moment…');
      await fillLoan(page);
      await page.fill('[name=name]', person.name);
      letThrough();
      await page.waitForSelector('[name=otp]');
      expect(await focused(page).getAttribute('name')).toBe('name');
      expect(await page.inputValue('[name=name]')).toBe(person.name);
      expect(await page.locator('[name=consent]:checked').count()).toBe(2);
      expect(sent).toEqual(['otp']);
    });
  });

  test('counts down until another code may be asked for', async () => {
    await visit({}, async ({ page }) => {
      await page.clock.install();
      await page.reload();
      await page.fill('[name=phone]', nextPerson().phone);
      await askForCode(page);
      await page.waitForSelector('[name=otp]');
      const again = page.locator('button[value=otp]');
      expect(await again.isDisabled()).toBe(true);
      expect(await again.textContent()).toMatch(/\(\d+ s\)/);
      await page.clock.fastForward('01:01');
      expect(await again.isDisabled()).toBe(false);
      expect(await again.textContent()).toBe('Send a new code');
    });
  });

  test('a double click applies once; going back does not lead to a form that was sent', async () => {
    await visit({}, async ({ page }) => {
      const sent = posts(page);
      await page.goto(`${gateway.url}/healthz`);
      await page.goto(`${gateway.url}/r/lantern-quick`);
      await fillPerson(page, nextPerson());
      await fillLoan(page);
      await askForCode(page);
      await page.fill('[name=otp]', SANDBOX_CODE);
      await page.dblclick('button[value=apply]');
      await page.waitForURL(/\/result\?t=/);
      expect(sent).toEqual(['otp', 'apply']);
      await page.goBack();
      expect(new URL(page.url()).pathname).toBe('/healthz');
    });
  });

  test('keeps amount, term and purpose over a reload, and nothing of the person anywhere', async () => {
    await visit({}, async ({ page }) => {
      await fillPerson(page, nextPerson());
      await fillLoan(page);
      await page.reload();
      expect(await page.inputValue('[name=amount]')).toBe('5000');
      expect(await page.inputValue('[name=purpose]')).toBe('travel');
      expect(await page.inputValue('[name=name]')).toBe('');
      const kept = await page.evaluate<string>(
        'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])',
      );
      expect(JSON.parse(kept)).toEqual([
        { 'sluice /apply/lantern-quick': '{"amount":"5000","term":"6","purpose":"travel"}' },
        {},
        '',
      ]);
    });
  });

  test('says so when nobody answers, keeps everything, and goes on afterwards', async () => {
    const visitor = await openVisitor(browser, gateway.url, { language: 'en' });
    const { page } = visitor;
    await page.goto(`${gateway.url}/r/lantern-quick`);
    await fillPerson(page, nextPerson());
    await page.context().setOffline(true);
    await askForCode(page);
    await page.waitForSelector('.alert');
    expect(await page.locator('.alert').textContent()).toContain('This did not get through');
    await page.context().setOffline(false);
    await askForCode(page);
    await page.waitForSelector('[name=otp]');
    expect(await page.locator('.alert').count()).toBe(0);
    await visitor.close();
  });

  test('is completed with a keyboard alone', async () => {
    const person = nextPerson();
    await visit({ language: 'zh' }, async (visitor) => {
      const { page } = visitor;
      const { keyboard } = page;
      const typeInto = async (name: string, text: string) => {
        await visitor.tabTo(`[name=${name}]`);
        await keyboard.press('ControlOrMeta+A');
        await keyboard.type(text);
      };
      await typeInto('amount', '5000');
      await visitor.tabTo('#slider');
      await keyboard.press('ArrowRight');
      expect(await page.inputValue('[name=amount]')).toBe('5100');
      for (const name of ['term', 'purpose']) {
        await visitor.tabTo(`[name=${name}]`);
        await keyboard.press('ArrowDown');
      }
      await typeInto('name', person.name);
      await typeInto('id_number', person.idNumber);
      await typeInto('phone', person.phone);
      for (const box of ['#f-consent', '#f-consent-1']) {
        await visitor.tabTo(box);
        await keyboard.press('Space');
      }
      await visitor.tabTo('button[value=otp]');
      await keyboard.press('Enter');
      await page.waitForSelector('[name=otp]:focus');
      await keyboard.type(SANDBOX_CODE);
      await keyboard.press('Enter');
      await page.waitForURL(/\/result\?t=/);
    });
  });
});

describe('the result page', () => {
  test('follows the application by itself, and leads on to the lender when it was granted', async () => {
    await visit({}, async ({ page }) => {
      await applyWith(page, nextPerson('0000'));
      await page.clock.install();
      await page.reload();
      expect(await page.locator('a.button').count()).toBe(0);
      await gateway.settle();
      await gateway.clock('30m');
      await gateway.settle();
      await page.clock.fastForward(3_100);
      await page.waitForSelector('.state.good');
      const [id = ''] = /app_[0-9a-f]{32}/.exec((await page.locator('main').textContent()) ?? '') ?? [];
      const buttons = await page.locator('a.button').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
      expect(buttons).toEqual([`${LANDING}?a=${id}`, expect.stringMatching(/\?c=clk_[0-9a-f]+$/)]);
    });
  });

  test.each(['on', 'off'] as const)('takes what the lender asks for, script %s', async (script) => {
    await visit({ script }, async ({ page }) => {
      await applyWith(page, nextPerson('0002'));
      await gateway.settle();
      await gateway.clock('5m');
      await gateway.settle();
      await page.reload();
      expect(await page.locator('h2').first().textContent()).toBe('QuickCredit needs this from you');
      await page.fill('[name=email]', 'nobody@');
      await page.click('button[value=answer]');
      await page.waitForSelector('#f-email-error');
      await page.fill('[name=email]', 'somebody@example.com');
      await page.click('button[value=answer]');
      await page.waitForSelector('[name=email]', { state: 'detached' });
      expect(await page.locator('.alert').count()).toBe(0);
    });
  });
});

describe('everybody can use every step', () => {
  test.each([
    ['en', 'dark'],
    ['zh', 'light'],
  ] as const)('%s, %s', async (language, colorScheme) => {
    await visit({ language, colorScheme }, async ({ page }) => {
      const audit = async (step: string) =>
        expect(await auditPage(page, `${step}-${language}-${colorScheme}`), step).toEqual([]);
      await audit('form');
      await page.fill('[name=phone]', nextPerson('0002').phone);
      await askForCode(page);
      await page.waitForSelector('[name=otp]');
      await audit('code');
      await confirm(page);
      await page.waitForSelector('.alert');
      await audit('faults');
      await fillPerson(page, nextPerson('0002'));
      await fillLoan(page);
      await page.selectOption('[name=term]', '12');
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await audit('filled');
      await page.reload();
      await applyWith(page, nextPerson('0002'));
      await gateway.settle();
      await gateway.clock('5m');
      await gateway.settle();
      await page.reload();
      await audit('asked');
      await page.goto(`${gateway.url}/apply/lantern-quick/result?t=none`);
      await audit('gone');
    });
  });
});
