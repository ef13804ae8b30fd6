import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { foldBalances, verifyChain } from '../../../src/revenue/ledger-entry.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, entriesOf, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const RULES = {
  rules: [
    { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 }, once_per: 'applicant' },
    { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
    { id: 'rs', on: 'installment.paid', pay: { percent: '8', of: ['interest', 'fees.service'] }, payers: ['borrower'] },
  ],
  clawback: [
    { on: 'loan.cancelled', take: { percent: '100' } },
    { on: 'loan.first_payment_default', take: { percent: '100' }, within_days: 90 },
    { on: 'installment.reversed', take: { percent: '100' } },
  ],
};

async function expectSound(desk: Desk, partnerId: string): Promise<void> {
  const report = await checkLedger(desk, partnerId);
  expect(report.differences).toEqual([]);
}

describe('booking of commissions', () => {
  test('the same event applied again, in another process and at the same time earns once', async () => {
    const desk = createDesk(redis, RULES);
    const events = Array.from({ length: 10 }, () => logEvent('again', 'credit.granted', '2026-01-12T04:00:00.000Z'));
    const workers = Array.from({ length: 5 }, () => desk.worker());
    await Promise.all(workers.flatMap((worker) => events.map((event) => worker.apply(event))));
    for (const event of events) await desk.worker().apply(event);
    const lines = await linesOf(desk, 'again');
    expect(lines).toHaveLength(10);
    expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(30_000);
    await expectSound(desk, 'again');
  });

  test('fifty processes that append at once lose no entry and leave one unbroken chain', async () => {
    const desk = createDesk(redis, RULES);
    const events = Array.from({ length: 50 }, () => logEvent('race', 'credit.granted', '2026-01-12T04:00:00.000Z'));
    await Promise.all(events.map((event) => desk.worker().apply(event)));
    const entries = await entriesOf(desk, 'race');
    expect(verifyChain(entries)).toMatchObject({ ok: true, entries: 50 });
    expect(new Set(entries.map(({ ref }) => ref.event)).size).toBe(50);
    await expectSound(desk, 'race');
  });

  test('a tier counter that fifty processes move at once prices every loan as if they had come one by one', async () => {
    const tiers = [{ up_to: 1_000_000, percent: '1' }, { percent: '2' }];
    const desk = createDesk(redis, {
      rules: [{ id: 'vol', on: 'loan.disbursed', pay: { tiers, measure: 'amount', of: 'principal', over: 'period' } }],
    });
    const at = '2026-01-12T04:00:00.000Z';
    const events = Array.from({ length: 50 }, () => logEvent('tiers', 'loan.disbursed', at, disbursed(100_000)));
    await Promise.all(events.map((event) => desk.worker().apply(event)));
    const lines = await linesOf(desk, 'tiers');
    // 10 000.00 at 1 %, 40 000.00 at 2 %.
    expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(10_000 + 80_000);
    await expectSound(desk, 'tiers');
  });

  test('a rule that pays once per applicant pays once, whoever of two processes is first', async () => {
    const desk = createDesk(redis, RULES);
    const context = { applicant_token: 'one-person' };
    const events = Array.from({ length: 20 }, () =>
      logEvent('person', 'credit.granted', '2026-01-12T04:00:00.000Z', {}, { context }),
    );
    await Promise.all(events.map((event) => desk.worker().apply(event)));
    expect(await linesOf(desk, 'person')).toHaveLength(1);
  });

  test('an event that took back nothing takes back nothing of what came after it when it is replayed', async () => {
    const desk = createDesk(redis, RULES);
    const loan = disbursed(500_000);
    const application = 'app_00000000000000000000000000000abc';
    const inApplication = { application };
    const { loan_id } = loan;
    const at = (day: number) => `2026-01-${day}T04:00:00.000Z`;
    const paid = (no: number, day: number) =>
      logEvent('replay', 'installment.paid', at(day), { ...PAID, loan_id, no, payment_ref: `P-${no}` }, inApplication);
    const log = [
      logEvent('replay', 'loan.disbursed', at(10), { ...loan, ordinal: 2 }, inApplication),
      logEvent(
        'replay',
        'installment.reversed',
        at(11),
        { loan_id, payment_ref: 'P-1', reason: 'late' },
        inApplication,
      ),
      paid(1, 12),
    ];
    for (const event of log) await desk.commission.apply(event);
    const before = await entriesOf(desk, 'replay');
    for (const event of log) await desk.worker().apply(event);
    expect(await entriesOf(desk, 'replay')).toEqual(before);
    expect((await linesOf(desk, 'replay')).map(({ kind }) => kind)).toEqual(['accrual', 'accrual']);
  });

  test('balances are the fold of the log', async () => {
    const desk = createDesk(redis, RULES);
    const loan = disbursed(500_000);
    await desk.commission.apply(logEvent('fold', 'credit.granted', '2026-01-10T04:00:00.000Z'));
    await desk.commission.apply(logEvent('fold', 'loan.disbursed', '2026-01-11T04:00:00.000Z', loan));
    const paid = { ...PAID, loan_id: loan.loan_id };
    await desk.commission.apply(logEvent('fold', 'installment.paid', '2026-01-12T04:00:00.000Z', paid));
    const entries = await entriesOf(desk, 'fold');
    expect(await desk.store.balances('fold')).toEqual(foldBalances(entries));
    expect((await desk.store.balances('fold')).get('main/CNY/pending')).toBe(7_500n);
    expect((await desk.store.balances('fold')).get('main/CNY/payable')).toBe(3_000n + 680n);
    await expectSound(desk, 'fold');
  });

  test('a held line is voided whole by a cancellation, and never released', async () => {
    const desk = createDesk(redis, RULES);
    desk.partners.add('void');
    const loan = disbursed(500_000);
    const application = 'app_00000000000000000000000000000def';
    await desk.commission.apply(logEvent('void', 'loan.disbursed', '2026-01-11T04:00:00.000Z', loan, { application }));
    const cancelled = { loan_id: loan.loan_id, reason: 'cooling_off' };
    await desk.commission.apply(
      logEvent('void', 'loan.cancelled', '2026-01-13T04:00:00.000Z', cancelled, { application }),
    );
    expect(await desk.releaser.runDue(Date.parse('2026-03-01T00:00:00.000Z'))).toBe(0);
    expect(await linesOf(desk, 'void')).toMatchObject([{ status: 'void', reason: 'loan.cancelled', period: null }]);
    expect((await desk.store.balances('void')).get('main/CNY/pending')).toBe(0n);
    await expectSound(desk, 'void');
  });

  test('a released line that is clawed back stays and says how much of it was taken', async () => {
    const desk = createDesk(redis, RULES);
    desk.partners.add('claw');
    const loan = disbursed(500_000);
    const application = 'app_00000000000000000000000000000fed';
    await desk.commission.apply(logEvent('claw', 'loan.disbursed', '2026-01-11T04:00:00.000Z', loan, { application }));
    expect(await desk.releaser.nextDue()).toBe(Date.parse('2026-01-26T04:00:00.000Z'));
    expect(await desk.releaser.runDue(Date.parse('2026-01-26T03:59:59.999Z'))).toBe(0);
    expect(await desk.releaser.runDue(Date.parse('2026-01-26T04:00:00.000Z'))).toBe(1);
    const late = { loan_id: loan.loan_id, no: 1 };
    await desk.commission.apply(
      logEvent('claw', 'loan.first_payment_default', '2026-03-13T04:00:00.000Z', late, { application }),
    );
    const lines = await linesOf(desk, 'claw');
    expect(lines.map(({ amount, clawed_back, status }) => ({ amount, clawed_back, status }))).toEqual([
      { amount: 7_500, clawed_back: 7_500, status: 'payable' },
      { amount: -7_500, clawed_back: 0, status: 'payable' },
    ]);
    await expectSound(desk, 'claw');
  });

  test('an event that cannot be priced books nothing and holds up no other event of its batch', async () => {
    const desk = createDesk(redis, RULES);
    const bad = logEvent('mixed', 'loan.disbursed', '2026-01-11T04:00:00.000Z', disbursed(1, { currency: 'USD' }));
    const good = Array.from({ length: 5 }, () => logEvent('mixed', 'credit.granted', '2026-01-12T04:00:00.000Z'));
    const results = await Promise.allSettled([...good, bad].map((event) => desk.commission.apply(event)));
    expect(results.map(({ status }) => status)).toEqual([...good.map(() => 'fulfilled'), 'rejected']);
    expect(await linesOf(desk, 'mixed')).toHaveLength(5);
    await expectSound(desk, 'mixed');
  });

  test('an event of a partner whose terms are not loaded is refused, so that it is parked and not lost', async () => {
    const desk = createDesk(redis, RULES);
    const event = logEvent('nobody', 'credit.granted', '2026-01-12T04:00:00.000Z');
    await expect(desk.commission.apply(event)).rejects.toThrow(/nobody is not loaded/);
  });

  test('what a loan earned before payout is taken back when the payout fails', async () => {
    const desk = createDesk(redis, {
      rules: [
        { id: 'asked', on: 'loan.requested', pay: { fixed: 500 } },
        { id: 'sent', on: 'loan.paying_out', pay: { fixed: 700 } },
      ],
      clawback: [{ on: 'loan.payout_failed', take: { percent: '100' } }],
    });
    const application = 'app_00000000000000000000000000000bad';
    const loan_id = 'loan_00000000000000000000000000000bad';
    const asked = { loan_id, amount: 500_000, currency: 'CNY', term: 12, term_unit: 'month', by: 'partner' };
    const at = (minute: number) => `2026-01-11T04:0${minute}:00.000Z`;
    await desk.commission.apply(logEvent('asked', 'loan.requested', at(0), asked, { application }));
    await desk.commission.apply(logEvent('asked', 'loan.paying_out', at(1), { loan_id }, { application }));
    await desk.commission.apply(logEvent('asked', 'loan.payout_failed', at(2), { loan_id }, { application }));
    const amounts = (await linesOf(desk, 'asked')).map(({ amount }) => amount);
    expect(amounts.sort((a, b) => a - b)).toEqual([-700, -500, 500, 700]);
    await expectSound(desk, 'asked');
  });

  test('a loan that was disbursed before its partner had terms is known to those that come later', async () => {
    const desk = createDesk(redis, { price_at: 'event', rules: RULES.rules.filter(({ id }) => id === 'rs') });
    const later = desk.contracts.splice(0);
    const loan = disbursed(500_000);
    await desk.commission.apply(logEvent('before', 'loan.disbursed', '2026-01-11T04:00:00.000Z', loan));
    desk.contracts.push(...later);
    const paid = { ...PAID, loan_id: loan.loan_id };
    await desk.commission.apply(logEvent('before', 'installment.paid', '2026-02-10T04:00:00.000Z', paid));
    expect(await linesOf(desk, 'before')).toMatchObject([{ amount: 680 }]);
    await expectSound(desk, 'before');
  });

  test('a lender whose clock runs ahead by minutes does not make a line without a hold wait', async () => {
    const desk = createDesk(redis, RULES);
    const recordedAt = '2026-01-12T04:00:00.000Z';
    await desk.commission.apply(logEvent('ahead', 'credit.granted', '2026-01-12T04:04:00.000Z', {}, { recordedAt }));
    expect(await linesOf(desk, 'ahead')).toMatchObject([{ status: 'payable', hold_until: null }]);
  });

  test('an event that nobody introduced earns nothing', async () => {
    const desk = createDesk(redis, RULES);
    const context = { partner_id: null };
    await desk.commission.apply(logEvent('direct', 'credit.granted', '2026-01-12T04:00:00.000Z', {}, { context }));
    expect(await entriesOf(desk, 'direct')).toEqual([]);
  });
});

const PAID = {
  no: 1,
  payment_ref: 'P-1',
  principal: 40_000,
  interest: 7_500,
  fees: [{ kind: 'service', payee: 'lender', amount: 1_000 }],
  penalty: 0,
  waived: 0,
  payer: 'borrower',
  paid_at: '2026-02-10T04:00:00.000Z',
  currency: 'CNY',
};
