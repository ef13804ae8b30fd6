import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { registerReadCost } from '../../../src/doors/operator/margin/read-cost.ts';
import { registerReadMargin } from '../../../src/doors/operator/margin/read-margin.ts';
import { registerClosePeriod } from '../../../src/doors/operator/periods/close-period.ts';
import { registerListPeriods } from '../../../src/doors/operator/periods/list-periods.ts';
import { FUNDER_SIDE } from '../../../src/doors/operator/revenue/ledger-side.ts';
import { registerFunderRevenue } from '../../../src/doors/operator/revenue/partner-revenue.ts';
import { registerPartnerStatementFiles } from '../../../src/doors/operator/revenue/partner-statement-files.ts';
import { registerPaymentBatch } from '../../../src/doors/operator/settlement/payment-batch.ts';
import { registerPayments } from '../../../src/doors/operator/settlement/payments.ts';
import { registerPostAdjustment } from '../../../src/doors/operator/settlement/post-adjustment.ts';
import { createDoor, type DoorDeps } from '../../../src/http/app.ts';
import type { Actor } from '../../../src/http/bearer.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { Perimeter } from '../../../src/http/perimeter.ts';
import { PeriodCloser } from '../../../src/revenue/close-period.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { shippedRegistry } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { terms } from '../../unit/revenue/fixtures.ts';
import { disbursed, logEvent } from './desk.ts';
import { createFundingDesk, type FundingDesk, funderTerms } from './funding-desk.ts';

let redis: TestRedis;
let desk: FundingDesk;
let call: Awaited<ReturnType<typeof openDoor>>;
const ORIGIN = 'http://127.0.0.1:8787';
const HARBOUR = 'funder:harbour';

const deps: DoorDeps = {
  env: 'sandbox',
  publicNames: toPublicNames([ORIGIN]),
  publicUrl: ORIGIN,
  logger: pino({ level: 'silent' }),
  metrics: createMetrics(),
  perimeter: new Perimeter(),
};

async function openDoor() {
  const registry = await shippedRegistry();
  const { store: ledger, periods, releaser, clock, contractsOf, partners } = desk;
  const sign = () => 'header.payload.signature';
  const blockersOf = async () => [];
  const closer = new PeriodCloser({
    store: ledger,
    periods,
    releaser,
    clock,
    mode: 'sandbox',
    contractsOf,
    sign,
    blockersOf,
  });
  const revenue = { ledger, periods, closer, contractsOf, clock, sign, partners, arePayoutsHeld: () => false };
  const audit = new AuditLog({ client: redis.client, keys: redis.keys, rootSecret: new Uint8Array(32) });
  const actor: Actor = { name: 'ann', role: 'finance' };
  const door = createDoor<Actor>({ name: 'operator', authenticate: () => ({ party: actor, label: actor.name }) }, deps);
  const all = { revenue, audit, logger: deps.logger, ...redis, registry: () => registry, publicUrl: ORIGIN };
  registerListPeriods(door, all, FUNDER_SIDE);
  registerClosePeriod(door, all, FUNDER_SIDE);
  registerFunderRevenue(door, all);
  registerPartnerStatementFiles(door, all, FUNDER_SIDE);
  registerPayments(door, all, FUNDER_SIDE);
  registerPaymentBatch(door, all, FUNDER_SIDE);
  registerPostAdjustment(door, all, FUNDER_SIDE);
  registerReadMargin(door, all);
  registerReadCost(door, all);
  return async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { host: '127.0.0.1:8787', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await door.fetch(new Request(`${ORIGIN}/admin/v1${path}`, { method, headers, ...init }));
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
}

beforeAll(async () => {
  redis = await startTestRedis();
  desk = createFundingDesk(redis, {
    acme: [terms({ rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } }] })],
    [HARBOUR]: [funderTerms('harbour', { payout: { days: 10, min: 0, invoice: 'required' } })],
  });
  call = await openDoor();
  await desk.happen(logEvent('acme', 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(1_000_000)));
});
afterAll(() => redis.close());

