import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/base/clock.ts';
import type { Person } from '../../../src/demo/people.ts';
import type { ReferralDeps, ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { nextPerson } from '../../support/intake.ts';
import {
  applicationOf as applicationIn,
  BROWSER,
  fieldsOf,
  PageVisit,
  sealedOf as sealedIn,
} from '../../support/page-visit.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

let redis: TestRedis;
let referral: TestReferral;
let door: ReferralDoor;
const PLAIN_LINK = { same_visitor_hours: 1, pass: [], params: {}, host: null };
const log: string[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  door = createReferralDoor(referral.deps);
});
afterAll(() => redis.close());

/** A browser without script, at the door of these tests. */
class Visit extends PageVisit {
  constructor(on: ReferralDoor = door, language = 'en') {
    super(on, language);
  }
}

const applicationOf = (person: Person, code?: string) => applicationIn(referral, person, code);
const sealedOf = (id: string) => sealedIn(referral, id);

describe('the hosted page', () => {
  test('takes an application in two posts without script, attributed to the link it came by', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/acme-home?sub1=ad');
    expect(visit.path).toMatch(/^\/apply\/acme-home\?click=clk_[0-9a-f]{32}&sub1=ad$/);
    expect(visit.html).toContain('Apply for Quick Cash');
    referral.intake.clock.advanceMs(MINUTE_MS);
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    expect(visit.status).toBe(200);
    expect(visit.html).toContain('name="otp"');
    expect(visit.html).toContain(`${person.phone.slice(0, 3)}****${person.phone.slice(-4)}`);
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(visit.status).toBe(200);
    expect(visit.path).toMatch(/^\/apply\/acme-home\/result\?t=/);
    expect(visit.html).toContain('We have your application.');
    expect(visit.html).toContain('http-equiv="refresh"');
    const application = await applicationOf(person);
    expect(application).toMatchObject({
      origin: 'page',
      status: 'received',
      owner_id: 'acme',
      sub_ids: { sub1: 'ad' },
      requested: { amount: { amount: 500000, currency: 'CNY' }, term: 6, term_unit: 'month', purpose: 'consumption' },
      attribution: { partner_id: 'acme', via: 'click', reason: 'last_touch', link_code: 'acme-home' },
    });
    expect(application.partner_ref).toMatch(/^web-[0-9a-f]{32}$/);
  });

  test('records consents with version, hash and parties, and the phone as verified', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    const sealed = await sealedOf((await applicationOf(person)).id);
    expect(sealed.applicant).toMatchObject({ phone_verified_at: expect.stringMatching(/Z$/) });
    expect(sealed.verifications).toMatchObject([{ kind: 'sms', result: 'pass' }]);
    expect(sealed.consents).toMatchObject([
      {
        kind: 'data_sharing',
        version: '1',
        parties: ['quickcredit', 'harbour'],
        text_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { kind: 'credit_inquiry', document: 'credit-authorisation', version: '3', user_agent: BROWSER },
    ]);
  });

  test('sent twice is one application', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/lantern-quick');
    referral.intake.clock.advanceMs(MINUTE_MS);
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    const form = visit.hidden('form');
    const send = () =>
      door.request(`${ORIGIN}/apply/lantern-quick`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': BROWSER },
        body: new URLSearchParams({ step: 'apply', otp: '000000', form, ...fieldsOf(person) }).toString(),
      });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map((answer) => answer.status)).toEqual([303, 303, 303]);
    const received = (await referral.events()).filter(
      (event) => event.type === 'application.received' && event.context?.link_code === 'lantern-quick',
    );
    expect(received).toHaveLength(1);
  });

  test('binds the click to the verified person, for what the lender reports later', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/lantern-flex');
    await visit.post({ step: 'otp', ...fieldsOf(person), term: '3' });
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person), term: '3' });
    await referral.project();
    const bound = (await referral.events()).filter(
      (event) => event.type === 'click.bound' && JSON.stringify(event.data).includes('lantern-flex'),
    );
    expect(bound).toHaveLength(1);
    const tokens = bound.flatMap((event) => event.data.tokens as string[]);
    expect(await referral.reports.touches.touchesOf(tokens)).toMatchObject([{ link_code: 'lantern-flex' }]);
  });

  test('says what is wrong beside each input, keeps what was typed, and takes nothing in', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'otp', phone: person.phone });
    await visit.post({
      step: 'apply',
      otp: '000000',
      phone: person.phone,
      name: '<b>"Mallory"</b>',
      id_number: '110105194912310021',
      amount: '1.005',
      term: '5',
    });
    expect(visit.status).toBe(422);
    for (const name of ['name', 'id_number', 'amount', 'term', 'purpose']) {
      expect(visit.html).toMatch(new RegExp(`id="f-${name}"[^>]*aria-invalid="true"`));
      expect(visit.html).toContain(`id="f-${name}-error"`);
    }
    expect(visit.html).toContain('id="consent-error"');
    expect(visit.html).toContain('value="110105194912310021"');
    expect(visit.html).not.toContain('<b>"Mallory"');
    expect(visit.html).toContain('role="alert"');
  });

  test('five wrong codes end a form; the right one does not help it any more', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    const form = visit.hidden('form');
    for (let attempt = 1; attempt < 5; attempt += 1) {
      await visit.post({ step: 'apply', otp: `12345${attempt}`, ...fieldsOf(person), form });
      expect(visit.html).toContain(`Tries left: ${5 - attempt}`);
      // The same code again is no new try.
      await visit.post({ step: 'apply', otp: `12345${attempt}`, ...fieldsOf(person), form });
      expect(visit.html).toContain(`Tries left: ${5 - attempt}`);
    }
    await visit.post({ step: 'apply', otp: '123456', ...fieldsOf(person), form });
    expect(visit.html).toContain('Too many wrong codes');
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person), form });
    expect(visit.status).toBe(422);
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(visit.html).toContain('We have your application.');
  });

  test('a code for one phone does not open another', async () => {
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'otp', ...fieldsOf(nextPerson()) });
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(nextPerson()) });
    expect(visit.status).toBe(422);
    expect(visit.html).toContain('The number was changed');
  });

  test.each([
    ['none', ''],
    ['an invented one', 'v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('a post with %s for the sealed form applies for nobody', async (_, form) => {
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'apply', otp: '000000', form, ...fieldsOf(nextPerson()) });
    expect(visit.status).toBe(422);
    expect(visit.html).toContain('This form has expired');
  });

  test('a form of one link is no form of another', async () => {
    const person = nextPerson();
    const visit = await new Visit().get('/r/acme-home');
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    const form = visit.hidden('form');
    const other = await new Visit().get('/r/lantern-quick');
    await other.post({ step: 'apply', otp: '000000', form, ...fieldsOf(person) });
    expect(other.status).toBe(422);
  });

  test('an applicant whom another partner has claimed is told politely, and not by whom', async () => {
    const person = nextPerson();
    const first = await new Visit().get('/r/acme-home');
    await first.post({ step: 'otp', ...fieldsOf(person) });
    await first.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    const second = await new Visit().get('/r/lantern-quick');
    await second.post({ step: 'otp', ...fieldsOf(person) });
    await second.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(second.html).toContain('This application cannot go on at present');
    expect(second.html).not.toMatch(/acme|other_channel/);
    expect(second.html).not.toContain('http-equiv="refresh"');
  });

  test('says before anything is sent that another partner than the link’s may learn of the application', async () => {
    const visit = await new Visit().get('/r/lantern-quick');
    expect(visit.html).toContain(
      'Lantern Blog, who sent you here, or whoever else recommended this to you before, learns',
    );
  });

  test('tells of an earlier application to whoever holds its phone, not to who only knows the id number', async () => {
    const person = nextPerson();
    const snoop = { ...person, phone: nextPerson().phone };
    const told = [];
    for (const one of [person, person, snoop]) {
      const visit = await new Visit().get('/r/acme-home');
      await visit.post({ step: 'otp', ...fieldsOf(one) });
      await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(one) });
      told.push(visit.html);
    }
    expect(told[1]).toContain('You have an application at QuickCredit already.');
    expect(told[2]).toContain('This application cannot go on at present.');
    expect(told[2]).not.toMatch(/already|You may apply again from/);
  });

  test('asks for the further fields that a product requires', async () => {
    const { links } = referral.deps.click;
    const link = {
      partner_id: 'acme',
      product_id: 'river-salary',
      landing: 'hosted',
      fallback_url: null,
      caps: {},
      ...PLAIN_LINK,
    };
    await links.create({ ...link, code: 'river' }, '2026-03-02T04:00:00.000Z');
    const person = nextPerson();
    const fields = { ...fieldsOf(person), amount: '5,000' };
    const visit = await new Visit().get('/r/river');
    expect(visit.html).toContain('name="employment.status"');
    referral.intake.clock.advanceMs(MINUTE_MS);
    await visit.post({ step: 'otp', ...fields });
    await visit.post({ step: 'apply', otp: '000000', ...fields });
    expect(visit.html).toContain('id="f-income-monthly-error"');
    const extra = { 'employment.status': 'employed', 'income.monthly': '12,345.67' };
    await visit.post({ step: 'apply', otp: '000000', ...fields, ...extra });
    const { applicant } = await sealedOf((await applicationOf(person, 'river')).id);
    expect(applicant).toMatchObject({
      employment: { status: 'employed' },
      income: { monthly: { amount: 1234567, currency: 'CNY' } },
    });
  });

  test('of a product that wants photos says at once that it cannot be applied for here', async () => {
    const { links } = referral.deps.click;
    const link = {
      partner_id: 'acme',
      product_id: 'flexi-line',
      landing: 'hosted',
      fallback_url: null,
      caps: {},
      ...PLAIN_LINK,
    };
    await links.create({ ...link, code: 'photos' }, '2026-03-02T04:00:00.000Z');
    const visit = await new Visit().get('/r/photos');
    expect(visit.html).toContain('This product cannot be applied for here');
    expect(visit.html).not.toContain('<form');
  });

  test('without a click it leads through the link; an unknown link is 404; who may not apply reads so', async () => {
    const visit = await new Visit().get('/apply/acme-home');
    expect(visit.path).toMatch(/^\/apply\/acme-home\?click=clk_/);
    expect((await new Visit().get('/apply/nobody?click=x')).status).toBe(404);
    const closed = createReferralDoor({ ...referral.deps, otp: null } satisfies ReferralDeps);
    expect((await new Visit(closed).get('/r/acme-home')).html).toContain('No applications right now');
  });

  test('speaks Chinese to a Chinese browser and by ?lang=zh', async () => {
    const visit = await new Visit(door, 'zh-CN,zh;q=0.9,en;q=0.5').get('/r/acme-home');
    expect(visit.html).toContain('<html lang="zh-CN">');
    expect(visit.html).toContain('申请快借');
    expect((await new Visit().get(`${visit.path}&lang=en`)).html).toContain('Apply for Quick Cash');
  });

  test('refuses a body that is no form, or too large', async () => {
    const post = (body: string, type: string) =>
      door.request(`${ORIGIN}/apply/acme-home`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('{}', 'application/json')).status).toBe(415);
    expect((await post(`name=${'x'.repeat(70_000)}`, 'application/x-www-form-urlencoded')).status).toBe(413);
  });

  test('a result is shown to whoever holds its sealed name, and to nobody else', async () => {
    expect((await new Visit().get('/apply/acme-home/result?t=app_0123')).status).toBe(404);
    expect((await new Visit().get('/apply/acme-home/result')).status).toBe(404);
  });

  test('no identity is in an address or in the log', async () => {
    const person = nextPerson();
    const { pino } = await import('pino');
    const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
    const visit = await new Visit(createReferralDoor({ ...referral.deps, logger })).get('/r/acme-home');
    await visit.post({ step: 'otp', ...fieldsOf(person) });
    await visit.post({ step: 'apply', otp: '000000', ...fieldsOf(person) });
    expect(log.length).toBeGreaterThanOrEqual(3);
    const told = `${log.join('\n')}\n${visit.path}`;
    for (const secret of [person.phone, person.idNumber, person.name]) expect(told).not.toContain(secret);
  });
});
