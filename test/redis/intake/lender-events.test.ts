import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lenderLoanId } from '../../../src/applications/lifecycle/loan-requested.ts';
import type { Application } from '../../../src/applications/model.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { applyLenderEvents, type LenderEventDeps } from '../../../src/intake/lender-events.ts';
import { createTimerSweeper } from '../../../src/intake/sweep-timers.ts';
import { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';
import { sampleProduct } from '../../support/sample-lender.ts';

const LENDER = { id: 'quickcredit' };
const NOW = Date.parse('2026-01-01T04:00:00.000Z');
const cny = (amount: number) => ({ amount, currency: 'CNY' });
const ago = (seconds: number): string => isoOf(NOW - seconds * 1_000);

let redis: TestRedis;
let clock: TestClock;
let deps: LenderEventDeps;
let orders = 0;
let ids = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  clock = new TestClock(isoOf(NOW));
  const product = sampleProduct();
  deps = { store: new ApplicationStore(redis.client, redis.keys, clock), products: () => product, clock };
});

afterAll(async () => {
  await redis.close();
});

async function newApplication(change: Partial<Application> = {}): Promise<Application> {
  orders += 1;
  const application = sampleApplication(`ORDER-${orders}`, { status: 'submitted', ...change });
  await deps.store.create(application, [], []);
  return application;
}

function event(type: string, application_id: string, secondsAgo: number, data?: unknown, rest: object = {}) {
  ids += 1;
  return { id: `E-${ids}`, type, occurred_at: ago(secondsAgo), application_id, data, ...rest };
}

const granted = (id: string, secondsAgo: number) =>
  event('credit.granted', id, secondsAgo, { amount: cny(500_000), apr: '0.18', expires_at: isoOf(NOW + 300 * DAY_MS) });

const requested = (id: string, secondsAgo: number, lender_ref: string) =>
  event('loan.requested', id, secondsAgo, {
    lender_ref,
    amount: cny(300_000),
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
    requested_at: ago(secondsAgo),
  });

const disbursedData = {
  principal: cny(300_000),
  received: cny(300_000),
  disbursed_at: ago(10),
  schedule: ['2026-02-01', '2026-03-01', '2026-04-01'].map((due_on, index) => ({
    no: index + 1,
    due_on,
    principal: cny(100_000),
    interest: cny(1_000),
    fees: [],
  })),
};

/** A loan event that names its loan by the lender's reference alone. */
const ofLoan = (type: string, secondsAgo: number, lender_ref: string, data?: unknown) =>
  event(type, '', secondsAgo, data, { application_id: undefined, lender_ref });

const apply = (...events: unknown[]) => applyLenderEvents(deps, LENDER, events);
const load = async (id: string): Promise<Application> => {
  const loaded = await deps.store.load(id);
  if (!loaded) throw new Error(`no application ${id}`);
  return loaded.application;
};

