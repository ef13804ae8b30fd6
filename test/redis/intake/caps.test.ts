import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { ApplicationInput } from '../../../src/intake/application-input.ts';
import { driveIntent } from '../../../src/intake/drive-intent.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { IntentRecovery } from '../../../src/intake/intent-recovery.ts';
import { precheck } from '../../../src/intake/precheck.ts';
import { type Submitter, submitApplication } from '../../../src/intake/submit-application.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { dyingAfter } from '../../support/dying-caller.ts';
import { applicationFor, createTestIntake, nextPerson, PAID } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

interface Caps {
  readonly partner?: number;
  readonly product?: number;
  readonly lender?: number;
}

const DAY = '2026-03-02';
const RESET = '2026-03-02T16:00:00.000Z';
let refs = 0;

/** An intake of its own in which acme, quick-cash and quickcredit have these caps. */
async function capped({ partner, product, lender }: Caps) {
  const own: TestRedis = { ...redis, keys: createKeyspace(`t${randomBytes(4).toString('hex')}:`) };
  const intake = await createTestIntake(own);
  const registry = withCaps(intake.registry, { partner, product, lender });
  const deps: IntakeDeps = { ...intake.deps, registry: () => registry };
  const submitterOf = (id: string): Submitter => {
    const found = registry.traffic.get(id);
    if (!found) throw new Error(`no partner ${id}`);
    return { partner: found, origin: 'partner' };
  };
  const submit = (input: ApplicationInput, using = deps, submitter = submitterOf('acme')): Promise<Application> =>
    submitApplication(using, submitter, input).then((result) => {
      if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
      return result.application;
    });
  const application = (person = nextPerson(), productId = 'quick-cash'): ApplicationInput => {
    refs += 1;
    return applicationFor(registry, person, `CAP-${refs}`, productId);
  };
  const placesOf = (owner: string, name: string): Promise<number> =>
    own.client.scard(own.keys.partner(owner, 'places', name, DAY));
  return { intake, own, deps, registry, submit, submitterOf, application, placesOf };
}

function withCaps(registry: Registry, { partner, product, lender }: Caps): Registry {
  const acme = registry.traffic.get('acme');
  const quickCash = registry.products.get('quick-cash');
  const quickCredit = registry.lenders.get('quickcredit');
  if (!acme || !quickCash || !quickCredit) throw new Error('fixture');
  const limits = { ...acme.limits, applications_per_day: partner ?? acme.limits.applications_per_day };
  return {
    ...registry,
    traffic: new Map([...registry.traffic, ['acme', { ...acme, limits }]]),
    products: new Map([
      ...registry.products,
      ['quick-cash', { ...quickCash, caps: product === undefined ? {} : { applications_per_day: product } }],
    ]),
    lenders: new Map([
      ...registry.lenders,
      ['quickcredit', { ...quickCredit, caps: lender === undefined ? {} : { applications_per_day: lender } }],
    ]),
  };
}

function tally(applications: readonly Application[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, reason, detail } of applications) {
    const name = [status, reason, detail].filter((part) => part !== null).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('a partner’s applications of the day', () => {
  test('fifty at once at a cap of ten: ten are accepted, the others told when to come again', async () => {
    const { submit, application, placesOf } = await capped({ partner: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(application())));
    expect(tally(answers)).toEqual({ received: 10, 'refused capped partner': 40 });
    const refused = answers.filter(({ status }) => status === 'refused');
    expect(new Set(refused.map(({ retry_at }) => retry_at))).toEqual(new Set([RESET]));
    expect(await placesOf('acme', 'partner')).toBe(10);
  });

  test('begin anew at midnight in the business zone, by the clock that the sandbox moves', async () => {
    const { intake, submit, application } = await capped({ partner: 1 });
    intake.clock.moveTo('2026-03-02T15:59:59.000Z');
    expect(tally([await submit(application()), await submit(application())])).toEqual({
      received: 1,
      'refused capped partner': 1,
    });
    intake.clock.moveTo(RESET);
    expect(await submit(application())).toMatchObject({ status: 'received' });
  });

  test('a retried application is counted once, however often and by whomever it is sent and driven', async () => {
    const { deps, submit, application, placesOf } = await capped({ partner: 2 });
    const input = application();
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(input)));
    expect(tally(answers)).toEqual({ received: 10 });
    const id = answers[0]?.id ?? '';
    await Promise.all(Array.from({ length: 5 }, () => driveIntent(deps, id)));
    expect(await submit(input)).toMatchObject({ status: 'received' });
    expect(await placesOf('acme', 'partner')).toBe(1);
    expect(await submit(application())).toMatchObject({ status: 'received' });
  });

  test('an application refused for another reason is not counted', async () => {
    const { submit, submitterOf, deps, application, placesOf } = await capped({ partner: 1 });
    const input = application();
    const tooLittle = { ...input.requested, amount: { amount: 1, currency: 'CNY' } };
    expect(await submit({ ...input, requested: tooLittle })).toMatchObject({ reason: 'ineligible' });
    const person = nextPerson();
    await submit(application(person), deps, submitterOf('summit'));
    expect(await submit(application(person))).toMatchObject({ reason: 'other_channel' });
    expect(await placesOf('acme', 'partner')).toBe(0);
    expect(await submit(application())).toMatchObject({ status: 'received' });
    // When several reasons apply, capped is the last.
    expect(await submit(application(person))).toMatchObject({ reason: 'other_channel' });
  });

  test('those of its links’ pages are counted with those of its API', async () => {
    const { deps, submit, submitterOf, application } = await capped({ partner: 1 });
    const page: Submitter = { ...submitterOf('acme'), origin: 'page' };
    expect(await submit(application(), deps, page)).toMatchObject({ status: 'received' });
    expect(await submit(application())).toMatchObject({ status: 'refused', reason: 'capped', detail: 'partner' });
    expect(await submit(application(), deps, page)).toMatchObject({ reason: 'capped' });
  });

  test('cost no other partner anything', async () => {
    const { deps, submit, submitterOf, application } = await capped({ partner: 1 });
    await submit(application());
    expect(await submit(application())).toMatchObject({ reason: 'capped' });
    expect(await submit(application(), deps, submitterOf('summit'))).toMatchObject({ status: 'received' });
  });
});

