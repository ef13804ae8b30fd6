import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventContext, EventType, LogEvent } from '../../../src/events/event.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { costPer, costRows } from '../../../src/revenue/margin/cost-rows.ts';
import { marginKeyOf } from '../../../src/revenue/margin/count-margin.ts';
import { marginFieldsOf } from '../../../src/revenue/margin/margin-field.ts';
import { marginOf, marginRows } from '../../../src/revenue/margin/margin-rows.ts';
import { adjust } from '../../../src/revenue/settlement/adjust.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { terms } from '../../unit/revenue/fixtures.ts';
import { disbursed, logEvent } from './desk.ts';
import { createFundingDesk, type FundingDesk, funderTerms, linesIn } from './funding-desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const HARBOUR = 'funder:harbour';
const ZONE = 'Asia/Shanghai';

async function openDesk(): Promise<FundingDesk> {
  await redis.client.flushall();
  const clawback = [
    { on: 'loan.cancelled', take: { percent: '100' } },
    { on: 'application.fraud_confirmed', take: { percent: '50' } },
  ];
  const partnerTerms = (id: string, hold_days: number) =>
    terms({
      id: `${id}-2026`,
      clawback,
      rules: [
        { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_001 }, once_per: 'applicant' },
        { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days },
      ],
    });
  const rules = [
    { id: 'grant', on: 'credit.granted', pay: { fixed: 777 } },
    { id: 'placed', on: 'loan.disbursed', pay: { percent: '2.3', of: 'principal' }, hold_days: 3 },
    { id: 'share', on: 'installment.paid', pay: { percent: '9.9', of: 'interest' } },
  ];
  return createFundingDesk(redis, {
    acme: [partnerTerms('acme', 15)],
    summit: [partnerTerms('summit', 0)],
    [HARBOUR]: [funderTerms('harbour', { rules, clawback })],
    'funder:north': [funderTerms('north', { clawback })],
  });
}

/** Sums of every ledger's lines by their own account: what the counters must be. */
async function foldOf(desk: FundingDesk, month: string): Promise<bigint> {
  let margin = 0n;
  for (const party of desk.partners()) {
    for (const line of await linesIn(desk, party)) {
      const key = marginKeyOf(line, ZONE);
      if (key === null || key.month !== month || key.bucket === 'pending') continue;
      margin += BigInt(line.amount) * (party.startsWith('funder:') ? 1n : -1n);
    }
  }
  return margin;
}

/** A loan stands to the account of the funder whose money it is, and comes to nothing at every other. */
async function expectOwedByOwnFunder(desk: FundingDesk): Promise<void> {
  for (const funder of ['harbour', 'north']) {
    for (const line of await linesIn(desk, `funder:${funder}`)) {
      if (line.loan_id === null || line.application_id === null) continue;
      const { record } = await desk.funding.read(0, line.application_id);
      if (record?.loans[line.loan_id]?.funder === funder) continue;
      const own = (await linesIn(desk, `funder:${funder}`)).filter(({ loan_id }) => loan_id === line.loan_id);
      expect(own.reduce((sum, { status, amount }) => (status === 'void' ? sum : sum + amount), 0)).toBe(0);
    }
  }
}

type Act = { kind: number; app: number; amount: number; funder: 'harbour' | 'north'; day: number };

const actArbitrary: fc.Arbitrary<Act> = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  app: fc.integer({ min: 0, max: 3 }),
  amount: fc.integer({ min: 1, max: 9_999_999 }),
  funder: fc.constantFrom('harbour' as const, 'north' as const),
  day: fc.integer({ min: 1, max: 28 }),
});

/** The event of an act; partner, product and link go with the application, one of which nobody introduced. */
function eventOf({ kind, app, amount, funder, day }: Act, index: number): LogEvent | null {
  const application = `app_${String(app).padStart(32, '0')}`;
  const loan_id = `loan_${String(app).padStart(32, '0')}`;
  const at = `2026-0${1 + Math.floor(index / 8)}-${String(day).padStart(2, '0')}T04:00:00.000Z`;
  const partner = [null, 'acme', 'summit', 'acme'][app] ?? null;
  const context: Partial<EventContext> = {
    partner_id: partner,
    product_id: app === 3 ? 'flex' : 'quick-cash',
    link_code: app === 1 ? 'home' : null,
    funder_id: funder,
  };
  const make = (type: EventType, data: Record<string, unknown>) =>
    logEvent(partner ?? 'nobody', type, at, data, { application, context });
  const payment = { no: 1, principal: 0, interest: amount, fees: [], penalty: 0, payer: 'borrower' };
  switch (kind) {
    case 0:
      return make('credit.granted', { amount, funder_id: funder });
    case 1:
    case 2:
      return make('loan.disbursed', disbursed(amount, { loan_id, funder_id: funder }));
    case 3:
    case 4:
      return make('installment.paid', { loan_id, payment_ref: `P-${index}`, ...payment });
    case 5:
      return make('loan.cancelled', { loan_id, reason: 'cooling_off' });
    case 6:
      return make('application.fraud_confirmed', { kind: 'forged', evidence_ref: 'E' });
    case 7:
      return make('loan.schedule_updated', { loan_id, reason: 'correction', schedule: [], funder_id: funder });
    case 8:
      return make('credit.updated', { currency: 'CNY', reason: null, funder_id: funder });
    default:
      return null;
  }
}

