import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Loan } from '../../../src/applications/model.ts';
import { payoffSchema, repaymentSchema } from '../../../src/doors/schemas/repayment-schema.ts';
import { pageOf } from '../../../src/http/pagination.ts';
import { applyLenderEvents, type LenderEventDeps } from '../../../src/intake/lender-events.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { become, cny, DAY_ZERO, grantedApplication, onDay } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';
import { sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;
let number = 0;
const accepted: CoreAnswer = { status: 202, body: { result: 'accepted' } };
let answer: (push: ReceivedPush) => CoreAnswer = () => accepted;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  core = await connectCore(redis, door.intake, (push) => answer(push));
});
beforeEach(() => {
  answer = () => accepted;
});
afterAll(async () => {
  await core.close();
  await door.close();
  await redis.close();
});

/** 200 000 paid out the day before, due on 2 March (today) and 2 April. */
async function runningLoan(change: Partial<Loan> = {}): Promise<{ readonly id: string; readonly loanId: string }> {
  number += 1;
  const { id } = await grantedApplication(door);
  const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
  const item = { principal: 100_000, interest: 1_500, fees: [], paid, paid_at: null };
  const loan = sampleLoan(id, `R-${number}`, {
    status: 'active',
    lender_ref: `LN-${number}`,
    amount: cny(200_000),
    disbursed_at: onDay(-1),
    received: 200_000,
    schedule: [
      { no: 1, due_on: '2026-03-02', ...item },
      { no: 2, due_on: '2026-04-02', ...item },
    ],
    updated_at: onDay(-1),
    ...change,
  });
  await door.intake.deps.store.bindLoan(loan.id, id);
  await become(door, id, { loans: [loan] });
  await core.settle();
  return { id, loanId: loan.id };
}

const repay = (loanId: string, body: object) => door.acme.post(`/v1/loans/${loanId}/repayments`, body);

async function told(type: string, loanId: string, data: object): Promise<unknown> {
  const { store, clock, registry } = door.intake.deps;
  const deps: LenderEventDeps = { store, clock, products: (id) => registry().products.get(id) };
  number += 1;
  const event = { id: `E-${number}`, type, occurred_at: DAY_ZERO, loan_id: loanId, data };
  return applyLenderEvents(deps, { id: 'quickcredit' }, [event]);
}

