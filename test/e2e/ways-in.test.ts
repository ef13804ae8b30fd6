import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { signLink } from '../../src/commands/sign-link.ts';
import type { Person } from '../../src/demo/people.ts';
import { changedPartners } from '../support/changed-partners.ts';
import { type CodeProvider, startCodeProvider } from '../support/code-provider.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { nextPerson } from '../support/intake.ts';

const CALLBACK_SECRET = Buffer.from('the callback secret of these tests');
const LINK_SECRET = randomBytes(32);
const BROWSER =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1';

let gateway: TestGateway;
let provider: CodeProvider;
let partners: string;

/** Changes one of the shipped files in place. */
function edit(file: string, change: (content: Record<string, unknown>) => object): void {
  const path = join(partners, file);
  writeFileSync(path, stringify(change(parse(readFileSync(path, 'utf8')))));
}

beforeAll(async () => {
  provider = await startCodeProvider();
  partners = changedPartners({
    acme: {
      callbacks: { url: 'https://acme.example/hooks', secret_env: 'ACME_HOOK', events: ['*'] },
      entry_links: { mode: 'enforce', keys: [{ id: 'acme-links', secret_env: 'ACME_LINKS' }] },
      links: [
        { code: 'acme-home', product: 'quick-cash', landing: 'hosted', pass: ['utm_source'] },
        { code: 'acme-else', product: 'quick-cash', landing: 'hosted', fallback_url: 'https://acme.example/else' },
      ],
    },
    summit: {
      phone_verification: 'partner',
      return_urls: ['https://summit.example/back'],
      entry_links: { mode: 'report_only', keys: [{ id: 'summit-links', secret: randomBytes(32).toString('base64') }] },
      links: [{ code: 'summit-home', product: 'quick-cash', landing: 'hosted' }],
    },
  });
  edit('operator.yaml', (operator) => ({
    ...operator,
    otp: { url: provider.url, key_env: 'SMS_KEY', sign_with: 'current', timeout_ms: 500 },
  }));
  edit('lending/quickcredit/lender.yaml', (lender) => {
    const [first, ...products] = lender.products as readonly object[];
    return { ...lender, products: [{ ...first, apply_at: 'hosted' }, ...products] };
  });
  gateway = await startTestGateway({
    variables: {
      SLUICE_PARTNERS: partners,
      ACME_HOOK: `whsec_${CALLBACK_SECRET.toString('base64')}`,
      ACME_LINKS: LINK_SECRET.toString('base64'),
      SMS_KEY: 'the-key-of-the-provider',
    },
  });
});
afterAll(async () => {
  await Promise.all([gateway.stop(), provider.close()]);
  rmSync(partners, { recursive: true, force: true });
});
beforeEach(() => {
  provider.answers = 200;
  provider.sent.length = 0;
});

/** A browser without script, with cookies as browsers keep them: by path. */
class Visit {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();
  path = '';
  status = 0;
  html = '';
  headers = new Headers();

  async get(address: string, follow = true, headers: Record<string, string> = {}): Promise<this> {
    return this.#load(new URL(address, gateway.url), { method: 'GET', headers }, follow);
  }

  async post(fields: Readonly<Record<string, string>>, follow = true): Promise<this> {
    const form = /name="form" value="([^"]*)"/.exec(this.html)?.[1] ?? '';
    const consents = [...this.html.matchAll(/name="consent" value="([^"]*)"/g)].map(([, value = '']) => value);
    const body = new URLSearchParams({ form, ...fields });
    for (const consent of consents) body.append('consent', consent);
    const action = /<form[^>]* action="([^"]+)"/.exec(this.html)?.[1]?.replaceAll('&amp;', '&') ?? this.path;
    return this.#load(new URL(action, gateway.url), { method: 'POST', body }, follow);
  }

  async #load(url: URL, init: RequestInit, follow: boolean): Promise<this> {
    const held = [...this.#cookies].filter(([, { path }]) => url.pathname.startsWith(path));
    const cookie = held.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const headers = { 'user-agent': BROWSER, 'accept-language': 'en', ...(cookie && { cookie }), ...init.headers };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', path = '/'] = /^([^=]+)=([^;]*).*?Path=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, { value, path });
    }
    this.path = `${url.pathname}${url.search}`;
    this.status = response.status;
    this.headers = response.headers;
    this.html = await response.text();
    const location = response.headers.get('location');
    if (!follow || location === null) return this;
    return this.#load(new URL(location, url), { method: 'GET' }, follow);
  }
}

