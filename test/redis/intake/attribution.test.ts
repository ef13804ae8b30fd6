import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { attributionView } from '../../../src/attribution/attribution-view.ts';
import { DAY_MS, isoOf, MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import type { Person } from '../../../src/demo/people.ts';
import { applyOnPage } from '../../../src/intake/apply-on-page.ts';
import { findLink } from '../../../src/intake/find-link.ts';
import { reportApplication } from '../../../src/intake/report-application.ts';
import { reportRegistration } from '../../../src/intake/report-registration.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { applicationFor, nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let referral: TestReferral;
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  // Whoever came by lantern last goes by the first touch.
  referral.intake.use(
    await registryVariant({
      'traffic/lantern/partner.yaml': (file) => Object.assign(file, { attribution: { first_or_last: 'first' } }),
    }),
  );
});
afterAll(() => redis.close());

const nowMs = () => referral.intake.clock.nowMs();
const wait = (ms: number) => referral.intake.clock.advanceMs(ms);

/** A click through a link, as it is recorded. */
async function click(code: string, change: { readonly bot?: boolean; readonly cause?: string } = {}): Promise<string> {
  const target = await findLink(referral.intake.registry, referral.deps.click.links, code);
  if (!target) throw new Error(`no link ${code}`);
  const { id } = await referral.reports.clicks.record({
    shard: number % 64,
    cookie: null,
    windowMs: 0,
    random: randomBytes(7).toString('hex'),
    facts: {
      link_code: code,
      partner_id: target.partner.id,
      product_id: target.product.id,
      lender_id: target.product.lender_id,
      visitor: `visitor-${number}`,
      bot: change.bot ?? false,
      speculative: false,
      cause: change.cause ?? null,
      entry: null,
      ip: '0'.repeat(16),
      dc: false,
      sub_ids: { sub1: `of ${code}` },
      at_ms: nowMs(),
    },
  });
  return id;
}

/** A click that belongs to somebody: the lender has named it with a registration. */
async function boundClick(code: string, person: Person, change: Parameters<typeof click>[1] = {}): Promise<string> {
  const click_id = await click(code, change);
  await register(person, click_id);
  return click_id;
}

async function register({ phone, idNumber }: Person, click_id: string | null = null) {
  number += 1;
  const report = {
    lender_ref: `R-${number}`,
    subject: { phone, id_number: idNumber },
    click_id,
    registered_at: isoOf(nowMs()),
  };
  const result = await reportRegistration(referral.reports, 'quickcredit', report);
  if (result.kind !== 'registered') throw new Error(JSON.stringify(result));
  await referral.project();
  return result.registration;
}

async function applyAtLender({ phone, idNumber }: Person, click_id: string | null = null): Promise<Application> {
  number += 1;
  const report = {
    lender_ref: `A-${number}`,
    product_id: 'quick-cash',
    subject: { phone, id_number: idNumber },
    click_id,
    channel: 'app' as const,
    applied_at: isoOf(nowMs()),
  };
  const result = await reportApplication(referral.reports, 'quickcredit', report);
  if (result.kind !== 'reported') throw new Error(JSON.stringify(result));
  return result.application;
}

