import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/base/clock.ts';
import type { ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { nextPerson } from '../../support/intake.ts';
import { applicationOf, BROWSER, fieldsOf, PageVisit, sealedOf } from '../../support/page-visit.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

/** Uncompressed: page with its style, and the script. */
const PAGE_MAX_BYTES = 60_000;
const LENDER = 'lending/quickcredit/lender.yaml';
const NEW_TEXT = 'f'.repeat(64);
const RESULT_AAD = 'apply-result';
const FORM_AAD = 'apply-form';

let redis: TestRedis;
let referral: TestReferral;
let door: ReferralDoor;
let shipped: Registry;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  shipped = referral.intake.registry;
  door = createReferralDoor(referral.deps);
});
afterAll(() => redis.close());
afterEach(() => referral.intake.use(shipped));

const visit = (language?: string) => new PageVisit(door, language);

/** Somebody who has read the page: clicks of a moment ago earn nobody an applicant. */
async function reader(): Promise<PageVisit> {
  const page = await visit().get('/r/acme-home');
  referral.intake.clock.advanceMs(MINUTE_MS);
  return page;
}

/** The counterparties with another text to agree to. */
function withNewText(): Promise<Registry> {
  return registryVariant({
    [LENDER]: (content) => {
      const [consent] = productIn(content, 'quick-cash').requirements.consents;
      Object.assign(consent, { version: '4', text_sha256: NEW_TEXT });
    },
  });
}

describe('what an applicant agrees to', () => {
  test('is what was shown: the very hashes, nothing ticked beforehand, the phone verified first', async () => {
    const person = nextPerson();
    const page = await reader();
    expect(page.html).not.toContain(' checked');
    await page.post({ step: 'otp', ...fieldsOf(person) });
    const shown = [...page.html.matchAll(/<code>([0-9a-f]{64})<\/code>/g)].map(([, hash]) => hash);
    await page.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    const { consents, verifications } = await sealedOf(referral, (await applicationOf(referral, person)).id);
    expect(shown).toHaveLength(2);
    expect(consents.map((consent) => consent.text_sha256)).toEqual(shown);
    const verifiedAt = String(verifications[0]?.at);
    for (const consent of consents) expect(String(consent.accepted_at) >= verifiedAt).toBe(true);
  });

  test('is shown again when it has changed meanwhile, with no box ticked and nothing recorded', async () => {
    const person = nextPerson();
    const page = await reader();
    await page.post({ step: 'otp', ...fieldsOf(person) });
    referral.intake.use(await withNewText());
    await page.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(page.status).toBe(422);
    expect(page.html).toContain('have changed meanwhile');
    expect(page.html).toContain(NEW_TEXT);
    expect(page.html).not.toContain(' checked');
    expect(page.html).toContain(`value="${person.name}"`);
    await expect(applicationOf(referral, person)).rejects.toThrow('no such application');
    await page.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    const { consents } = await sealedOf(referral, (await applicationOf(referral, person)).id);
    expect(consents[1]).toMatchObject({ version: '4', text_sha256: NEW_TEXT });
  });

  test('is asked again when the price has changed meanwhile', async () => {
    const page = await visit().get('/r/acme-home');
    await page.post({ step: 'otp', ...fieldsOf(nextPerson()) });
    const dearer = await registryVariant({
      [LENDER]: (content) => {
        productIn(content, 'quick-cash').rate = { annual: '0.2' };
      },
    });
    referral.intake.use(dearer);
    await page.post({ step: 'apply', otp: '000000', ...fieldsOf(nextPerson()) });
    expect(page.status).toBe(422);
    expect(page.html).toContain('have changed meanwhile');
  });

  test('keeps the boxes that were ticked, each by itself', async () => {
    const page = await visit().get('/r/acme-home');
    const fields = { ...fieldsOf(nextPerson()), consent: 'credit-authorisation' };
    await page.post({ step: 'otp', ...fields });
    expect(page.html.match(/name="consent"[^>]* checked/g)).toHaveLength(1);
    expect(page.html).toMatch(/value="credit-authorisation"[^>]* checked/);
  });
});

