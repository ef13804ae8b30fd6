import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventContext, EventType } from '../../../src/events/event.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { terms } from '../../unit/revenue/fixtures.ts';
import { disbursed, logEvent } from './desk.ts';
import { createFundingDesk, entriesIn, type FundingDesk, funderTerms, linesIn, owedIn } from './funding-desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
});

const PARTNER = 'acme';
const [HARBOUR, NORTH] = ['funder:harbour', 'funder:north'];
const AT = '2026-01-10T04:00:00.000Z';
const APP = `app_${'a'.repeat(32)}`;
const LOAN = `loan_${'1'.repeat(32)}`;

const GRANT_FEE = { id: 'grant', on: 'credit.granted', pay: { fixed: 500 } };

function openDesk(over: Partial<Record<string, ReturnType<typeof terms>[]>> = {}): FundingDesk {
  return createFundingDesk(redis, {
    [PARTNER]: [terms({ rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } }] })],
    [HARBOUR]: [funderTerms('harbour')],
    [NORTH]: [funderTerms('north')],
    ...over,
  } as Record<string, ReturnType<typeof terms>[]>);
}

/** An event of one application; `partner` null = nobody introduced it. */
function of(type: EventType, data: Record<string, unknown> = {}, context: Partial<EventContext> = {}, at = AT) {
  return logEvent(PARTNER, type, at, data, { application: APP, context: { pins: { main: 'acme-2026' }, ...context } });
}

const lent = (funder: string, over: Record<string, unknown> = {}) =>
  disbursed(1_000_000, { loan_id: LOAN, funder_id: funder, ...over });

function paid(ref: string, interest: number, loan = LOAN) {
  const amounts = { no: 1, principal: 80_000, interest, fees: [], penalty: 0 };
  return of('installment.paid', { loan_id: loan, payment_ref: ref, ...amounts, payer: 'borrower' });
}

async function expectSound(desk: FundingDesk): Promise<void> {
  for (const party of desk.partners()) expect((await checkLedger(desk, party)).differences).toEqual([]);
}

describe('what a funder owes us', () => {
  test('is booked from the same event as the commission, each exactly once, however often the event is applied', async () => {
    const desk = openDesk();
    const events = [of('loan.disbursed', lent('harbour')), paid('P-1', 9_000)];
    await desk.happen(...events);
    for (const projection of desk.worker()) for (const event of events) await projection.apply(event);
    expect(await owedIn(desk, PARTNER)).toBe(15_000);
    expect(await owedIn(desk, HARBOUR)).toBe(20_000 + 900);
    expect(await linesIn(desk, NORTH)).toEqual([]);
    const placed = (await linesIn(desk, HARBOUR)).find(({ rule }) => rule === 'placed');
    expect(placed).toMatchObject({
      ...{ contract: 'funding', terms_id: 'harbour-2026', amount: 20_000 },
      ...{ partner_id: PARTNER, product_id: 'quick-cash', lender_id: 'quickcredit', funder_id: 'harbour' },
    });
    await expectSound(desk);
  });

  test('is booked once when the process dies between the ledger and its own note of it', async () => {
    const desk = openDesk();
    const event = of('loan.disbursed', lent('harbour'));
    await desk.happen(event);
    await redis.client.del(redis.keys.shard(0, 'funded'));
    for (const projection of desk.worker()) await projection.apply(event);
    expect(await linesIn(desk, HARBOUR)).toHaveLength(1);
    expect(await entriesIn(desk, HARBOUR)).toHaveLength(1);
  });

  test('is owed for applicants whom nobody introduced, and they cost nothing', async () => {
    const desk = openDesk();
    const direct = { partner_id: null, owner_id: null, via: null, pins: {} };
    await desk.happen(of('loan.disbursed', lent('harbour'), direct));
    expect(await linesIn(desk, PARTNER)).toEqual([]);
    expect(await linesIn(desk, HARBOUR)).toMatchObject([{ amount: 20_000, partner_id: null }]);
  });

  test('is taken back, held and told to nobody, as its own terms say', async () => {
    const rules = [{ id: 'placed', on: 'loan.disbursed', pay: { percent: '2', of: 'principal' }, hold_days: 15 }];
    const desk = openDesk({ [HARBOUR]: [funderTerms('harbour', { rules })] });
    await desk.happen(of('loan.disbursed', lent('harbour')));
    expect(await linesIn(desk, HARBOUR)).toMatchObject([{ status: 'pending' }]);
    await desk.happen(of('loan.cancelled', { loan_id: LOAN, reason: 'cooling_off' }));
    expect(await linesIn(desk, HARBOUR)).toMatchObject([{ status: 'void' }]);
    expect(await redis.client.exists(redis.keys.partner(HARBOUR, 'feed'))).toBe(0);
    expect(await redis.client.exists(redis.keys.partner(PARTNER, 'feed'))).toBe(1);
    await expectSound(desk);
  });

  test('is priced by its version in force at acceptance, whatever is pinned for the partner', async () => {
    const newer = funderTerms('harbour', {
      id: 'harbour-feb',
      from: '2026-02-01',
      rules: [{ id: 'placed', on: 'loan.disbursed', pay: { percent: '9', of: 'principal' } }],
    });
    const desk = openDesk({
      [HARBOUR]: [funderTerms('harbour', { contract: 'main' }), { ...newer, contract: 'main' }],
    });
    await desk.happen(of('loan.disbursed', lent('harbour'), {}, '2026-02-10T04:00:00.000Z'));
    expect(await linesIn(desk, HARBOUR)).toMatchObject([{ terms_id: 'harbour-2026', amount: 20_000 }]);
  });

  test('waits, parked, while the funder’s file is missing', async () => {
    const desk = openDesk();
    const [, funding] = desk.worker();
    await expect(funding?.apply(of('loan.disbursed', lent('gone')))).rejects.toThrow(/funder gone is not loaded/);
  });
});