async function submit(partnerId: string, person: Person, change: object = {}): Promise<Application> {
  number += 1;
  const submitter = { partner: referral.intake.partner(partnerId), origin: 'partner' } as const;
  const input = { ...applicationFor(referral.intake.registry, person, `P-${number}`), ...change };
  const result = await submitApplication(referral.intake.deps, submitter, input);
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

async function onPage(code: string, person: Person, clickId: string | null): Promise<Application> {
  const target = await findLink(referral.intake.registry, referral.deps.click.links, code);
  if (!target) throw new Error(`no link ${code}`);
  number += 1;
  const { applicant, requested, consents = [] } = applicationFor(referral.intake.registry, person, 'page');
  const result = await applyOnPage(referral.deps.page, {
    target,
    formId: String(number).padStart(32, '0'),
    clickId,
    applicant,
    requested,
    consents,
    verifications: [],
    device: {},
  });
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

const told = ({ attribution }: Pick<Application, 'attribution'>) =>
  attribution.candidates.map(({ touch, partner_id, why }) => [touch.kind, partner_id, why]);

describe('an application on our page', () => {
  test('goes by all touches that are known of the person, and says what each was judged by', async () => {
    const person = nextPerson();
    await boundClick('acme-home', person);
    wait(DAY_MS);
    const clickId = await click('lantern-flex');
    const own = await click('acme-home');
    wait(MINUTE_MS);
    const application = await onPage('acme-home', person, own);
    expect(told(application)).toEqual([
      ['click', 'acme', 'last_touch'],
      ['click', 'acme', 'older_touch'],
    ]);
    expect(application.attribution).toMatchObject({ rule: 'touch', terms: { main: 'acme-2026' }, click_id: own });
    expect(application.attribution.candidates[0]).toMatchObject({
      link_code: 'acme-home',
      age_seconds: 60,
      window: { min_seconds: 15, max_days: 30, first_or_last: 'last' },
    });
    // Through another link, and bound to nobody: nothing is known of whose it is.
    expect(JSON.stringify(application.attribution)).not.toContain(clickId);
  });

  test('of somebody whom another partner has introduced is that partner’s: owner, terms, link, sub ids', async () => {
    const person = nextPerson();
    const first = await boundClick('acme-home', person);
    wait(DAY_MS);
    const own = await click('lantern-quick');
    wait(MINUTE_MS);
    const application = await onPage('lantern-quick', person, own);
    expect(application).toMatchObject({
      status: 'received',
      owner_id: 'acme',
      partner_kind: 'platform',
      link_code: 'acme-home',
      click_id: first,
      sub_ids: { sub1: 'of acme-home' },
      pins: { main: 'acme-2026' },
      attribution: { partner_id: 'acme', model: 'first_valid', reason: 'first_touch' },
    });
    expect(told(application)).toEqual([
      ['click', 'acme', 'first_touch'],
      ['click', 'lantern', 'newer_touch'],
    ]);
    const claims = await referral.reports.claims.read('quickcredit', application.subject.claims);
    expect(new Set(claims.map(({ ownerId }) => ownerId))).toEqual(new Set([application.id]));
    // Whoever comes to the lender later belongs to the same partner.
    expect((await applyAtLender(person)).attribution).toMatchObject({ partner_id: 'acme', rule: 'claim' });
  });

  test('without a valid touch pays nobody, and is the link’s partner’s to see with the reason', async () => {
    const own = await click('lantern-quick');
    wait(10 * SECOND_MS);
    const application = await onPage('lantern-quick', nextPerson(), own);
    expect(application).toMatchObject({
      owner_id: 'lantern',
      pins: {},
      attribution: { partner_id: null, rule: 'direct' },
    });
    const view = attributionView(application.attribution, { viewerId: 'lantern', language: 'en' });
    expect(view.candidates[0]?.why_text).toMatch(/^Your click on link lantern-quick, 10 seconds before: too short/);
  });
});

describe('what a partner submits', () => {
  test('is that partner’s; what else is known of the person is listed, and its own words bind no click', async () => {
    const person = nextPerson();
    await boundClick('lantern-quick', person);
    wait(MINUTE_MS);
    const named = await click('acme-home');
    wait(MINUTE_MS);
    const application = await submit('summit', person, { click_id: named });
    expect(application.attribution).toMatchObject({ partner_id: 'summit', via: 'api', rule: 'submission' });
    expect(told(application)).toEqual([
      ['submission', 'summit', 'submitted_by'],
      ['click', 'acme', 'submitted_by'],
      ['click', 'lantern', 'submitted_by'],
    ]);
    await referral.project();
    const touches = await referral.reports.touches.touchesOf(application.subject.claims);
    expect(touches.map(({ partner_id }) => partner_id)).toEqual(['lantern']);
  });

  test('and is refused tells its partner of nobody else', async () => {
    const person = nextPerson();
    await boundClick('lantern-quick', person);
    wait(MINUTE_MS);
    await submit('acme', person);
    const application = await submit('summit', person);
    expect(application).toMatchObject({ status: 'refused', reason: 'other_channel' });
    const view = attributionView(application.attribution, { viewerId: 'summit', language: 'zh', isRefused: true });
    expect(view.candidates.map(({ touch }) => touch.kind)).toEqual(['submission']);
    expect(view.explanation).toBe(
      '归属于您：由其签名请求提交（四步中的第 2 步：提交方）。适用合同版本：summit-2026 (main)。',
    );
  });
});

describe('touches that can never count', () => {
  test.each([
    ['made by a robot', { bot: true }, 'bot_click'],
    ['through a signed link whose signature did not hold', { cause: 'entry_expired' }, 'entry_refused'],
    ['made while its partner was suspended', { cause: 'suspended' }, 'partner_suspended'],
  ] as const)('%s: named or bound, on our page or at the lender', async (_, change, why) => {
    const person = nextPerson();
    const clickId = await boundClick('acme-home', person, change);
    wait(MINUTE_MS);
    const registration = await register(person, clickId);
    const onOurs = await onPage('acme-home', nextPerson(), clickId);
    for (const one of [registration, onOurs, await applyAtLender(person)]) {
      expect(one.attribution).toMatchObject({
        partner_id: null,
        reason: 'direct',
        candidates: [{ why, valid: false }],
      });
    }
  });

  test('a click while the product was closed counts once somebody comes back through it', async () => {
    const person = nextPerson();
    const clickId = await click('acme-home', { cause: 'paused' });
    wait(MINUTE_MS);
    expect((await applyAtLender(person, clickId)).attribution.partner_id).toBe('acme');
  });

  test('of a partner that was suspended, terminated or taken away since', async () => {
    const before = referral.intake.registry;
    const person = nextPerson();
    await boundClick('lantern-quick', person);
    wait(MINUTE_MS);
    try {
      for (const status of ['suspended', 'terminated']) {
        referral.intake.use(
          await registryVariant({ 'traffic/lantern/partner.yaml': (file) => Object.assign(file, { status }) }),
        );
        const { attribution } = await register(person);
        expect(attribution).toMatchObject({
          partner_id: null,
          candidates: [{ partner_id: 'lantern', why: `partner_${status}` }],
        });
      }
      const traffic = new Map([...before.traffic].filter(([id]) => id !== 'lantern'));
      referral.intake.use({ ...before, traffic });
      expect((await register(person)).attribution.candidates).toMatchObject([{ why: 'partner_gone' }]);
    } finally {
      referral.intake.use(before);
    }
    expect((await register(person)).attribution.partner_id).toBe('lantern');
  });

  test('one that was erased is no candidate at all', async () => {
    const person = nextPerson();
    const clickId = await boundClick('acme-home', person);
    wait(MINUTE_MS);
    const { tokens } = await register(person);
    await referral.reports.clicks.unbind(clickId);
    await referral.reports.touches.forget(tokens, nowMs());
    expect((await applyAtLender(person)).attribution.candidates).toEqual([]);
  });
});
