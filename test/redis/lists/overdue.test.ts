import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application, Loan } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import { labelledTokens } from '../../../src/intake/application-draft.ts';
import { applyOverdueRule, type OverdueDeps } from '../../../src/intake/overdue/overdue-entries.ts';
import { createOverdueProjection } from '../../../src/intake/overdue/overdue-projection.ts';
import { createOverdueSweeper } from '../../../src/intake/overdue/overdue-sweeper.ts';
import { OverdueTimes } from '../../../src/intake/overdue/overdue-times.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { logEvent } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';
import { openDesk, type TestDesk } from './lists-desk.ts';

type Who = { readonly phone: string; readonly idNumber: string };

let redis: TestRedis;
let intake: TestIntake;
beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

interface Scene extends TestDesk {
  readonly rule: OverdueDeps;
  readonly times: OverdueTimes;
  /** Writes a loan of 14 days as it is now, of an application of its own; the same name again changes it. */
  put(name: string, who: Who, change: Partial<Loan>): Promise<string>;
  entries(who: Who): Promise<{ kind: string; basis: string | undefined; expires_on: string | null }[]>;
}

const DUE_ON = '2026-02-01';

/** A scene of its own lists; `days` = the rule of the funder north. */
function scene(days: number | null): Scene {
  const open = openDesk(redis);
  const north = { ...intake.registry.funders.get('north'), lists: { auto_overdue_days: days } };
  const registry = { ...intake.registry, funders: new Map([['north', north]]) } as Registry;
  const { store } = intake.deps;
  const { lists, holds, clock } = open;
  const rule = { registry: () => registry, store, parts: lists.parts, holds, clock };
  const prefix = `${Math.random()}`;
  return {
    ...open,
    rule,
    times: new OverdueTimes(redis.client, lists.parts.keys),
    async put(name, who, change) {
      const read = normaliseSubject({ phone: who.phone, id_number: who.idNumber });
      if (!read.ok) throw new Error('no subject');
      const subject = labelledTokens(lists.parts.tokenizer.tokensOfSubject(read.subject));
      const base: Application = sampleApplication(`${prefix} ${name}`, { subject, product_id: 'wave-days' });
      const instalment = {
        no: 1,
        due_on: DUE_ON,
        principal: 500,
        interest: 5,
        fees: [],
        paid: { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 },
        paid_at: null,
      };
      const loan = sampleLoan(base.id, name, {
        status: 'overdue',
        funder_id: 'north',
        disbursed_at: '2026-01-18T00:00:00.000Z',
        schedule: [instalment],
        ...change,
      });
      await store.create({ ...base, loans: [loan] }, [], []);
      await store.change(base.id, (before) => ({
        application: { ...before, loans: [loan] },
        events: [],
        result: null,
      }));
      return base.id;
    },
    async entries(who) {
      const subject = { phone: who.phone, idNumber: who.idNumber };
      const read = normaliseSubject({ phone: subject.phone, id_number: subject.idNumber });
      if (!read.ok) throw new Error('no subject');
      const given = lists.parts.tokenizer.tokensOfSubject(read.subject);
      const tokens = (['phone', 'id_number'] as const).flatMap((kind) =>
        (given[kind]?.all ?? []).map(({ form, token }) => ({ kind, form, token })),
      );
      const found = await lists.find(tokens);
      return found
        .map(({ kind, doc, expires_on }) => ({ kind, basis: doc?.basis?.ref, expires_on }))
        .sort((a, b) => (a.kind < b.kind ? -1 : 1));
    },
  };
}

const settled = { status: 'settled', days_past_due: 0, settled_at: '2026-03-03T00:00:00.000Z' } as const;

