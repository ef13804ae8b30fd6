import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import type { CloseOutcome } from '../../../src/revenue/close-outcome.ts';
import { acceptStatement } from '../../../src/revenue/settlement/accept-statement.ts';
import { handInInvoice } from '../../../src/revenue/settlement/hand-in-invoice.ts';
import { openDispute } from '../../../src/revenue/settlement/open-dispute.ts';
import { payStatements } from '../../../src/revenue/settlement/pay-statements.ts';
import { readStanding } from '../../../src/revenue/settlement/read-standing.ts';
import { resolveDispute } from '../../../src/revenue/settlement/resolve-dispute.ts';
import { SilenceSweeper } from '../../../src/revenue/settlement/silence-sweeper.ts';
import type { Statement } from '../../../src/revenue/statement.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const PARTNER = 'acme';
const [JANUARY, FEBRUARY, MARCH] = ['2026-01-01', '2026-02-01', '2026-03-01'];

/** Pays 1 % of the principal; a first-payment default takes it back within so many days. */
function openDesk(withinDays: number): Desk {
  const desk = createDesk(redis, {
    accept_days: 5,
    payout: { days: 1, min: 100, invoice: 'required' },
    rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1', of: 'principal' } }],
    clawback: [
      { on: 'application.fraud_confirmed', take: { percent: '100' } },
      { on: 'loan.first_payment_default', take: { percent: '100' }, within_days: withinDays, rules: ['first'] },
    ],
  });
  desk.partners.add(PARTNER);
  return desk;
}

interface Lent {
  readonly application: string;
  readonly loan: string;
}

async function lend(desk: Desk, partnerId: string, at: string, principal: number): Promise<Lent> {
  const data = disbursed(principal, { disbursed_at: at });
  const event = logEvent(partnerId, 'loan.disbursed', at, data);
  await desk.commission.apply(event);
  return { application: event.subject, loan: String(data.loan_id) };
}

function statementOf(outcome: CloseOutcome): Statement {
  if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.statement;
}

const steps = (desk: Desk, partnerId: string) => {
  const of = (period: string, actor: string) => ({ partnerId, contract: 'main', period, actor });
  return {
    review: async (period: string) => statementOf(await desk.closer.review(of(period, 'ann'))),
    refresh: async (period: string) => statementOf(await desk.closer.refresh(of(period, 'ann'))),
    lock: async (period: string) => statementOf(await desk.closer.lock(of(period, 'bob'))),
    statusOf: async (id: string) => (await readStanding(desk.store, partnerId)).byId.get(id)?.status,
  };
};

