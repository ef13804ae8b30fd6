import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationBody } from '../../../src/applications/push/delivery-body.ts';
import { driveIntent } from '../../../src/intake/drive-intent.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import type { ListEntryInput, ListSubject } from '../../../src/screening/lists/entry-schema.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { onDay } from '../../support/partner-applications.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

type Person = ReturnType<typeof nextPerson>;
let references = 0;

async function list(subject: ListSubject, entry: Partial<ListEntryInput>, contributor = 'lender:riverbank') {
  const complete = { list: 'block', scope: 'funder:harbour', reason: 'overdue', ...entry, subject } as ListEntryInput;
  const [result] = await intake.deps.lists.upsert([complete], { contributor: contributor as 'operator' });
  expect(result?.result).toBe('created');
  return result?.id ?? '';
}

async function apply(person: Person, product: string, more: Partial<ReturnType<typeof applicationFor>> = {}) {
  references += 1;
  const input = { ...applicationFor(intake.registry, person, `LISTS-${references}`, product), ...more };
  const submitter = { partner: intake.partner('acme'), origin: 'partner' } as const;
  const result = await submitApplication(intake.deps, submitter, input);
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

const record = { applicant: {}, device: null, documents: [], verifications: [], consents: [] };

describe('a product of two funders', () => {
  test('one blocks: the application goes to the other one', async () => {
    const person = nextPerson();
    const entry = await list({ phone: person.phone }, {});
    const application = await apply(person, 'quick-flex');
    expect(application).toMatchObject({ status: 'received', funder_ids: ['north'] });
    expect(applicationBody('dlv_1', application, record)).toMatchObject({ funder_ids: ['north'], trusted: false });
    expect(await hits(application.id)).toMatchObject([{ entry_id: entry, effect: 'block' }]);
  });

  test('it is refused only when every funder blocks', async () => {
    const person = nextPerson();
    await list({ phone: person.phone }, {});
    expect((await apply(person, 'quick-cash')).reason).toBe('blocked');
    await list({ id_number: person.idNumber }, { scope: 'funder:north' });
    expect(await apply(person, 'quick-flex')).toMatchObject({ status: 'refused', reason: 'blocked', retry_at: null });
  });

  test.each(['network', 'lender:quickcredit', 'partner:acme'] as const)('%s blocks for all of them', async (scope) => {
    const person = nextPerson();
    await list({ phone: person.phone }, { scope, reason: 'fraud' });
    expect((await apply(person, 'quick-flex')).reason).toBe('blocked');
  });

  test.each(['lender:bluewave', 'partner:summit'] as const)('what %s knows is not seen elsewhere', async (scope) => {
    const person = nextPerson();
    await list({ phone: person.phone }, { scope, reason: 'fraud' });
    expect(await apply(person, 'quick-flex')).toMatchObject({ status: 'received', funder_ids: ['harbour', 'north'] });
  });
});

describe('what an application is looked up by', () => {
  const device = { id: '8d1f7f5c-6d3f-4b0e-9b57-0f5f8f0a7c77', id_kind: 'oaid', ip: '203.0.113.99' };
  const card = { number: '6222021234567890128' };
  test.each<[string, ListSubject, Record<string, unknown>]>([
    ['the device', { device_id: device.id.toUpperCase() }, { device }],
    ['the address', { ip: '203.0.113.99' }, { device }],
    ['the bank card', { bank_card: '6222 0212 3456 7890 128' }, { card }],
    ['the region of residence', { region: '6501' }, { region: '650102' }],
  ])('%s', async (_what, subject, { device: given, card: bank_card, region }) => {
    const person = nextPerson();
    const input = applicationFor(intake.registry, person, '-');
    const applicant = {
      ...input.applicant,
      ...(bank_card ? { bank_card } : {}),
      ...(region ? { residence: { region } } : {}),
    };
    const more = { applicant, ...(given ? { device: given as object } : {}) } as Partial<typeof input>;
    const before = await apply(person, 'quick-cash', more);
    expect(before.status).toBe('received');
    // What it was screened by is forgotten.
    expect(before.subject).not.toHaveProperty('others');
    await intake.deps.lists.upsert([{ subject, list: 'block', scope: 'network', reason: 'fraud' }], {
      contributor: 'operator',
    });
    const other = nextPerson();
    const theirs = { ...applicant, name: other.name, id_number: other.idNumber, phone: other.phone };
    expect((await apply(other, 'quick-cash', { ...more, applicant: theirs })).reason).toBe('blocked');
    await intake.deps.lists.withdraw([{ subject, list: 'block', scope: 'network' }], { contributor: 'operator' });
  });
});

describe('trust', () => {
  test('sets trusted, for the lender too', async () => {
    const person = nextPerson();
    await list({ phone: person.phone }, { list: 'trust', reason: 'good_standing' });
    const application = await apply(person, 'quick-cash');
    expect(application).toMatchObject({ status: 'received', trusted: true });
    expect(applicationBody('dlv_1', application, record).trusted).toBe(true);
  });

  test('of a funder whom a funder of the product trusts counts, until the agreement ends', async () => {
    const person = nextPerson();
    await list({ id_number: person.idNumber }, { list: 'trust', scope: 'funder:north', reason: 'good_standing' });
    expect((await apply(person, 'quick-cash')).trusted).toBe(true);
    intake.clock.moveTo('2028-01-01T04:00:00.000Z');
    const later = nextPerson();
    await list({ id_number: later.idNumber }, { list: 'trust', scope: 'funder:north', reason: 'good_standing' });
    expect((await apply(later, 'quick-cash')).trusted).toBeUndefined();
    intake.clock.moveTo(onDay(0));
  });

  test('passes the rules that a product marks as soft, and no others', async () => {
    const shipped = intake.registry;
    intake.use(
      await registryVariant({
        'lending/quickcredit/lender.yaml': (lender) => {
          Object.assign(productIn(lender, 'quick-cash').eligibility, {
            soft: ['region', 'occupation'],
            excluded_occupations: ['student'],
          });
        },
      }),
    );
    const soft = { residence: { region: '540102' }, employment: { status: 'student' } };
    const attempt = async (person: Person, extra: object, requested: object = {}) => {
      const input = applicationFor(intake.registry, person, '-');
      const applicant = { ...input.applicant, ...extra };
      return apply(person, 'quick-cash', { applicant, requested: { ...input.requested, ...requested } });
    };
    const [trusted, stranger, blocked] = [nextPerson(), nextPerson(), nextPerson()];
    for (const person of [trusted, blocked]) {
      await list({ phone: person.phone }, { list: 'trust', reason: 'good_standing' });
    }
    await list({ phone: blocked.phone }, {});
    expect(await attempt(stranger, soft)).toMatchObject({ reason: 'ineligible', detail: 'region' });
    // Told to an untrusted one is the first rule in order, to a trusted one the first that is not soft.
    expect(await attempt(stranger, soft, { term: 5 })).toMatchObject({ reason: 'ineligible', detail: 'region' });
    expect(await attempt(trusted, soft, { term: 5 })).toMatchObject({ reason: 'ineligible', detail: 'term' });
    expect(await attempt(blocked, soft)).toMatchObject({ reason: 'ineligible', detail: 'region' });
    const passed = await attempt(trusted, soft);
    expect(passed).toMatchObject({ status: 'received', trusted: true });
    expect(passed).not.toHaveProperty('ruled');
    intake.use(shipped);
  });
});

describe('a phone that was given to somebody else', () => {
  test('is told to the lender as a note and decides nothing', async () => {
    const [before, now] = [nextPerson(), nextPerson()];
    const group = 'case-recycled';
    await list({ phone: now.phone }, { group });
    await list({ id_number: before.idNumber }, { group });
    const application = await apply(now, 'quick-cash');
    expect(application.status).toBe('received');
    const { notes } = applicationBody('dlv_1', application, record);
    expect(notes).toContainEqual({ code: 'recycled_number', list: 'block', reason: 'overdue' });
    // Whose list it is, is nobody's business.
    expect(JSON.stringify(notes)).not.toMatch(/harbour|riverbank/);
    expect((await hits(application.id)).map(({ effect }) => effect)).toEqual(['annotation']);
    expect((await apply(before, 'quick-cash')).reason).toBe('blocked');
  });
});

/** The same thing, but one of its methods does not come back. */
function dyingAt<Part extends object>(part: Part, method: keyof Part, calls = 0): Part {
  let called = 0;
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (name === method) called += 1;
        return called > calls ? Promise.reject(new Error('crash')) : value.apply(target, given);
      };
    },
  });
}

