import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { derivedId } from '../../../src/base/ids.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { IntentRecovery } from '../../../src/intake/intent-recovery.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { dyingAfter } from '../../support/dying-caller.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

async function submit(
  partnerId: string,
  ref: string,
  person = nextPerson(),
  deps: IntakeDeps = intake.deps,
): Promise<Application> {
  const submitter = { partner: intake.partner(partnerId), origin: 'partner' } as const;
  const result = await submitApplication(deps, submitter, applicationFor(intake.registry, person, ref));
  if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
  return result.application;
}

async function claimsOf(application: Application): Promise<(string | null)[]> {
  const { claims, pointers } = application.subject;
  const readings = await intake.deps.claims.read(application.lender_id, [...claims, ...pointers]);
  return readings.map((reading) => reading.ownerId);
}

describe('claims', () => {
  test('of two partners that bring the same person at the same instant exactly one is refused, fifty times over', async () => {
    const pairs = Array.from({ length: 50 }, (_, index) => ({ person: nextPerson(), index }));
    const results = await Promise.all(
      pairs.map(({ person, index }) =>
        Promise.all([submit('acme', `PAIR-${index}`, person), submit('summit', `PAIR-${index}`, person)]),
      ),
    );
    for (const [a, b] of results) {
      expect([a.status, b.status].sort()).toEqual(['received', 'refused']);
      const [winner, loser] = a.status === 'received' ? [a, b] : [b, a];
      expect(loser.reason).toBe('other_channel');
      expect(new Set(await claimsOf(winner))).toEqual(new Set([winner.id]));
    }
  });

  test('two people who share only the id number are one person to the claim', async () => {
    const one = nextPerson();
    const other = { ...nextPerson(), idNumber: one.idNumber };
    const [a, b] = await Promise.all([submit('acme', 'ID-1', one), submit('summit', 'ID-1', other)]);
    expect([a.status, b.status].sort()).toEqual(['received', 'refused']);
    const loser = a.status === 'refused' ? a : b;
    const { claims } = loser.subject;
    const owners = await intake.deps.claims.read(loser.lender_id, claims);
    expect(owners.map((reading) => reading.ownerId)).not.toContain(loser.id);
  });

  test('a refused application leaves no claim behind', async () => {
    const person = nextPerson();
    await submit('acme', 'LEAVE-1', person);
    const second = await submit('summit', 'LEAVE-2', { ...nextPerson(), idNumber: person.idNumber });
    expect(second).toMatchObject({ status: 'refused', reason: 'other_channel' });
    const owners = await claimsOf(second);
    expect(owners).not.toContain(second.id);
    expect(
      await redis.client.zscore(
        redis.keys.shard(Number.parseInt(second.id.slice(4, 6), 16) % 64, 'intents'),
        second.id,
      ),
    ).toBeNull();
  });

  test('fifty simultaneous identical submissions give one application and fifty equal answers', async () => {
    const person = nextPerson();
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit('acme', 'SAME-1', person)));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set(['received']));
    const shard = Number.parseInt(answers[0]?.id.slice(4, 6) ?? '', 16) % 64;
    const log = await redis.client.xrange(redis.keys.shard(shard, 'log'), '-', '+');
    const own = log.filter(([, fields]) => fields[1]?.includes(answers[0]?.id ?? '-'));
    expect(own.map(([, fields]) => JSON.parse(fields[1] ?? '{}').type)).toEqual([
      'application.screening',
      'application.received',
    ]);
  });

  test('the same reference with another person conflicts and changes nothing', async () => {
    const first = await submit('acme', 'CONFLICT-1');
    const submitter = { partner: intake.partner('acme'), origin: 'partner' } as const;
    const again = await submitApplication(
      intake.deps,
      submitter,
      applicationFor(intake.registry, nextPerson(), 'CONFLICT-1'),
    );
    expect(again).toEqual({ kind: 'conflict', applicationId: first.id });
  });

  test('a second application of one partner while its own is open is refused own and names the first', async () => {
    const person = nextPerson();
    const first = await submit('acme', 'OWN-1', person);
    const second = await submit('acme', 'OWN-2', person);
    expect(second).toMatchObject({ status: 'refused', reason: 'own', existing_application_id: first.id });
  });
});

describe('recovery', () => {
  test('a caller that dies between any two claim steps is finished, and nobody is refused in favour of nobody', async () => {
    const failures: unknown[] = [];
    for (let steps = 1; steps <= 14; steps += 1) {
      const person = nextPerson();
      const rival = steps % 2 === 0 ? await submit('summit', `RIVAL-${steps}`, person) : undefined;
      await submit('acme', `DIES-${steps}`, person, dyingAfter(steps, { deps: intake.deps, redis })).catch(
        () => undefined,
      );
      const id = derivedId('app', 'acme', `DIES-${steps}`);
      const before = await intake.deps.store.load(id);
      expect(before, `after ${steps} steps`).toBeDefined();
      await age(id);
      await new IntentRecovery(redis.client, redis.keys, intake.deps, (error) => failures.push(error)).sweep();
      const after = (await intake.deps.store.load(id))?.application;
      expect(after?.status, `after ${steps} steps`).toBe(rival ? 'refused' : 'received');
      const owners = after ? await claimsOf(after) : [];
      const expected = rival ? rival.id : id;
      expect(new Set(owners), `after ${steps} steps`).toEqual(new Set([expected]));
    }
    expect(failures).toEqual([]);
  });

  test('who meets the claim of a dead caller finishes it first, then is judged', async () => {
    const person = nextPerson();
    await submit('acme', 'DEAD-OWNER', person, dyingAfter(2, { deps: intake.deps, redis })).catch(() => undefined);
    const second = await submit('summit', 'AFTER-DEAD', person);
    expect(second).toMatchObject({ status: 'refused', reason: 'other_channel' });
    const first = await intake.deps.store.load(derivedId('app', 'acme', 'DEAD-OWNER'));
    expect(first?.application.status).toBe('received');
  });
});

/** Makes an intent look abandoned. */
async function age(id: string): Promise<void> {
  const key = redis.keys.shard(Number.parseInt(id.slice(4, 6), 16) % 64, 'intents');
  await redis.client.zadd(key, 'XX', 1, id);
}
