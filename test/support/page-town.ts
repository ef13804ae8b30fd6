import type { NewLink } from '../../src/attribution/link-store.ts';
import { MINUTE_MS } from '../../src/base/clock.ts';
import type { ReferralDoor } from '../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../src/doors/referral/referral-door.ts';
import { daysLately } from '../../src/doors/schemas/page-funnel-schema.ts';
import type { PageFunnel } from '../../src/insight/pages/page-funnel.ts';
import { PageReader } from '../../src/insight/pages/page-reader.ts';
import { nextPerson } from './intake.ts';
import type { TestRedis } from './redis.ts';
import { createTestReferral, type TestReferral } from './referral.ts';
import { ORIGIN } from './tiny-door.ts';

/** A phone as it names itself. */
export const PHONE =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';

/** A hosted page as it came, with what its script would find on it. */
export interface HostedPage {
  readonly status: number;
  readonly html: string;
  readonly path: string;
  readonly click: string;
  readonly load: string;
  readonly form: string;
}

type Headers = Readonly<Record<string, string>>;

/** Links, and people without script who follow them to the hosted page. */
export class PageTown {
  readonly referral: TestReferral;
  readonly door: ReferralDoor;
  readonly pages: PageReader;
  #links = 0;
  #people = 0;

  constructor(referral: TestReferral, redis: TestRedis) {
    this.referral = referral;
    this.door = createReferralDoor(referral.deps);
    this.pages = new PageReader(redis.client, redis.keys);
  }

  static async open(redis: TestRedis): Promise<PageTown> {
    return new PageTown(await createTestReferral(redis), redis);
  }

  /** @returns its code */
  async makeLink(change: Partial<NewLink> = {}): Promise<string> {
    this.#links += 1;
    const code = `test-${this.#links}`;
    const link = {
      code,
      partner_id: 'acme',
      product_id: 'quick-cash',
      landing: 'hosted',
      fallback_url: null,
      caps: {},
    };
    const rest = { same_visitor_hours: 1, pass: [], params: {}, host: null, label: null };
    const { links } = this.referral.deps.click;
    const made = await links.create({ ...link, ...rest, ...change }, '2026-03-01T00:00:00.000Z');
    if (made.kind !== 'created') throw new Error(`${code} was not made: ${made.kind}`);
    return code;
  }

  /** Headers of a browser that nobody has used yet. */
  somebody(userAgent: string = PHONE): Record<string, string> {
    this.#people += 1;
    return { 'user-agent': `${userAgent} ${this.#people}`, 'accept-language': 'en' };
  }

  /** Where a link leads. */
  async locationOf(path: string, who: Headers = this.somebody()): Promise<string> {
    return (await this.door.request(`${ORIGIN}${path}`, { headers: who })).headers.get('location') ?? '';
  }

  async follow(path: string, who: Headers = this.somebody()): Promise<HostedPage> {
    return this.get((await this.locationOf(path, who)).replace(ORIGIN, ''), who);
  }

  get(path: string, who: Headers = this.somebody()): Promise<HostedPage> {
    return this.#load(path, who, {});
  }

  post(page: HostedPage, fields: Readonly<Record<string, string>>): Promise<HostedPage> {
    const body = new URLSearchParams({ form: page.form, ...fields }).toString();
    const action = /action="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? page.path;
    const headers = { ...this.somebody(), 'content-type': 'application/x-www-form-urlencoded' };
    return this.#load(action, headers, { method: 'POST', body });
  }

  /** From the page to the result. @returns the page of the result */
  async apply(page: HostedPage): Promise<HostedPage> {
    this.referral.intake.clock.advanceMs(MINUTE_MS);
    const fields = { ...fieldsOf(), consent: 'on' };
    return this.post(await this.post(page, { step: 'otp', ...fields }), { step: 'apply', otp: '000000', ...fields });
  }

  funnelOf(code: string): Promise<PageFunnel> {
    return this.pages.funnel('acme', code, daysLately(this.referral.intake.clock.nowMs(), 'Asia/Shanghai'));
  }

  async #load(path: string, who: Headers, init: RequestInit): Promise<HostedPage> {
    const response = await this.door.request(`${ORIGIN}${path}`, { ...init, headers: who });
    const location = response.headers.get('location');
    if (location !== null && init.method === 'POST') return this.get(location.replace(ORIGIN, ''), who);
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
}

/** What somebody new types. */
export function fieldsOf(): Record<string, string> {
  const person = nextPerson();
  const loan = { amount: '5000', term: '6', purpose: 'consumption' };
  return { name: person.name, id_number: person.idNumber, phone: person.phone, ...loan };
}
