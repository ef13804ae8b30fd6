import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/demo/people.ts';
import { type FakeCore, startFakeCore } from '../support/fake-core.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import { productIn, writeVariant } from '../support/registry-variant.ts';

let partnersDir: string;
let core: FakeCore;
let gateway: TestGateway;

beforeAll(async () => {
  core = await startFakeCore((push) => ({ status: 202, body: { result: 'accepted', lender_ref: `Z-${push.key}` } }));
  partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  writeVariant(partnersDir, {
    'lending/bluewave/lender.yaml': (lender) => {
      lender.core = { url: core.url };
      const days = productIn(lender, 'wave-days');
      days.eligibility.age = [18, 60];
      lender.products.push({ ...structuredClone(days), id: 'wave-shared', funders: ['harbour', 'north'] });
      lender.products.push({ ...structuredClone(days), id: 'wave-harbour', funders: ['harbour'] });
    },
  });
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partnersDir } });
});
afterAll(async () => {
  await gateway.stop();
  await core.close();
  rmSync(partnersDir, { recursive: true });
});

const Q = { contributor: 'lender:quickcredit' } as const;
const overdue = { list: 'block', scope: 'funder:harbour', reason: 'overdue' } as const;

async function contribute(group: string, { phone, idNumber }: Pick<Person, 'phone' | 'idNumber'>) {
  const { lists } = gateway.gateway.rooms;
  const results = await lists.upsert(
    [
      { ...overdue, group, subject: { phone } },
      { ...overdue, group, subject: { id_number: idNumber } },
    ],
    Q,
  );
  expect(results.map(({ result }) => result)).toEqual(['created', 'created']);
}

async function apply(person: Person, product: string, reference: string) {
  const registry = gateway.gateway.rooms.intake.registry();
  const { body } = await gateway.acme.post('/v1/applications', applicationFor(registry, person, reference, product));
  await gateway.settle();
  const push = core.received.find((one) => one.body.application_id === body.id);
  return { body, pushed: push?.body };
}

describe('walk-through C: lender Q contributed overdue for the funder that it shares with lender Z', () => {
  const person = nextPerson();

  test('the applicant goes to Z without the blocking funder', async () => {
    await contribute('case-77', person);
    const { body, pushed } = await apply(person, 'wave-shared', 'C-1');
    expect(body.status).toBe('received');
    expect(pushed).toMatchObject({ funder_ids: ['north'], trusted: false });
  });

  test('had the funder been the only one: refused, nothing pushed, and acme reads no reason', async () => {
    const blocked = nextPerson();
    await contribute('case-78', blocked);
    const subject = { phone: blocked.phone, id_number: blocked.idNumber };
    const asked = await gateway.acme.post('/v1/prechecks', { product_id: 'wave-harbour', subject });
    expect(asked.body).toMatchObject({ decision: 'refuse', reason: null, detail: null, retry_at: null });
    const { body, pushed } = await apply(blocked, 'wave-harbour', 'C-2');
    expect(body).toMatchObject({ status: 'refused', reason: null, detail: null, retry_at: null });
    expect(pushed).toBeUndefined();
    // What the operator can be asked about: which entries it was.
    const hits = await gateway.gateway.rooms.listHits.ofApplication(body.id);
    expect(hits.map(({ scope, reason, effect }) => [scope, reason, effect])).toEqual([
      ['funder:harbour', 'overdue', 'block'],
      ['funder:harbour', 'overdue', 'block'],
    ]);
    expect(new Set(hits.map(({ entry_id: id }) => id)).size).toBe(2);
  });

  test('once Q has withdrawn, a new reference is accepted at once', async () => {
    const cleared = nextPerson();
    await contribute('case-79', cleared);
    expect((await apply(cleared, 'wave-harbour', 'C-3')).body.status).toBe('refused');
    const { lists } = gateway.gateway.rooms;
    await lists.withdraw(
      [
        { ...overdue, subject: { phone: cleared.phone } },
        { ...overdue, subject: { id_number: cleared.idNumber } },
      ],
      Q,
    );
    const { body, pushed } = await apply(cleared, 'wave-harbour', 'C-4');
    expect(body.status).toBe('received');
    expect(pushed).toMatchObject({ funder_ids: ['harbour'] });
  });

  test('the phone of somebody new, which the group knows with another id number, is noted and not refused', async () => {
    const recycled = nextPerson();
    await contribute('case-80', { phone: recycled.phone, idNumber: nextPerson().idNumber });
    const { body, pushed } = await apply(recycled, 'wave-harbour', 'C-5');
    expect(body.status).toBe('received');
    expect(pushed?.notes).toContainEqual({ code: 'recycled_number', list: 'block', reason: 'overdue' });
  });
});
