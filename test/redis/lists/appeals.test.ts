import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/base/clock.ts';
import { readListSubject } from '../../../src/doors/lists/check-subjects.ts';
import { hashForms } from '../../../src/identity/hash-forms.ts';
import { AppealDesk } from '../../../src/screening/appeals/appeal-desk.ts';
import { createAppealSweeper } from '../../../src/screening/appeals/appeal-sweeper.ts';
import { nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { groupOf, openDesk, type TestDesk } from './lists-desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const Q = 'lender:riverbank';
const Z = 'lender:quickcredit';
const said = { reason: 'looked at the file', correction: null, by: Q };

const subjectOf = ({ phone, idNumber }: { phone: string; idNumber: string }) => ({ phone, id_number: idNumber });

/** Everything in the Redis of a desk that would tell one outcome from another. */
async function outcome({ desk, states }: TestDesk, id: string, subject: { phone: string; id_number: string }) {
  const appeal = await desk.appeals.get(id);
  return { status: appeal?.status, outcome: appeal?.outcome, told: appeal?.told, states: await states(subject) };
}

describe('an appeal', () => {
  test('is decided when every contributor has answered, and each answer counts for its own entries at once', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    const subject = subjectOf(person);
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    await open.lists.upsert(groupOf(person, 'z'), { contributor: Z });
    const { id, entries } = await open.open(subject);
    expect(entries).toHaveLength(4);
    expect(await open.states(subject)).toEqual(Array(4).fill('suspended'));
    const first = await open.desk.answer(id, Q, { ...said, verdict: 'uphold' });
    expect(first).toMatchObject({ kind: 'taken', appeal: { status: 'open' } });
    expect(await open.states(subject)).toEqual(['active', 'active', 'suspended', 'suspended']);
    expect(open.told).toEqual([]);
    const second = await open.desk.answer(id, Z, { ...said, by: Z, verdict: 'withdraw' });
    expect(second).toMatchObject({ appeal: { status: 'decided', outcome: 'corrected', told: 1 } });
    expect(await open.states(subject)).toEqual(['active', 'active']);
    expect(open.told).toEqual([id]);
  });

  test('that is upheld lets the entries stand again and tells nobody', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const { id } = await open.open({ phone: person.phone });
    const answered = await open.desk.answer(id, Q, { ...said, verdict: 'uphold' });
    expect(answered).toMatchObject({ appeal: { status: 'decided', outcome: 'upheld', told: 0 } });
    expect(await open.states(subjectOf(person))).toEqual(['active', 'active']);
    expect(open.told).toEqual([]);
  });

  test('keeps an entry suspended until every other appeal about it is answered too', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const ours = await open.open(subjectOf(person));
    const theirs = await open.open({ phone: person.phone }, { opener: Z, by: 'quickcredit' });
    expect(theirs.id).not.toBe(ours.id);
    await open.desk.answer(ours.id, Q, { ...said, verdict: 'uphold' });
    expect(await open.states(subjectOf(person))).toEqual(['suspended', 'suspended']);
    await open.desk.answer(theirs.id, Q, { ...said, verdict: 'uphold' });
    expect(await open.states(subjectOf(person))).toEqual(['active', 'active']);
  });

  test('of two about the same entries, what one withdraws is answered in the other', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const ours = await open.open(subjectOf(person));
    const theirs = await open.open(subjectOf(person), { opener: Z, by: 'quickcredit' });
    await open.desk.answer(ours.id, Q, { ...said, verdict: 'withdraw' });
    await open.desk.look(theirs.id, open.clock.nowMs());
    const other = await open.desk.appeals.get(theirs.id);
    expect(other).toMatchObject({
      status: 'decided',
      outcome: 'cleared',
      answers: { [Q]: { verdict: 'withdrawn_before' } },
    });
  });

  test('corrects what is given, withdraws what is named, and lets the rest stand again', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    const results = await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const [phone, idNumber] = results.map(({ id }) => id ?? '');
    const { id } = await open.open(subjectOf(person), { claim: 'phone_recycled' });
    const correct = { ...said, verdict: 'correct' as const };
    const nothing = await open.desk.answer(id, Q, { ...correct, correction: {} });
    expect(nothing).toMatchObject({ kind: 'invalid', faults: [{ pointer: '/correction', code: 'required' }] });
    const foreign = await open.desk.answer(id, Q, { ...correct, correction: { withdraw: ['lst_0'] } });
    expect(foreign).toMatchObject({ kind: 'invalid', faults: [{ pointer: '/correction/withdraw/0' }] });
    const correction = { withdraw: [phone ?? ''], expires_on: '2026-06-30', note: 'the number was sold' };
    await open.desk.answer(id, Q, { ...correct, correction });
    expect(await open.states(subjectOf(person))).toEqual(['active']);
    expect(await open.lists.get(idNumber ?? '')).toMatchObject({
      state: 'active',
      expires_on: '2026-06-30',
      note: 'the number was sold',
      reason: 'overdue',
      group: 'q',
    });
    expect(await open.lists.get(phone ?? '')).toMatchObject({ state: 'withdrawn' });
  });

  test('suspends what joins the group meanwhile; withdrawn, the group may be used again', async () => {
    const open = openDesk(redis);
    const [person, other] = [nextPerson(), nextPerson()];
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const { id } = await open.open({ phone: person.phone });
    const joining = groupOf({ phone: other.phone, idNumber: person.idNumber }, 'q').slice(0, 1);
    await open.lists.upsert(joining, { contributor: Q });
    expect(await open.states({ phone: other.phone })).toEqual(['suspended']);
    await open.desk.answer(id, Q, { ...said, verdict: 'withdraw' });
    expect(await open.states({ phone: other.phone })).toEqual([]);
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    expect(await open.states(subjectOf(person))).toEqual(['active', 'active']);
  });

  test('leaves entries alone that could not have kept the person out of what is seen', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    const at = (scope: `funder:${string}` | `lender:${string}`, group: string) =>
      groupOf(person, group, { scope }).slice(0, 1);
    await open.lists.upsert(at('funder:harbour', 'seen'), { contributor: Q });
    await open.lists.upsert(at('lender:riverbank', 'private'), { contributor: Q });
    await open.lists.upsert(groupOf(person, 'trusted', { list: 'trust', reason: 'good_standing' }), { contributor: Z });
    const { entries } = await open.open(subjectOf(person), { opener: Z, seen: ['network', 'funder:harbour', Z] });
    expect(entries.map(({ group }) => group)).toEqual(['seen']);
    expect(await open.states(subjectOf(person))).toEqual(['active', 'active', 'active', 'suspended']);
  });

  test('about somebody known in plain must name them in plain, or would be about one form alone', async () => {
    const open = openDesk(redis);
    const { phone } = nextPerson();
    await open.lists.upsert([{ subject: { phone }, list: 'block', scope: 'network', reason: 'fraud' }], {
      contributor: Q,
    });
    await expect(open.open({ phone: { md5: hashForms(phone).md5 } })).rejects.toThrow('plain_needed at phone');
    expect(await open.states({ phone })).toEqual(['active']);
    await open.open({ phone });
    expect(await open.states({ phone })).toEqual(['suspended']);
  });
});

