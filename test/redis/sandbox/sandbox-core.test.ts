import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type SandboxRig, startSandboxRig } from '../../support/sandbox-lender.ts';

let redis: TestRedis;
let rig: SandboxRig;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  rig = await startSandboxRig(redis);
});
afterEach(() => rig.close());

const CARD = '6222021234567894';
const cny = (amount: number) => ({ amount, currency: 'CNY' });

/** An applicant with a credit. */
async function granted(reference: string, phone: string): Promise<void> {
  await rig.apply(reference, phone);
  await rig.advance(10 * SECOND_MS);
}

/** An applicant with a running loan. */
async function running(reference: string, phone: string): Promise<string> {
  await granted(reference, phone);
  await rig.draw(reference);
  await rig.advance(10 * SECOND_MS);
  return rig.loanId(reference);
}

async function payoff(reference: string, installments: 'all' | number[]) {
  const loan_id = rig.loanId(reference);
  return rig.tell('/quotes', reference, { loan_id, loan_ref: null, installments });
}

async function repay(reference: string, installments: 'all' | number[], amount: number) {
  const loan_id = rig.loanId(reference);
  const repayment_id = `rep_${installments}`;
  return rig.tell('/repayments', reference, { loan_id, repayment_id, installments, amount: cny(amount) });
}

describe('quotes of the sandbox lender', () => {
  const asked = { amount: cny(500_000), term: 12, term_unit: 'month' };

  test('say what a loan would cost, and until when', async () => {
    expect(await rig.tell('/quotes', 'A', { product_id: 'quick-cash', ...asked })).toMatchObject({
      status: 200,
      body: { source: 'lender', received: cny(500_000), schedule: { length: 12 }, valid_until: expect.any(String) },
    });
    const refused = await rig.tell('/quotes', 'A', { product_id: 'quick-cash', ...asked, term: 5 });
    expect(refused).toMatchObject({ status: 422, body: { code: 'term_not_offered' } });
  });

  test('say what paying off all comes to: interest to the day, nothing of the months ahead', async () => {
    await running('A', '13800130000');
    const first = (await rig.state('A')).loans[0]?.schedule[0];
    await rig.advance(10 * DAY_MS);
    const all = await payoff('A', 'all');
    expect(all).toMatchObject({ status: 200, body: { principal: cny(500_000), penalty: cny(0), fees: [] } });
    const { interest, amount } = all.body;
    expect(interest.amount).toBeGreaterThan(0);
    expect(interest.amount).toBeLessThan(first?.interest ?? 0);
    expect(amount.amount).toBe(500_000 + interest.amount);
    expect((await payoff('A', [1])).body).toMatchObject({ interest: cny(first?.interest ?? 0) });
    expect(await payoff('A', [9])).toMatchObject({ status: 422, body: { code: 'unknown_installment' } });
  });

  test('add a penalty to what is late', async () => {
    await running('A', '13800130005');
    await rig.advance(40 * DAY_MS);
    const { amount, penalty } = (await payoff('A', [1])).body;
    expect(penalty.amount).toBeGreaterThan(0);
    // A partner that reckons itself leaves the penalty to the lender.
    expect((await repay('A', [1], amount.amount - penalty.amount)).body).toMatchObject({ result: 'accepted' });
    await rig.advance(5 * SECOND_MS);
    expect(rig.types().slice(-2)).toEqual(['installment.paid', 'loan.cured']);
  });
});

describe('repayments at the sandbox lender', () => {
  test('of one instalment are booked within a second, and the planned debit leaves it alone', async () => {
    await running('A', '13800130000');
    const { amount } = (await payoff('A', [1])).body;
    expect(await repay('A', [1], amount.amount)).toMatchObject({ body: { result: 'accepted' } });
    await rig.advance(SECOND_MS);
    expect(rig.types().at(-1)).toBe('installment.paid');
    await rig.advance(120 * DAY_MS);
    const [loan] = (await rig.state('A')).loans;
    expect(loan).toMatchObject({ status: 'settled', outstanding: 0, paid: { count: 3, principal: 500_000 } });
    expect(rig.types().filter((type) => type === 'installment.paid')).toHaveLength(3);
  });

  test('of all settle the loan early', async () => {
    await running('A', '13800130000');
    await rig.advance(5 * DAY_MS);
    const { amount } = (await payoff('A', 'all')).body;
    await repay('A', 'all', amount.amount);
    await rig.advance(120 * DAY_MS);
    expect(rig.types().slice(-3)).toEqual(['loan.schedule_updated', 'installment.paid', 'loan.settled']);
    expect(rig.door.events.at(-1)?.data).toMatchObject({ early: true });
  });

  test('are refused when another amount is due, when they are under way, and when there is no loan to pay', async () => {
    const loanId = await running('A', '13800130000');
    const { amount } = (await payoff('A', [1])).body;
    expect(await repay('A', [1], amount.amount - 1)).toMatchObject({
      body: { result: 'rejected', reason: 'amount_changed' },
    });
    await repay('A', [1], amount.amount);
    expect(await repay('A', [1], amount.amount)).toMatchObject({ body: { reason: 'already_paying' } });
    const stranger = { loan_id: `${loanId}x`, repayment_id: 'r', installments: 'all', amount: cny(1) };
    expect(await rig.tell('/repayments', 'A', stranger)).toMatchObject({ body: { reason: 'unknown_loan' } });
  });
});