const loan = { amount: '5000', term: '6', purpose: 'consumption' };
const fieldsOf = ({ name, idNumber: id_number, phone }: Person) => ({ name, id_number, phone, ...loan });
const codeSent = (): string => provider.sent.at(-1)?.body.code ?? '';
const metric = async (pattern: RegExp): Promise<number> => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(pattern.exec(text)?.[1] ?? 0);
};

const key = { id: 'acme-links', alg: 'hmac-sha256', keyObject: createSecretKey(LINK_SECRET) } as const;
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const signed = (code: string, parameters: Readonly<Record<string, string>> = {}, until = inAnHour()): string =>
  signLink(key, code, new Map(Object.entries(parameters)), until, '').address;

describe('a link that has to be signed', () => {
  test('leads on by the address that its partner has signed, with its sub ids', async () => {
    const visit = await new Visit().get(signed('acme-home', { sub1: '七 & 1', utm_source: 'wechat' }), false);
    expect(visit.status).toBe(302);
    const location = new URL(visit.headers.get('location') ?? '');
    expect(location.pathname).toBe('/apply/acme-home');
    expect(location.searchParams.get('sub1')).toBe('七 & 1');
    expect(location.searchParams.get('click')).toMatch(/^clk_/);
    expect(location.searchParams.get('sig')).toBeNull();
  });

  test('turns away any other address with a page, or to its fallback; that click is no touch', async () => {
    const changed = signed('acme-home', { sub1: 'a' }).replace('sub1=a', 'sub1=b');
    for (const address of [
      '/r/acme-home',
      '/r/acme-home?sub1=a',
      changed,
      signed('acme-home', {}, inAnHour() - 7_200),
    ]) {
      const visit = await new Visit().get(address, false);
      expect([visit.status, visit.headers.get('location')]).toEqual([403, null]);
      expect(visit.html).toContain('This address is no longer good');
    }
    expect((await new Visit().get('/r/acme-home', false, { 'accept-language': 'zh' })).html).toContain('索取新的链接');
    const person = nextPerson();
    const elsewhere = await new Visit().get('/r/acme-else', false);
    expect(elsewhere.status).toBe(302);
    const location = new URL(elsewhere.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe('https://acme.example/else');
    await gateway.clock('1h');
    const now = (await gateway.operator.get('/sandbox/clock')).body.now;
    const report = {
      lender_ref: 'REG-refused',
      product_id: 'quick-cash',
      subject: { phone: person.phone },
      click_id: location.searchParams.get('click'),
      registered_at: now,
    };
    const registered = await gateway.lender('quickcredit').post('/lender/v1/registrations', report);
    expect(registered.body.attribution).toMatchObject({ partner_id: null });
  });

  test('is not opened by an address that was turned away first: the next good one is a click of its own', async () => {
    const visit = await new Visit().get('/r/acme-else', false);
    const refused = new URL(visit.headers.get('location') ?? '').searchParams.get('click');
    await visit.get(signed('acme-else'), false);
    const good = new URL(visit.headers.get('location') ?? '').searchParams.get('click');
    expect(good).not.toBe(refused);
  });

  test('only counts faults where its partner wants to be told and no more', async () => {
    const count = /sluice_signed_entries_total\{partner="summit",finding="unsigned"\} (\d+)/;
    const before = await metric(count);
    const visit = await new Visit().get('/r/summit-home', false);
    expect(new URL(visit.headers.get('location') ?? '').pathname).toBe('/apply/summit-home');
    expect(await metric(count)).toBe(before + 1);
    expect(await metric(/sluice_signed_entries_total\{partner="acme",finding="invalid"\} (\d+)/)).toBeGreaterThan(0);
  });

  test('tells its partner how many came by which fault, and operators too', async () => {
    await gateway.settle();
    const acme = (await gateway.acme.get('/v1/links/acme-home/stats')).body.clicks;
    expect(acme).toMatchObject({
      diverted: { entry_unsigned: 3, entry_invalid: 1, entry_expired: 1 },
      entry: { invalid: 1 },
    });
    const summit = (await gateway.summit.get('/v1/links/summit-home/stats')).body.clicks;
    expect(summit).toMatchObject({ billable: summit.unique, diverted: {}, entry: { unsigned: summit.raw } });
    const funnel = (await gateway.operator.get('/admin/v1/partners/acme/funnel')).body;
    expect(JSON.stringify(funnel)).toContain('"entry_unsigned"');
  });

  test('shows its secret nowhere', async () => {
    const seen = await Promise.all(
      ['/admin/v1/partners', '/admin/v1/partners/acme/keys'].map((path) => gateway.operator.get(path)),
    );
    expect(JSON.stringify(seen.map(({ body }) => body))).not.toContain(LINK_SECRET.toString('base64').slice(0, 20));
  });
});

async function handedOver(person: Person, change: object = {}, from = gateway.acme) {
  const subject = { name: person.name, id_number: person.idNumber, phone: person.phone };
  const answer = await from.post('/v1/handoffs', {
    product_id: 'quick-cash',
    destination: 'apply',
    return_url: 'https://acme.example/back?order=1',
    partner_user_ref: 'U-9',
    subject,
    ...change,
  });
  expect(answer.status).toBe(201);
  return answer.body as { id: string; url: string };
}

describe('a hand-off to our own form', () => {
  test('asks only for what is missing and a code, is attributed to its partner, and leads back signed with the outcome', async () => {
    const person = nextPerson();
    const { id, url } = await handedOver(person);
    const visit = await new Visit().get(url);
    expect([visit.status, visit.path]).toEqual([200, `/apply/${id}`]);
    expect(visit.headers.get('referrer-policy')).toBe('no-referrer');
    // Masked on the page; whole only within what is sealed.
    for (const text of [person.name, person.idNumber, person.phone]) expect(visit.html).not.toContain(text);
    expect(visit.html).toContain(`${person.phone.slice(0, 3)}****${person.phone.slice(-4)}`);
    await visit.post({ step: 'otp', ...loan });
    expect(provider.sent[0]?.body.phone).toBe(`+86${person.phone}`);
    expect(provider.sent[0]?.headers).toMatchObject({ authorization: 'Bearer the-key-of-the-provider' });
    expect(provider.sent[0]?.headers).toHaveProperty('signature-input');
    for (const text of [person.name, person.idNumber, person.phone]) expect(visit.html).not.toContain(text);
    await gateway.clock('1m');
    await visit.post({ step: 'apply', otp: codeSent(), ...loan });
    expect(visit.path).toMatch(new RegExp(`^/apply/${id}/result\\?t=`));
    const back = /href="([^"]*\/h\/back\/[^"]*)"/.exec(visit.html)?.[1] ?? '';

    await gateway.settle();
    const list = await gateway.acme.get('/v1/applications?partner_user_ref=U-9');
    const [application] = list.body.data;
    expect(application).toMatchObject({ attribution: { partner_id: 'acme', via: 'handoff' } });
    const returned = await new Visit().get(back, false);
    const location = returned.headers.get('location') ?? '';
    const address = new URL(location);
    expect(address.searchParams.get('handoff')).toBe(id);
    expect(address.searchParams.get('application_id')).toBe(application.id);
    // The lender goes on meanwhile.
    const later = (await gateway.acme.get(`/v1/applications/${application.id}`)).body.status;
    expect([application.status, later]).toContain(address.searchParams.get('status'));
    const [, base = '', ts = '', sig = ''] = /^(.*&ts=(\d+)&sig=)([0-9a-f]{64})$/.exec(location) ?? [];
    expect(sig).toBe(createHmac('sha256', CALLBACK_SECRET).update(`${ts}.${base}`).digest('hex'));

    // Whoever comes back to the form is shown what came of it; nothing of the person is kept beside the application.
    await visit.get(`/apply/${id}`);
    expect(visit.path).toMatch(/\/result\?t=/);
    expect(await gateway.redis.keys(`*${id}:person`)).toEqual([]);
  });

  test('takes what the applicant corrects, and sends the code to the corrected phone', async () => {
    const [given, right] = [nextPerson(), nextPerson()];
    const visit = await new Visit().get((await handedOver(given)).url);
    await visit.post({ step: 'otp', ...fieldsOf(right) });
    expect(provider.sent[0]?.body.phone).toBe(`+86${right.phone}`);
    const code = codeSent();
    await visit.post({ step: 'apply', otp: code, ...loan });
    expect(visit.status).toBe(422);
    expect(visit.html).toContain('The number was changed');
  });

  test('is shown to the browser that opened it, again and in either language; to no other', async () => {
    const { id, url } = await handedOver(nextPerson());
    const visit = await new Visit().get(url);
    expect((await visit.get(`/apply/${id}?lang=zh`)).status).toBe(200);
    expect(visit.html).toContain('已提供');
    expect((await new Visit().get(`/apply/${id}`)).status).toBe(410);
    expect((await new Visit().get(url)).status).toBe(410);
    const form = /name="form" value="([^"]*)"/.exec(visit.html)?.[1] ?? '';
    const stranger = await new Visit().get(`/apply/${id}`);
    await stranger.post({ form, step: 'otp', ...loan });
    expect([stranger.status, provider.sent.length]).toEqual([410, 0]);
  });

  test('needs no code where the partner’s word counts, unless the phone is another one or was verified long ago', async () => {
    const now = async (minus: number) => {
      const { body } = await gateway.operator.get('/sandbox/clock');
      return new Date(Date.parse(body.now) - minus).toISOString();
    };
    const return_url = 'https://summit.example/back';
    const trusted = await handedOver(
      nextPerson(),
      { return_url, phone_verified_at: await now(60_000) },
      gateway.summit,
    );
    const visit = await new Visit().get(trusted.url);
    expect(visit.html).not.toContain('value="otp"');
    const other = await new Visit().get(
      (await handedOver(nextPerson(), { return_url, phone_verified_at: await now(0) }, gateway.summit)).url,
    );
    await other.post({ step: 'apply', ...loan, phone: nextPerson().phone });
    expect(other.status).toBe(422);
    expect(other.html).toContain('The number was changed');
    expect(other.html).toContain('value="otp"');
    await visit.post({ step: 'apply', ...loan });
    expect(visit.path).toMatch(/\/result\?t=/);
    expect(provider.sent).toHaveLength(0);
    const old = await handedOver(
      nextPerson(),
      { return_url, phone_verified_at: await now(25 * 3_600_000) },
      gateway.summit,
    );
    expect((await new Visit().get(old.url)).html).toContain('value="otp"');
    const untrusted = await handedOver(nextPerson(), { phone_verified_at: await now(0) });
    expect((await new Visit().get(untrusted.url)).html).toContain('value="otp"');
  });
});

describe('a code from the provider', () => {
  test('is asked for again when it was not sent, and one that expired or was guessed at five times is no longer good', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/summit-home');
    provider.answers = 503;
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    expect([visit.status, visit.html.includes('name="otp"')]).toEqual([503, false]);
    provider.answers = 200;
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    expect(visit.status).toBe(200);
    const right = codeSent();
    const wrong = ['111111', '222222', '333333', '444444', '555555', '666666'].filter((code) => code !== right);
    for (const otp of wrong.slice(0, 5)) await visit.post({ step: 'apply', otp, ...fieldsOf(person) });
    expect(visit.html).toContain('Too many wrong codes');
    await visit.post({ step: 'apply', otp: right, ...fieldsOf(person) });
    expect(visit.status).toBe(422);
    expect(visit.html).not.toContain('This is a sandbox');
  });
});
