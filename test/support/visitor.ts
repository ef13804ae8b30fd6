import type { Browser, BrowserContext, Page } from 'playwright-core';

const PHONE = { width: 390, height: 844 };
let visitors = 0;

/** A headless browser names itself a bot, whose clicks do not count; and people without a cookie are told apart by it. */
function userAgent(): string {
  visitors += 1;
  return `Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.${visitors}.0 Mobile Safari/537.36`;
}

export interface Visitor {
  readonly page: Page;
  /** What must not happen: requests to other hosts, errors in the console, breaches of the content policy. */
  readonly faults: readonly string[];
  /** Bytes of every body that was loaded since the last call. */
  bytesLoaded(): Promise<number>;
  /** How many pixels of the page stick out to the right of the window. */
  overflow(): Promise<number>;
  /** Presses Tab until an element that matches has the focus. @returns ids or texts of what had it on the way */
  tabTo(selector: string): Promise<string[]>;
  close(): Promise<void>;
}

const TABS_MAX = 40;
/** A page here answers in milliseconds; what takes this long will not come. */
const STEP_TIMEOUT_MS = 15_000;

/**
 * Somebody with a browser, who sees the gateway and nothing else: a request to any other host fails and is a fault.
 * @param origin of the gateway
 * @param options.script off = JavaScript is disabled
 */
export async function openVisitor(
  browser: Browser,
  origin: string,
  options: {
    readonly language: 'zh' | 'en';
    readonly script?: 'on' | 'off';
    readonly viewport?: { readonly width: number; readonly height: number };
    readonly colorScheme?: 'light' | 'dark';
  },
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: options.viewport ?? PHONE,
    locale: options.language === 'zh' ? 'zh-CN' : 'en-GB',
    javaScriptEnabled: options.script !== 'off',
    colorScheme: options.colorScheme ?? 'light',
    userAgent: userAgent(),
  });
  const faults: string[] = [];
  await keepTo(context, origin, faults);
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // The page's own 4xx (a form that came back with its faults, posted by the browser or by its script) is an answer, not a
    // fault of the page.
    const isOwn = pathOf(message.location().url) === pathOf(page.url());
    const isAnswer = isOwn && message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isAnswer) faults.push(`console: ${message.text()}`);
  });
  let bodies: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    const size = request.sizes().then((sizes) => sizes.responseBodySize);
    // What a page says as it is left is nobody's to wait for.
    bodies.push(size.catch(() => 0));
  });
  return {
    page,
    faults,
    async bytesLoaded() {
      const sizes = await Promise.all(bodies);
      bodies = [];
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    overflow: () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    async tabTo(selector) {
      const passed: string[] = [];
      for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
        await page.keyboard.press('Tab');
        passed.push(
          await page.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()'),
        );
        if ((await page.locator(selector).and(page.locator(':focus')).count()) > 0) return passed;
      }
      throw new Error(`Tab does not lead to ${selector}, only to: ${passed.join(', ')}`);
    },
    close: () => context.close(),
  };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

async function keepTo(context: BrowserContext, origin: string, faults: string[]): Promise<void> {
  await context.route('**/*', (route) => {
    const { origin: asked } = new URL(route.request().url());
    if (asked === origin) return route.continue();
    faults.push(`request to another host: ${asked}`);
    return route.abort();
  });
}
