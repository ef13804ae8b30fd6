import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applicationBody } from '../../../src/applications/push/delivery-body.ts';
import { nextPerson } from '../../support/intake.ts';
import { DAY_ZERO, freshApplication } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
});
afterAll(async () => {
  await door.close();
  await redis.close();
});
beforeEach(() => door.intake.clock.moveTo(DAY_ZERO));

let devices = 0;

function freshDevice() {
  devices += 1;
  return { id: `device-of-the-test-${devices}`, id_kind: 'oaid', ip: `198.51.100.${devices}` };
}

async function rule(device: object): Promise<void> {
  door.intake.use(
    await registryVariant({
      'traffic/acme/partner.yaml': (partner) => {
        partner.disclosure = 'institution';
      },
      'lending/quickcredit/lender.yaml': (lender) => {
        productIn(lender, 'quick-cash').eligibility.device = device;
      },
    }),
  );
}

async function apply(device?: object, person = nextPerson()) {
  const { input } = freshApplication(door);
  const applicant = { name: person.name, phone: person.phone, id_number: person.idNumber };
  const { body } = await door.acme.post('/v1/applications', { ...input, applicant, ...(device ? { device } : {}) });
  const stored = await door.intake.deps.store.load(body.id);
  if (!stored) throw new Error('not stored');
  const record = { applicant: {}, device: null, documents: [], verifications: [], consents: [] };
  return { body, notes: applicationBody('dlv_1', stored.application, record).notes };
}

describe('by default a device only annotates', () => {
  beforeEach(() => rule({}));

  test('one that is not named is noted for the lender', async () => {
    const { body, notes } = await apply();
    expect([body.status, notes]).toEqual(['received', [{ code: 'device_missing' }]]);
    expect((await apply({ id: '00000000-0000-0000-0000-000000000000', id_kind: 'idfa' })).notes).toEqual([
      { code: 'device_missing' },
    ]);
  });

  test('the fourth applicant on a device, and the fifty-first from an address, are noted with their number', async () => {
    const device = freshDevice();
    const notes = [];
    for (let at = 0; at < 4; at += 1) notes.push((await apply(device)).notes);
    expect(notes).toEqual([[], [], [], [{ code: 'device_shared', applicants: 4 }]]);
    const address = freshDevice().ip;
    const from = () => apply({ ...freshDevice(), ip: address });
    for (let at = 0; at < 50; at += 1) expect((await from()).notes).toEqual([]);
    expect((await from()).notes).toEqual([{ code: 'ip_shared', applicants: 51 }]);
  });

  test('people are counted, not applications, and only those who were accepted within a day', async () => {
    const device = freshDevice();
    const person = nextPerson();
    for (let at = 0; at < 5; at += 1) {
      const { notes } = await apply(device, person);
      expect(notes).toEqual([]);
    }
    await apply(device);
    await apply(device);
    door.intake.clock.advanceMs(24 * 3_600_000 - 1);
    expect((await apply(device)).notes).toEqual([{ code: 'device_shared', applicants: 4 }]);
    door.intake.clock.advanceMs(1);
    expect((await apply(device)).notes).toEqual([]);
  });
});

describe('a product may refuse', () => {
  test('applications without a device', async () => {
    await rule({ missing: 'refuse' });
    expect((await apply()).body).toMatchObject({ status: 'refused', reason: 'ineligible', detail: 'profile' });
    expect((await apply(freshDevice())).body.status).toBe('received');
    // A question need not name one.
    const { body } = await door.acme.post('/v1/prechecks', {
      product_id: 'quick-cash',
      subject: { phone: nextPerson().phone },
    });
    expect(body.decision).toBe('accept');
  });

  test('more applicants on a device than it says; whoever was there before stays welcome', async () => {
    await rule({ max_applicants_per_device: 2, over: 'refuse' });
    const device = freshDevice();
    const [first, second] = [nextPerson(), nextPerson()];
    expect((await apply(device, first)).body.status).toBe('received');
    expect((await apply(device, second)).body.status).toBe('received');
    const third = await apply(device);
    expect(third.body).toMatchObject({ status: 'refused', reason: 'ineligible', detail: 'profile' });
    expect(third.notes).toEqual([{ code: 'device_shared', applicants: 3 }]);
    const ask = (subject: object) => door.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject });
    expect((await ask({ phone: nextPerson().phone, device_id: device.id })).body).toMatchObject({
      reason: 'ineligible',
      detail: 'profile',
    });
    const own = await ask({ phone: second.phone, id_number: second.idNumber, device_id: device.id });
    expect(own.body.reason).toBe('in_progress');
  });

  test('more applicants from an address than it says', async () => {
    await rule({ max_applicants_per_ip: 1, over: 'refuse' });
    const { ip } = freshDevice();
    const from = () => apply({ ...freshDevice(), ip });
    expect((await from()).body.status).toBe('received');
    expect((await from()).body).toMatchObject({ reason: 'ineligible', detail: 'profile' });
  });

  test('but not without saying how many', async () => {
    await expect(rule({ over: 'refuse' })).rejects.toThrow('max_applicants_per_device');
  });
});