describe('the funder that is actually used', () => {
  test('is the one of the payout: what its predecessor earned us with the credit moves there', async () => {
    const rules = [GRANT_FEE, { id: 'placed', on: 'loan.disbursed', pay: { percent: '2', of: 'principal' } }];
    const desk = openDesk({
      [HARBOUR]: [funderTerms('harbour', { rules })],
      [NORTH]: [funderTerms('north', { rules: rules.map((rule) => ({ ...rule })) })],
    });
    const events = [
      of('credit.granted', { amount: 1_000_000, funder_id: 'harbour' }),
      of('loan.disbursed', lent('north'), { funder_id: 'north' }),
    ];
    await desk.happen(...events);
    for (const projection of desk.worker()) for (const event of events) await projection.apply(event);
    expect(await owedIn(desk, HARBOUR)).toBe(0);
    expect((await linesIn(desk, HARBOUR)).map(({ kind, amount }) => [kind, amount])).toEqual(
      expect.arrayContaining([
        ['accrual', 500],
        ['clawback', -500],
      ]),
    );
    expect(await owedIn(desk, NORTH)).toBe(500 + 20_000);
    await expectSound(desk);
  });

  test('may change with the credit until a loan is paid out, and later on for later loans alone', async () => {
    const desk = openDesk();
    const second = `loan_${'2'.repeat(32)}`;
    await desk.happen(
      of('credit.granted', { amount: 1_000_000, funder_id: 'harbour' }),
      of('loan.disbursed', lent('harbour')),
      of('credit.updated', { funder_id: 'north', currency: 'CNY', reason: null }),
      of('loan.disbursed', lent('north', { loan_id: second, ordinal: 2 }), { funder_id: 'north' }),
      { ...paid('P-1', 9_000), context: { ...of('loan.cured').context, funder_id: 'north' } as EventContext },
      paid('P-1', 3_000, second),
    );
    expect(await owedIn(desk, HARBOUR)).toBe(20_000 + 900);
    expect(await owedIn(desk, NORTH)).toBe(20_000 + 300);
  });

  test('is put right by a corrected schedule: everything of the loan is reversed there and booked here, and back again', async () => {
    const desk = openDesk();
    const corrected = (funder: string) =>
      of('loan.schedule_updated', { loan_id: LOAN, reason: 'correction', schedule: [], funder_id: funder });
    const first = [
      of('credit.granted', { amount: 1_000_000, funder_id: 'harbour' }),
      of('loan.disbursed', lent('harbour')),
      paid('P-1', 9_000),
      corrected('north'),
      paid('P-2', 8_000),
    ];
    await desk.happen(...first);
    expect(await owedIn(desk, HARBOUR)).toBe(0);
    expect(await owedIn(desk, NORTH)).toBe(20_000 + 900 + 800);
    const back = corrected('harbour');
    await desk.happen(back, paid('P-3', 7_000));
    for (const projection of desk.worker()) for (const event of [...first, back]) await projection.apply(event);
    expect(await owedIn(desk, NORTH)).toBe(0);
    expect(await owedIn(desk, HARBOUR)).toBe(20_000 + 900 + 800 + 700);
    expect(await owedIn(desk, PARTNER)).toBe(15_000);
    await expectSound(desk);
  });

  test('is not alone: what is taken back on a whole application is taken back from everybody who lent on it', async () => {
    const clawback = [{ on: 'application.fraud_confirmed', take: { percent: '100' } }];
    const desk = openDesk({
      [HARBOUR]: [funderTerms('harbour', { clawback })],
      [NORTH]: [funderTerms('north', { clawback })],
    });
    const second = `loan_${'2'.repeat(32)}`;
    await desk.happen(
      of('credit.granted', { amount: 1_000_000, funder_id: 'harbour' }),
      of('loan.disbursed', lent('harbour')),
      of('loan.disbursed', lent('north', { loan_id: second, ordinal: 2 }), { funder_id: 'north' }),
      of('application.fraud_confirmed', { kind: 'forged', evidence_ref: 'E-1' }, { funder_id: 'north' }),
    );
    expect(await owedIn(desk, HARBOUR)).toBe(0);
    expect(await owedIn(desk, NORTH)).toBe(0);
  });
});
