import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capOfProduct } from '../../../src/screening/application-caps.ts';
import { nextPerson } from '../../support/intake.ts';
import { become, freshApplication } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type FileChanges, productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

/** Zones east and west, on half hours, and on the two days on which New York changes its clocks. */
const ZONES = ['Asia/Shanghai', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland'] as const;
const idOf = (zone: string, what: string): string => `${what}-${zone.toLowerCase().replace(/[^a-z]/g, '-')}`;

const PRODUCTS: FileChanges = {
  'traffic/acme/partner.yaml': (partner) => {
    partner.disclosure = 'institution';
  },
  'lending/quickcredit/lender.yaml': (lender) => {
    const cash = productIn(lender, 'quick-cash');
    for (const timezone of ZONES) {
      const more = (what: string, change: object) =>
        lender.products.push({ ...structuredClone(cash), id: idOf(timezone, what), timezone, ...change });
      more('capped', { caps: { applications_per_day: 1 } });
      more('hours', { hours: ['09:00-17:30'] });
    }
  },
};

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  door.intake.use(await registryVariant(PRODUCTS));
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

type Person = ReturnType<typeof nextPerson>;

async function ask(product_id: string, { phone, idNumber: id_number }: Person) {
  return (await door.acme.post('/v1/prechecks', { product_id, subject: { phone, id_number } })).body;
}

/** Whoever comes back when they are told to is not refused for that any more; a moment before, they are. */
async function expectTold(product: string, person: Person, truth: { reason: string; retry_at: string }) {
  expect(await ask(product, person)).toMatchObject({ decision: 'refuse', ...truth });
  const at = Date.parse(truth.retry_at);
  door.intake.clock.moveTo(new Date(at - 1).toISOString());
  expect(await ask(product, person)).toMatchObject({ decision: 'refuse', reason: truth.reason });
  door.intake.clock.moveTo(truth.retry_at);
  expect((await ask(product, person)).decision).toBe('accept');
}

describe('a full day ends at midnight in the product’s own time zone', () => {
  test.each([
    ['Asia/Shanghai', '2026-03-02T15:59:59.999Z', '2026-03-02T16:00:00.000Z'],
    ['Asia/Shanghai', '2026-03-02T16:00:00.000Z', '2026-03-03T16:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-02T18:29:00.000Z', '2026-03-02T18:30:00.000Z'],
    ['America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ['Pacific/Auckland', '2026-03-31T10:59:00.000Z', '2026-03-31T11:00:00.000Z'],
    ['Asia/Shanghai', '2026-12-31T10:00:00.000Z', '2026-12-31T16:00:00.000Z'],
  ])('%s at %s: %s', async (zone, at, retry_at) => {
    door.intake.clock.moveTo(at);
    const id = idOf(zone, 'capped');
    const product = door.intake.registry.products.get(id);
    const cap = product && capOfProduct(product);
    if (!cap) throw new Error('no cap');
    await door.intake.deps.quotas.places.take('app_full', [cap], Date.parse(at));
    await expectTold(id, nextPerson(), { reason: 'capped', retry_at });
  });
});

describe('hours open by the product’s own clock', () => {
  test.each([
    ['Asia/Shanghai', '2026-03-02T09:30:00.000Z', '2026-03-03T01:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-02T03:29:59.999Z', '2026-03-02T03:30:00.000Z'],
    ['America/New_York', '2026-03-07T23:00:00.000Z', '2026-03-08T13:00:00.000Z'],
    ['America/New_York', '2026-10-31T22:00:00.000Z', '2026-11-01T14:00:00.000Z'],
    ['Pacific/Auckland', '2026-03-02T04:30:00.000Z', '2026-03-02T20:00:00.000Z'],
  ])('%s at %s: %s', async (zone, at, retry_at) => {
    door.intake.clock.moveTo(at);
    await expectTold(idOf(zone, 'hours'), nextPerson(), { reason: 'closed', retry_at });
  });
});

describe('claims and lists end when they say', () => {
  const start = '2026-03-02T04:00:00.000Z';
  const summits = async (person: Person) => {
    const { input } = freshApplication(door);
    const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
    const { body } = await door.summit.post('/v1/applications', { ...input, applicant });
    expect(body.status).toBe('received');
    return body.id as string;
  };

  test.each<[string, (person: Person) => Promise<unknown>, string, string]>([
    [
      'a reservation of another partner',
      ({ phone }) => door.summit.post('/v1/prechecks', { product_id: 'quick-cash', subject: { phone }, reserve: true }),
      'other_channel',
      '2026-03-02T04:10:00.000Z',
    ],
    [
      'the lock of another partner’s ended application',
      async (person) => become(door, await summits(person), { status: 'cancelled' }),
      'other_channel',
      '2026-04-01T04:00:00.000Z',
    ],
    [
      'a lender’s refusal, which outlasts the lock',
      async (person) =>
        become(door, await summits(person), { status: 'credit_declined', retry_at: '2026-05-01T00:00:00.000Z' }),
      'recently_refused',
      '2026-05-01T00:00:00.000Z',
    ],
    [
      'a refusal on the lender’s list',
      ({ phone }) =>
        door.intake.deps.lists.upsert(
          [
            {
              subject: { phone },
              list: 'customer',
              scope: 'lender:quickcredit',
              reason: 'other',
              status: 'refused',
              retry_at: '2026-03-09T16:00:00.000Z',
            },
          ],
          { contributor: 'lender:quickcredit' },
        ),
      'recently_refused',
      '2026-03-09T16:00:00.000Z',
    ],
  ])('%s', async (_what, arrange, reason, retry_at) => {
    door.intake.clock.moveTo(start);
    const person = nextPerson();
    await arrange(person);
    await expectTold('quick-cash', person, { reason, retry_at });
  });

  test('of two that say the same, the later one is told', async () => {
    door.intake.clock.moveTo(start);
    const person = nextPerson();
    const [mine, theirs] = [
      { ...nextPerson(), phone: person.phone },
      { ...nextPerson(), idNumber: person.idNumber },
    ];
    const first = await summits(mine);
    door.intake.clock.moveTo('2026-03-05T04:00:00.000Z');
    const second = await summits(theirs);
    for (const id of [first, second]) await become(door, id, { status: 'cancelled' });
    await expectTold('quick-cash', person, { reason: 'other_channel', retry_at: '2026-04-04T04:00:00.000Z' });
  });
});