describe('margin', () => {
  test('is to the cent what funders owe us less what partners are owed, line by line, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actArbitrary, { minLength: 1, maxLength: 24 }), async (acts) => {
        const desk = await openDesk();
        const lent = new Set<number>();
        for (const [index, act] of acts.entries()) {
          const event = eventOf(act, index);
          // A loan is paid out once.
          if (event?.type === 'loan.disbursed' && lent.has(act.app)) continue;
          if (event?.type === 'loan.disbursed') lent.add(act.app);
          // A payment on a loan that was never paid out waits, parked: nothing of it is booked.
          if (event !== null) await desk.happen(event).catch(() => undefined);
          else if (act.amount % 2 === 0) await desk.releaser.runDue(Date.parse('2026-02-01T00:00:00Z'));
          else {
            const wish = { amount: act.amount, reason: 'r', refersTo: null, reference: `A-${index}`, by: 'ann' };
            const party = act.app === 0 ? HARBOUR : 'acme';
            await adjust(desk.store, party, desk.contractsOf(party) ?? [], wish, desk.clock.nowMs());
          }
        }
        for (const month of ['2026-01', '2026-02', '2026-03', '2026-04']) {
          const rows = await marginRows(desk.store, desk.partners(), month, ['partner', 'product', 'lender', 'funder']);
          const total = rows.reduce((sum, row) => sum + marginOf(row), 0n);
          expect(total).toBe(await foldOf(desk, month));
          const coarse = await marginRows(desk.store, desk.partners(), month, []);
          expect(coarse.reduce((sum, row) => sum + marginOf(row), 0n)).toBe(total);
        }
        for (const party of desk.partners()) expect((await checkLedger(desk, party)).differences).toEqual([]);
        await expectOwedByOwnFunder(desk);
      }),
      { numRuns: 12 },
    );
  });

  test('keeps what is held apart until it is payable, and forgets what was given up while held', async () => {
    const desk = await openDesk();
    const act = { kind: 1, app: 1, amount: 1_000_000, funder: 'harbour', day: 10 } as const;
    const event = eventOf(act, 0);
    if (event === null) throw new Error('no event');
    await desk.happen(event);
    const [row] = await marginRows(desk.store, desk.partners(), '2026-01', ['partner']);
    expect(row).toMatchObject({
      business: { partner: 'acme' },
      receivable: { accruals: 0n, pending: 23_000n },
      commission: { accruals: 0n, pending: 15_000n },
    });
    await desk.releaser.runDue(Date.parse('2026-01-26T04:00:00Z'));
    const [released] = await marginRows(desk.store, desk.partners(), '2026-01', ['partner']);
    expect(released).toMatchObject({
      receivable: { accruals: 23_000n, pending: 0n },
      commission: { accruals: 15_000n },
    });
    expect((await desk.store.margin('acme', marginFieldsOf('2026-02'))).size).toBe(0);
  });
});

describe('the cost of an applicant', () => {
  test('is the net commission over those granted and those paid out, exact; direct ones cost nothing', async () => {
    const desk = await openDesk();
    const acts = [
      { kind: 0, app: 1, amount: 500_000, funder: 'harbour', day: 3 },
      { kind: 1, app: 1, amount: 500_000, funder: 'harbour', day: 4 },
      { kind: 0, app: 3, amount: 500_000, funder: 'harbour', day: 5 },
      { kind: 0, app: 0, amount: 500_000, funder: 'harbour', day: 5 },
      { kind: 1, app: 0, amount: 500_000, funder: 'north', day: 6 },
    ] as const;
    const events = acts.flatMap((act) => eventOf(act, 0) ?? []);
    await desk.happen(...events);
    for (const projection of desk.worker()) for (const event of events) await projection.apply(event);
    await desk.releaser.runDue(Date.parse('2026-02-01T00:00:00Z'));
    const rows = await costRows(desk.store, desk.funding, desk.partners(), '2026-01', ['partner']);
    expect(rows).toEqual([
      { business: { partner: null }, currency: null, commission: 0n, granted: 1n, disbursed: 1n },
      { business: { partner: 'acme' }, currency: 'CNY', commission: 2n * 3_001n + 7_500n, granted: 2n, disbursed: 1n },
    ]);
    const [direct, acme] = rows;
    if (direct === undefined || acme === undefined) throw new Error('rows are missing');
    expect(costPer(acme, acme.granted)).toEqual({ numerator: 13_502n, denominator: 2n, amount: '67.51' });
    expect(costPer(acme, 3n)?.amount).toBe('45.01');
    expect(costPer(acme, 0n)).toBeNull();
    expect(costPer(direct, direct.granted)).toEqual({ numerator: 0n, denominator: 1n, amount: '0' });
    const byLink = await costRows(desk.store, desk.funding, desk.partners(), '2026-01', ['partner', 'product', 'link']);
    expect(byLink.map(({ business, granted }) => [business.product, business.link, granted])).toEqual([
      ['quick-cash', null, 1n],
      ['flex', null, 1n],
      ['quick-cash', 'home', 1n],
    ]);
  });
});