/** Types that the log holds of an application. */
async function logged(id: string): Promise<string[]> {
  const entries = await redis.client.xrange(redis.keys.shard(shardOfId(id), 'log'), '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as { subject: string; type: string });
  return events.filter((each) => each.subject === id).map((each) => each.type);
}

describe('an event id', () => {
  test('sent again with the same content is a duplicate, whatever the order of its fields', async () => {
    const { id } = await newApplication();
    const first = granted(id, 60);
    expect(await apply(first)).toEqual([{ id: first.id, result: 'applied' }]);
    const turned = Object.fromEntries(Object.entries(first).reverse());
    expect(await apply(turned)).toEqual([{ id: first.id, result: 'duplicate' }]);
    expect(await logged(id)).toEqual(['credit.granted']);
  });

  test('sent again with other content is id_reused and changes nothing', async () => {
    const { id } = await newApplication();
    const first = granted(id, 60);
    await apply(first);
    const [answer] = await apply({ ...first, occurred_at: ago(59) });
    expect(answer).toMatchObject({ result: 'rejected', code: 'id_reused' });
    expect(await logged(id)).toEqual(['credit.granted']);
  });

  test('that was rejected may be sent again', async () => {
    const { id } = await newApplication();
    const bad = { ...granted(id, 60), data: { amount: cny(1), apr: '0.3', expires_at: ago(-99) } };
    expect(await apply(bad)).toMatchObject([{ result: 'rejected', code: 'apr_above_cap' }]);
    expect(await apply({ ...granted(id, 60), id: bad.id })).toMatchObject([{ result: 'applied' }]);
  });

  test('twice in one batch is applied once', async () => {
    const { id } = await newApplication();
    const one = granted(id, 60);
    expect((await apply(one, one)).map((each) => each.result)).toEqual(['applied', 'duplicate']);
  });

  test('in twenty copies at the same time is applied once', async () => {
    for (const type of ['application.in_review', 'application.fraud_confirmed']) {
      const { id } = await newApplication();
      const data = type === 'application.in_review' ? undefined : { kind: 'identity', evidence_ref: 'F-1' };
      const copy = event(type, id, 60, data);
      const answers = await Promise.all(Array.from({ length: 20 }, () => apply(copy)));
      const results = answers.map(([answer]) => answer?.result).sort();
      expect(results).toEqual(['applied', ...Array.from({ length: 19 }, () => 'duplicate')]);
      expect(await logged(id)).toEqual([type]);
    }
  });

  test('twenty different events at the same time are all applied', async () => {
    const { id } = await newApplication();
    const complaints = Array.from({ length: 20 }, () =>
      event('complaint.opened', id, 60, { channel: 'phone', category: 'fees', due_on: '2026-01-20' }),
    );
    const answers = await Promise.all(complaints.map((each) => apply(each)));
    expect(answers.flat().map((answer) => answer.result)).toEqual(complaints.map(() => 'applied'));
    expect(await logged(id)).toHaveLength(20);
  });
});

describe('the object of an event', () => {
  test('is found by our id or by the lender’s reference', async () => {
    const { id } = await newApplication({ lender_ref: 'A-77' });
    await deps.store.bindReference(LENDER.id, 'A-77', id);
    const byReference = { ...event('application.verifying', id, 60), application_id: undefined, lender_ref: 'A-77' };
    expect(await apply(byReference)).toMatchObject([{ result: 'applied' }]);
    expect((await load(id)).status).toBe('verifying');
  });

  test('that nobody knows is unknown, another lender’s is the wrong lender', async () => {
    const { id } = await newApplication();
    const missing = `app_${'0'.repeat(32)}`;
    expect(await apply(event('application.verifying', missing, 9))).toMatchObject([{ code: 'unknown_application' }]);
    expect(await apply(event('application.verifying', 'x', 9))).toMatchObject([{ code: 'unknown_application' }]);
    expect(await apply(ofLoan('loan.cured', 9, 'nobody'))).toMatchObject([{ code: 'unknown_loan' }]);
    const foreign = await applyLenderEvents(deps, { id: 'other' }, [granted(id, 9)]);
    expect(foreign).toMatchObject([{ result: 'rejected', code: 'wrong_lender' }]);
    expect(await logged(id)).toEqual([]);
  });

  test('an event that is no event is schema_invalid, with its id if it has one', async () => {
    const [first, second] = await apply(null, { id: 'E-x', type: 'credit.granted' });
    expect(first).toMatchObject({ id: null, code: 'schema_invalid' });
    expect(second).toMatchObject({ id: 'E-x', code: 'schema_invalid' });
  });

  test('a loan is found by a reference that was bound a moment before the loan carries it', async () => {
    const { id } = await newApplication();
    const loan = sampleLoan(id, 'DRAW-1');
    await apply(granted(id, 60));
    await deps.store.change(id, (application) => ({
      application: { ...application, loans: [loan] },
      events: [],
      result: null,
    }));
    await deps.store.bindLoan(loan.id, id);
    await deps.store.bindReference(LENDER.id, 'L-early', loan.id);
    expect(await apply(ofLoan('loan.in_review', 9, 'L-early'))).toMatchObject([{ result: 'applied' }]);
    const both = event('loan.paying_out', id, 8, undefined, { lender_ref: 'L-early' });
    expect(await apply(both)).toMatchObject([{ result: 'applied' }]);
    expect((await load(id)).loans).toMatchObject([{ id: loan.id, status: 'paying_out' }]);
  });

  test('a loan opened at the lender is found by its reference in the same batch and in the next', async () => {
    const { id } = await newApplication();
    const opened = await apply(
      granted(id, 60),
      requested(id, 50, 'L-1'),
      ofLoan('loan.disbursed', 10, 'L-1', disbursedData),
    );
    const loan_id = lenderLoanId(id, 'L-1');
    expect(opened).toMatchObject([{ result: 'applied' }, { result: 'applied', loan_id }, { result: 'applied' }]);
    const paid = {
      no: 1,
      payment_ref: 'P-1',
      principal: cny(100_000),
      interest: cny(1_000),
      payer: 'borrower',
      paid_at: ago(5),
    };
    expect(await apply(ofLoan('installment.paid', 5, 'L-1', paid))).toMatchObject([{ result: 'applied' }]);
    expect((await load(id)).loans).toMatchObject([
      { id: loan_id, status: 'active', payments: [{ payment_ref: 'P-1' }] },
    ]);
    expect(await deps.store.applicationOfLoan(loan_id)).toBe(id);
  });
});

describe('order', () => {
  test('events of one application apply in batch order, of many side by side, answers in the order given', async () => {
    const applications = await Promise.all(Array.from({ length: 20 }, () => newApplication()));
    const events = [
      ...applications.map(({ id }) => event('application.verifying', id, 60)),
      ...applications.map(({ id }) => event('application.in_review', id, 50)),
      ...applications.map(({ id }) => granted(id, 40)),
    ];
    const results = await apply(...events);
    expect(results).toEqual(events.map(({ id }) => ({ id, result: 'applied' })));
    const [first] = applications;
    expect(await logged(first?.id ?? '')).toEqual(['application.verifying', 'application.in_review', 'credit.granted']);
  });

  test('an early event is held, survives being read again, and is released by the one it waited for', async () => {
    const { id } = await newApplication();
    const early = requested(id, 50, 'L-2');
    expect(await apply(early)).toEqual([{ id: early.id, result: 'held', until: isoOf(NOW + 3 * DAY_MS) }]);
    expect(await apply(early)).toEqual([{ id: early.id, result: 'duplicate' }]);
    await apply(granted(id, 60));
    expect(await logged(id)).toEqual(['credit.granted', 'loan.requested']);
    expect(await apply(early)).toEqual([{ id: early.id, result: 'duplicate', loan_id: lenderLoanId(id, 'L-2') }]);
  });

  test('a held event that was dropped may be sent again', async () => {
    const { id } = await newApplication();
    const early = requested(id, 50, 'L-3');
    await apply(early);
    await apply(event('credit.declined', id, 40, { reason: 'policy' }));
    expect((await load(id)).held).toEqual([]);
    expect(await apply(early)).toMatchObject([{ result: 'rejected', code: 'illegal_transition', legal: [] }]);
  });

  test('more events than one step takes are all applied, in order', async () => {
    const { id } = await newApplication();
    const complaints = Array.from({ length: 120 }, () => event('complaint.closed', id, 60, { upheld: false }));
    const results = await apply(...complaints, granted(id, 10));
    expect(new Set(results.map((each) => each.result))).toEqual(new Set(['applied']));
    expect((await logged(id)).at(-1)).toBe('credit.granted');
    await expect(apply(...Array.from({ length: 501 }, () => null))).rejects.toThrow(RangeError);
  });
});

describe('the timers', () => {
  test('count arrears at midnight, move on to the next one, and go when nothing is left to come', async () => {
    const { id } = await newApplication();
    await apply(granted(id, 60), requested(id, 50, 'L-9'), ofLoan('loan.disbursed', 10, 'L-9', disbursedData));
    const timers = redis.keys.shard(shardOfId(id), 'timers');
    const due = async () => Number(await redis.client.zscore(timers, `${id}|sweep`));
    const midnight = Date.parse('2026-02-02T00:00:00+08:00');
    expect(await due()).toBe(midnight);
    const sweeper = createTimerSweeper({ ...deps, client: redis.client, keys: redis.keys });
    expect(await sweeper.nextDue()).toBeLessThanOrEqual(midnight);

    clock.moveTo(isoOf(midnight));
    expect(await sweeper.runDue(midnight)).toBeGreaterThan(0);
    expect(await sweeper.runDue(midnight)).toBe(0);
    expect((await load(id)).loans).toMatchObject([{ status: 'overdue', days_past_due: 1 }]);
    expect(await due()).toBe(midnight + DAY_MS);

    const later = midnight + 29 * DAY_MS;
    clock.moveTo(isoOf(later));
    await Promise.all([sweeper.runDue(later), sweeper.runDue(later)]);
    const defaults = (await logged(id)).filter((type) => type === 'loan.first_payment_default');
    expect(defaults).toHaveLength(1);
    expect((await load(id)).loans).toMatchObject([
      { status: 'overdue', days_past_due: 30, first_payment_default: true },
    ]);

    const at = isoOf(later);
    await apply(
      { ...ofLoan('loan.settled', 0, 'L-9', { settled_at: at, early: true }), occurred_at: at },
      { ...event('credit.expired', id, 0), occurred_at: at },
    );
    expect(await redis.client.zscore(timers, `${id}|sweep`)).toBeNull();
    clock.moveTo(isoOf(NOW));
  });

  test('a sweep that changes nothing leaves the document as it was', async () => {
    const { id } = await newApplication();
    const timers = redis.keys.shard(shardOfId(id), 'timers');
    await redis.client.zadd(timers, NOW, `${id}|sweep`);
    const before = await deps.store.load(id);
    const sweeper = createTimerSweeper({ ...deps, client: redis.client, keys: redis.keys });
    await sweeper.runDue(NOW);
    expect(await deps.store.load(id)).toEqual(before);
    expect(await redis.client.zscore(timers, `${id}|sweep`)).toBeNull();
  });

  test('a timer of an application that is gone is removed', async () => {
    const id = `app_05${'1'.repeat(30)}`;
    const timers = redis.keys.shard(shardOfId(id), 'timers');
    await redis.client.zadd(timers, NOW, `${id}|sweep`);
    await createTimerSweeper({ ...deps, client: redis.client, keys: redis.keys }).runDue(NOW);
    expect(await redis.client.zscore(timers, `${id}|sweep`)).toBeNull();
  });

  test('drop a held event when its time is over, and remember that it may come again', async () => {
    const { id } = await newApplication();
    const early = requested(id, 50, 'L-10');
    await apply(early);
    const over = NOW + 3 * DAY_MS;
    clock.moveTo(isoOf(over));
    const sweeper = createTimerSweeper({ ...deps, client: redis.client, keys: redis.keys });
    await sweeper.runDue(over);
    expect((await load(id)).held).toEqual([]);
    expect(await apply(early)).toMatchObject([{ result: 'held' }]);
    clock.moveTo(isoOf(NOW));
  });

  test('run by themselves once started', async () => {
    const { id } = await newApplication();
    const timers = redis.keys.shard(shardOfId(id), 'timers');
    await redis.client.zadd(timers, NOW, `${id}|sweep`);
    const sweeper = createTimerSweeper({ ...deps, client: redis.client, keys: redis.keys });
    sweeper.start();
    await expect.poll(() => redis.client.zscore(timers, `${id}|sweep`), { timeout: 5_000 }).toBeNull();
    await sweeper.stop();
  });
});
