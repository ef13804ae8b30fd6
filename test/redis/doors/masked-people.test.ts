import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClickStore } from '../../../src/attribution/clicks/click-store.ts';
import { HandoffStore } from '../../../src/attribution/handoffs/handoff-store.ts';
import { RegistrationStore } from '../../../src/attribution/registration-store.ts';
import { TouchStore } from '../../../src/attribution/touch-store.ts';
import { hashForms, phoneIdForms } from '../../../src/identity/hash-forms.ts';
import { reportApplication } from '../../../src/intake/report-application.ts';
import { ListStore } from '../../../src/screening/lists/list-store.ts';
import { idNumberOf } from '../../support/id-number.ts';
import { nextPerson } from '../../support/intake.ts';
import { become, creditOf, freshApplication } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  door.intake.use(
    await registryVariant({
      'traffic/acme/partner.yaml': (partner) => {
        partner.disclosure = 'institution';
      },
    }),
  );
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

type Person = Pick<ReturnType<typeof nextPerson>, 'name' | 'phone' | 'idNumber'>;

function masked({ name, phone, idNumber }: Person) {
  return {
    phone: { masked: `${phone.slice(0, 8)}***` },
    id_number: { masked: `${idNumber.slice(0, 14)}****` },
    name,
  };
}

async function ask(subject: object, more: object = {}) {
  return door.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject, ...more });
}

async function apply(person: Person, client: 'acme' | 'summit' = 'summit') {
  const { input } = freshApplication(door);
  const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
  const { body } = await door[client].post('/v1/applications', { ...input, applicant });
  expect(body.status).toBe('received');
  return body.id as string;
}

/** Somebody else who looks the same behind the mask. */
function double({ name, phone, idNumber }: Person): Person {
  const end = phone.endsWith('777') ? '778' : '777';
  const serial = idNumber.slice(14, 17) === '321' ? '322' : '321';
  return { name, phone: phone.slice(0, 8) + end, idNumber: idNumberOf(idNumber.slice(0, 14) + serial) };
}

describe('a masked identity', () => {
  test('of nobody is new, and provisionally so', async () => {
    const { status, body } = await ask(masked(nextPerson()));
    expect(status).toBe(200);
    expect(body).toMatchObject({ decision: 'accept', reason: 'new', provisional: true });
  });

  test('that one person fits gets that person’s answer, from the moment they have applied', async () => {
    const person = nextPerson();
    const id = await apply(person);
    expect((await ask(masked(person))).body).toMatchObject({ reason: 'other_channel', provisional: true });
    await become(door, id, { status: 'credit_granted', credit: creditOf() });
    expect((await ask(masked(person))).body).toMatchObject({ reason: 'existing_customer', detail: 'has_credit' });
  });

  test('finds the person by another name never', async () => {
    const person = nextPerson();
    await apply(person);
    expect((await ask(masked({ ...person, name: '另一人' }))).body.reason).toBe('new');
  });

  test('that several people fit gets the most careful of their answers', async () => {
    const one = nextPerson();
    const other = double(one);
    expect(masked(other)).toEqual(masked(one));
    const first = await apply(one);
    const second = await apply(other);
    await become(door, first, { status: 'cancelled', lock_until: null });
    await become(door, second, { status: 'credit_granted', credit: creditOf() });
    expect((await ask(masked(one))).body).toMatchObject({ reason: 'existing_customer', provisional: true });
    // Who is told apart by a number in plain is answered for alone.
    expect((await ask({ ...masked(one), phone: one.phone })).body.reason).toBe('new');
    expect((await ask({ ...masked(one), phone: other.phone })).body.reason).toBe('existing_customer');
    await become(door, second, { status: 'cancelled', lock_until: null });
    expect((await ask(masked(one))).body.reason).toBe('new');
    // Nobody knows which of them to keep.
    expect((await ask(masked(one), { reserve: true })).body.reserved_until).toBeNull();
  });

  test('reserves the one person whom it fits', async () => {
    const person = nextPerson();
    const id = await apply(person);
    await become(door, id, { status: 'cancelled', lock_until: null });
    expect((await ask(masked(person), { reserve: true })).body.reserved_until).not.toBeNull();
    const subject = { phone: person.phone };
    const { body } = await door.summit.post('/v1/prechecks', { product_id: 'quick-cash', subject });
    expect(body.decision).toBe('refuse');
  });

  test('meets list entries about people who are known in plain and by name, and no others', async () => {
    const person = nextPerson();
    const contributor = 'lender:riverbank';
    const entry = { list: 'block', scope: 'funder:harbour', reason: 'overdue' } as const;
    await door.intake.deps.lists.upsert([{ ...entry, subject: { id_number: person.idNumber } }], { contributor });
    expect((await ask(masked(person))).body.reason).toBe('new');
    const { input } = freshApplication(door);
    const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
    expect((await door.acme.post('/v1/applications', { ...input, applicant })).body.reason).toBe('blocked');
    expect((await ask(masked(person))).body).toMatchObject({ reason: 'blocked', provisional: true });
  });

  test('an applicant whom the lender reports with a name is found too', async () => {
    const person = nextPerson();
    const { deps } = door.intake;
    const { client, keys } = redis;
    const reports = {
      ...deps,
      clicks: new ClickStore(client, keys, deps.clock),
      touches: new TouchStore(client, keys),
      registrations: new RegistrationStore(client, keys),
      handoffs: new HandoffStore(client, keys),
    };
    await reportApplication(reports, 'quickcredit', {
      lender_ref: 'MASK-1',
      product_id: 'quick-cash',
      subject: { phone: person.phone, id_number: person.idNumber, name: person.name },
      channel: 'app',
      applied_at: new Date(deps.clock.nowMs()).toISOString(),
    });
    expect((await ask(masked(person))).body.reason).toBe('in_progress');
  });
});

