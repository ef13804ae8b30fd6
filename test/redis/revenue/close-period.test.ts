import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookPayment } from '../../../src/revenue/book-payment.ts';
import { checkIdentities } from '../../../src/revenue/check-identities.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import type { CloseOutcome } from '../../../src/revenue/close-outcome.ts';
import { closePeriods } from '../../../src/revenue/closings.ts';
import { statementLineOf } from '../../../src/revenue/commission-line.ts';
import { sumLines } from '../../../src/revenue/line-sums.ts';
import type { Statement } from '../../../src/revenue/statement.ts';
import type { StatementLine } from '../../../src/revenue/statement-line.ts';
import { renderStatementLinesCsv } from '../../../src/revenue/statement-lines-csv.ts';
import { verifyStatement } from '../../../src/revenue/verify-statement.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const TERMS = {
  payout: { days: 15, min: 1_000, invoice: 'none' },
  rules: [
    { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_001 } },
    { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
  ],
  clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
};
const JANUARY = '2026-01-01';
const FEBRUARY = '2026-02-01';

function request(partnerId: string, period: string, actor = 'ann') {
  return { partnerId, contract: 'main', period, actor };
}

async function granted(desk: Desk, partnerId: string, at: string): Promise<void> {
  desk.partners.add(partnerId);
  await desk.commission.apply(logEvent(partnerId, 'credit.granted', at));
}

function statementOf(outcome: CloseOutcome): Statement {
  if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.statement;
}

async function close(desk: Desk, partnerId: string, period: string): Promise<Statement> {
  statementOf(await desk.closer.review(request(partnerId, period)));
  return statementOf(await desk.closer.lock(request(partnerId, period)));
}

async function linesOn(desk: Desk, partnerId: string, period: string): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for await (const line of desk.store.linesOfPeriod(partnerId, 'main', period)) lines.push(statementLineOf(line));
  return lines;
}

