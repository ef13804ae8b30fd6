import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { availableCredit } from '../../../src/applications/lifecycle/available.ts';
import type { Application, Credit } from '../../../src/applications/model.ts';
import { LateCalls } from '../../../src/applications/push/late-calls.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { cancelApplication } from '../../../src/intake/cancel-application.ts';
import { drawDown } from '../../../src/intake/draw-down.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { applyLenderEvents, type LenderEventDeps } from '../../../src/intake/lender-events.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import { createTestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication } from '../../support/sample-application.ts';
import { sampleProduct } from '../../support/sample-lender.ts';

/** Two gateways, each with a connection of its own, on one Redis. */
let redis: TestRedis;
let second: TestRedis['client'];
let gateways: readonly [IntakeDeps, IntakeDeps];
let nowMs = 0;
let orders = 0;
let ids = 0;

const product = { ...sampleProduct(), lender_id: 'quickcredit', kind: 'revolving' as const };
const cny = (amount: number) => ({ amount, currency: 'CNY' });
const ago = (seconds: number): string => isoOf(nowMs - seconds * 1_000);

beforeAll(async () => {
  redis = await startTestRedis();
  const { deps, clock } = await createTestIntake(redis);
  nowMs = clock.nowMs();
  const quiet: IntakeDeps = {
    ...deps,
    calls: Object.assign(new LateCalls(), { sendNow: async () => ({ kind: 'pending' }) }),
  };
  second = await connectRedis({ url: redis.url });
  const other = new ApplicationStore(second, redis.keys, clock);
  gateways = [quiet, { ...quiet, store: other }];
});

afterAll(async () => {
  second.disconnect();
  await redis.close();
});

async function newApplication(change: Partial<Application> = {}): Promise<Application> {
  orders += 1;
  const application = sampleApplication(`RACE-${orders}`, { status: 'submitted', ...change });
  await gateways[0].store.create(application, [], []);
  return application;
}

const CREDIT: Credit = {
  status: 'active',
  amount: 500_000,
  min: 100_000,
  step: 10_000,
  currency: 'CNY',
  terms: null,
  term_unit: 'month',
  pricing: null,
  apr: '0.18',
  expires_at: '2026-12-01T00:00:00.000Z',
  grade: null,
  funder_id: null,
};

const withCredit = () => newApplication({ status: 'credit_granted', credit: CREDIT });

const depsOf = (gateway: 0 | 1): LenderEventDeps => {
  const { store, clock } = gateways[gateway];
  return { store, clock, products: () => product };
};

const send = (gateway: 0 | 1, events: readonly unknown[], lender = 'quickcredit') =>
  applyLenderEvents(depsOf(gateway), { id: lender }, events);

function event(type: string, secondsAgo: number, data: unknown, object: Record<string, unknown>) {
  ids += 1;
  return { id: `R-${ids}`, type, occurred_at: ago(secondsAgo), data, ...object };
}

const load = async (id: string): Promise<Application> => {
  const loaded = await gateways[0].store.load(id);
  if (!loaded) throw new Error(`no application ${id}`);
  return loaded.application;
};