describe('a funder’s books at the operator door', () => {
  test('show receivables, close like a partner’s, and take what it pays as money that came in', async () => {
    const balance = { contract: 'funding', currency: 'CNY', pending: 0, receivable: 20_000, stated: 0, received: 0 };
    expect((await call('GET', '/funders/harbour/balance')).body).toEqual({ data: [balance], as_of: null });
    const lines = (await call('GET', '/funders/harbour/receivables')).body.data;
    expect(lines).toMatchObject([{ amount: { amount: 20_000 }, terms_id: 'harbour-2026', status: 'payable' }]);
    expect((await call('GET', '/funders/nobody/balance')).status).toBe(404);
    expect((await call('GET', '/funders/acme/balance')).status).toBe(404);

    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const period = '/funders/harbour/periods/2026-01-01';
    expect((await call('POST', `${period}/review`, {})).body).toMatchObject({ status: 'draft', payer: 'harbour' });
    const locked = await call('POST', `${period}/lock`, {});
    expect(locked.body).toMatchObject({ status: 'issued', accruals: 20_000, tax: 1_200, closing: 21_200 });
    const page = await call('GET', `/funders/harbour/statements/${locked.body.id}/print?lang=en`);
    expect(page.text).toContain('Harbour Bank');
    expect(page.text).toContain('Sluice Demo Marketplace Co., Ltd.');

    const paid = { direction: 'in', amount: 21_200, paid_at: '2026-02-01T04:00:00.000Z', reference: 'BANK-1' };
    const booked = await call('POST', '/funders/harbour/payments', paid);
    expect(booked).toMatchObject({ status: 201, body: { direction: 'in', amount: 21_200 } });
    expect((await call('POST', '/funders/harbour/payments', paid)).body).toEqual(booked.body);
    expect((await call('GET', '/funders/harbour/payments')).body.data).toEqual([booked.body]);
    const later = { ...paid, paid_at: '2027-01-01T00:00:00.000Z', reference: 'BANK-2' };
    const payments = [paid, { ...paid, amount: 1 }, later, { ...paid, direction: 'out' }];
    expect((await call('POST', '/funders/harbour/payments/batch', { payments })).body).toMatchObject({
      ...{ created: 0, exists: 1, rejected: 3 },
      results: [
        { index: 0, result: 'exists', payment: booked.body },
        { index: 1, result: 'rejected', code: 'transfer_exists', how: 'exists_with_different_amount' },
        { index: 2, result: 'rejected', code: 'validation_failed', detail: expect.stringMatching(/has not come yet/) },
        { index: 3, result: 'rejected', code: 'transfer_exists', how: 'exists_with_different_accounts' },
      ],
    });
    const before = await call('GET', '/funders/harbour/balance?at=2026-01-20T00:00:00Z');
    expect(before.body).toMatchObject({ data: [balance], as_of: { at: '2026-01-20T00:00:00Z', seq: 1 } });
    expect((await call('GET', '/funders/harbour/balance')).body.data).toEqual([
      { ...balance, receivable: 0, stated: 0, received: 21_200 },
    ]);
    expect((await call('GET', '/funders/harbour/statements')).body.data).toMatchObject([{ status: 'paid' }]);
    expect((await call('GET', '/funders/harbour/receivables')).body.data).toMatchObject([{ status: 'paid' }]);
  });

  test('margin and cost are read by what is asked for, also as files', async () => {
    const margin = await call('GET', '/margin?month=2026-01&by=partner,funder');
    expect(margin.body).toEqual({
      month: '2026-01',
      data: [
        {
          ...{ partner_id: 'acme', funder_id: 'harbour', currency: 'CNY' },
          receivable: { accruals: 20_000, adjustments: 0, pending: 0 },
          commission: { accruals: 15_000, adjustments: 0, pending: 0 },
          ...{ margin: 5_000, margin_pending: 0 },
        },
      ],
    });
    expect((await call('GET', '/margin?month=2026-01&by=partner,nothing')).status).toBe(422);
    expect((await call('GET', '/margin.csv?month=2026-01&by=partner')).text.split('\r\n')).toEqual([
      'partner_id,currency,receivable_accruals,receivable_adjustments,receivable_pending,commission_accruals,' +
        'commission_adjustments,commission_pending,margin,margin_pending',
      'acme,CNY,200.00,0.00,0.00,150.00,0.00,0.00,50.00,0.00',
      '',
    ]);
    const cost = await call('GET', '/cost?month=2026-01&by=partner');
    expect(cost.body.data).toEqual([
      {
        ...{ partner_id: 'acme', currency: 'CNY', commission: 15_000, granted: 0, disbursed: 1 },
        per_granted: null,
        per_disbursed: { numerator: 15_000, denominator: 1, amount: '150.00' },
      },
    ]);
    expect((await call('GET', '/cost.csv?month=2026-01&by=partner')).text).toContain('acme,CNY,150.00,0,1,,150.00');
  });

  test('an adjustment of what it owes lies in its next period and in the margin', async () => {
    const wish = { amount: -500, reason: 'Rebate agreed', reference: 'ADJ-1' };
    expect((await call('POST', '/funders/harbour/adjustments', wish)).body).toMatchObject({ kind: 'manual' });
    const rows = (await call('GET', '/margin?month=2026-02&by=partner')).body.data;
    expect(rows).toMatchObject([{ partner_id: null, receivable: { adjustments: -500 }, margin: -500 }]);
  });
});