describe('a crash in the middle', () => {
  const submitter = () => ({ partner: intake.partner('acme'), origin: 'partner' }) as const;
  const answered = async (input: ReturnType<typeof applicationFor>) => {
    const again = await submitApplication(intake.deps, submitter(), input);
    if (again.kind !== 'answered') throw new Error(again.kind);
    const { subject } = again.application;
    const readings = await intake.deps.claims.read('quickcredit', [...subject.claims, ...subject.pointers]);
    return { application: again.application, owners: new Set(readings.map(({ ownerId }) => ownerId)) };
  };

  test.each<[string, () => object]>([
    ['asking the lists', () => ({ lists: dyingAt(intake.deps.lists, 'read') })],
    ['keeping what matched', () => ({ listHits: dyingAt(intake.deps.listHits, 'record') })],
    ['finalising', () => ({ store: dyingAt(intake.deps.store, 'change') })],
    ['giving claims back', () => ({ claims: dyingAt(intake.deps.claims, 'release') })],
  ])('while %s: the next one gives the same answer, once', async (_stage, dying) => {
    const person = nextPerson();
    await list({ phone: person.phone }, {});
    references += 1;
    const input = applicationFor(intake.registry, person, `CRASH-${references}`);
    const deps = { ...intake.deps, ...dying() };
    await expect(submitApplication(deps, submitter(), input)).rejects.toThrow('crash');
    const { application, owners } = await answered(input);
    expect(application).toMatchObject({ status: 'refused', reason: 'blocked' });
    expect(await driveIntent(intake.deps, application.id)).toEqual(
      (await intake.deps.store.load(application.id))?.application,
    );
    expect(owners).toEqual(new Set([null]));
    expect(await hits(application.id)).toHaveLength(1);
  });

  test('an entry that comes after the first claim was taken refuses all the same, and the claim is given back', async () => {
    const person = nextPerson();
    references += 1;
    const input = applicationFor(intake.registry, person, `CRASH-${references}`);
    const deps = { ...intake.deps, claims: dyingAt(intake.deps.claims, 'take', 1) };
    await expect(submitApplication(deps, submitter(), input)).rejects.toThrow('crash');
    await list({ id_number: person.idNumber }, {});
    const { application, owners } = await answered(input);
    expect(application.reason).toBe('blocked');
    expect(owners).toEqual(new Set([null]));
  });
});

async function hits(applicationId: string) {
  const shard = Number.parseInt(applicationId.slice(4, 6), 16) % 64;
  const stored = await redis.client.hvals(redis.keys.shard(shard, 'listhits', applicationId));
  return stored.map((text) => JSON.parse(text) as { entry_id: string; effect: string });
}
