import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/base/clock.ts';
import {
  askedApplication,
  inMinutes,
  PAPERS,
  standingOf,
  submittedApplication,
  WANTED,
} from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import { everyEvent } from '../../support/every-event.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { runTimers, toldByLender } from '../../support/told-by-lender.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  core = await connectCore(redis, door.intake, () => ({ status: 200, body: { result: 'accepted' } }));
});
afterAll(async () => {
  await core.close();
  await door.close();
  await redis.close();
});

describe('an applicant who lets something lie', () => {
  const stalledOf = async (id: string) =>
    (await everyEvent(redis.client, redis.keys)).filter(
      ({ subject, type }) => subject === id && type === 'application.stalled',
    );

  test('an action that has expired is shown no more and takes no answer; the lender decides what follows', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    door.intake.clock.advanceMs(HOUR_MS);
    const late = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([late.status, late.body.code]).toEqual([409, 'action_expired']);
    await runTimers(redis, door.intake);
    expect(await standingOf(door, id)).toEqual(['needs_input', null]);
    expect((await door.acme.post(`/v1/actions/${actionId}`, PAPERS)).body.code).toBe('action_expired');
    await toldByLender(door.intake, id, 'application.in_review');
    expect(await standingOf(door, id)).toEqual(['in_review', null]);
  });

  test('an applicant who lets something lie for a day is told of once', async () => {
    const { id, actionId } = await askedApplication(door, core, { ...WANTED, expires_at: inMinutes(door, 10 * 1_440) });
    const answered = await askedApplication(door, core, { ...WANTED, expires_at: inMinutes(door, 10 * 1_440) });
    await door.acme.post(`/v1/actions/${answered.actionId}`, PAPERS);
    for (let day = 0; day < 3; day += 1) {
      door.intake.clock.advanceMs(DAY_MS);
      await runTimers(redis, door.intake);
    }
    const [event, ...more] = await stalledOf(id);
    expect(event?.data).toMatchObject({ waiting_for: 'action', action_id: actionId });
    expect(more).toEqual([]);
    expect(await stalledOf(answered.id)).toEqual([]);
  });

  test('a credit that lies undrawn for a day is told of once', async () => {
    const id = await submittedApplication(door, core);
    const credit = {
      amount: { amount: 500_000, currency: 'CNY' },
      apr: '0.18',
      expires_at: inMinutes(door, 90 * 1_440),
    };
    await toldByLender(door.intake, id, 'credit.granted', credit);
    for (let day = 0; day < 2; day += 1) {
      door.intake.clock.advanceMs(DAY_MS);
      await runTimers(redis, door.intake);
    }
    expect((await stalledOf(id)).map(({ data }) => data.waiting_for)).toEqual(['drawdown']);
  });
});