describe('an appeal that is interrupted', () => {
  /** A desk that dies at its n-th step; steps are whatever it does to lists and appeals. */
  function dyingDesk({ deps }: TestDesk, at: number): { desk: AppealDesk; steps: () => number } {
    let steps = 0;
    const dying = <T extends object>(target: T, names: readonly string[]): T =>
      new Proxy(target, {
        get(own, name) {
          const member = Reflect.get(own, name) as unknown;
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => {
            if (names.includes(String(name))) {
              steps += 1;
              if (steps === at) throw new Error('killed');
            }
            return Reflect.apply(member, own, args);
          };
        },
      });
    const { parts, appeals, holds, affected } = deps;
    return {
      desk: new AppealDesk({
        ...deps,
        parts: {
          ...parts,
          details: dying(parts.details, ['change', 'markSuspended', 'leaveGroup', 'dropRefs']),
          writer: dying(parts.writer, ['amend', 'put']),
        },
        appeals: dying(appeals, ['create', 'change']),
        holds: dying(holds, ['waive']),
        affected: dying(affected, ['tell']),
      }),
      steps: () => steps,
    };
  }

  test.each(['withdraw', 'uphold', 'correct'] as const)(
    'at any step before or after %s comes to the same end',
    async (verdict) => {
      const correction = verdict === 'correct' ? { note: 'looked at again' } : null;
      const run = async (killedAt: number) => {
        const open = openDesk(redis);
        const person = nextPerson();
        const subject = subjectOf(person);
        await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
        const { desk, steps } = dyingDesk(open, killedAt);
        const read = readListSubject(subject, open.lists);
        if (!read.ok) throw new Error('no subject');
        const wanted = { opener: 'operator', by: 'mei', claim: 'wrong', applicationId: null, seen: 'all' } as const;
        const openIt = (one: AppealDesk) => one.open({ ...wanted, subject: read.value });
        // Whoever was interrupted asks again, as a client does.
        const opened = await openIt(desk).catch(() => openIt(open.desk));
        if (opened.kind !== 'opened') throw new Error(opened.kind);
        const { id } = opened.appeal;
        const answer = { ...said, verdict, correction };
        let isKilled = false;
        await desk.answer(id, Q, answer).catch(() => {
          isKilled = true;
        });
        const wasAnswered = (await open.desk.appeals.get(id))?.answers[Q] !== undefined;
        // Killed before it was written, the client asks again; after, time alone completes it.
        if (isKilled && !wasAnswered) await open.desk.answer(id, Q, answer);
        open.clock.advanceMs(60_000);
        await createAppealSweeper({ desk: open.desk, clock: open.clock }).runDue(open.clock.nowMs());
        return { outcome: await outcome(open, id, subject), isOver: steps() < killedAt, steps: steps() };
      };
      const clean = await run(Number.POSITIVE_INFINITY);
      expect(clean.outcome.status).toBe('decided');
      for (let at = 1; ; at += 1) {
        const killed = await run(at);
        if (killed.isOver) {
          expect(at).toBeGreaterThan(8);
          return;
        }
        expect(killed.outcome, `killed at step ${at}`).toEqual(clean.outcome);
      }
    },
  );

  test('is escalated and ended by the clock, once, each with an entry in the audit log', async () => {
    const open = openDesk(redis);
    const person = nextPerson();
    await open.lists.upsert(groupOf(person, 'q'), { contributor: Q });
    const { id } = await open.open(subjectOf(person));
    const sweeper = createAppealSweeper({ desk: open.desk, clock: open.clock });
    expect(await sweeper.runDue(open.clock.nowMs())).toBe(0);
    open.clock.advanceMs(20 * DAY_MS);
    await Promise.all([sweeper.runDue(open.clock.nowMs()), sweeper.runDue(open.clock.nowMs())]);
    expect(await open.desk.appeals.get(id)).toMatchObject({ status: 'escalated' });
    expect((await open.desk.appeals.list('escalated', undefined, 10)).data).toHaveLength(1);
    open.clock.advanceMs(10 * DAY_MS);
    await sweeper.runDue(open.clock.nowMs());
    expect(await open.desk.appeals.get(id)).toMatchObject({ status: 'decided', outcome: 'cleared' });
    expect(await sweeper.nextDue()).toBeNull();
    expect(await open.states(subjectOf(person))).toEqual([]);
  });
});
