import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashForms } from '../../../src/identity/hash-forms.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { nextPerson } from '../../support/intake.ts';
import { DAY_ZERO, freshApplication } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type FileChanges, productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let open: Registry;
let paused: Registry;

const FULL: FileChanges = {
  'traffic/acme/partner.yaml': (partner) => {
    partner.disclosure = 'institution';
    partner.limits.open_reservations = 2;
    const [terms] = partner.terms;
    // From 15 March on the price is another one.
    partner.terms.push({ ...structuredClone(terms), id: 'acme-2026-b', from: '2026-03-15' });
  },
};

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  open = await registryVariant(FULL);
  paused = await registryVariant({
    ...FULL,
    'lending/quickcredit/lender.yaml': (lender) => {
      productIn(lender, 'quick-cash').status = 'paused';
    },
  });
});
afterAll(async () => {
  await door.close();
  await redis.close();
});
beforeEach(() => {
  door.intake.use(open);
  door.intake.clock.moveTo(DAY_ZERO);
});
afterEach(async () => {
  // Reservations of one test are not counted in the next.
  door.intake.clock.moveTo(DAY_ZERO);
  await redis.client.del(redis.keys.partner('acme', 'reservations'));
});

type Person = ReturnType<typeof nextPerson>;

const ask = (client: 'acme' | 'summit', subject: object, more: object = {}) =>
  door[client].post('/v1/prechecks', { product_id: 'quick-cash', subject, ...more });

const reserve = async (person: Person, client: 'acme' | 'summit' = 'acme') => {
  const { body } = await ask(client, { phone: person.phone, id_number: person.idNumber }, { reserve: true });
  expect(body.reserved_until).not.toBeNull();
  return body.id as string;
};

const apply = (person: Person, precheck_id: string | null, client: 'acme' | 'summit' = 'acme') => {
  const { input } = freshApplication(door);
  const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
  return door[client].post('/v1/applications', { ...input, applicant, precheck_id });
};

const release = (id: string, client: 'acme' | 'summit' = 'acme') =>
  door[client].send('DELETE', `/v1/prechecks/${id}`, {});
const warned = (headers: Headers) => headers.get('Sluice-Warnings');

describe('walk-through F: paused at 10:00, stop: new', () => {
  const at = (time: string): void => door.intake.clock.moveTo(`2026-03-02T${time}:00.000+08:00`);

  test('a precheck at 10:01 is refused closed/paused', async () => {
    at('10:01');
    door.intake.use(paused);
    const { body } = await ask('acme', { phone: nextPerson().phone });
    expect(body).toMatchObject({ decision: 'refuse', reason: 'closed', detail: 'paused' });
  });

  test('reserved at 09:58, applied at 10:05: accepted at the quoted price', async () => {
    const person = nextPerson();
    door.intake.clock.moveTo('2026-03-14T23:55:00.000+08:00');
    const id = await reserve(person);
    door.intake.clock.moveTo('2026-03-15T00:03:00.000+08:00');
    door.intake.use(paused);
    const { body, headers } = await apply(person, id);
    expect(body.status).toBe('received');
    expect(warned(headers)).toBeNull();
    const stored = await door.intake.deps.store.load(body.id);
    expect(stored?.application.pins).toEqual({ main: 'acme-2026' });
  });

  test('reserved at 09:58, applied at 10:09: refused, and told that the precheck is over', async () => {
    const person = nextPerson();
    at('09:58');
    const id = await reserve(person);
    at('10:09');
    door.intake.use(paused);
    const { body, headers } = await apply(person, id);
    expect(body).toMatchObject({ status: 'refused', reason: 'closed', detail: 'paused' });
    expect(warned(headers)).toContain('precheck_not_live');
  });

  test('a reservation does not open a product that is closed for good', async () => {
    const person = nextPerson();
    const id = await reserve(person);
    door.intake.use(
      await registryVariant({
        ...FULL,
        'lending/quickcredit/lender.yaml': (lender) => {
          productIn(lender, 'quick-cash').status = 'closed';
        },
      }),
    );
    expect((await apply(person, id)).body).toMatchObject({ reason: 'closed', detail: 'suspended' });
  });
});

