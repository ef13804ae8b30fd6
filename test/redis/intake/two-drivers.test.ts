import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { ALL_SHARDS, derivedId } from '../../../src/base/ids.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { IntentRecovery } from '../../../src/intake/intent-recovery.ts';
import { precheck } from '../../../src/intake/precheck.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { ClaimStore } from '../../../src/screening/claim-store.ts';
import { dyingAfter, KILLED_HERE } from '../../support/dying-caller.ts';
import { openIntents } from '../../support/every-event.ts';
import { applicationFor, createTestIntake, nextPerson, PAID, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

type Applicant = Parameters<typeof applicationFor>[1];

async function submit(
  partnerId: string,
  ref: string,
  person: Applicant,
  deps: IntakeDeps = intake.deps,
): Promise<Application> {
  const partner = intake.partner(partnerId);
  const input = applicationFor(intake.registry, person, ref);
  const result = await submitApplication(deps, { partner, origin: 'partner' }, input);
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

/** Claims that let something happen before a step of theirs. */
class Interrupted extends ClaimStore {
  before: { readonly step: 'take' | 'place'; readonly nth: number; act(): Promise<unknown> } | undefined;
  readonly #calls = { take: 0, place: 0 };

  override async take(...args: Parameters<ClaimStore['take']>) {
    await this.#reach('take');
    return super.take(...args);
  }

  override async place(...args: Parameters<ClaimStore['place']>) {
    await this.#reach('place');
    return super.place(...args);
  }

  async #reach(step: 'take' | 'place'): Promise<void> {
    this.#calls[step] += 1;
    if (this.before?.step === step && this.before.nth === this.#calls[step]) await this.before.act();
  }
}

/** Everybody under way is dead or done, and what they left is old enough. */
async function recover(): Promise<void> {
  const failures: unknown[] = [];
  for (const shard of ALL_SHARDS) {
    const key = redis.keys.shard(shard, 'intents');
    for (const member of await redis.client.zrange(key, 0, -1)) await redis.client.zadd(key, 'XX', 1, member);
  }
  await new IntentRecovery(redis.client, redis.keys, intake.deps, (error) => failures.push(error)).sweep();
  expect(failures).toEqual([]);
  expect(await openIntents(redis.client, redis.keys)).toEqual([]);
}

describe('two callers that take the same application through its steps', () => {
  /** A phone of nobody with an id number that summit has: claimed at first, then refused. */
  async function halfTaken(): Promise<Applicant> {
    const owned = nextPerson();
    await submit('summit', `OWNS-${owned.phone}`, owned);
    return { ...owned, phone: nextPerson().phone };
  }

  async function expectNoClaim(id: string, person: Applicant): Promise<void> {
    const application = (await intake.deps.store.load(id))?.application;
    expect(application?.status, person.name).toBe('refused');
    const { claims = [], pointers = [] } = application?.subject ?? {};
    const readings = await intake.deps.claims.read('quickcredit', [...claims, ...pointers]);
    expect(readings.map(({ ownerId }) => ownerId)).not.toContain(id);
  }

  test('leave no claim behind when the first one goes on after the second has refused it, and dies', async () => {
    const person = await halfTaken();
    const id = derivedId('app', 'acme', 'FIRST-DIES');
    const claims = new Interrupted(redis.client, redis.keys);
    claims.before = { step: 'take', nth: 1, act: () => submit('acme', 'FIRST-DIES', person) };
    // Its last step is the claim on the phone.
    claims.release = () => Promise.reject(new Error(KILLED_HERE));
    await expect(submit('acme', 'FIRST-DIES', person, { ...intake.deps, claims })).rejects.toThrow(KILLED_HERE);
    await recover();
    await expectNoClaim(id, person);
  });

  test('leave no claim behind when the second one goes on after the first has refused it, and dies', async () => {
    const person = await halfTaken();
    const id = derivedId('app', 'acme', 'SECOND-DIES');
    const first = new Interrupted(redis.client, redis.keys);
    const second = new Interrupted(redis.client, redis.keys);
    second.release = () => Promise.reject(new Error(KILLED_HERE));
    let dying: Promise<unknown> = Promise.resolve();
    let firstIsDone: () => void = () => undefined;
    const untilFirstIsDone = new Promise<void>((resolve) => {
      firstIsDone = resolve;
    });
    const secondWaits = new Promise<void>((resolve) => {
      second.before = {
        step: 'take',
        nth: 1,
        act: () => {
          resolve();
          return untilFirstIsDone;
        },
      };
    });
    first.before = {
      step: 'take',
      nth: 1,
      async act() {
        dying = submit('acme', 'SECOND-DIES', person, { ...intake.deps, claims: second });
        dying.catch(() => undefined);
        await secondWaits;
      },
    };
    expect(await submit('acme', 'SECOND-DIES', person, { ...intake.deps, claims: first })).toMatchObject({
      status: 'refused',
    });
    firstIsDone();
    await expect(dying).rejects.toThrow(KILLED_HERE);
    await recover();
    await expectNoClaim(id, person);
  });

  test('one that dies anywhere beside another one leaves nothing open', async () => {
    for (let steps = 1; steps <= 12; steps += 1) {
      const person = await halfTaken();
      const ref = `BESIDE-${steps}`;
      const dying = dyingAfter(steps, { deps: intake.deps, redis });
      await Promise.allSettled([submit('acme', ref, person), submit('acme', ref, person, dying)]);
      await recover();
      await expectNoClaim(derivedId('app', 'acme', ref), person);
    }
  });
});

describe('a reservation that comes to nothing', () => {
  test('has kept nobody off', async () => {
    const person = nextPerson();
    const claims = new Interrupted(redis.client, redis.keys);
    const other = { ...nextPerson(), idNumber: person.idNumber };
    let meanwhile: Promise<Application> | undefined;
    claims.before = {
      step: 'place',
      nth: 2,
      async act() {
        // The phone is reserved; the id number goes to somebody else before it is, too.
        await submit('summit', 'TAKES-ID', other);
        meanwhile = submit('lantern', 'TAKES-PHONE', { ...nextPerson(), phone: person.phone });
        await new Promise((resolve) => setTimeout(resolve, 60));
      },
    };
    const identity = normaliseSubject({ phone: person.phone, id_number: person.idNumber });
    const product = intake.registry.products.get('quick-cash');
    if (!identity.ok || !product) throw new Error('nothing to ask');
    const input = { products: [product], subject: identity.subject, reserve: true };
    const { answers } = await precheck({ ...intake.deps, claims }, intake.partner('acme'), input, PAID);
    expect(answers.map(({ reservedUntil }) => reservedUntil)).toEqual([null]);
    expect(await meanwhile).toMatchObject({ status: 'received' });
  });
});