describe('a post of the form', () => {
  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }, 403],
    ['another site, by an older browser', { origin: 'https://evil.example' }, 403],
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'null' }, 200],
    ['our own page, by an older browser', { origin: ORIGIN }, 200],
    ['a browser that says nothing', {}, 200],
  ])('from %s', async (_, headers, status) => {
    const page = await visit().get('/r/acme-home');
    await page.post({ step: 'otp', ...fieldsOf(nextPerson()) }, headers);
    expect(page.status).toBe(status);
    expect(page.html.includes('name="otp"')).toBe(status === 200);
  });

  test('asks for another code a moment later in vain, and says how long to wait', async () => {
    const fields = fieldsOf(nextPerson());
    const page = await visit().get('/r/acme-home');
    await page.post({ step: 'otp', ...fields });
    await page.post({ step: 'otp', ...fields });
    expect(page.status).toBe(429);
    expect(page.html).toMatch(/another one in \d+ seconds/);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    await page.post({ step: 'apply', otp: '000000', ...fields });
    expect(page.html).toContain('We have your application.');
  });

  test('that comes too late is told so in words; what was typed is still there', async () => {
    const person = nextPerson();
    const page = await visit().get('/r/acme-home');
    await page.post({ step: 'otp', ...fieldsOf(person) });
    const opened = referral.deps.sealer.openJson(page.hidden('form'), FORM_AAD);
    if (!opened.ok) throw new Error(opened.message);
    const old = { ...(opened.plain as object), issuedAtMs: Date.now() - 3 * 60 * 60_000 };
    await page.post({
      step: 'apply',
      otp: '000000',
      ...fieldsOf(person),
      form: referral.deps.sealer.seal(old, FORM_AAD),
    });
    expect(page.status).toBe(422);
    expect(page.html).toContain('This form has expired');
    expect(page.html).toContain(`value="${person.name}"`);
    await page.post({ step: 'otp', ...fieldsOf(person) });
    await page.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(page.html).toContain('We have your application.');
  });

  test('sent by many at once is one application, and all are led to it', async () => {
    const person = nextPerson();
    const page = await reader();
    await page.post({ step: 'otp', ...fieldsOf(person) });
    const body = new URLSearchParams({ step: 'apply', otp: '000000', form: page.hidden('form'), ...fieldsOf(person) });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': BROWSER };
    const send = () => door.request(`${ORIGIN}/apply/acme-home`, { method: 'POST', headers, body: body.toString() });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    const ids = answers.map((answer) => {
      const address = new URL(answer.headers.get('location') ?? '', ORIGIN);
      const opened = referral.deps.sealer.openJson(address.searchParams.get('t') ?? '', RESULT_AAD);
      return opened.ok ? (opened.plain as { applicationId: string }).applicationId : answer.status;
    });
    expect(new Set(ids)).toEqual(new Set([(await applicationOf(referral, person)).id]));
  });
});