describe('B. a close with a dispute, and a clawback after payment', () => {
  test('January and February to the cent', async () => {
    const desk = openDesk(60);
    const { review, refresh, lock, statusOf } = steps(desk, PARTNER);
    const first = await lend(desk, PARTNER, '2026-01-10T04:00:00.000Z', 3_000_000);
    await lend(desk, PARTNER, '2026-01-20T04:00:00.000Z', 97_000_000);

    desk.clock.moveTo('2026-02-01T01:00:00.000Z');
    const draft = await review(JANUARY);
    expect(draft).toMatchObject({ status: 'draft', revision: 1, accruals: 1_000_000, adjustments: 0 });

    desk.clock.moveTo('2026-02-03T04:00:00.000Z');
    const double = (await linesOf(desk, PARTNER)).find(({ amount }) => amount === 970_000);
    const wish = {
      kind: 'duplicate',
      commission_id: double?.id ?? '',
      partner_ref: null,
      lender_ref: null,
      claimed: 958_000,
      note: 'one row twice',
    } as const;
    const opened = await openDispute(desk.store, PARTNER, draft.id, { revision: 1, lines: [wish] }, desk.clock.nowMs());
    if (opened.result !== 'opened') throw new Error(opened.result);
    const resolved = await resolveDispute(
      desk.store,
      PARTNER,
      opened.dispute.id,
      [{ no: 1, result: 'accepted', amount: null, reason: 'counted twice' }],
      { versionsOf: () => desk.contracts, by: 'ann', nowMs: desk.clock.nowMs() },
    );
    expect(resolved.result).toBe('resolved');
    expect(await refresh(JANUARY)).toMatchObject({ revision: 2, accruals: 1_000_000, adjustments: -12_000 });

    desk.clock.moveTo('2026-02-06T04:00:00.000Z');
    const january = await lock(JANUARY);
    expect(january).toMatchObject({
      status: 'issued',
      revision: 2,
      opening: 0,
      accruals: 1_000_000,
      adjustments: -12_000,
      tax: 59_280,
      withheld: 0,
      payments: 0,
      closing: 1_047_280,
    });
    expect(await statusOf(january.id)).toBe('issued');

    const invoice = {
      number: '24512000000012345678',
      kind: 'vat_special',
      issued_on: '2026-02-11',
      net: 988_000,
      tax_rate: '0.06',
      tax: 59_280,
      gross: 1_047_280,
    } as const;
    const terms = desk.contracts[0];
    if (terms === undefined) throw new Error('there are terms');
    const handIn = (change: Partial<Record<keyof typeof invoice, unknown>> = {}) =>
      handInInvoice(desk.store, PARTNER, january.id, { ...invoice, ...change } as typeof invoice, {
        termsOf: () => terms,
        nowMs: desk.clock.nowMs(),
      });
    expect((await handIn()).result).toBe('not_accepted');

    const silence = new SilenceSweeper({
      store: desk.store,
      clock: desk.clock,
      partners: () => [PARTNER],
      failed: (error) => {
        throw error;
      },
    });
    expect(await silence.nextDue()).toBe(Date.parse('2026-02-11T04:00:00.000Z'));
    desk.clock.moveTo('2026-02-11T04:00:00.000Z');
    expect(await silence.runDue(desk.clock.nowMs())).toBe(1);
    expect(await silence.runDue(desk.clock.nowMs())).toBe(0);
    expect(await statusOf(january.id)).toBe('accepted');
    const again = { revision: 2, how: 'signature', name: 'Li Lei' } as const;
    const late = await acceptStatement(desk.store, PARTNER, january.id, again, desk.clock.nowMs());
    expect(late.result).toBe('already');

    const pay = {
      contract: 'main',
      direction: 'out',
      amount: 1_047_280,
      withheld: 0,
      paidAtMs: Date.parse('2026-02-12T03:00:00.000Z'),
      reference: 'BOC-7',
      allocations: [{ statement_id: january.id, amount: 1_047_280 }],
      by: 'ann',
      override: null,
    } as const;
    const payNow = (change: object = {}) =>
      payStatements(
        desk.store,
        PARTNER,
        desk.contracts,
        { ...pay, ...change },
        { nowMs: desk.clock.nowMs(), isHeld: false },
      );
    desk.clock.moveTo('2026-02-12T04:00:00.000Z');
    expect(await payNow()).toMatchObject({ result: 'not_due', reasons: [`${january.id} has no invoice`] });
    const wrong = await handIn({ tax: 59_281, gross: 1_047_281 });
    expect(wrong).toMatchObject({ result: 'faults', faults: [{ field: 'tax' }] });
    expect((await handIn()).result).toBe('verified');
    expect((await handIn()).result).toBe('exists');
    expect(await statusOf(january.id)).toBe('invoiced');
    expect((await payNow()).result).toBe('created');
    expect((await payNow()).result).toBe('exists');
    expect((await payNow({ amount: 1, allocations: [] })).result).toBe('differs');
    expect(await statusOf(january.id)).toBe('paid');

    await lend(desk, PARTNER, '2026-02-15T04:00:00.000Z', 80_000_000);
    const fraud = { application: first.application };
    await desk.commission.apply(
      logEvent(PARTNER, 'application.fraud_confirmed', '2026-02-20T04:00:00.000Z', { kind: 'identity' }, fraud),
    );
    desk.clock.moveTo('2026-03-01T01:00:00.000Z');
    await review(FEBRUARY);
    const february = await lock(FEBRUARY);
    expect(february).toMatchObject({
      opening: 1_047_280,
      accruals: 800_000,
      adjustments: -30_000,
      tax: 46_200,
      withheld: 0,
      payments: 1_047_280,
      closing: 816_200,
    });
    expect((await readStanding(desk.store, PARTNER)).byId.get(february.id)?.share).toEqual({ due: 816_200n, paid: 0n });
    const taken = (await linesOf(desk, PARTNER)).find(({ kind }) => kind === 'clawback');
    expect(taken).toMatchObject({ amount: -30_000, period: FEBRUARY });
    const report = await checkLedger({ store: desk.store, periods: desk.periods, jwks: desk.jwks }, PARTNER);
    expect(report.differences).toEqual([]);
  });

  test.each([
    { within: 60, taken: [] },
    { within: 90, taken: [[-30_000, MARCH]] },
  ])('the default of 12 March, day 61, with within_days $within', async ({ within, taken }) => {
    const desk = openDesk(within);
    const partnerId = `within-${within}`;
    const { loan, application } = await lend(desk, partnerId, '2026-01-10T04:00:00.000Z', 3_000_000);
    const at = '2026-03-12T04:00:00.000Z';
    const data = { loan_id: loan, no: 1, days_past_due: 30 };
    await desk.commission.apply(logEvent(partnerId, 'loan.first_payment_default', at, data, { application }));
    const clawbacks = (await linesOf(desk, partnerId)).filter(({ kind }) => kind === 'clawback');
    expect(clawbacks.map(({ amount, period }) => [amount, period])).toEqual(taken);
  });
});