describe('codes that the sandbox lender asks for', () => {
  const PHONE = '13800130011';
  const action = (body: Record<string, unknown>) =>
    rig.tell('/actions', 'A', { action_id: 'act_1', type: 'otp', scene: 'card', card_id: 'card_1', ...body });

  test('bind a card when they are right; after five wrong ones none is taken', async () => {
    await granted('A', PHONE);
    const bound = await rig.tell('/cards', 'A', { card_id: 'card_1', number: CARD, bank_code: 'ICBC', phone: PHONE });
    expect(bound.body).toMatchObject({
      result: 'accepted',
      next_action: { type: 'otp', scene: 'card', sent_to: '138****0011', expires_at: expect.any(String) },
    });
    expect((await rig.state('A')).cards).toEqual([]);
    expect((await action({ otp: '123456' })).body).toEqual({ result: 'rejected', reason: 'otp_wrong', tries_left: 4 });
    expect((await action({ otp: '000000' })).body).toMatchObject({ result: 'accepted' });
    expect((await rig.state('A')).cards).toEqual(['card_1']);
    expect((await action({ otp: '000000' })).body).toMatchObject({ reason: 'action_expired' });

    await rig.tell('/cards', 'A', { card_id: 'card_2', number: CARD, bank_code: 'ICBC', phone: PHONE });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await action({ card_id: 'card_2', otp: '1' })).body).toMatchObject({ reason: 'otp_wrong' });
    }
    expect((await action({ card_id: 'card_2', otp: '000000' })).body).toMatchObject({ reason: 'too_many_attempts' });
  });

  test('live ten minutes; a new one lives anew', async () => {
    await granted('A', PHONE);
    await rig.draw('A');
    await rig.advance(5 * SECOND_MS);
    expect(rig.door.events.at(-1)).toMatchObject({ type: 'action.required', data: { type: 'otp', scene: 'drawdown' } });
    const about = { scene: 'drawdown', loan_id: rig.loanId('A'), card_id: null };
    await rig.advance(10 * MINUTE_MS);
    expect((await action({ ...about, otp: '000000' })).body).toMatchObject({ reason: 'otp_expired' });
    const again = await action({ ...about, resend: true });
    expect(Date.parse(again.body.next_action.expires_at)).toBeGreaterThan(rig.clock.nowMs() + 9 * MINUTE_MS);
    expect((await action({ ...about, otp: '000000' })).body).toMatchObject({ result: 'accepted' });
    await rig.advance(5 * SECOND_MS);
    expect(rig.types().slice(-3)).toEqual(['action.completed', 'loan.paying_out', 'loan.disbursed']);
  });

  test('come with the same answer when the message comes again', async () => {
    await granted('A', PHONE);
    const card = { card_id: 'card_1', number: CARD, bank_code: 'ICBC', phone: PHONE, delivery_id: 'dlv_card' };
    const first = await rig.tell('/cards', 'A', card);
    expect(await rig.tell('/cards', 'A', card)).toEqual({
      ...first,
      body: { ...first.body, result: 'duplicate' },
    });
    expect((await action({ otp: '1', delivery_id: 'dlv_otp' })).body).toMatchObject({ reason: 'otp_wrong' });
    expect((await action({ otp: '1', delivery_id: 'dlv_otp' })).body).toMatchObject({ reason: 'otp_wrong' });
  });
});