describe('a form that nobody is found by is never new', () => {
  const refused = (subject: object, ...pointers: string[]) =>
    [subject, pointers.map((pointer) => ({ pointer, code: 'form_not_indexed' }))] as const;
  test.each([
    refused({ phone: { masked: '13800138***' } }, '/subject/phone'),
    refused(
      { phone: { masked: '138********' }, id_number: { masked: '110105194912****' }, name: '张三' },
      '/subject/phone',
      '/subject/id_number',
    ),
    refused(
      { phone: { masked: '13800138***' }, id_number: { masked: '11010519491231****' } },
      '/subject/phone',
      '/subject/id_number',
    ),
    refused(
      { phone: { masked: '13800138***' }, id_number: { masked: '11010519491231****' }, name: { masked: '张*' } },
      '/subject/phone',
      '/subject/id_number',
    ),
  ])('%j', async (subject, errors) => {
    const { status, body } = await ask(subject);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'form_not_indexed', errors });
  });

  test('a masked number beside one that people are found by is answered', async () => {
    const { phone } = nextPerson();
    const subject = { phone: { md5: hashForms(phone).md5 }, id_number: { masked: '11010519491231****' } };
    expect((await ask(subject)).status).toBe(200);
  });

  test('lists that are kept in sha256 alone refuse other hashes, in a batch by place', async () => {
    const { deps } = door.intake;
    const { client, keys } = redis;
    const forms = { hashes: ['sha256'], phoneId: false } as const;
    const lists = new ListStore({ client, keys, tokenizer: deps.tokenizer, clock: deps.clock, forms });
    const kept = deps.lists;
    Object.assign(deps, { lists });
    try {
      const { phone, idNumber } = nextPerson();
      const [{ md5, sha256 }, both] = [hashForms(phone), phoneIdForms(phone, idNumber)];
      const items = [
        { product_id: 'quick-cash', subject: { phone: { sha256 } } },
        { product_id: 'quick-cash', subject: { phone: { md5 } } },
        { product_id: 'quick-cash', subject: { phone_id: { sha256: both.sha256 } } },
        { product_id: 'quick-cash', subject: { phone: { sha256 }, id_number: { sm3: hashForms(idNumber).sm3 } } },
        { product_id: 'quick-cash', subject: { phone, id_number: idNumber } },
      ];
      const { status, body } = await door.acme.post('/v1/prechecks/batch', { items });
      expect(status).toBe(422);
      expect(body.errors).toMatchObject([
        { pointer: '/items/1/subject/phone', code: 'form_not_indexed' },
        { pointer: '/items/2/subject/phone_id', code: 'form_not_indexed' },
        { pointer: '/items/3/subject/id_number', code: 'form_not_indexed' },
      ]);
      const good = await door.acme.post('/v1/prechecks/batch', { items: [items[0], items[4]] });
      expect(good.status).toBe(200);
    } finally {
      Object.assign(deps, { lists: kept });
    }
  });
});

describe('an entry that was contributed as a hash alone', () => {
  test('answers that form and plain; others are provisional', async () => {
    const person = nextPerson();
    const forms = hashForms(person.phone);
    const entry = { list: 'block', scope: 'funder:harbour', reason: 'overdue' } as const;
    const [result] = await door.intake.deps.lists.upsert([{ ...entry, subject: { phone: { md5: forms.md5 } } }], {
      contributor: 'lender:riverbank',
    });
    expect(result?.result).toBe('created');
    const answers = await Promise.all(
      [person.phone, { md5: forms.md5 }, { sha256: forms.sha256 }, { sm3: forms.sm3 }].map((phone) => ask({ phone })),
    );
    expect(answers.map(({ body }) => [body.reason, body.provisional])).toEqual([
      ['blocked', false],
      ['blocked', true],
      ['new', true],
      ['new', true],
    ]);
  });
});