describe('the page', () => {
  test.each(['en', 'zh'])(
    'with every input there is, its style and its script stay below 60 KB (%s)',
    async (language) => {
      const every = await registryVariant({
        [LENDER]: (content) => {
          productIn(content, 'quick-cash').requirements.applicant = [
            ...['name', 'id_number', 'phone', 'email', 'id_card', 'education', 'marital_status', 'residence'],
            ...['employment', 'income', 'assets', 'contacts', 'bank_card'],
          ];
        },
      });
      referral.intake.use(every);
      const page = await visit(language).get('/r/acme-home');
      expect(page.html.match(/<(input|select) id="f-/g)?.length).toBeGreaterThanOrEqual(30);
      const [, path = ''] = /<script src="([^"]+)"/.exec(page.html) ?? [];
      const script = await door.request(`${ORIGIN}${path}`);
      expect(script.status).toBe(200);
      const bytes = Buffer.byteLength(page.html) + (await script.arrayBuffer()).byteLength;
      expect(bytes).toBeLessThan(PAGE_MAX_BYTES);
    },
  );

  test('runs one script of our own, loads nothing else, is framed by nobody and stays in no cache', async () => {
    const page = await visit().get('/r/acme-home');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy.replace(/sha256-[^']+/, 'sha256-…').split('; ')).toEqual([
      "default-src 'none'",
      "style-src 'sha256-…'",
      "script-src 'self'",
      "connect-src 'self'",
      "img-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(page.html.match(/<script src=/g)).toHaveLength(1);
    expect(page.html).not.toMatch(/ on[a-z]+="|javascript:|style="/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
  });

  test('names its script and icon by their content, to be kept for a year; other names are nobody’s', async () => {
    const { html } = await visit().get('/r/acme-home');
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/apply\/assets\/[^"]+)"/g)) {
      expect(path).toMatch(/-[0-9a-f]{16}\.(js|svg)$/);
      const asset = await door.request(`${ORIGIN}${path}`);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await door.request(`${ORIGIN}/apply/assets/page-0.js`)).status).toBe(404);
  });

  test.each([
    [
      'en',
      [
        'QuickCredit',
        'Harbour Bank',
        'APR, interest and all fees included',
        'within 3 days',
        'Who receives your details',
        'Acme Loan Supermarket',
      ],
    ],
    [
      'zh',
      [
        'QuickCredit',
        'Harbour Bank',
        '年化综合融资成本（含利息及全部费用）',
        '3 天内',
        '您的信息将提供给谁',
        'Acme Loan Supermarket',
      ],
    ],
  ])('says who lends, whose money, what it costs and who learns what (%s)', async (language, words) => {
    const { html } = await visit(language).get('/r/acme-home');
    for (const word of words) expect(html).toContain(word);
  });
});

describe('the result', () => {
  async function applied(language = 'en'): Promise<PageVisit> {
    const person = nextPerson();
    const page = await visit(language).get('/r/acme-home');
    await page.post({ step: 'otp', ...fieldsOf(person) });
    return page.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
  }

  test('says who lends, when, and in whose time', async () => {
    const { html } = await applied();
    for (const word of ['QuickCredit', 'Harbour Bank', '2 Mar 2026 ', '(China Standard Time)'])
      expect(html).toContain(word);
    expect((await applied('zh')).html).toContain('（中国标准时间）');
  });

  test('answers who has seen it already with nothing, until something changes', async () => {
    const page = await applied();
    const [, state = ''] = /data-state="(\d+)"/.exec(page.html) ?? [];
    expect((await visit().get(`${page.path}&seen=${state}`)).status).toBe(204);
    expect((await visit().get(`${page.path}&seen=0`)).status).toBe(200);
  });

  test('whose address is old or made up says so in words', async () => {
    const { path } = await applied();
    const token = new URL(path, ORIGIN).searchParams.get('t') ?? '';
    const opened = referral.deps.sealer.openJson(token, RESULT_AAD);
    if (!opened.ok) throw new Error(opened.message);
    const old = { ...(opened.plain as object), issuedAtMs: Date.now() - 181 * 24 * 60 * 60_000 };
    for (const t of ['made-up', referral.deps.sealer.seal(old, RESULT_AAD)]) {
      const page = await visit('zh').get(`/apply/acme-home/result?t=${t}`);
      expect(page.status).toBe(404);
      expect(page.html).toContain('申请结果的地址不完整或已失效');
    }
  });

  test('takes no answer from another site', async () => {
    const page = await applied();
    await page.post({ action: 'act_0', do: 'answer' }, { 'sec-fetch-site': 'cross-site' });
    expect(page.status).toBe(403);
  });

  test('hands over to the lender by a hand-off of its own, made at the tap; by itself only where its product says so', async () => {
    const onward = await registryVariant({
      [LENDER]: (content) => {
        productIn(content, 'quick-cash').onward = { handoff: true, after: 'submitted', automatic: true };
      },
    });
    const page = await applied();
    const token = new URL(page.path, ORIGIN).searchParams.get('t') ?? '';
    const opened = referral.deps.sealer.openJson(token, RESULT_AAD);
    if (!opened.ok) throw new Error(opened.message);
    const { applicationId } = opened.plain as { applicationId: string };
    const go = () =>
      door.request(`${ORIGIN}/apply/acme-home/onward?t=${token}`, { headers: { 'user-agent': BROWSER } });
    referral.intake.use(onward);
    expect((await go()).status).toBe(404);
    await referral.reports.store.change(applicationId, (current) => ({
      application: { ...current, status: 'submitted' },
      events: [],
      result: null,
    }));
    await page.get(page.path);
    expect(page.html).toContain('Go on to QuickCredit');
    expect(page.html).toMatch(/http-equiv="refresh" content="8;url=\/apply\/acme-home\/onward\?t=/);
    await page.get(`${page.path}&stay=1`);
    expect(page.html).not.toContain('content="8;');
    const gone = await go();
    expect(gone.status).toBe(302);
    expect(gone.headers.get('location')).toMatch(/^\/h\/[0-9a-f]{32}[A-Za-z0-9_-]{22}$/);
    const [hex = ''] = /[0-9a-f]{32}/.exec(gone.headers.get('location') ?? '') ?? [];
    const stored = await referral.deps.handoffs.handoffs.load(`hnd_${hex}`);
    expect(stored?.handoff).toMatchObject({ destination: 'credit', application_id: applicationId, partner_id: 'acme' });
    // Our own button brings nobody anew, and is nothing to fill the store with.
    expect(stored?.handoff).toMatchObject({ tokens: [], partner_user_ref: null });
    const statuses = [];
    for (let taps = 1; taps <= 50; taps += 1) statuses.push((await go()).status);
    expect([statuses.filter((status) => status === 302).length, statuses.at(-1)]).toEqual([49, 429]);
  });
});
