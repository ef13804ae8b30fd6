import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Registry } from '../../../src/registry/registry.ts';
import { capOfPartner } from '../../../src/screening/application-caps.ts';
import type { ListEntryInput } from '../../../src/screening/lists/entry-schema.ts';
import { nextPerson } from '../../support/intake.ts';
import { become, freshApplication, onDay } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type FileChanges, productIn, registryVariant } from '../../support/registry-variant.ts';

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

const CONTRIBUTOR = { contributor: 'lender:quickcredit' } as const;

/** Counterparties that keep the partner out by its own cap and, where wanted, by a pause. */
function counterparties(state: { paused: boolean; capped: boolean }): Promise<Registry> {
  const changes: FileChanges = {
    'traffic/acme/partner.yaml': (partner) => {
      partner.disclosure = 'institution';
      if (state.capped) partner.limits.applications_per_day = 1;
    },
    'lending/quickcredit/lender.yaml': (lender) => {
      if (state.paused) productIn(lender, 'quick-cash').status = 'paused';
    },
  };
  return registryVariant(changes);
}

test('of all reasons that apply at once, each is told when the ones before it are gone', async () => {
  const { deps, clock } = door.intake;
  const [person, neighbour, relative] = [nextPerson(), nextPerson(), nextPerson()];
  const applicant = { name: person.name, id_number: person.idNumber, phone: person.phone };
  const subject = { phone: person.phone };
  const listed = async (entry: Omit<ListEntryInput, 'subject'>) => {
    const [result] = await deps.lists.upsert([{ ...entry, subject }], CONTRIBUTOR);
    expect(['created', 'updated']).toContain(result?.result);
  };
  const customer = (status: NonNullable<ListEntryInput['status']>) =>
    listed({
      list: 'customer',
      scope: 'lender:quickcredit',
      reason: 'other',
      status,
      ...(status === 'refused' ? { retry_at: onDay(5) } : {}),
    });
  const submit = async (client: 'acme' | 'summit', given: object) => {
    const { input } = freshApplication(door);
    const { body } = await door[client].post('/v1/applications', { ...input, applicant: { ...applicant, ...given } });
    return body;
  };
  const away = async (id: string) => become(door, id, { status: 'cancelled', lock_until: null });

  door.intake.use(await counterparties({ paused: false, capped: false }));
  // One's own waits for the applicant on this phone; another partner's has this id number.
  const own = await submit('acme', { id_number: neighbour.idNumber, name: neighbour.name });
  await become(door, own.id, { status: 'needs_input' });
  const others = await submit('summit', { phone: relative.phone });
  expect([own.status, others.status]).toEqual(['received', 'received']);
  await customer('in_progress');
  await listed({ list: 'block', scope: 'funder:harbour', reason: 'overdue' });
  door.intake.use(await counterparties({ paused: true, capped: true }));
  const cap = capOfPartner(door.intake.partner('acme'));
  await deps.quotas.places.take('app_full', [cap], clock.nowMs());

  let profile: object = { residence: { region: '540102' } };
  const peel: readonly (readonly [string, (() => Promise<unknown>) | undefined])[] = [
    ['closed', async () => door.intake.use(await counterparties({ paused: false, capped: true }))],
    [
      'ineligible',
      async () => {
        profile = {};
      },
    ],
    ['blocked', () => deps.lists.withdraw([{ subject, list: 'block', scope: 'funder:harbour' }], CONTRIBUTOR)],
    ['own', () => away(own.id)],
    ['in_progress', () => customer('has_loan')],
    ['existing_customer', () => customer('refused')],
    ['other_channel', () => away(others.id)],
    ['recently_refused', () => customer('settled')],
    ['capped', async () => door.intake.use(await counterparties({ paused: false, capped: false }))],
    ['returning', undefined],
  ];
  for (const [reason, next] of peel) {
    const asked = { product_id: 'quick-cash', subject: { phone: person.phone, id_number: person.idNumber }, profile };
    const { body: answer } = await door.acme.post('/v1/prechecks', asked);
    const body = await submit('acme', profile);
    if (reason === 'returning') {
      expect(answer).toMatchObject({ decision: 'accept', reason, customer: reason });
      expect(body).toMatchObject({ status: 'received', customer: reason });
    } else {
      expect(answer).toMatchObject({ decision: reason === 'own' ? 'accept' : 'refuse', reason });
      expect(body).toMatchObject({ status: 'refused', reason });
      expect(body.existing_application_id).toBe(reason === 'own' ? own.id : null);
    }
    await next?.();
  }
});
