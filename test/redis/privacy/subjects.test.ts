import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import type { ClickArrival } from '../../../src/attribution/clicks/click.ts';
import { CLICK_RANDOM_DIGITS } from '../../../src/attribution/clicks/click-id.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import { randomDigits } from '../../../src/base/random-digits.ts';
import { hashForms, phoneIdForms } from '../../../src/identity/hash-forms.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { reportRegistration } from '../../../src/intake/report-registration.ts';
import { eraseSubject } from '../../../src/privacy/erase-subject.ts';
import { exportSubject } from '../../../src/privacy/export-subject.ts';
import type { PersonalStore } from '../../../src/privacy/personal-store.ts';
import { searchSubject } from '../../../src/privacy/search-subject.ts';
import { readWantedSubject, type WantedSubject } from '../../../src/privacy/wanted-subject.ts';
import { nextPerson } from '../../support/intake.ts';
import { createTestPrivacy, openCredit, paidOutLoan, type TestPrivacy } from '../../support/privacy.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let privacy: TestPrivacy;
const photographs = new Map<string, string>();
const documents: PersonalStore = {
  name: 'documents',
  read: async (id) => (photographs.has(id) ? [{ kind: 'face' }] : []),
  erase: async (id) => Number(photographs.delete(id)),
};

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
  photographs.clear();
  privacy = await createTestPrivacy(redis, [documents]);
});

function wanted(subject: Subject): WantedSubject {
  const read = readWantedSubject(subject, privacy.desk.tokenizer);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.wanted;
}

const search = (subject: Subject) => searchSubject(privacy.desk, wanted(subject));
const exported = (subject: Subject) => exportSubject(privacy.desk, wanted(subject), 'olga');
const erase = (subject: Subject, force = false) => eraseSubject(privacy.desk, wanted(subject), force);
const idsOf = ({ applications }: { applications: readonly { application: { id: string } }[] }) =>
  applications.map(({ application }) => application.id);

async function end(id: string): Promise<void> {
  await privacy.put(id, { status: 'credit_declined' }, 'credit.declined');
}

async function boundClick(tokens: readonly string[]): Promise<string> {
  const facts: ClickArrival['facts'] = {
    link_code: 'acme-home',
    partner_id: 'acme',
    product_id: 'quick-cash',
    lender_id: 'quickcredit',
    visitor: '0'.repeat(32),
    bot: false,
    speculative: false,
    cause: null,
    entry: null,
    ip: '0'.repeat(16),
    dc: false,
    sub_ids: { sub1: 'spring' },
    at_ms: privacy.intake.clock.nowMs(),
  };
  const { id } = await privacy.desk.clicks.record({
    shard: 0,
    cookie: null,
    windowMs: 0,
    random: randomDigits(CLICK_RANDOM_DIGITS),
    facts,
  });
  const click = await privacy.desk.clicks.load(id);
  if (!click) throw new Error('no click');
  await privacy.desk.clicks.bind(click, tokens);
  return id;
}

describe('a person is found', () => {
  test('by every form of every identifier, and by nothing of anybody else', async () => {
    const person = nextPerson();
    const other = nextPerson();
    const { id } = await privacy.apply({ person });
    await privacy.apply({ person: other });
    await privacy.project();
    const { phone, idNumber } = person;
    const forms = ['md5', 'sha256', 'sm3'] as const;
    const subjects: Subject[] = [
      { phone },
      { phone: `+86${phone}` },
      { id_number: idNumber.toLowerCase() },
      { phone, id_number: idNumber },
      ...forms.map((form) => ({ phone: { [form]: hashForms(phone)[form] } }) as Subject),
      ...forms.map((form) => ({ id_number: { [form]: hashForms(idNumber)[form] } }) as Subject),
      ...forms.map((form) => ({ phone_id: { [form]: phoneIdForms(phone, idNumber)[form] } }) as Subject),
    ];
    for (const subject of subjects) expect(idsOf(await search(subject)), JSON.stringify(subject)).toEqual([id]);
    expect(idsOf(await search({ phone: nextPerson().phone }))).toEqual([]);
  });

  test('with applications, registrations, claims, reservations and touches, and nothing that shows them', async () => {
    const person = nextPerson();
    const { phone, idNumber } = person;
    const subject = { phone, id_number: idNumber };
    const { id, subject: tokens } = await privacy.apply({ person });
    const { kind } = await reportRegistration(
      { ...privacy.desk, ...privacy.intake.deps, handoffs: { load: async () => undefined } },
      'bluewave',
      {
        lender_ref: 'R-1',
        subject,
        registered_at: isoOf(privacy.intake.clock.nowMs()),
      },
    );
    expect(kind).toBe('registered');
    await boundClick([...tokens.claims, ...tokens.pointers]);
    await privacy.project();
    const found = await search(subject);
    expect(found).toMatchObject({
      applications: [{ application: { id }, matched: ['id_number', 'phone'], isSealed: true }],
      applicationsTotal: 1,
      registrations: [{ registration: { lender_id: 'bluewave', lender_ref: 'R-1' } }],
      claims: [{ lenderId: 'quickcredit', application: { id }, isLive: true }],
      touches: 1,
    });
    const text = JSON.stringify(found);
    for (const plain of [phone, idNumber, person.name]) expect(text).not.toContain(plain);
  });

  test('from the log alone, when the index is lost', async () => {
    const person = nextPerson();
    const { id } = await privacy.apply({ person });
    await privacy.project();
    const keys = await redis.client.keys('*:person:*');
    expect(keys.length).toBeGreaterThan(0);
    await redis.client.del(...keys);
    await privacy.project();
    expect(idsOf(await search({ id_number: person.idNumber }))).toEqual([id]);
  });
});