describe('repaying from the partner’s side', () => {
  test('a quote says what is due, and what everything comes to today', async () => {
    const { loanId } = await runningLoan();
    const path = `/v1/loans/${loanId}/repayments/quote`;
    const due = await door.acme.post(path, { installments: [1] });
    expect(due.status).toBe(200);
    expectConforms(payoffSchema, due.body);
    expect(due.body).toMatchObject({ installments: [1], source: 'local', amount: cny(101_500), penalty: cny(0) });
    const all = await door.acme.post(path, { installments: 'all' });
    expect(all.body).toMatchObject({ principal: cny(200_000), interest: cny(1_500), amount: cny(201_500) });
    const gap = await door.acme.post(path, { installments: [2] });
    expect([gap.status, gap.body.errors[0]]).toMatchObject([422, { pointer: '/installments', code: 'instalment_gap' }]);
    const twice = await door.acme.post(path, { installments: [1, 1] });
    expect(twice.status).toBe(422);
    expect((await door.summit.post(path, { installments: 'all' })).status).toBe(404);
  });

  test('a repayment reaches the lender at once, and succeeds by its payments', async () => {
    const { loanId } = await runningLoan();
    const wish = { partner_ref: 'REPAY-1', installments: [1], return_url: 'https://acme.example/back' };
    const { status, body } = await repay(loanId, wish);
    expect(status).toBe(201);
    expectConforms(repaymentSchema, body);
    expect(body).toMatchObject({ loan_id: loanId, status: 'pending', amount: cny(101_500), next_action: null });
    expect(core.core.received).toMatchObject([
      {
        path: '/core/repayments',
        body: {
          lender_ref: 'L-1',
          loan_id: loanId,
          repayment_id: body.id,
          partner_ref: 'REPAY-1',
          installments: [1],
          amount: cny(101_500),
          card_id: null,
          return_url: 'https://acme.example/back',
        },
      },
    ]);
    const again = await repay(loanId, wish);
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, body, 'true']);
    const other = await repay(loanId, { ...wish, installments: 'all' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
    const overlapping = await repay(loanId, { partner_ref: 'REPAY-2', installments: 'all' });
    expect([overlapping.status, overlapping.body.code]).toEqual([409, 'repayment_pending']);
    await told('installment.paid', loanId, {
      no: 1,
      payment_ref: `P-${loanId}`,
      principal: cny(100_000),
      interest: cny(1_500),
      payer: 'borrower',
      paid_at: DAY_ZERO,
    });
    const done = await door.acme.get(`/v1/repayments/${body.id}`);
    expect(done.body).toMatchObject({ status: 'succeeded', payment_refs: [`P-${loanId}`] });
    const listed = await door.acme.get(`/v1/loans/${loanId}/repayments`);
    expectConforms(pageOf(repaymentSchema), listed.body);
    expect(listed.body.data).toEqual([done.body]);
    expect((await door.summit.get(`/v1/repayments/${body.id}`)).status).toBe(404);
    expect(core.core.received).toHaveLength(1);
  });

  test('the lender’s answer is in ours: a step for the applicant, or why not', async () => {
    const otp = { type: 'otp', sent_to: '138****0000', expires_at: onDay(1) };
    answer = () => ({ status: 200, body: { result: 'accepted', next_action: otp } });
    const { loanId } = await runningLoan();
    const asked = await repay(loanId, { partner_ref: 'A', installments: [1] });
    expectConforms(repaymentSchema, asked.body);
    expect(asked.body).toMatchObject({ status: 'pending', next_action: { type: 'otp', scene: 'repay' } });
    await told('repayment.failed', loanId, { no: 1, reason: 'insufficient_balance' });
    const failed = await door.acme.get(`/v1/repayments/${asked.body.id}`);
    expect(failed.body).toMatchObject({ status: 'failed', reason: 'insufficient_balance', next_action: null });
    answer = () => ({ status: 200, body: { result: 'rejected', reason: 'card_refused' } });
    const refused = await repay(loanId, { partner_ref: 'B', installments: [1] });
    expect(refused.body).toMatchObject({ status: 'failed', reason: 'card_refused' });
  });

  test('a core that is away is told later: the repayment is pending', async () => {
    answer = () => ({ status: 503 });
    const { loanId } = await runningLoan();
    const { status, body } = await repay(loanId, { partner_ref: 'A', installments: 'all' });
    expect([status, body.status]).toEqual([201, 'pending']);
  });

  test('nothing is repaid where nothing is owed, or before payout', async () => {
    const settled = await runningLoan({ status: 'settled', settled_at: onDay(0) });
    const nothing = await repay(settled.loanId, { partner_ref: 'A', installments: 'all' });
    expect([nothing.status, nothing.body.code]).toEqual([409, 'nothing_due']);
    const early = await runningLoan({ status: 'requested', schedule: [], disbursed_at: null });
    const refused = await repay(early.loanId, { partner_ref: 'A', installments: 'all' });
    expect([refused.status, refused.body.code]).toEqual([409, 'loan_not_running']);
  });

  test('fifty at the same instant are one', async () => {
    const { loanId } = await runningLoan();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => repay(loanId, { partner_ref: `R-${index % 10}`, installments: [1] })),
    );
    const taken = new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.id] : [])));
    expect(taken.size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect(core.core.received).toHaveLength(1);
  });

  test('a partner that sees nothing of repayment finds none of it', async () => {
    const { loanId } = await runningLoan();
    const before = door.intake.registry;
    const blind = (content: { visibility: string }) => {
      content.visibility = 'none';
    };
    door.intake.use(await registryVariant({ 'traffic/acme/partner.yaml': blind }));
    const answers = [
      await door.acme.post(`/v1/loans/${loanId}/repayments/quote`, { installments: 'all' }),
      await repay(loanId, { partner_ref: 'A', installments: 'all' }),
      await door.acme.get(`/v1/loans/${loanId}/repayments`),
    ];
    door.intake.use(before);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

describe('of a product whose lender quotes itself', () => {
  const payoff = (change: object = {}) => ({
    amount: cny(201_900),
    principal: cny(200_000),
    interest: cny(1_500),
    fees: [],
    penalty: cny(400),
    waived: cny(0),
    valid_until: onDay(1),
    ...change,
  });

  beforeAll(async () => {
    const quotes = (content: object) => {
      productIn(content, 'quick-cash').quotes = 'lender';
    };
    door.intake.use(await registryVariant({ 'lending/quickcredit/lender.yaml': quotes }));
  });

  test('the lender’s word is quoted and asked to be collected, penalty and all', async () => {
    answer = ({ path }) => (path.endsWith('/quotes') ? { status: 200, body: payoff() } : accepted);
    const { loanId } = await runningLoan();
    const quote = await door.acme.post(`/v1/loans/${loanId}/repayments/quote`, { installments: 'all' });
    expectConforms(payoffSchema, quote.body);
    expect(quote.body).toMatchObject({ source: 'lender', amount: cny(201_900), penalty: cny(400) });
    expect(core.core.received[0]).toMatchObject({ body: { loan_id: loanId, installments: 'all' } });
    const asked = await repay(loanId, { partner_ref: 'A', installments: 'all' });
    expect(asked.body).toMatchObject({ status: 'pending', amount: cny(201_900) });
    expect(core.core.received.at(-1)).toMatchObject({ path: '/core/repayments', body: { amount: cny(201_900) } });
  });

  test('a lender that is away, contradicts itself or refuses is told as such', async () => {
    const { loanId } = await runningLoan();
    const path = `/v1/loans/${loanId}/repayments/quote`;
    const cases: [CoreAnswer, number, string][] = [
      [{ status: 503 }, 503, 'lender_unavailable'],
      [{ status: 200, body: payoff({ amount: cny(201_901) }) }, 502, 'lender_quote_invalid'],
      [{ status: 200, body: payoff({ valid_until: onDay(-1) }) }, 502, 'lender_quote_invalid'],
      [{ status: 422, body: { code: 'nothing_due', detail: 'paid' } }, 409, 'nothing_due'],
      [{ status: 422, body: { code: 'locked_period', detail: 'not before April' } }, 422, 'quote_refused'],
    ];
    for (const [reply, status, code] of cases) {
      answer = () => reply;
      const { body, status: given } = await door.acme.post(path, { installments: 'all' });
      expect([given, body.code]).toEqual([status, code]);
    }
    expect((await door.acme.get(`/v1/loans/${loanId}/repayments`)).body.data).toEqual([]);
  });
});
