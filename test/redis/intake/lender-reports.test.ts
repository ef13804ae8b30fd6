import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import type { Person } from '../../../src/demo/people.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import { precheck } from '../../../src/intake/precheck.ts';
import { openLink, recordClick } from '../../../src/intake/record-click.ts';
import { type ApplicationReport, reportApplication } from '../../../src/intake/report-application.ts';
import { type RegistrationReport, reportRegistration } from '../../../src/intake/report-registration.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { applicationFor, nextPerson, PAID } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';

let redis: TestRedis;
let referral: TestReferral;
let counter = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
});
afterAll(() => redis.close());

async function click(code: string): Promise<string> {
  counter += 1;
  const target = await openLink(referral.deps.click, code);
  if (!target) throw new Error('no such link');
  const answer = await recordClick(referral.deps.click, target, {
    cookie: undefined,
    address: `203.0.113.${counter}`,
    userAgent: 'Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36',
    isSpeculative: false,
    subIds: { sub1: 'campaign' },
    rawQuery: 'sub1=campaign',
  });
  return answer.clickId;
}

function now(): string {
  return isoOf(referral.intake.clock.nowMs());
}

function subjectOf({ phone, idNumber, name }: Person) {
  return { phone, id_number: idNumber, name };
}

async function apply(report: Partial<ApplicationReport> & Pick<ApplicationReport, 'subject'>) {
  counter += 1;
  const whole = { lender_ref: `QC-${counter}`, product_id: 'quick-cash', channel: 'app', applied_at: now(), ...report };
  const result = await reportApplication(referral.reports, 'quickcredit', whole as ApplicationReport);
  if (result.kind !== 'reported') throw new Error(JSON.stringify(result));
  return result;
}

async function register(report: Partial<RegistrationReport> & Pick<RegistrationReport, 'subject'>) {
  counter += 1;
  const whole = { lender_ref: `REG-${counter}`, registered_at: now(), ...report };
  const result = await reportRegistration(referral.reports, 'quickcredit', whole);
  if (result.kind !== 'registered') throw new Error(JSON.stringify(result));
  return result;
}

async function ownersOf(tokens: readonly string[]): Promise<(string | null)[]> {
  return (await referral.reports.claims.read('quickcredit', tokens)).map(({ ownerId }) => ownerId);
}