describe('an export', () => {
  test('holds everything, opened, and to whom it was passed', async () => {
    const person = nextPerson();
    const { id } = await privacy.apply({ person });
    await privacy.intake.deps.store.change(id, (application) => ({
      application: { ...application, status: 'submitted', lender_ref: 'A-1' },
      events: [{ type: 'application.submitted', occurred_at: isoOf(privacy.intake.clock.nowMs()), data: {} }],
      result: null,
    }));
    photographs.set(id, 'sealed');
    await privacy.project();
    const [application] = (await exported({ id_number: person.idNumber })).applications;
    const record = application?.personal as unknown as SealedRecord;
    expect(record.applicant).toMatchObject({ name: person.name, phone: person.phone, id_number: person.idNumber });
    expect(record.consents.length).toBeGreaterThan(0);
    expect(application).toMatchObject({
      unreadable: null,
      others: { documents: [{ kind: 'face' }] },
      passedTo: [
        { party: 'lender', id: 'quickcredit', what: 'personal_data' },
        { party: 'partner', id: 'acme', what: 'status' },
      ],
    });
    expect(application?.history.map(({ type }) => type)).toEqual([
      'application.screening',
      'application.received',
      'application.submitted',
    ]);
  });

  test('shows nobody else’s data: whoever has had the same phone is found by it, and not exported with the id number', async () => {
    const before = nextPerson();
    const now = { ...nextPerson(), phone: before.phone };
    const first = await privacy.apply({ person: before });
    await end(first.id);
    privacy.intake.clock.advanceMs(400 * DAY_MS);
    const second = await privacy.apply({ person: now });
    await privacy.project();
    const subject = { phone: now.phone, id_number: now.idNumber };
    expect(idsOf(await search(subject)).sort()).toEqual([first.id, second.id].sort());
    expect(idsOf(await exported(subject))).toEqual([second.id]);
    expect(JSON.stringify(await exported(subject))).not.toContain(before.idNumber);
    const { applications } = await erase({ phone: now.phone, id_number: before.idNumber });
    expect(applications.map(({ id }) => id)).toEqual([first.id]);
  });
});