describe('a product’s and a lender’s applications of the day', () => {
  test('a full product refuses with its name, and gives back what was taken before', async () => {
    const { submit, application, placesOf } = await capped({ partner: 1_000, product: 3, lender: 100 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(application())));
    expect(tally(answers)).toEqual({ received: 3, 'refused capped product': 17 });
    expect(await placesOf('acme', 'partner')).toBe(3);
    expect(await placesOf('quickcredit', 'product:quick-cash')).toBe(3);
    expect(await placesOf('quickcredit', 'lender')).toBe(3);
    expect(await submit(application(nextPerson(), 'quick-flex'))).toMatchObject({ status: 'received' });
  });

  test('a full lender refuses for all its products, and takes no place of the product', async () => {
    const { submit, application, placesOf } = await capped({ product: 10, lender: 2 });
    const inputs = Array.from({ length: 10 }, (_, index) =>
      application(nextPerson(), index % 2 === 0 ? 'quick-cash' : 'quick-flex'),
    );
    const answers = await Promise.all(inputs.map((input) => submit(input)));
    expect(tally(answers)).toEqual({ received: 2, 'refused capped lender': 8 });
    const ofProduct = answers.filter(({ status, product_id }) => status === 'received' && product_id === 'quick-cash');
    expect(await placesOf('quickcredit', 'product:quick-cash')).toBe(ofProduct.length);
    expect(await placesOf('quickcredit', 'lender')).toBe(2);
    expect(answers.find(({ status }) => status === 'refused')).toMatchObject({ retry_at: RESET });
    expect(await submit(application(nextPerson(), 'wave-days'))).toMatchObject({ status: 'received' });
  });

  test('a partner over its own cap takes no place of others', async () => {
    const { submit, submitterOf, deps, application, placesOf } = await capped({ partner: 1, product: 3 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(application())));
    expect(tally(answers)).toEqual({ received: 1, 'refused capped partner': 9 });
    expect(await placesOf('quickcredit', 'product:quick-cash')).toBe(1);
    expect(await submit(application(), deps, submitterOf('summit'))).toMatchObject({ status: 'received' });
  });
});

describe('a caller that dies between any two steps', () => {
  test.each([
    ['under all caps', { partner: 100, product: 100, lender: 100 }, 'received'],
    ['at a product that is full', { partner: 100, product: 1, lender: 100 }, 'refused'],
    ['of a partner that is at its cap', { partner: 1, product: 100, lender: 100 }, 'refused'],
  ] as const)('%s leaves every place counted right', async (_, caps, status) => {
    for (let steps = 1; steps <= 60; steps += 1) {
      const found = await capped(caps);
      const { own, deps, submit, application, placesOf } = found;
      const before = status === 'refused' ? [await submit(application())] : [];
      const input = application();
      const survived = await submit(input, dyingAfter(steps, { deps: found.deps, redis: found.own })).then(
        () => true,
        () => false,
      );
      const recovery = new IntentRecovery(own.client, own.keys, deps, () => undefined);
      for (let shard = 0; shard < 64; shard += 1) {
        const key = own.keys.shard(shard, 'intents');
        for (const id of await own.client.zrange(key, 0, -1)) await own.client.zadd(key, 0, id);
      }
      await recovery.sweep();
      const after = await submit(input);
      expect([steps, after.status]).toEqual([steps, status]);
      const accepted = before.length + (status === 'received' ? 1 : 0);
      const counts = [placesOf('acme', 'partner'), placesOf('quickcredit', 'product:quick-cash')];
      expect([steps, ...(await Promise.all(counts)), await placesOf('quickcredit', 'lender')]).toEqual([
        steps,
        accepted,
        accepted,
        accepted,
      ]);
      if (survived) return;
    }
    throw new Error('no number of steps was enough');
  });
});

