import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { applicationBody } from '../../../src/applications/push/delivery-body.ts';
import { createSandboxVerifier } from '../../../src/applications/verification/sandbox-verifier.ts';
import type {
  CheckedPerson,
  PersonCheckKind,
  VerificationProvider,
} from '../../../src/applications/verification/verification-provider.ts';
import { isoOf } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import type { ApplicationInput } from '../../../src/intake/application-input.ts';
import { driveIntent } from '../../../src/intake/drive-intent.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let intake: TestIntake;
let counter = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  intake.use(
    await registryVariant({
      'lending/quickcredit/lender.yaml': (content) => {
        productIn(content, 'quick-cash').requirements.verifications = ['three_elements'];
        productIn(content, 'quick-flex').requirements = {
          applicant: ['name', 'id_number', 'phone'],
          verifications: ['four_elements', 'liveness'],
        };
      },
    }),
  );
});
afterAll(() => redis.close());

interface Asked {
  readonly kind: PersonCheckKind;
  readonly person: CheckedPerson;
}

/** The sandbox's provider, noting what it is asked, after so many milliseconds. */
function countedVerifier(delayMs = 0): { readonly verifier: VerificationProvider; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const sandbox = createSandboxVerifier();
  const check: VerificationProvider['check'] = async (kind, person, signal) => {
    asked.push({ kind, person });
    if (delayMs > 0) await delay(delayMs);
    return sandbox.check(kind, person, signal);
  };
  return { asked, verifier: { name: 'counted', check } };
}

function inputOf(suffix?: string, productId = 'quick-cash'): ApplicationInput {
  counter += 1;
  const input = applicationFor(intake.registry, nextPerson(suffix), `CHECK-${counter}`, productId);
  return { ...input, device: { id: `device-${counter}`, id_kind: 'web' } };
}

async function submit(input: ApplicationInput, verifier?: VerificationProvider): Promise<Application> {
  const deps = { ...intake.deps, ...(verifier ? { verifier } : {}) };
  const result = await submitApplication(deps, { partner: intake.partner('acme'), origin: 'partner' }, input);
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

const withCard = (input: ApplicationInput, phone: string): ApplicationInput => ({
  ...input,
  applicant: { ...input.applicant, bank_card: { number: '6222021234567890128', phone } },
  verifications: [{ kind: 'liveness', provider: 'face', result: 'pass', at: '2026-03-02T03:59:00Z' }],
});

describe('a check that the partner does not bring', () => {
  test('is made by us, shown as ours, and told to the lender', async () => {
    const { verifier, asked } = countedVerifier();
    const input = inputOf();
    const application = await submit(input, verifier);
    expect(application.status).toBe('received');
    expect(application.checking).toBeUndefined();
    expect(application.verifications).toMatchObject([{ kind: 'three_elements', result: 'pass', by: 'sluice' }]);
    expect(asked).toEqual([
      {
        kind: 'three_elements',
        person: {
          name: input.applicant.name,
          idNumber: input.applicant.id_number,
          phone: input.applicant.phone,
        },
      },
    ]);
    const record = { applicant: {}, device: null, documents: [], verifications: [], consents: [] };
    const [sent] = applicationBody('dlv_1', application, record).verifications;
    expect(sent).toMatchObject({ kind: 'three_elements', provider: 'sandbox', result: 'pass' });
    expect(sent).not.toHaveProperty('by');
  });

  test('is asked about the card and the phone reserved at the bank, where there are four elements', async () => {
    const { verifier, asked } = countedVerifier();
    const application = await submit(withCard(inputOf(undefined, 'quick-flex'), '13900000097'), verifier);
    expect(asked.map(({ kind, person }) => [kind, person.phone, person.cardNumber])).toEqual([
      ['four_elements', '13900000097', '6222021234567890128'],
    ]);
    expect(application).toMatchObject({ status: 'refused', reason: 'ineligible', detail: 'profile' });
  });

  test('has to be brought where nobody checks for us, or there is no card to check', async () => {
    await expect(submit(inputOf())).rejects.toThrow('verifications.three_elements');
    const { verifier } = countedVerifier();
    await expect(submit(inputOf(undefined, 'quick-flex'), verifier)).rejects.toThrow('verifications.four_elements');
  });

  test('refuses who fails it, and claims nobody', async () => {
    const { verifier } = countedVerifier();
    const input = inputOf('0097');
    const refused = await submit(input, verifier);
    expect(refused).toMatchObject({ status: 'refused', reason: 'ineligible', detail: 'profile' });
    const brought = [{ kind: 'three_elements', provider: 'bank', result: 'pass', at: '2026-03-02T03:59:00Z' }];
    const again = { ...input, partner_ref: `${input.partner_ref}-again`, verifications: brought };
    expect(await submit(again)).toMatchObject({ status: 'received' });
  });

  test('annotates who cannot be told', async () => {
    const { verifier } = countedVerifier();
    const application = await submit(inputOf('0098'), verifier);
    expect(application.status).toBe('received');
    expect(application.annotations).toEqual([{ code: 'verification_unknown', kind: 'three_elements' }]);
  });
});

describe('a check is paid for once', () => {
  test('however often the submission is sent, at once or later', async () => {
    const { verifier, asked } = countedVerifier(60);
    const input = inputOf();
    const all = await Promise.all([1, 2, 3, 4].map(() => submit(input, verifier)));
    await submit(input, verifier);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.map(({ status }) => status)).toEqual(Array(4).fill('received'));
    expect(asked).toHaveLength(1);
  });

  test('whoever takes over from a caller that has died takes it for unknown, and does not ask', async () => {
    const { verifier, asked } = countedVerifier();
    const input = inputOf();
    const id = derivedId('app', 'acme', input.partner_ref);
    const { store } = intake.deps;
    // The caller dies between recording the intent and the check.
    const dead = { ...intake.deps, verifier, lists: dyingLists() };
    await expect(
      submitApplication(dead, { partner: intake.partner('acme'), origin: 'partner' }, input),
    ).rejects.toThrow('died');
    expect((await store.load(id))?.application.checking?.kinds).toEqual(['three_elements']);
    await store.change(id, (current) => ({
      application: { ...current, checking: { kinds: ['three_elements'], until: isoOf(Date.now() - 1_000) } },
      events: [],
      result: null,
    }));
    const finished = await driveIntent({ ...intake.deps, verifier }, id);
    expect(finished).toMatchObject({
      status: 'received',
      verifications: [{ kind: 'three_elements', result: 'unknown', by: 'sluice' }],
      annotations: [{ code: 'verification_unknown', kind: 'three_elements' }],
    });
    expect(asked).toEqual([]);
  });

  test('who is refused by the product’s own rules is not checked', async () => {
    const { verifier, asked } = countedVerifier();
    const input = inputOf();
    const refused = await submit({ ...input, requested: { ...input.requested, term: 99 } }, verifier);
    expect(refused).toMatchObject({ status: 'refused', detail: 'term' });
    expect(asked).toEqual([]);
  });
});