describe('closing of periods', () => {
  test('both identities hold at lock, and closing is the ledger balance to the minor unit', async () => {
    const desk = createDesk(redis, { ...TERMS, withhold: { rate: '0.013' } });
    for (const day of ['05', '06', '07']) await granted(desk, 'sums', `2026-01-${day}T04:00:00.000Z`);
    for (const day of ['08', '20']) {
      const at = `2026-01-${day}T04:00:00.000Z`;
      await desk.commission.apply(logEvent('sums', 'loan.disbursed', at, disbursed(333_333)));
    }
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const statement = await close(desk, 'sums', JANUARY);
    const lines = sumLines(await linesOn(desk, 'sums', JANUARY));
    const balances = await desk.store.balances('sums');
    expect(checkIdentities(statement, { lines, ledgerBalanceMinor: balances.get('main/CNY/stated') ?? 0n })).toEqual(
      [],
    );
    expect(statement).toMatchObject({
      status: 'issued',
      opening: 0,
      accruals: 3 * 3_001 + 5_000,
      tax: 840,
      withheld: 182,
      closing: 14_003 + 840 - 182,
      pending: { opening: 0, added: 10_000, released: 5_000, voided: 0, closing: 5_000 },
      lines_count: 4,
    });
    expect((await checkLedger(desk, 'sums')).differences).toEqual([]);
    desk.clock.moveTo('2026-03-02T00:00:00.000Z');
    const paid = { id: 'pay_1', contract: 'main', amount: 14_000n, withheld: 0n, reference: 'wire 1', by: 'ann' };
    const paidAtMs = Date.parse('2026-02-20T00:00:00.000Z');
    const book = (over: object = {}) =>
      bookPayment(desk.store, 'sums', desk.contracts, { ...paid, paidAtMs, ...over }, desk.clock.nowMs());
    expect(await book()).toBe('created');
    expect(await book()).toBe('exists');
    expect(await book({ amount: 14_001n })).toBe('exists_with_different_amount');
    const february = await close(desk, 'sums', FEBRUARY);
    expect(february).toMatchObject({
      opening: 14_661,
      payments: 14_000,
      accruals: 5_000,
      closing: 661 + 5_000 + 300 - 65,
      pending: { opening: 5_000, added: 0, released: 5_000, voided: 0, closing: 0 },
    });
    expect((await checkLedger(desk, 'sums')).differences).toEqual([]);
  });

  test('a payment made between the end of a period and its lock counts in the next one', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'between', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-10T00:00:00.000Z');
    const paidAtMs = Date.parse('2026-02-05T00:00:00.000Z');
    const payment = { id: 'pay_2', contract: 'main', amount: 500n, withheld: 0n, paidAtMs, reference: 'w', by: 'ann' };
    await bookPayment(desk.store, 'between', desk.contracts, payment, desk.clock.nowMs());
    expect(await close(desk, 'between', JANUARY)).toMatchObject({ payments: 0, closing: 3_181 });
  });

  test('a line that comes after the cut goes to the next open period and names the one it belongs to', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'late', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const draft = statementOf(await desk.closer.review(request('late', JANUARY)));
    await granted(desk, 'late', '2026-01-06T04:00:00.000Z');
    const locked = statementOf(await desk.closer.lock(request('late', JANUARY)));
    expect(locked.lines_sha256).toBe(draft.lines_sha256);
    expect(await linesOf(desk, 'late')).toMatchObject([
      { period: JANUARY, original_period: null },
      { period: FEBRUARY, original_period: JANUARY },
    ]);
    desk.clock.moveTo('2026-03-02T00:00:00.000Z');
    expect(await close(desk, 'late', FEBRUARY)).toMatchObject({ accruals: 3_001, opening: 3_181, closing: 6_362 });
    expect((await checkLedger(desk, 'late')).differences).toEqual([]);
  });

  test('a refresh takes late lines back into the draft, with the money that was held and the counters', async () => {
    const tiers = [{ up_to: 1, fixed: 100 }, { fixed: 200 }];
    const desk = createDesk(redis, {
      ...TERMS,
      rules: [
        { id: 'n', on: 'credit.granted', pay: { tiers, measure: 'count', over: 'period', mode: 'whole' } },
        { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
      ],
    });
    await granted(desk, 'fresh', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    expect(statementOf(await desk.closer.review(request('fresh', JANUARY)))).toMatchObject({
      revision: 1,
      accruals: 100,
    });
    await granted(desk, 'fresh', '2026-01-06T04:00:00.000Z');
    const recordedAt = '2026-01-12T04:00:00.000Z';
    const held = logEvent('fresh', 'loan.disbursed', '2026-01-10T04:00:00.000Z', disbursed(100_000), { recordedAt });
    await desk.commission.apply(held);
    const refreshed = statementOf(await desk.closer.refresh(request('fresh', JANUARY)));
    // Two lines of 100 at the lower tier, 200 of true-up to the upper one, 1 500 released.
    expect(refreshed).toMatchObject({ revision: 2, status: 'draft', accruals: 400 + 1_500, lines_count: 4 });
    expect(refreshed.pending).toMatchObject({ added: 1_500, released: 1_500, closing: 0 });
    const lines = await linesOf(desk, 'fresh');
    expect(lines.every(({ period, original_period }) => period === JANUARY && original_period === null)).toBe(true);
    expect(statementOf(await desk.closer.lock(request('fresh', JANUARY)))).toMatchObject({ revision: 2 });
    expect((await checkLedger(desk, 'fresh')).differences).toEqual([]);
  });

  test('periods close one after the other, never twice, and an empty one is locked in passing', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'order', '2026-01-05T04:00:00.000Z');
    await granted(desk, 'order', '2026-03-05T04:00:00.000Z');
    desk.clock.moveTo('2026-04-02T00:00:00.000Z');
    const { closer } = desk;
    const march = request('order', '2026-03-01');
    expect(await closer.review(march)).toMatchObject({ code: 'period_out_of_order' });
    expect(await closer.lock(request('order', JANUARY))).toMatchObject({ code: 'period_out_of_order' });
    await close(desk, 'order', JANUARY);
    expect(await closer.review(request('order', JANUARY))).toMatchObject({ code: 'period_locked' });
    expect(await closer.lock(request('order', JANUARY))).toMatchObject({ code: 'period_locked' });
    expect(await closer.refresh(request('order', JANUARY))).toMatchObject({ code: 'period_locked' });
    expect(statementOf(await closer.review(march))).toMatchObject({ opening: 3_181, status: 'draft' });
    expect(await closer.review(request('order', FEBRUARY))).toMatchObject({ code: 'period_locked' });
    expect(await closer.review(request('order', '2026-01-02'))).toMatchObject({ code: 'unknown_period' });
    expect(await closer.review(request('order', '2025-11-01'))).toMatchObject({ code: 'unknown_period' });
    expect(await closer.review({ ...march, contract: 'other' })).toMatchObject({ code: 'unknown_contract' });
  });

  test('a period is not reviewed before it is over, and a blocker is passed only by a reason', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'wait', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-01-31T15:59:59.999Z');
    const waive = [{ code: 'period_not_over', reason: 'hurry' }];
    expect(await desk.closer.review({ ...request('wait', JANUARY), waive })).toMatchObject({
      result: 'blocked',
      blockers: [{ code: 'period_not_over' }],
    });
    desk.clock.moveTo('2026-01-31T16:00:00.000Z');
    desk.blockers.push({ code: 'events_parked', count: 2, detail: 'two events wait' });
    expect(await desk.closer.review(request('wait', JANUARY))).toMatchObject({ result: 'blocked' });
    const reasons = [{ code: 'events_parked', reason: 'disputed, next month' }];
    statementOf(await desk.closer.review({ ...request('wait', JANUARY), waive: reasons }));
    const records = await desk.periods.records('wait');
    expect(records).toMatchObject([{ waived: [{ code: 'events_parked', reason: 'disputed, next month', by: 'ann' }] }]);
  });

  test('in live mode another operator locks than the one who reviewed', async () => {
    const desk = createDesk(redis, TERMS, 'live');
    await granted(desk, 'eyes', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    statementOf(await desk.closer.review(request('eyes', JANUARY, 'ann')));
    expect(await desk.closer.lock(request('eyes', JANUARY, 'ann'))).toMatchObject({ code: 'four_eyes_required' });
    expect(statementOf(await desk.closer.lock(request('eyes', JANUARY, 'bob'))).status).toBe('issued');
  });

  test('a statement below the smallest payout, or negative, is carried to the next', async () => {
    const desk = createDesk(redis, { ...TERMS, payout: { days: 15, min: 5_000, invoice: 'none' } });
    await granted(desk, 'small', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    expect(await close(desk, 'small', JANUARY)).toMatchObject({ status: 'carried', closing: 3_181 });
    await granted(desk, 'small', '2026-02-05T04:00:00.000Z');
    desk.clock.moveTo('2026-03-02T00:00:00.000Z');
    expect(await close(desk, 'small', FEBRUARY)).toMatchObject({ status: 'issued', opening: 3_181, closing: 6_362 });
  });

  test('nothing that happens later changes a byte of a locked statement or its lines', async () => {
    const desk = createDesk(redis, TERMS);
    const loan = disbursed(500_000);
    const application = 'app_0000000000000000000000000000beef';
    const at = '2026-01-05T04:00:00.000Z';
    desk.partners.add('bytes');
    await desk.commission.apply(logEvent('bytes', 'loan.disbursed', at, loan, { application }));
    await granted(desk, 'bytes', '2026-01-06T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const statement = await close(desk, 'bytes', JANUARY);
    const csv = renderStatementLinesCsv(await linesOn(desk, 'bytes', JANUARY));
    const cancelled = { loan_id: loan.loan_id, reason: 'payout_returned' };
    await desk.commission.apply(
      logEvent('bytes', 'loan.cancelled', '2026-02-03T04:00:00.000Z', cancelled, { application }),
    );
    await granted(desk, 'bytes', '2026-01-07T04:00:00.000Z');
    desk.clock.moveTo('2026-03-02T00:00:00.000Z');
    const february = await close(desk, 'bytes', FEBRUARY);
    expect(february).toMatchObject({ adjustments: -7_500, accruals: 3_001 });
    expect(JSON.stringify(await desk.periods.statement('bytes', statement.id))).toBe(JSON.stringify(statement));
    expect(renderStatementLinesCsv(await linesOn(desk, 'bytes', JANUARY))).toBe(csv);
  });

  test('an issued statement verifies offline; one digit changed or two lines swapped does not', async () => {
    const desk = createDesk(redis, TERMS);
    for (const day of ['05', '06', '07']) await granted(desk, 'verify', `2026-01-${day}T04:00:00.000Z`);
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const statement = await close(desk, 'verify', JANUARY);
    const csv = renderStatementLinesCsv(await linesOn(desk, 'verify', JANUARY));
    const failed = (linesCsv: string, over: object = {}) =>
      verifyStatement({ statement: { ...statement, ...over }, linesCsv, jwks: desk.jwks })
        .filter(({ ok }) => !ok)
        .map(({ check }) => check);
    expect(failed(csv)).toEqual([]);
    expect(failed(csv.replace('30.01', '30.02'))).toContain('lines_sha256');
    const [header, first, second, ...rest] = csv.split('\r\n');
    const swapped = [header, second, first, ...rest].join('\r\n');
    expect(failed(swapped)).toEqual(expect.arrayContaining(['lines_sha256', 'lines_order']));
    expect(failed(csv, { closing: statement.closing + 1 })).toEqual(
      expect.arrayContaining(['payload', 'closing_identity']),
    );
  });

  test('two operators who lock at once issue one statement', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'twice', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const other = createDesk(redis, TERMS);
    other.clock.moveTo('2026-02-02T00:00:00.000Z');
    await Promise.all([desk, other].map(({ closer }) => closer.review(request('twice', JANUARY))));
    const outcomes = await Promise.all([desk, other].map(({ closer }) => closer.lock(request('twice', JANUARY))));
    expect(outcomes.map(({ result }) => result).sort()).toEqual(['done', 'refused']);
    expect((await checkLedger(desk, 'twice')).differences).toEqual([]);
  });

  test('lines go on being booked while a period is cut, drafted and locked', async () => {
    const desk = createDesk(redis, TERMS);
    await granted(desk, 'busy', '2026-01-05T04:00:00.000Z');
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const worker = desk.worker();
    const traffic = Array.from({ length: 200 }, (_, index) =>
      worker.apply(
        logEvent('busy', 'credit.granted', index % 2 ? '2026-01-09T04:00:00.000Z' : '2026-02-01T04:00:00.000Z'),
      ),
    );
    const [statement] = await Promise.all([close(desk, 'busy', JANUARY), ...traffic]);
    const lines = await linesOf(desk, 'busy');
    expect(lines).toHaveLength(201);
    expect(lines.filter(({ period }) => period === JANUARY)).toHaveLength(statement.lines_count);
    expect((await checkLedger(desk, 'busy')).differences).toEqual([]);
  });

  test('closings close every period that has ended, of every partner, in order', async () => {
    const desk = createDesk(redis, TERMS);
    for (const partnerId of ['all-a', 'all-b']) {
      await granted(desk, partnerId, '2026-01-05T04:00:00.000Z');
      await granted(desk, partnerId, '2026-02-05T04:00:00.000Z');
      await granted(desk, partnerId, '2026-03-05T04:00:00.000Z');
    }
    desk.clock.moveTo('2026-03-10T00:00:00.000Z');
    const deps = { ...desk, partners: () => desk.partners };
    const results = await closePeriods(deps, { to: '2026-02-28', actor: 'ann' });
    expect(results.map(({ partner_id, period, result }) => `${partner_id} ${period} ${result}`)).toEqual([
      'all-a 2026-01-01 locked',
      'all-a 2026-02-01 locked',
      'all-b 2026-01-01 locked',
      'all-b 2026-02-01 locked',
    ]);
    expect(await closePeriods(deps, { to: '2026-02-28', actor: 'ann' })).toEqual([]);
    // A period that had something in it, and has no longer: a refresh took it back into the one before.
    const april = { contract: 'main', id: '2026-04-01', state: 'open' };
    await redis.client.hset(redis.keys.partner('all-a', 'periods'), 'main|2026-04-01', JSON.stringify(april));
    desk.clock.moveTo('2026-05-02T00:00:00.000Z');
    const later = await closePeriods(deps, { to: '2026-04-30', actor: 'ann' });
    expect(later.map(({ partner_id, period }) => `${partner_id} ${period}`)).toEqual([
      'all-a 2026-03-01',
      'all-b 2026-03-01',
    ]);
    expect(await closePeriods(deps, { to: '2026-01-31', cycle: 'daily', actor: 'ann' })).toEqual([]);
  });
});