describe('the rule of a funder for who is overdue', () => {
  test('blocks phone and id number in one group from that many days on, and until the law says', async () => {
    const { put, rule, entries } = scene(20);
    const who = nextPerson();
    const id = await put('one', who, { days_past_due: 29 });
    expect(await applyOverdueRule(rule, id)).toBeNull();
    // Twenty days after 1 February: 21 February in Shanghai, which begins on the 20th by UTC; 180 days and five years later.
    expect(await entries(who)).toMatchObject([
      { kind: 'id_number', expires_on: '2031-02-20' },
      { kind: 'phone', expires_on: '2026-08-19' },
    ]);
  });

  test('does nothing before its day, and nothing at a funder without a rule', async () => {
    const { put, rule, entries } = scene(60);
    const who = nextPerson();
    const id = await put('one', who, { days_past_due: 29 });
    const checkAt = await applyOverdueRule(rule, id);
    expect(isoOf(checkAt ?? 0)).toBe('2026-04-01T16:00:00.000Z');
    expect(await entries(who)).toEqual([]);
    const without = scene(null);
    expect(await applyOverdueRule(without.rule, await without.put('one', who, { days_past_due: 99 }))).toBeNull();
    expect(await without.entries(who)).toEqual([]);
  });

  test('takes effect by time alone on a day that no event tells of', async () => {
    const { put, rule, times, clock, entries } = scene(45);
    const who = nextPerson();
    const id = await put('one', who, { days_past_due: 29 });
    await createOverdueProjection({ ...rule, times }).apply(logEvent('loan.overdue', id, '1-0', {}));
    const sweeper = createOverdueSweeper({ ...rule, times, share: { index: 1, count: 1 } });
    const dueMs = (await sweeper.nextDue()) ?? 0;
    expect(isoOf(dueMs)).toBe('2026-03-17T16:00:00.000Z');
    expect(await sweeper.runDue(dueMs - 1)).toBe(0);
    clock.moveTo(isoOf(dueMs));
    expect(await sweeper.runDue(dueMs)).toBe(1);
    expect(await entries(who)).toHaveLength(2);
    expect(await sweeper.nextDue()).toBeNull();
  });

  test.each([
    ['settled', settled],
    ['cured', { status: 'active', days_past_due: 0 } as const],
    ['cancelled', { status: 'cancelled', days_past_due: 0 } as const],
  ])('lets go when the loan is %s', async (_, change) => {
    const { put, rule, entries } = scene(20);
    const who = nextPerson();
    await applyOverdueRule(rule, await put('one', who, { days_past_due: 29 }));
    expect(await entries(who)).toHaveLength(2);
    await applyOverdueRule(rule, await put('one', who, change));
    expect(await entries(who)).toEqual([]);
  });

  test('holds on when the debt is written off, until it is paid', async () => {
    const { put, rule, entries } = scene(20);
    const who = nextPerson();
    await applyOverdueRule(rule, await put('one', who, { days_past_due: 29 }));
    await applyOverdueRule(rule, await put('one', who, { status: 'written_off', days_past_due: 29 }));
    expect(await entries(who)).toHaveLength(2);
    const paid = { principal: 500, interest: 5, fees: 0, penalty: 0, waived: 0 };
    const schedule = [{ no: 1, due_on: DUE_ON, principal: 500, interest: 5, fees: [], paid, paid_at: null }];
    await applyOverdueRule(rule, await put('one', who, { status: 'written_off', days_past_due: 0, schedule }));
    expect(await entries(who)).toEqual([]);
  });

  test('goes with the last of several loans, of one application or of several, whatever their order', async () => {
    const { put, rule, entries } = scene(20);
    const who = nextPerson();
    const first = await put('first', who, { days_past_due: 29 });
    const second = await put('second', who, { days_past_due: 29 });
    await Promise.all([applyOverdueRule(rule, first), applyOverdueRule(rule, second)]);
    expect(await entries(who)).toHaveLength(2);
    await put('first', who, settled);
    await applyOverdueRule(rule, first);
    expect(await entries(who)).toHaveLength(2);
    await put('second', who, settled);
    await applyOverdueRule(rule, second);
    expect(await entries(who)).toEqual([]);
  });

  test('says what the loans say also when several workers apply them at the same moment', async () => {
    const { put, rule, entries } = scene(20);
    for (let round = 0; round < 25; round += 1) {
      const who = nextPerson();
      const staying = await put(`staying ${round}`, who, { days_past_due: 29 });
      const going = await put(`going ${round}`, who, { days_past_due: 29 });
      await applyOverdueRule(rule, going);
      await Promise.all([
        put(`going ${round}`, who, settled).then((id) => applyOverdueRule(rule, id)),
        applyOverdueRule(rule, going),
        applyOverdueRule(rule, staying),
        applyOverdueRule(rule, staying),
      ]);
      expect(await entries(who), `round ${round}`).toHaveLength(2);
      await Promise.all([
        put(`staying ${round}`, who, settled).then((id) => applyOverdueRule(rule, id)),
        applyOverdueRule(rule, staying),
      ]);
      expect(await entries(who), `round ${round}`).toEqual([]);
    }
  });

  test('does not come back for the same loan when an appeal has found it wrong; for another loan it does', async () => {
    const { put, rule, entries, open, desk, clock } = scene(20);
    const who = nextPerson();
    const id = await put('one', who, { days_past_due: 29 });
    await applyOverdueRule(rule, id);
    const appeal = await open({ phone: who.phone, id_number: who.idNumber });
    const given = { reason: 'paid, the event was lost', by: 'mei', correction: null };
    const corrected = await desk.answer(appeal.id, 'gateway', {
      ...given,
      verdict: 'correct',
      correction: { note: 'x' },
    });
    expect(corrected).toMatchObject({ kind: 'invalid', faults: [{ pointer: '/verdict' }] });
    await desk.answer(appeal.id, 'gateway', { ...given, verdict: 'withdraw' });
    expect(await entries(who)).toEqual([]);
    clock.advanceMs(DAY_MS);
    await applyOverdueRule(rule, id);
    expect(await entries(who)).toEqual([]);
    await applyOverdueRule(rule, await put('another', who, { days_past_due: 29 }));
    expect(await entries(who)).toHaveLength(2);
  });
});
