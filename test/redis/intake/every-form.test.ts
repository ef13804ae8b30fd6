import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mapBounded } from '../../../src/base/map-bounded.ts';
import { createPeople, type Person } from '../../../src/demo/people.ts';
import { HASH_FORMS, hashForms, phoneIdForms } from '../../../src/identity/hash-forms.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { askPrechecks } from '../../../src/intake/ask-prechecks.ts';
import type { PrecheckInput } from '../../../src/intake/precheck-input.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import type { ListEntryInput } from '../../../src/screening/lists/entry-schema.ts';
import { applicationFor } from '../../support/intake.ts';
import { onDay } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

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

const PEOPLE = 10_000;
const BATCH = 500;
const TIMEOUT_MS = 600_000;
const LENDER = { contributor: 'lender:quickcredit' } as const;

/** What is known of every n-th person; of the others nothing. */
const KNOWN: readonly (Omit<ListEntryInput, 'subject'> | 'applied' | undefined)[] = [
  { list: 'block', scope: 'funder:harbour', reason: 'overdue' },
  { list: 'customer', scope: 'lender:quickcredit', reason: 'other', status: 'has_loan' },
  { list: 'customer', scope: 'lender:quickcredit', reason: 'other', status: 'refused', retry_at: onDay(7) },
  { list: 'customer', scope: 'lender:quickcredit', reason: 'other', status: 'settled' },
  { list: 'block', scope: 'network', reason: 'fraud' },
  { list: 'trust', scope: 'funder:harbour', reason: 'good_standing' },
  undefined,
  undefined,
  undefined,
  'applied',
];

/** A person in every form that they may be asked about by. */
function formsOf({ phone, idNumber, name }: Person): Record<string, Subject> {
  const [phones, ids, both] = [hashForms(phone), hashForms(idNumber), phoneIdForms(phone, idNumber)];
  const hashed = HASH_FORMS.flatMap((form) => [
    [form, { phone: { [form]: phones[form] }, id_number: { [form]: ids[form] } }],
    [`phone_id ${form}`, { phone_id: { [form]: both[form] } }],
  ]);
  return { plain: { phone, id_number: idNumber, name }, ...Object.fromEntries(hashed) };
}

async function ask(subjects: readonly Subject[]): Promise<string[]> {
  const product = door.intake.registry.products.get('quick-cash');
  if (!product) throw new Error('no product');
  const inputs = subjects.map((given): PrecheckInput => {
    const read = normaliseSubject(given);
    if (!read.ok) throw new Error('no subject');
    return { products: [product], subject: read.subject, reserve: false };
  });
  const outcome = await askPrechecks(door.intake.deps, door.intake.partner('summit'), inputs);
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  return outcome.answers.map(({ answers }) => JSON.stringify(answers[0]?.decision));
}

function batches<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));
}

describe('people who are known in plain', () => {
  const generated = createPeople('every form', new Date('2026-03-02T04:00:00.000Z'));
  const people = Array.from({ length: PEOPLE }, () => generated.next());

  test(
    `of ${PEOPLE} generated people, each gets the same decision in every form`,
    async () => {
      const { deps, registry } = door.intake;
      const known = people.map((person, at) => ({ person, at, known: KNOWN[at % KNOWN.length] }));
      const entries = known.flatMap(({ person, at, known: entry }) => {
        if (typeof entry !== 'object') return [];
        const group = `case-${at}`;
        return [
          { ...entry, group, subject: { phone: person.phone } },
          { ...entry, group, subject: { id_number: person.idNumber } },
        ];
      });
      for (const some of batches(entries)) {
        const results = await deps.lists.upsert(some, LENDER);
        expect(results.filter(({ result }) => result !== 'created')).toEqual([]);
      }
      // Applications take more steps than entries; every tenth of those who would apply do.
      const applicants = known.filter(({ known: entry, at }) => entry === 'applied' && at % 100 === 99);
      const submitter = { partner: door.intake.partner('acme'), origin: 'partner' } as const;
      await mapBounded(applicants, 8, async ({ person, at }) => {
        const result = await submitApplication(deps, submitter, applicationFor(registry, person, `FORM-${at}`));
        expect(result).toMatchObject({ kind: 'answered', application: { status: 'received' } });
      });

      const seen = new Map<string, number>();
      for (const some of batches(people)) {
        const forms = some.map(formsOf);
        const plain = await ask(forms.map(({ plain: subject }) => subject ?? {}));
        for (const name of Object.keys(forms[0] ?? {}).filter((form) => form !== 'plain')) {
          expect(await ask(forms.map((form) => form[name] ?? {})), name).toEqual(plain);
        }
        for (const decision of plain) seen.set(decision, (seen.get(decision) ?? 0) + 1);
      }
      const reasons = new Map([...seen].map(([text, count]) => [JSON.parse(text).reason as string, count]));
      expect([...reasons.keys()].sort()).toEqual(
        ['blocked', 'existing_customer', 'new', 'other_channel', 'recently_refused', 'returning'].sort(),
      );
      expect(reasons.get('blocked')).toBe(PEOPLE / 5);
      expect(reasons.get('other_channel')).toBe(applicants.length);
    },
    TIMEOUT_MS,
  );

  test('a batch of 500 over HTTP answers each form alike', async () => {
    const some = people.slice(0, 72).map(formsOf);
    const items = some.flatMap((forms) =>
      Object.values(forms).map((subject) => ({ product_id: 'quick-cash', subject })),
    );
    const { status, body } = await door.summit.post('/v1/prechecks/batch', {
      items: items.slice(0, 500),
    });
    expect(status).toBe(200);
    const told = body.results.map(({ decision, retry_at, customer }: Record<string, unknown>) => ({
      decision,
      retry_at,
      customer,
    }));
    const size = Object.keys(some[0] ?? {}).length;
    const plain = told.map((_one: unknown, at: number) => told[at - (at % size)]);
    expect(told).toEqual(plain);
  });
});