describe('ledger check', () => {
  async function soundDesk(partnerId: string): Promise<Desk> {
    const desk = createDesk(redis, TERMS);
    for (const day of ['05', '06']) await granted(desk, partnerId, `2026-01-${day}T04:00:00.000Z`);
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    await close(desk, partnerId, JANUARY);
    expect((await checkLedger(desk, partnerId)).differences).toEqual([]);
    return desk;
  }

  test('finds a balance that was changed by one minor unit', async () => {
    const desk = await soundDesk('t-balance');
    await redis.client.hincrby(redis.keys.partner('t-balance', 'balances'), 'main/CNY/stated', 1);
    const { differences } = await checkLedger(desk, 't-balance');
    expect(differences).toMatchObject([{ what: 'balance', where: 'main/CNY/stated' }]);
  });

  test('finds an entry that was changed', async () => {
    const desk = await soundDesk('t-entry');
    const key = redis.keys.partner('t-entry', 'ledger');
    const entries = await redis.client.xrange(key, '-', '+');
    await redis.client.del(key);
    for (const [id, [, json = '']] of entries) {
      await redis.client.xadd(key, id, 'e', id === '1-0' ? json.replace('"3001"', '"3002"') : json);
    }
    const { differences } = await checkLedger(desk, 't-entry');
    expect(differences).toContainEqual({ what: 'chain', where: 'entry 1', detail: 'hash_mismatch' });
  });

  test('finds a line that was changed, one that is gone, and one that nothing booked', async () => {
    const desk = await soundDesk('t-line');
    const key = redis.keys.partner('t-line', 'lines');
    const [first, second] = await linesOf(desk, 't-line');
    await redis.client.hset(key, first?.id ?? '', JSON.stringify({ ...first, amount: 3_002 }));
    await redis.client.hdel(key, second?.id ?? '');
    await redis.client.hset(key, 'com_x', JSON.stringify({ ...second, id: 'com_x' }));
    const { differences } = await checkLedger(desk, 't-line');
    expect(differences.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['line', 'line_missing', 'line_unknown', 'statement']),
    );
  });
});