describe('an application that began at the lender', () => {
  test('is attributed by the click id that comes back: owner, pins, link, sub ids, claims, and two events at once', async () => {
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(3 * DAY_MS);
    const { application } = await apply({ subject: subjectOf(nextPerson()), click_id: clickId, lender_ref: 'QC-A' });
    expect(application).toMatchObject({
      origin: 'lender',
      status: 'submitted',
      owner_id: 'acme',
      partner_kind: 'platform',
      lender_ref: 'QC-A',
      click_id: clickId,
      link_code: 'acme-home',
      pins: { main: 'acme-2026' },
      sub_ids: { sub1: 'campaign' },
      attribution: { partner_id: 'acme', via: 'click', reason: 'last_touch' },
    });
    expect(new Set(await ownersOf([...application.subject.claims, ...application.subject.pointers]))).toEqual(
      new Set([application.id]),
    );
    const events = (await referral.events()).filter((event) => event.subject === application.id);
    expect(events.map((event) => event.type)).toEqual(['application.received', 'application.submitted']);
    expect(events[0]?.context).toMatchObject({
      partner_id: 'acme',
      via: 'click',
      click_id: clickId,
      lender_ref: 'QC-A',
    });
    expect(await referral.reports.store.findReference('quickcredit', 'QC-A')).toBe(application.id);
  });

  test('is one application however often it is reported', async () => {
    const report = { subject: subjectOf(nextPerson()), lender_ref: 'QC-SAME' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => apply(report)));
    const again = await apply({ ...report, subject: subjectOf(nextPerson()) });
    expect(new Set([...answers, again].map(({ application }) => application.id)).size).toBe(1);
    expect(again.replayed).toBe(true);
    const id = again.application.id;
    expect((await referral.events()).filter((event) => event.subject === id)).toHaveLength(2);
  });

  test('that has ended wins nothing back from a later one when it is reported again', async () => {
    const person = nextPerson();
    const report = { lender_ref: 'QC-LATE', subject: subjectOf(person) };
    const { application: ended } = await apply(report);
    const end = async (id: string): Promise<void> => {
      await referral.reports.store.change(id, (current) => ({
        application: { ...current, status: 'cancelled', lock_until: null },
        events: [],
        result: null,
      }));
    };
    await end(ended.id);
    referral.intake.clock.advanceMs(DAY_MS);
    const submitter = { partner: referral.intake.partner('acme'), origin: 'partner' } as const;
    const input = applicationFor(referral.intake.registry, person, 'LATER');
    const submitted = await submitApplication(referral.reports, submitter, input);
    if (submitted.kind !== 'answered') throw new Error('not answered');
    await end(submitted.application.id);
    await apply(report);
    expect(new Set(await ownersOf(submitted.application.subject.claims))).toEqual(new Set([submitted.application.id]));
  });

  test('goes by a click bound to the phone when no id comes back', async () => {
    const person = nextPerson();
    const clickId = await click('lantern-quick');
    referral.intake.clock.advanceMs(MINUTE_MS);
    const registered = await register({ subject: { phone: person.phone }, click_id: clickId });
    expect(registered.registration.attribution).toMatchObject({ partner_id: 'lantern', via: 'click' });
    await referral.project();
    const { application } = await apply({ subject: subjectOf(person) });
    expect(application.attribution).toMatchObject({ partner_id: 'lantern', click_id: clickId, reason: 'last_touch' });
  });

  test('of a person who is known only by the md5 of the phone goes by the bound click too', async () => {
    const person = nextPerson();
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(MINUTE_MS);
    await register({ subject: { phone: person.phone }, click_id: clickId });
    await referral.project();
    const md5 = createHash('md5').update(person.phone).digest('hex');
    const { application } = await apply({ subject: { phone: { md5 } } });
    expect(application.attribution.click_id).toBe(clickId);
  });

  test('is direct without a touch: nobody owns it, and a reservation is listed as no touch', async () => {
    const person = nextPerson();
    const product = referral.intake.registry.products.get('quick-cash');
    const read = normaliseSubject({ phone: person.phone, id_number: person.idNumber });
    if (!product || !read.ok) throw new Error('fixture');
    const input = { products: [product], subject: read.subject, reserve: true };
    const held = await precheck(referral.reports, referral.intake.partner('summit'), input, PAID);
    const { application } = await apply({ subject: subjectOf(person) });
    expect(application).toMatchObject({ owner_id: null, partner_kind: null, pins: {}, lock_until: null });
    expect(application.attribution).toMatchObject({ partner_id: null, via: null, reason: 'direct' });
    expect(application.attribution.candidates).toMatchObject([
      { touch: { kind: 'precheck', id: held.id }, partner_id: 'summit', why: 'precheck_is_not_a_touch' },
    ]);
  });

  test('of somebody whom a partner has claimed is that partner’s, whatever click comes back, and the claim stays', async () => {
    const person = nextPerson();
    const submitter = { partner: referral.intake.partner('summit'), origin: 'partner' } as const;
    const input = applicationFor(referral.intake.registry, person, 'S-1');
    const first = await submitApplication(referral.reports, submitter, input);
    if (first.kind !== 'answered') throw new Error('fixture');
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(MINUTE_MS);
    const { application } = await apply({ subject: subjectOf(person), click_id: clickId });
    expect(application).toMatchObject({ owner_id: 'summit', status: 'submitted' });
    expect(application.attribution).toMatchObject({ partner_id: 'summit', via: 'lender', reason: 'existing_claim' });
    expect(new Set(await ownersOf(application.subject.claims))).toEqual(new Set([first.application.id]));
  });

  test('judges a click by its age when the person applied, not when the lender reports', async () => {
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(5_000);
    const appliedAt = now();
    referral.intake.clock.advanceMs(DAY_MS);
    const { application } = await apply({ subject: subjectOf(nextPerson()), click_id: clickId, applied_at: appliedAt });
    expect(application.attribution.reason).toBe('direct');
    expect(application.attribution.candidates).toMatchObject([{ why: 'below_lookback', age_seconds: 5 }]);
    expect(application.attribution.decided_at).toBe(now());
  });

  test('takes whatever the app carried along as click id, and another lender’s product as a fault', async () => {
    const { application } = await apply({ subject: subjectOf(nextPerson()), click_id: 'utm_123' });
    expect(application).toMatchObject({ click_id: null, attribution: { reason: 'direct' } });
    const report = {
      lender_ref: 'X',
      product_id: 'wave-days',
      subject: { phone: '13800138000' },
      channel: 'app' as const,
    };
    expect(await reportApplication(referral.reports, 'quickcredit', { ...report, applied_at: now() })).toMatchObject({
      kind: 'invalid',
      faults: [{ pointer: '/product_id', code: 'unknown_product' }],
    });
  });
});

describe('a registration', () => {
  test('is recorded once with its event and who introduced the person', async () => {
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(MINUTE_MS);
    const report = {
      subject: subjectOf(nextPerson()),
      click_id: clickId,
      lender_ref: 'REG-A',
      product_id: 'quick-cash',
    };
    const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => register(report)));
    const again = await register(report);
    expect(new Set([first, ...others, again].map((one) => one?.registration.id)).size).toBe(1);
    expect(again.replayed).toBe(true);
    const id = again.registration.id;
    expect(id).toMatch(/^reg_[0-9a-f]{32}$/);
    const events = (await referral.events()).filter((event) => event.subject === id);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'applicant.registered',
      data: { registration_id: id },
      context: {
        partner_id: 'acme',
        owner_id: 'acme',
        lender_ref: 'REG-A',
        product_id: 'quick-cash',
        lender_id: 'quickcredit',
        via: 'click',
        link_code: 'acme-home',
        click_id: clickId,
      },
    });
    expect(events[0]?.context?.applicant_token).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test('without any touch is direct', async () => {
    const { registration } = await register({ subject: subjectOf(nextPerson()) });
    expect(registration.attribution).toMatchObject({ partner_id: null, reason: 'direct' });
  });

  test('binds a named click once, and the touch is found by every form of the phone', async () => {
    const person = nextPerson();
    const clickId = await click('acme-home');
    referral.intake.clock.advanceMs(MINUTE_MS);
    const { registration } = await register({ subject: { phone: person.phone }, click_id: clickId });
    await register({ subject: { phone: person.phone }, click_id: clickId });
    const bound = (await referral.events()).filter(
      (event) => event.type === 'click.bound' && event.subject === clickId,
    );
    expect(bound).toHaveLength(1);
    await referral.project();
    await referral.project();
    for (const token of registration.tokens) {
      const touches = await referral.reports.touches.touchesOf([token]);
      expect(touches).toMatchObject([{ kind: 'click', id: clickId, partner_id: 'acme', link_code: 'acme-home' }]);
    }
  });
});