describe('cards, cancellations, hand-offs and drawdowns at the sandbox lender', () => {
  test('the first card is the default, and the newest when it goes; a mistyped number is refused', async () => {
    await granted('A', '13800130000');
    for (const card_id of ['card_1', 'card_2', 'card_3']) {
      await rig.tell('/cards', 'A', { card_id, number: CARD, bank_code: 'ICBC', phone: '13800138000' });
    }
    expect((await rig.state('A')).cards).toEqual(['card_1', 'card_2', 'card_3']);
    await rig.tell('/cards', 'A', { card_id: 'card_1', removed: true });
    expect((await rig.state('A')).cards).toEqual(['card_3', 'card_2']);
    const mistyped = await rig.tell('/cards', 'A', { card_id: 'card_4', number: '6222021234567890', phone: null });
    expect(mistyped.body).toMatchObject({ result: 'rejected', reason: 'card_refused' });
  });

  test('called off before the payout nothing more follows; while a loan runs the lender refuses', async () => {
    await granted('A', '13800130011');
    await rig.draw('A');
    await rig.advance(SECOND_MS);
    await rig.tell('/cancellations', 'A', { reason: 'changed_mind', withdrawn_consents: [] });
    await rig.advance(400 * DAY_MS);
    expect(rig.types().slice(-2)).toEqual(['loan.cancelled', 'application.cancelled']);
    expect(await rig.state('A')).toMatchObject({ status: 'cancelled', credit: { status: 'closed' } });

    await running('B', '13800130000');
    const before = rig.types().length;
    const refused = { result: 'rejected', reason: 'loan_running' };
    expect((await rig.tell('/cancellations', 'B', { reason: 'x' })).body).toMatchObject(refused);
    await rig.advance(SECOND_MS);
    expect(rig.types()).toHaveLength(before);
  });

  test('a loan is called off before its payout and in the days of cooling-off, not later', async () => {
    const callOff = async (reference: string) => {
      const cancelled_at = new Date(rig.clock.nowMs()).toISOString();
      const { body } = await rig.tell('/cancellations', reference, { loan_id: rig.loanId(reference), cancelled_at });
      await rig.advance(SECOND_MS);
      const [loan] = (await rig.state(reference)).loans;
      return [body.result, body.reason, loan?.status, loan?.reason];
    };
    await granted('A', '13800130011');
    await rig.draw('A');
    expect(await callOff('A')).toEqual(['accepted', undefined, 'cancelled', 'customer']);
    await running('B', '13800130000');
    await rig.advance(DAY_MS);
    expect(await callOff('B')).toEqual(['accepted', undefined, 'cancelled', 'cooling_off']);
    await running('C', '13800130000');
    await rig.advance(10 * DAY_MS);
    expect(await callOff('C')).toEqual(['rejected', 'cooling_off_over', 'active', null]);
    const consents = { reason: 'consent_withdrawn', withdrawn_consents: ['marketing'], cancelled_at: null };
    expect((await rig.tell('/cancellations', 'C', consents)).body).toMatchObject({ result: 'accepted' });
    expect((await rig.state('C')).status).toBe('credit_granted');
  });

  test('a hand-off answers a page that shows what came, masked, in the reader’s language, with a way back', async () => {
    const { body } = await rig.tell('/handoffs', 'A', {
      handoff_id: 'hnd_1',
      destination: 'repay',
      partner: { id: 'acme', kind: 'platform' },
      applicant: { name: '张三', phone: '13800138000' },
      return_url: 'https://acme.example/back?a=1&b="2',
    });
    expect(body.url).not.toContain('1380013');
    const page = async (language: string) => {
      const response = await fetch(body.url, { headers: { 'accept-language': language } });
      return response.text();
    };
    const chinese = await page('zh-CN');
    for (const text of ['lang="zh-CN"', '还款', '张*', '138****8000', 'width=device-width'])
      expect(chinese).toContain(text);
    expect(chinese).toContain('href="https://acme.example/back?a=1&amp;b=&quot;2"');
    expect(await page('en')).toContain('Back to the partner');
    expect((await fetch(`${body.url}x`)).status).toBe(404);
  });

  test('a drawdown without a credit, or above what is left of it, is refused; others each have their own story', async () => {
    await rig.apply('A', '13800130000');
    expect((await rig.draw('A')).body).toMatchObject({ result: 'rejected', reason: 'credit_not_active' });
    await rig.advance(10 * SECOND_MS);
    expect((await rig.draw('A', 'ONE', 300_000)).body).toMatchObject({ result: 'accepted' });
    expect((await rig.draw('A', 'TWO', 300_000)).body).toMatchObject({ result: 'rejected', reason: 'over_available' });
    await rig.advance(5 * DAY_MS);
    expect((await rig.draw('A', 'TWO', 200_000)).body).toMatchObject({ result: 'accepted' });
    await rig.advance(120 * DAY_MS);
    expect((await rig.draw('A', 'AGAIN', 500_000)).body).toMatchObject({ result: 'accepted' });
    await rig.advance(10 * SECOND_MS);
    const { loans } = await rig.state('A');
    expect(loans.map((loan) => [loan.status, loan.amount, loan.schedule[0]?.due_on])).toEqual([
      ['settled', 300_000, expect.any(String)],
      ['settled', 200_000, expect.any(String)],
      ['active', 500_000, expect.any(String)],
    ]);
    expect(new Set(loans.map((loan) => loan.schedule[0]?.due_on)).size).toBe(3);
  });

  test('an existing customer is rejected, however often', async () => {
    const answer = { status: 202, body: { result: 'rejected', reason: 'existing_customer', detail: 'registered' } };
    expect(await rig.apply('A', '13800130019')).toMatchObject(answer);
    expect(await rig.apply('A', '13800130019')).toMatchObject(answer);
    await rig.advance(DAY_MS);
    expect(rig.types()).toEqual([]);
  });
});