describe('a cited precheck', () => {
  test('that was reserved brings the terms that were quoted along; after its end those of now count', async () => {
    const [early, late] = [nextPerson(), nextPerson()];
    door.intake.clock.moveTo('2026-03-14T23:55:00.000+08:00');
    const [first, second] = [await reserve(early), await reserve(late)];
    const pinsOf = async (id: string) => (await door.intake.deps.store.load(id))?.application.pins;
    door.intake.clock.moveTo('2026-03-15T00:03:00.000+08:00');
    const quoted = await apply(early, first);
    expect(await pinsOf(quoted.body.id)).toEqual({ main: 'acme-2026' });
    door.intake.clock.moveTo('2026-03-15T00:06:00.000+08:00');
    const now = await apply(late, second);
    expect(now.body.status).toBe('received');
    expect(await pinsOf(now.body.id)).toEqual({ main: 'acme-2026-b' });
    expect(warned(now.headers)).toContain('precheck_not_live');
  });

  test.each<[string, (person: Person) => Promise<string>]>([
    ['that was not reserved', async ({ phone }) => (await ask('acme', { phone })).body.id],
    ['of another partner', async () => reserve(nextPerson(), 'summit')],
    ['for another person', async () => reserve(nextPerson())],
    [
      'that was given back',
      async (person) => {
        const id = await reserve(person);
        expect((await release(id)).status).toBe(204);
        return id;
      },
    ],
  ])('%s has no effect, and a warning says so, also to a retry', async (_what, precheckOf) => {
    const person = nextPerson();
    const precheckId = await precheckOf(person);
    const { input } = freshApplication(door);
    const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
    const whole = { ...input, applicant, precheck_id: precheckId };
    const first = await door.acme.post('/v1/applications', whole);
    const again = await door.acme.post('/v1/applications', whole);
    expect(first.body.status).toBe('received');
    expect([warned(first.headers), warned(again.headers)]).toEqual(['precheck_not_live', 'precheck_not_live']);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  });

  test('is not ended by an application for somebody else', async () => {
    const [person, other] = [nextPerson(), nextPerson()];
    const id = await reserve(person);
    await apply(other, id);
    expect((await ask('summit', { phone: person.phone })).body.decision).toBe('refuse');
    expect(warned((await apply(person, id)).headers)).toBeNull();
  });

  test('is given back when the application that cites it is refused', async () => {
    const person = nextPerson();
    const id = await reserve(person);
    const { input } = freshApplication(door);
    const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
    const requested = { ...input.requested, term: 5 };
    const { body } = await door.acme.post('/v1/applications', { ...input, applicant, requested, precheck_id: id });
    expect(body).toMatchObject({ reason: 'ineligible', detail: 'term' });
    expect((await ask('summit', { phone: person.phone })).body.decision).toBe('accept');
    expect(await counted()).toBe(0);
  });
});

describe('DELETE /v1/prechecks/{id}', () => {
  test('gives back what was reserved, under every form, and its place in the count', async () => {
    const [person, other, third] = [nextPerson(), nextPerson(), nextPerson()];
    const id = await reserve(person);
    await reserve(other);
    const full = await ask('acme', { phone: third.phone }, { reserve: true });
    expect(full.body.reserved_until).toBeNull();
    expect(warned(full.headers)).toBe('reservations_exhausted');
    expect((await release(id)).status).toBe(204);
    for (const phone of [person.phone, { md5: hashForms(person.phone).md5 }]) {
      expect((await ask('summit', { phone })).body.decision).toBe('accept');
    }
    await reserve(third);
    expect((await ask('summit', { phone: other.phone })).body.decision).toBe('refuse');
  });

  test('needs no identity when it was asked by a hash, and reaches every lender', async () => {
    const { phone } = nextPerson();
    const subject = { phone: { md5: hashForms(phone).md5 } };
    door.intake.use(await registryVariant({ 'traffic/acme/partner.yaml': () => undefined }));
    const { body } = await door.acme.post('/v1/prechecks', { subject, reserve: true });
    const kept = body.products.filter((one: { reserved_until: string | null }) => one.reserved_until !== null);
    expect(new Set(kept.map((one: { product_id: string }) => one.product_id)).size).toBeGreaterThan(2);
    expect((await release(body.id)).status).toBe(204);
    const all = (await door.summit.post('/v1/prechecks', { subject: { phone } })).body.products;
    expect(all.map((one: { decision: string }) => one.decision)).not.toContain('refuse');
  });

  test('again, for a stranger’s, or for one that reserved nothing: the same answer, and nothing happens', async () => {
    const person = nextPerson();
    const id = await reserve(person);
    expect((await release(id, 'summit')).status).toBe(204);
    expect((await ask('summit', { phone: person.phone })).body.decision).toBe('refuse');
    const unreserved = (await ask('acme', { phone: nextPerson().phone })).body.id as string;
    for (const one of [id, id, unreserved, `pre_${'0'.repeat(32)}`]) expect((await release(one)).status).toBe(204);
    expect((await door.acme.send('DELETE', '/v1/prechecks/nothing', {})).status).toBe(404);
  });
});

describe('a batch', () => {
  test('never has two answers for one subject, whatever happens meanwhile', async () => {
    const people = Array.from({ length: 5 }, () => nextPerson());
    const items = Array.from({ length: 500 }, (_, at) => {
      const person = people[at % people.length] as Person;
      return {
        product_id: 'quick-cash',
        subject: { phone: person.phone },
        profile: at % 2 ? { education: 'college' } : {},
      };
    });
    const asked = door.acme.post('/v1/prechecks/batch', { items });
    const applied = Promise.all(people.map((person) => apply(person, null, 'summit')));
    const { status, body } = await asked;
    await applied;
    expect(status).toBe(200);
    const answers = people.map((_person, which) => {
      const own = body.results.filter((_one: unknown, at: number) => at % people.length === which);
      return new Set(
        own.map(({ decision, reason, retry_at }: Record<string, string>) => `${decision} ${reason} ${retry_at}`),
      );
    });
    expect(answers.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
  });
});

async function counted(): Promise<number> {
  return redis.client.zcard(redis.keys.partner('acme', 'reservations'));
}