/** Lists that die when they are read: the next step after the intent is recorded. */
function dyingLists(): TestIntake['deps']['lists'] {
  const { lists } = intake.deps;
  return Object.assign(Object.create(lists) as typeof lists, {
    parts: lists.parts,
    read: () => Promise.reject(new Error('died')),
  });
}

describe('a result that the partner brings', () => {
  test.each([
    ['fail', 'refused'],
    ['unknown', 'received'],
    ['pass', 'received'],
  ] as const)('%s of a required kind is carried: %s', async (result, status) => {
    const { verifier, asked } = countedVerifier();
    const verifications = [
      { kind: 'three_elements', provider: 'bank', result, ref: 'B-1', at: '2026-03-02T03:59:00Z' },
      { kind: 'ocr', provider: 'ocr-vendor', result: 'fail', at: '2026-03-02T03:59:00Z' },
    ];
    const application = await submit({ ...inputOf(), verifications }, verifier);
    expect(application.status).toBe(status);
    expect(application.verifications?.map(({ kind, by }) => [kind, by])).toEqual([
      ['three_elements', 'partner'],
      ['ocr', 'partner'],
    ]);
    expect(application.annotations?.map(({ code }) => code) ?? []).toEqual(
      result === 'unknown' ? ['verification_unknown'] : [],
    );
    expect(asked).toEqual([]);
  });

  test('is in the log without anything of the person', async () => {
    const input = inputOf();
    const verifications = [
      {
        kind: 'three_elements',
        provider: 'bank',
        result: 'pass',
        ref: `B-${input.applicant.phone}`,
        at: '2026-03-02T03:59:00Z',
      },
    ];
    const application = await submit({ ...input, verifications });
    const text = JSON.stringify(application);
    for (const field of ['name', 'id_number', 'phone']) expect(text).not.toContain(input.applicant[field]);
    expect(application.verifications).toMatchObject([{ ref: 'B-***' }]);
  });
});