async function logged(id: string): Promise<string[]> {
  const entries = await redis.client.xrange(redis.keys.shard(shardOfId(id), 'log'), '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as { subject: string; type: string });
  return events.filter((each) => each.subject === id).map((each) => each.type);
}

const wish = (partner_ref: string, amount: number) => ({
  partner_ref,
  amount: cny(amount),
  term: 6,
  term_unit: 'month' as const,
  purpose: 'consumption',
});

const ITEMS = 100;
const schedule = Array.from({ length: ITEMS }, (_, index) => ({
  no: index + 1,
  due_on: isoOf(nowMs + (index + 20) * DAY_MS).slice(0, 10),
  principal: cny(1_000),
  interest: cny(5),
  fees: [],
}));

/** A loan that begins at the lender and is repaid in very many parts. */
function longStory(id: string, ref: string, payments: number): Record<string, unknown>[] {
  const ofLoan = { lender_ref: ref };
  const dated = schedule.map((item, index) => ({ ...item, due_on: isoOf(nowMs + (index + 20) * DAY_MS).slice(0, 10) }));
  const [amount, at] = [cny(ITEMS * 1_000), ago(5_000)];
  const terms = { lender_ref: ref, amount, term: 12, term_unit: 'month', purpose: null, requested_at: at };
  const payout = { principal: amount, received: amount, disbursed_at: ago(4_000), schedule: dated };
  const grant = { amount: cny(500_000), apr: '0.18', expires_at: isoOf(nowMs + 90 * DAY_MS) };
  const parts = Array.from({ length: payments }, (_, index) => {
    const part = { no: 1 + (index % ITEMS), payment_ref: `${ref}-${index}`, principal: cny(200), interest: cny(1) };
    return event(
      'installment.paid',
      3_000 - index,
      { ...part, payer: 'borrower', paid_at: ago(3_000 - index) },
      ofLoan,
    );
  });
  return [
    event('credit.granted', 6_000, grant, { application_id: id }),
    event('loan.requested', 5_000, terms, { application_id: id }),
    event('loan.disbursed', 4_000, payout, ofLoan),
    ...parts,
  ];
}

describe('a batch of a lender', () => {
  test('sent five times at once, to both gateways, has its effect once', async () => {
    const { id } = await newApplication();
    const batch = longStory(id, 'LN-TWICE', 30);
    const answers = await Promise.all([0, 1, 0, 1, 0].map((gateway) => send(gateway as 0 | 1, batch)));
    for (const at of batch.keys()) {
      const results = answers.map((batchAnswers) => batchAnswers[at]?.result);
      expect(results.filter((result) => result === 'applied').length).toBeLessThanOrEqual(1);
      expect(results).not.toContain('rejected');
    }
    const types = await logged(id);
    expect(types.filter((type) => type === 'installment.paid')).toHaveLength(30);
    expect(types.filter((type) => type === 'loan.disbursed')).toHaveLength(1);
    const { loans, held } = await load(id);
    expect(held).toEqual([]);
    expect(loans.map((loan) => loan.payments.length)).toEqual([30]);
  });

  test('of 500 events of one loan in reverse order loses none, though they name it by the lender’s reference alone', async () => {
    const [straight, turned] = [await newApplication(), await newApplication()];
    await send(0, longStory(straight.id, 'LN-S', 497));
    const batch = longStory(turned.id, 'LN-T', 497).reverse();
    const results = (await send(0, batch)).map(({ result }) => result);
    expect(new Set(results)).toEqual(new Set(['held', 'applied']));
    const [there, here] = [await load(straight.id), await load(turned.id)];
    expect(here.held).toEqual([]);
    expect(here.loans[0]?.payments).toHaveLength(497);
    expect(here.loans.map(({ schedule: items }) => items)).toEqual(there.loans.map(({ schedule: items }) => items));
    expect(availableCredit(here)).toBe(availableCredit(there));
    const again = await send(1, batch);
    expect(new Set(again.map(({ result }) => result))).toEqual(new Set(['duplicate']));
  });

  test('whose events happened at one instant is taken in the order given', async () => {
    const { id } = await newApplication();
    const [grant, request, payout, payment] = longStory(id, 'LN-TIE', 1).map((one) => ({
      ...one,
      occurred_at: ago(60),
    }));
    const results = (await send(0, [grant, request, payout, payment])).map(({ result }) => result);
    expect(results).toEqual(['applied', 'applied', 'applied', 'applied']);
  });
});

describe('what belongs to whom', () => {
  test('an event id means one event of one lender: another lender may use it, another application may not', async () => {
    const [mine, other] = [await newApplication(), await newApplication()];
    const theirs = await newApplication({ lender_id: 'bluewave' });
    const one = event('application.in_review', 60, undefined, { application_id: mine.id });
    expect(await send(0, [one])).toMatchObject([{ result: 'applied' }]);
    expect(await send(0, [{ ...one, application_id: theirs.id }], 'bluewave')).toMatchObject([{ result: 'applied' }]);
    const reused = await send(1, [{ ...one, application_id: other.id }]);
    expect(reused).toMatchObject([{ result: 'rejected', code: 'id_reused' }]);
    expect((await load(other.id)).status).toBe('submitted');
  });

  test('a loan of another lender is unknown by its reference, and wrong_lender by our id: nothing happens to it', async () => {
    const { id } = await newApplication();
    await send(0, longStory(id, 'LN-OURS', 1));
    const before = await load(id);
    const payment = {
      no: 2,
      payment_ref: 'X',
      principal: cny(1_000),
      interest: cny(5),
      payer: 'borrower',
      paid_at: ago(1),
    };
    const byRef = event('installment.paid', 1, payment, { lender_ref: 'LN-OURS' });
    expect(await send(1, [byRef], 'bluewave')).toMatchObject([{ result: 'rejected', code: 'unknown_loan' }]);
    const byId = event('installment.paid', 1, payment, { loan_id: before.loans[0]?.id });
    expect(await send(1, [byId], 'bluewave')).toMatchObject([{ result: 'rejected', code: 'wrong_lender' }]);
    const foreign = await newApplication({ lender_id: 'bluewave' });
    const borrowed = event('installment.paid', 1, payment, { application_id: foreign.id, lender_ref: 'LN-OURS' });
    const [answer] = await send(1, [borrowed], 'bluewave');
    expect(answer?.result).not.toBe('applied');
    expect(await load(id)).toEqual(before);
  });
});

describe('at the same moment', () => {
  test('no more is drawn than the credit has, however many draw, through whichever gateway', async () => {
    const application = await withCredit();
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        drawDown(gateways[at % 2 === 0 ? 0 : 1], application, product, wish(`D-${at}`, 150_000)),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(3);
    const after = await load(application.id);
    expect(after.loans).toHaveLength(3);
    expect(availableCredit(after)).toBe(50_000);
    expect((await logged(application.id)).filter((type) => type === 'loan.requested')).toHaveLength(3);
  });

  test('a drawdown and a lowered limit: drawn before it, or refused; never drawn above it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const application = await withCredit();
      const lower = event('credit.updated', 1, { amount: cny(100_000) }, { application_id: application.id });
      const [drawn] = await Promise.all([
        drawDown(gateways[round % 2 === 0 ? 0 : 1], application, product, wish('D', 400_000)),
        send(round % 2 === 0 ? 1 : 0, [lower]),
      ]);
      const types = await logged(application.id);
      expect(types).toEqual(drawn.ok ? ['loan.requested', 'credit.updated'] : ['credit.updated']);
      const after = await load(application.id);
      expect([after.credit?.amount, after.loans.length]).toEqual([100_000, drawn.ok ? 1 : 0]);
    }
  });

  test('an application is cancelled or drawn on, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const application = await withCredit();
      const [drawn, cancelled] = await Promise.all([
        drawDown(gateways[0], application, product, wish('D', 200_000)),
        cancelApplication(gateways[1], { applicationId: application.id, reason: 'changed_mind' }),
      ]);
      expect([drawn.ok, cancelled.kind]).toEqual(drawn.ok ? [true, 'illegal'] : [false, 'cancelled']);
      const after = await load(application.id);
      expect([after.status, after.loans.length]).toEqual(drawn.ok ? ['credit_granted', 1] : ['cancelled', 0]);
    }
  });

  test('the same drawdown sent ten times opens one loan', async () => {
    const application = await withCredit();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        drawDown(gateways[at % 2 === 0 ? 0 : 1], application, product, wish('D', 200_000)),
      ),
    );
    const loans = results.map((result) => (result.ok ? result.loan.id : result));
    expect(new Set(loans).size).toBe(1);
    expect((await load(application.id)).loans).toHaveLength(1);
    expect(results.filter((result) => result.ok && !result.replayed)).toHaveLength(1);
  });
});
