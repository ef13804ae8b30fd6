import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { DAY_MS, isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import { createTimerSweeper } from '../../../src/intake/sweep-timers.ts';
import { TestClock } from '../../support/intake.ts';
import { type LenderEventsDoor, openLenderEventsDoor } from '../../support/lender-events-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication } from '../../support/sample-application.ts';
import { sampleLender, sampleProduct } from '../../support/sample-lender.ts';

const NOW = Date.parse('2026-03-02T04:00:00.000Z');
const cny = (amount: number) => ({ amount, currency: 'CNY' });
const ago = (ms: number): string => isoOf(NOW - ms);

let redis: TestRedis;
let store: ApplicationStore;
let clock: TestClock;
let door: LenderEventsDoor;
let orders = 0;
let ids = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  clock = new TestClock(isoOf(NOW));
  store = new ApplicationStore(redis.client, redis.keys, clock);
  const product = sampleProduct();
  const lenders = [sampleLender(), sampleLender({ id: 'other', products: [] })];
  door = await openLenderEventsDoor(redis, lenders, { lenderEvents: { store, clock, products: () => product } });
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

async function submitted(change: Partial<Application> = {}): Promise<string> {
  orders += 1;
  const application = sampleApplication(`ORDER-${orders}`, { status: 'submitted', ...change });
  await store.create(application, [], []);
  return application.id;
}

interface Event {
  readonly id: string;
  readonly [field: string]: unknown;
}

function event(type: string, applicationId: string | undefined, data?: unknown, rest: object = {}): Event {
  ids += 1;
  return { id: `L-${ids}`, type, occurred_at: ago(MINUTE_MS), application_id: applicationId, data, ...rest };
}

async function post(events: readonly unknown[], lender = 'quickcredit'): Promise<Record<string, unknown>[]> {
  const { status, body } = await door.ask(lender, '/events', { events });
  expect(status).toBe(200);
  return body.results as Record<string, unknown>[];
}

const grantData = { amount: cny(500_000), apr: '0.18', expires_at: isoOf(NOW + 300 * DAY_MS) };
const granted = (id: string, data: object = {}) => event('credit.granted', id, { ...grantData, ...data });

function requested(id: string, lender_ref: string, amount = 300_000) {
  const data = { lender_ref, amount: cny(amount), term: 3, term_unit: 'month', purpose: null, requested_at: ago(1) };
  return event('loan.requested', id, data);
}

function disbursed(lender_ref: string, principal = 300_000) {
  const data = {
    principal: cny(300_000),
    received: cny(300_000),
    disbursed_at: ago(MINUTE_MS),
    schedule: ['2026-04-02', '2026-05-02', '2026-06-02'].map((due_on, index) => {
      return { no: index + 1, due_on, principal: cny(principal / 3), interest: cny(1_000), fees: [] };
    }),
  };
  return event('loan.disbursed', undefined, data, { lender_ref });
}

function paid(lender_ref: string, principal: number) {
  const amounts = { principal: cny(principal), interest: cny(1_000), fees: [] };
  const data = { no: 1, payment_ref: 'P-1', ...amounts, payer: 'borrower', paid_at: ago(1) };
  return event('installment.paid', undefined, data, { lender_ref });
}

/** An application with a credit, and a loan of its own that the lender has opened. */
async function withLoan(lenderRef: string): Promise<string> {
  const id = await submitted();
  expect(await post([granted(id), requested(id, lenderRef)])).toMatchObject([
    { result: 'applied' },
    { result: 'applied' },
  ]);
  return id;
}

describe('every code of a rejected event', () => {
  const unknownLoan = `loan_${'0'.repeat(32)}`;
  /** What is sent, for an application of its own where one is needed. */
  const cases: Readonly<Record<string, () => Promise<{ event: Event; lender?: string; more?: object }>>> = {
    schema_invalid: async () => ({ event: event('credit.granted', await submitted(), { amount: 5 }) }),
    unknown_application: async () => ({ event: event('application.in_review', derivedId('app', 'nobody')) }),
    unknown_loan: async () => ({ event: event('loan.cured', undefined, undefined, { loan_id: unknownLoan }) }),
    wrong_lender: async () => ({ event: event('application.in_review', await submitted()), lender: 'other' }),
    illegal_transition: async () => ({
      event: event('application.verifying', await submitted({ status: 'credit_declined' })),
      more: { legal: expect.any(Array) },
    }),
    occurred_in_future: async () => ({
      event: event('application.in_review', await submitted(), undefined, { occurred_at: ago(-5 * MINUTE_MS - 1) }),
    }),
    too_old: async () => ({
      event: event('application.in_review', await submitted(), undefined, { occurred_at: ago(1_096 * DAY_MS) }),
    }),
    currency_mismatch: async () => ({
      event: granted(await submitted(), { amount: { amount: 500_000, currency: 'USD' } }),
    }),
    apr_above_cap: async () => ({ event: granted(await submitted(), { apr: '0.2401' }) }),
    over_available: async () => {
      const id = await submitted();
      await post([granted(id)]);
      return { event: requested(id, 'TOO-MUCH', 600_000) };
    },
    schedule_sum_mismatch: async () => {
      await withLoan('SUM');
      return { event: disbursed('SUM', 270_000) };
    },
    payment_exceeds_due: async () => {
      await withLoan('PAY');
      await post([disbursed('PAY')]);
      return { event: paid('PAY', 100_001) };
    },
    id_reused: async () => {
      const first = event('application.in_review', await submitted());
      await post([first]);
      return { event: { ...first, occurred_at: ago(2 * MINUTE_MS) } };
    },
  };

  test.each(Object.keys(cases))('%s', async (code) => {
    const { event: sent, lender, more = {} } = (await cases[code]?.()) ?? { event: { id: 'none' } };
    const [result] = await post([sent], lender);
    expect(result).toMatchObject({ id: sent.id, result: 'rejected', code, ...more });
    expect(String(result?.detail)).not.toBe('');
  });

  test('5 minutes ahead is not the future yet', async () => {
    const sent = event('application.in_review', await submitted(), undefined, { occurred_at: ago(-5 * MINUTE_MS) });
    expect(await post([sent])).toMatchObject([{ result: 'applied' }]);
  });
});

describe('an event id', () => {
  test('is one lender’s, whatever it is about: on another application with other content it is id_reused', async () => {
    const [one, other] = [await submitted(), await submitted()];
    const sent = event('application.in_review', one);
    expect(await post([sent])).toMatchObject([{ result: 'applied' }]);
    expect(await post([{ ...sent, application_id: other }])).toMatchObject([{ result: 'rejected', code: 'id_reused' }]);
    expect((await store.load(other))?.application.status).toBe('submitted');
    expect(await post([sent])).toMatchObject([{ result: 'duplicate' }]);
  });

  test('in one batch belongs to the application that it names first', async () => {
    const [one, other] = [await submitted(), await submitted()];
    const sent = event('application.in_review', one);
    const results = await post([sent, { ...sent, application_id: other }, sent]);
    expect(results.map(({ result, code }) => code ?? result)).toEqual(['applied', 'id_reused', 'duplicate']);
  });

  test('at the same time on two applications moves one of them', async () => {
    const [one, other] = [await submitted(), await submitted()];
    const sent = event('application.in_review', one);
    const answers = await Promise.all([post([sent]), post([{ ...sent, application_id: other }])]);
    const results = answers.flat().map(({ result, code }) => code ?? result);
    expect(results.sort()).toEqual(['applied', 'id_reused']);
  });

  test('that was rejected may come again, for the right application at once', async () => {
    const [wrong, right] = [await submitted({ status: 'credit_declined' }), await submitted()];
    const sent = event('application.verifying', wrong);
    expect(await post([sent])).toMatchObject([{ code: 'illegal_transition' }]);
    expect(await post([{ ...sent, application_id: right }])).toMatchObject([{ result: 'applied' }]);
    expect(await post([sent])).toMatchObject([{ code: 'id_reused' }]);
  });

  test('of another lender is its own', async () => {
    const sent = event('application.in_review', await submitted());
    await post([sent]);
    const theirs = { ...sent, application_id: await submitted({ lender_id: 'other' }) };
    expect(await post([theirs], 'other')).toMatchObject([{ result: 'applied' }]);
  });

  test('whose taker died before it decided is free for another application after a while', async () => {
    const [one, other] = [await submitted(), await submitted()];
    const sent = event('application.in_review', one);
    const died = { applicationId: one, sinceMs: Date.now() - 11_000, text: `${one}|${Date.now() - 11_000}|x` };
    await store.eventIds.claim('quickcredit', sent.id, died);
    expect(await post([{ ...sent, application_id: other }])).toMatchObject([{ result: 'applied' }]);
  });
});

describe('an event that is held', () => {
  test('is applied with the one it waits for; what became of it can be asked', async () => {
    const id = await submitted();
    const early = requested(id, 'EARLY');
    const [held] = await post([early]);
    expect(held).toMatchObject({ result: 'held', until: expect.stringMatching(/Z$/) });
    const state = { id: early.id, application_id: id };
    const asked = await door.ask('quickcredit', `/events/${early.id}`);
    expect(asked).toEqual({ status: 200, body: { ...state, result: 'held', until: held?.until } });
    expect(await post([early])).toMatchObject([{ result: 'duplicate' }]);
    await post([granted(id)]);
    const after = await door.ask('quickcredit', `/events/${early.id}`);
    expect(after.body).toEqual({ ...state, result: 'applied', loan_id: expect.stringMatching(/^loan_/) });
  });

  test('and not helped in time reads rejected, and its id is free', async () => {
    const id = await submitted();
    const early = requested(id, 'LATE');
    await post([early]);
    const at = clock.nowMs();
    clock.advanceMs(4 * DAY_MS);
    await createTimerSweeper({ ...redis, store, clock, products: () => sampleProduct() }).runDue(clock.nowMs());
    const { body } = await door.ask('quickcredit', `/events/${early.id}`);
    expect(body).toEqual({ id: early.id, application_id: id, result: 'rejected', code: 'illegal_transition' });
    const other = { ...event('application.in_review', await submitted()), id: early.id };
    expect(await post([other])).toMatchObject([{ result: 'applied' }]);
    clock.moveTo(isoOf(at));
  });

  test('that was never sent, was rejected at once, or is another lender’s, is not found', async () => {
    const rejected = event('application.verifying', await submitted({ status: 'credit_declined' }));
    const applied = event('application.in_review', await submitted());
    await post([rejected, applied]);
    expect((await door.ask('quickcredit', '/events/none')).status).toBe(404);
    expect((await door.ask('quickcredit', `/events/${rejected.id}`)).status).toBe(404);
    expect((await door.ask('other', `/events/${applied.id}`)).status).toBe(404);
    expect((await door.ask('quickcredit', `/events/${applied.id}`)).status).toBe(200);
  });
});

describe('a batch of 500', () => {
  test('with faults of every kind between is answered one by one, in order, and again the same', async () => {
    const applications = await Promise.all(Array.from({ length: 100 }, () => submitted()));
    const refused = await submitted({ status: 'credit_declined' });
    const events = applications.flatMap((id, index) => [
      event('application.verifying', id),
      { id: `bad-${index}`, type: 'application.in_review', occurred_at: 'yesterday', application_id: id },
      granted(id),
      event('application.in_review', derivedId('app', `nobody-${index}`)),
      event('application.verifying', refused),
    ]);
    expect(events).toHaveLength(500);
    const expected = ['applied', 'schema_invalid', 'applied', 'unknown_application', 'illegal_transition'];
    const first = await post(events);
    expect(first.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    expect(first.map(({ result, code }) => code ?? result)).toEqual(applications.flatMap(() => expected));
    const again = await post(events);
    const repeated = expected.map((word) => (word === 'applied' ? 'duplicate' : word));
    expect(again.map(({ result, code }) => code ?? result)).toEqual(applications.flatMap(() => repeated));
  });
});