describe('an erasure', () => {
  test('removes what is no longer needed, keeps and names what is, and may be repeated', async () => {
    const person = nextPerson();
    const over = await privacy.apply({ person });
    const tokens = [...over.subject.claims, ...over.subject.pointers];
    await end(over.id);
    const clickId = await boundClick(tokens);
    photographs.set(over.id, 'sealed');
    privacy.intake.clock.advanceMs(60 * DAY_MS);
    const running = await privacy.apply({ person });
    const at = isoOf(privacy.intake.clock.nowMs());
    const loans = [paidOutLoan(running.id, at)];
    await privacy.put(running.id, {
      status: 'credit_granted',
      credit: openCredit(privacy.intake.clock.nowMs()),
      loans,
    });
    await privacy.project();
    const first = await erase({ id_number: person.idNumber });
    expect(first.applications).toEqual(
      expect.arrayContaining([
        { id: over.id, erasure: { result: 'erased' } },
        { id: running.id, erasure: { result: 'kept', reason: 'loan_open' } },
      ]),
    );
    expect(first).toMatchObject({ touches: 1, clicks: 1, claimsKept: [{ applicationId: running.id }] });
    const { store } = privacy.intake.deps;
    expect([await store.isSealed(over.id), await store.isSealed(running.id)]).toEqual([false, true]);
    expect(photographs.size).toBe(0);
    expect(await privacy.desk.clicks.load(clickId)).toBeDefined();
    expect(await privacy.desk.touches.touchesOf(tokens)).toEqual([]);
    const second = await erase({ id_number: person.idNumber });
    expect(second.applications.find(({ id }) => id === over.id)?.erasure).toEqual({ result: 'already_erased' });
    expect(second).toMatchObject({ touches: 0, clicks: 0 });
    // The claim is in force all the same, and whoever replays the log brings nothing back.
    await privacy.project();
    expect(await privacy.desk.touches.touchesOf(tokens)).toEqual([]);
    const found = await search({ id_number: person.idNumber });
    expect(found.claims).toMatchObject([{ application: { id: running.id }, isLive: true }]);
    expect(found.applications.find(({ application }) => application.id === over.id)).toMatchObject({
      isSealed: false,
      application: { erased_at: expect.any(String) },
    });
    expect(
      (await exported({ id_number: person.idNumber })).applications.map(({ personal }) => personal === null),
    ).toEqual([false, true]);
  });

  test('ends the reservations of the person, at every lender', async () => {
    const person = nextPerson();
    const subject = { phone: person.phone, id_number: person.idNumber };
    const { claims, registry, clock } = privacy.desk;
    const until_ms = clock.nowMs() + 600_000;
    for (const [index, lenderId] of [...registry().lenders.keys()].entries()) {
      const hold = { precheck_id: derivedId('pre', String(index)), partner_id: 'acme', until_ms, pins: {} };
      for (const token of wanted(subject).tokens) await claims.place(lenderId, token, hold, clock.nowMs());
    }
    const held = (await search(subject)).reservations.length;
    expect(held).toBe(privacy.desk.registry().lenders.size);
    expect(await erase(subject)).toMatchObject({ reservations: held });
    expect((await search(subject)).reservations).toEqual([]);
  });

  test('and an export leave alone the clicks and reservations of whoever else has the same phone', async () => {
    const gone = nextPerson();
    const now = { ...nextPerson(), phone: gone.phone };
    const over = await privacy.apply({ person: gone });
    await end(over.id);
    const tokensOf = ({ phone, idNumber }: typeof gone) => wanted({ phone, id_number: idNumber }).tokens;
    const theirs = await boundClick(tokensOf(gone));
    const others = await boundClick(tokensOf(now));
    const { claims, clock, clicks } = privacy.desk;
    const hold = {
      precheck_id: derivedId('pre', 'shared-phone'),
      partner_id: 'acme',
      until_ms: clock.nowMs() + 600_000,
      pins: {},
    };
    for (const token of tokensOf(now)) await claims.place('bluewave', token, hold, clock.nowMs());
    await privacy.project();
    const subject = { phone: gone.phone, id_number: gone.idNumber };
    const document = await exported(subject);
    expect(document.touches.map(({ touch }) => touch.id)).toEqual([theirs]);
    expect(document.reservations).toEqual([]);
    expect(await erase(subject)).toMatchObject({ touches: 1, clicks: 1, reservations: 0 });
    expect(await clicks.isBound(theirs, tokensOf(gone))).toBe(false);
    expect(await clicks.isBound(others, tokensOf(now))).toBe(true);
    expect((await privacy.desk.touches.touchesOf(tokensOf(now))).map(({ id }) => id)).toEqual([others]);
    expect((await search({ phone: now.phone, id_number: now.idNumber })).reservations).toHaveLength(1);
  });

  test('by force takes also what is needed', async () => {
    const person = nextPerson();
    const { id } = await privacy.apply({ person });
    await privacy.project();
    expect((await erase({ phone: person.phone })).applications).toEqual([
      { id, erasure: { result: 'kept', reason: 'being_decided' } },
    ]);
    expect((await erase({ phone: person.phone }, true)).applications).toEqual([{ id, erasure: { result: 'erased' } }]);
    expect(await privacy.intake.deps.store.isSealed(id)).toBe(false);
  });
});