/** Asks for one person at quick-cash. */
function ask(deps: IntakeDeps, submitter: Submitter, person: { phone: string; idNumber: string }, reserve = false) {
  const identity = normaliseSubject({ phone: person.phone, id_number: person.idNumber });
  const product = deps.registry().products.get('quick-cash');
  if (!identity.ok || !product) throw new Error('fixture');
  return precheck(deps, submitter.partner, { products: [product], subject: identity.subject, reserve }, PAID);
}

describe('a precheck', () => {
  test.each([
    ['partner', { partner: 1 }],
    ['product', { product: 1 }],
    ['lender', { lender: 1 }],
  ] as const)('says that the %s is full and until when, and takes no place itself', async (detail, caps) => {
    const { deps, submit, submitterOf, application } = await capped(caps);
    const acme = submitterOf('acme');
    for (let count = 0; count < 3; count += 1) {
      expect((await ask(deps, acme, nextPerson())).answers).toMatchObject([{ decision: { decision: 'accept' } }]);
    }
    await submit(application());
    const decision = { decision: 'refuse', reason: 'capped', detail, retryAtMs: Date.parse(RESET) };
    const { answers } = await ask(deps, acme, nextPerson(), true);
    expect(answers).toMatchObject([{ decision, reservedUntil: null }]);
  });

  test('that is not paid for reserves nothing', async () => {
    const { deps, submitterOf } = await capped({});
    const person = nextPerson();
    const identity = normaliseSubject({ phone: person.phone });
    const product = deps.registry().products.get('quick-cash');
    if (!identity.ok || !product) throw new Error('fixture');
    const input = { products: [product], subject: identity.subject, reserve: true };
    const unpaid = Promise.resolve({ ok: false, remaining: 0 });
    const { answers } = await precheck(deps, submitterOf('acme').partner, input, unpaid);
    expect(answers).toMatchObject([{ reservedUntil: null }]);
  });
});

describe('open reservations', () => {
  async function reserving(limit: number, caps: Caps = {}) {
    const found = await capped(caps);
    const acme = found.submitterOf('acme');
    const partner = { ...acme.partner, limits: { ...acme.partner.limits, open_reservations: limit } };
    const submitter = { ...acme, partner };
    return { ...found, reserve: (person = nextPerson()) => ask(found.deps, submitter, person, true) };
  }

  test('over the limit the question is answered, and nothing reserved', async () => {
    const { reserve, intake } = await reserving(2);
    for (let count = 0; count < 2; count += 1) {
      expect(await reserve()).toMatchObject({
        reservationsExhausted: false,
        answers: [{ reservedUntil: expect.any(String) }],
      });
    }
    expect(await reserve()).toMatchObject({
      reservationsExhausted: true,
      answers: [{ reservedUntil: null, decision: { decision: 'accept' } }],
    });
    intake.clock.advanceMs(10 * 60_000);
    expect(await reserve()).toMatchObject({ reservationsExhausted: false });
  });

  test('end when an application that cites one is decided, whatever becomes of it', async () => {
    const { own, submit, application, reserve } = await reserving(2, { partner: 1 });
    const open = () => own.client.zcard(own.keys.partner('acme', 'reservations'));
    const [one, other] = [nextPerson(), nextPerson()];
    const [first, second] = [await reserve(one), await reserve(other)];
    expect(await reserve()).toMatchObject({ reservationsExhausted: true });
    expect(await submit({ ...application(one), precheck_id: first.id })).toMatchObject({ status: 'received' });
    expect(await open()).toBe(1);
    expect(await submit({ ...application(other), precheck_id: second.id })).toMatchObject({ reason: 'capped' });
    expect(await open()).toBe(0);
  });

  test('that are lost to somebody else are not counted', async () => {
    const { deps, submitterOf, reserve } = await reserving(1);
    const person = nextPerson();
    await ask(deps, submitterOf('summit'), person, true);
    expect((await reserve(person)).answers).toMatchObject([{ decision: { reason: 'other_channel' } }]);
    expect(await reserve()).toMatchObject({ reservationsExhausted: false });
  });
});
