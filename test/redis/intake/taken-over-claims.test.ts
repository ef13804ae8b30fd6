import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { IntentRecovery } from '../../../src/intake/intent-recovery.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { ClaimStore } from '../../../src/screening/claim-store.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

async function submit(partnerId: string, ref: string, person = nextPerson()): Promise<Application> {
  const submitter = { partner: intake.partner(partnerId), origin: 'partner' } as const;
  const input = applicationFor(intake.registry, person, ref);
  const result = await submitApplication(intake.deps, submitter, input);
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

/** A loan was paid out and repaid and the credit has ended; `lockDays` are left of the lock. */
async function settle(application: Application, lockDays: number): Promise<void> {
  const nowMs = intake.clock.nowMs();
  const at = isoOf(nowMs - DAY_MS);
  await intake.deps.store.change(application.id, (current) => ({
    application: {
      ...current,
      status: 'credit_granted',
      lock_until: isoOf(nowMs + lockDays * DAY_MS),
      credit: { status: 'closed', expires_at: at } as NonNullable<Application['credit']>,
      loans: [{ id: 'loan_x', status: 'settled', disbursed_at: at } as Application['loans'][number]],
    },
    events: [],
    result: null,
  }));
}

describe('a claim that is taken over from an application that has ended', () => {
  test('goes back to it when the new application is refused, with the lock of the one who brought the person', async () => {
    const person = nextPerson();
    const stranger = nextPerson();
    const old = await submit('acme', 'OLD-1', person);
    await settle(old, 20);
    await submit('summit', 'STRANGER-1', stranger);
    const mixed = await submit('acme', 'MIXED-1', { ...person, idNumber: stranger.idNumber });
    expect(mixed).toMatchObject({ status: 'refused', reason: 'other_channel' });
    const [phone] = await intake.deps.claims.read(old.lender_id, old.subject.claims);
    expect(phone?.ownerId).toBe(old.id);
    const poached = await submit('summit', 'POACH-1', person);
    expect(poached).toMatchObject({ status: 'refused', reason: 'other_channel' });
  });

  test('a settled customer is still returning after an application of theirs was refused', async () => {
    const person = nextPerson();
    const stranger = nextPerson();
    await settle(await submit('acme', 'OLD-2', person), -1);
    await submit('summit', 'STRANGER-2', stranger);
    await submit('summit', 'MIXED-2', { ...person, idNumber: stranger.idNumber });
    const back = await submit('summit', 'BACK-2', person);
    expect(back).toMatchObject({ status: 'received', customer: 'returning' });
  });

  test('a settled customer is still returning when the caller died after taking the claims over', async () => {
    const person = nextPerson();
    await settle(await submit('acme', 'OLD-3', person), -1);
    const store = new Proxy(intake.deps.store, {
      get: (target, name) => {
        if (name === 'change') return () => Promise.reject(new Error('killed here'));
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const input = applicationFor(intake.registry, person, 'DIES-3');
    const submitter = { partner: intake.partner('summit'), origin: 'partner' } as const;
    await submitApplication({ ...intake.deps, store }, submitter, input).catch(() => undefined);
    const again = await submitApplication(intake.deps, submitter, input);
    expect(again).toMatchObject({ application: { status: 'received', customer: 'returning' } });
  });

  test('a settled customer whose next application came to nothing is returning all the same', async () => {
    const person = nextPerson();
    await settle(await submit('acme', 'OLD-4', person), -1);
    const next = await submit('acme', 'NEXT-4', person);
    expect(next.customer).toBe('returning');
    await intake.deps.store.change(next.id, (current) => ({
      application: { ...current, status: 'cancelled' },
      events: [],
      result: null,
    }));
    expect(await submit('acme', 'LAST-4', person)).toMatchObject({ status: 'received', customer: 'returning' });
  });

  test('a claim that a refused application has not given back yet returns to the one before it', async () => {
    const person = nextPerson();
    const old = await submit('acme', 'OLD-5', person);
    await settle(old, -1);
    const refusedIds: string[] = [];
    const claims = new ClaimStore(redis.client, redis.keys);
    for (const ref of ['GONE-5A', 'GONE-5B']) {
      const stranger = nextPerson();
      const gone = await submit('summit', ref, stranger);
      await intake.deps.store.change(gone.id, (current) => ({
        application: { ...current, status: 'refused' },
        events: [],
        result: null,
      }));
      refusedIds.push(gone.id);
    }
    const [token = ''] = old.subject.claims;
    const nowMs = intake.clock.nowMs();
    const [first = ''] = refusedIds;
    await claims.take(old.lender_id, token, { applicationId: first, partnerId: 'summit', replaces: old.id, nowMs });
    const back = await submit('summit', 'BACK-5', person);
    expect(back).toMatchObject({ status: 'received', customer: 'returning' });
  });

  test('the recovery leaves no intent behind and gives nothing back that another one has', async () => {
    const person = nextPerson();
    const old = await submit('acme', 'OLD-6', person);
    await settle(old, -1);
    const next = await submit('summit', 'NEXT-6', person);
    await new IntentRecovery(redis.client, redis.keys, intake.deps, () => undefined).sweep();
    expect(await intake.deps.claims.release(old.lender_id, old.subject.claims[0] ?? '', old.id)).toBe(false);
    const [reading] = await intake.deps.claims.read(old.lender_id, old.subject.claims);
    expect(reading?.ownerId).toBe(next.id);
    expect(await redis.client.zscore(redis.keys.shard(shardOfId(next.id), 'intents'), next.id)).toBeNull();
  });
});
