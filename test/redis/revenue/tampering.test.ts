import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bookPayment } from '../../../src/revenue/book-payment.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import type { SlotKey } from '../../../src/revenue/slot.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, linesOf, logEvent } from './desk.ts';

const TERMS = {
  payout: { days: 15, min: 1_000, invoice: 'none' },
  rules: [
    { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_001 } },
    { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
  ],
  clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
};

let redis: TestRedis;
let desk: Desk;
let partnerId: string;
let ledgers = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  desk = createDesk(redis, TERMS);
});
afterAll(() => redis.close());

/** A ledger with a locked January: two lines payable, one released, one voided; in February one late, one held. */
beforeEach(async () => {
  ledgers += 1;
  partnerId = `tampered-${ledgers}`;
  desk.clock.moveTo('2026-01-10T04:00:00.000Z');
  const book = (type: 'credit.granted' | 'loan.disbursed' | 'loan.cancelled', day: string, data: object = {}) =>
    desk.commission.apply(logEvent(partnerId, type, `2026-${day}T04:00:00.000Z`, { ...data }));
  await book('credit.granted', '01-05');
  await book('credit.granted', '01-06');
  await book('loan.disbursed', '01-07', disbursed(500_000));
  const cancelled = disbursed(600_000);
  await book('loan.disbursed', '01-08', cancelled);
  await book('loan.cancelled', '01-09', { loan_id: cancelled.loan_id, reason: 'cooling_off' });
  desk.clock.moveTo('2026-02-02T00:00:00.000Z');
  const request = { partnerId, contract: 'main', period: '2026-01-01', actor: 'ann' };
  await desk.closer.review(request);
  const outcome = await desk.closer.lock(request);
  if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  await book('credit.granted', '01-20');
  await book('loan.disbursed', '02-01', disbursed(700_000));
  expect(await found()).toEqual([]);
});

async function found(): Promise<string[]> {
  return (await checkLedger(desk, partnerId)).differences.map(({ what, where }) => `${what} ${where}`);
}

function key(name: SlotKey): string {
  return desk.store.slot(partnerId)[name];
}

/** Writes the chain again, as somebody with access to Redis could. */
async function rewrite(change: (entries: string[]) => string[]): Promise<void> {
  const entries = await redis.client.xrange(key('ledger'), '-', '+');
  await redis.client.del(key('ledger'));
  const changed = change(entries.map(([, [, json = '']]) => json));
  for (const [index, json] of changed.entries()) await redis.client.xadd(key('ledger'), `${index + 1}-0`, 'e', json);
}

/** Every field of a document changed, one at a time. */
function eachFieldChanged(document: object): { field: string; changed: object }[] {
  return Object.entries(document).map(([field, value]) => {
    const other = typeof value === 'number' ? value + 1 : typeof value === 'object' ? 'other' : `${value}x`;
    return { field, changed: { ...document, [field]: other } };
  });
}

describe('sluice ledger check finds', () => {
  test('one changed byte anywhere in any entry', async () => {
    const entries = await redis.client.xrange(key('ledger'), '-', '+');
    for (const [index, [, [, json = '']]] of entries.entries()) {
      for (const at of [...json.matchAll(/[0-9a-z]/g)].filter((_, n) => n % 29 === 0).map((match) => match.index)) {
        const other = json[at] === '1' ? '2' : /\d/.test(json[at] ?? '') ? '1' : json[at] === 'y' ? 'z' : 'y';
        const changed = json.slice(0, at) + other + json.slice(at + 1);
        await rewrite((all) => all.map((one, place) => (place === index ? changed : one)));
        expect(await found().catch(() => ['unreadable']), changed).not.toEqual([]);
      }
      await rewrite((all) => all.map((one, place) => (place === index ? json : one)));
    }
    expect(await found()).toEqual([]);
  });

  test('a dropped last entry', async () => {
    await rewrite((entries) => entries.slice(0, -1));
    expect(await found()).toEqual(expect.arrayContaining(['head book']));
  });

  test('an entry dropped from the middle', async () => {
    await rewrite((entries) => entries.toSpliced(2, 1));
    expect(await found()).toContain('chain entry 4');
  });

  test('two entries that changed places', async () => {
    await rewrite(([first = '', second = '', ...rest]) => [second, first, ...rest]);
    expect(await found()).toEqual(expect.arrayContaining(['chain entry 2', 'chain entry 1']));
  });

  test('any balance that was changed', async () => {
    for (const account of (await desk.store.balances(partnerId)).keys()) {
      await redis.client.hincrby(key('balances'), account, 1);
      expect(await found()).toEqual([`balance ${account}`]);
      await redis.client.hincrby(key('balances'), account, -1);
    }
  });

  test('any field of any line that was changed', async () => {
    for (const line of await linesOf(desk, partnerId)) {
      for (const { field, changed } of eachFieldChanged(line)) {
        await redis.client.hset(key('lines'), line.id, JSON.stringify(changed));
        expect(await found().catch(() => ['unreadable']), `${field} of ${line.status}`).not.toEqual([]);
      }
      await redis.client.hset(key('lines'), line.id, JSON.stringify(line));
    }
    expect(await found()).toEqual([]);
  });

  test('any field of a locked statement that was changed, and a statement that is gone', async () => {
    const [statement] = await desk.periods.statements(partnerId);
    if (statement === undefined) throw new Error('no statement');
    for (const { field, changed } of eachFieldChanged(statement)) {
      await redis.client.hset(key('statements'), statement.id, JSON.stringify(changed));
      expect(await found().catch(() => ['unreadable']), field).not.toEqual([]);
    }
    await redis.client.hdel(key('statements'), statement.id);
    expect(await found()).toEqual([`statement ${statement.id}`]);
  });

  test('a locked period that was opened again', async () => {
    const [january] = await desk.periods.records(partnerId);
    await redis.client.hset(key('periods'), 'main|2026-01-01', JSON.stringify({ ...january, state: 'review' }));
    expect(await found()).toEqual(['period main 2026-01-01']);
  });

  test('a transfer id that would let a second entry be booked', async () => {
    const [id = ''] = await redis.client.hkeys(key('lines'));
    await redis.client.hdel(key('transfers'), id);
    expect(await found()).toEqual([expect.stringMatching(/^transfer entry \d+$/)]);
  });

  test('a line that no entry booked, and one that is gone', async () => {
    const [line] = await linesOf(desk, partnerId);
    await redis.client.hset(key('lines'), 'com_forged', JSON.stringify({ ...line, id: 'com_forged' }));
    expect(await found()).toEqual(['line_unknown com_forged']);
    await redis.client.hdel(key('lines'), line?.id ?? '');
    expect(await found()).toEqual(expect.arrayContaining([`line_missing ${line?.id}`, 'line_unknown com_forged']));
  });

  test('any field of a payment that was changed, one that is gone, and one that nobody made', async () => {
    const versions = desk.contracts;
    const paidAtMs = desk.clock.nowMs();
    const payment = {
      id: 'pay_1',
      contract: 'main',
      amount: 500n,
      withheld: 20n,
      paidAtMs,
      reference: 'B-1',
      by: 'ann',
    };
    await bookPayment(desk.store, partnerId, versions, payment, paidAtMs);
    expect(await found()).toEqual([]);
    const [stored] = await desk.store.records<object>(partnerId, 'payments');
    for (const { field, changed } of eachFieldChanged(stored ?? {})) {
      await redis.client.hset(key('payments'), 'pay_1', JSON.stringify(changed));
      expect(await found().catch(() => ['unreadable']), field).not.toEqual([]);
    }
    await redis.client.del(key('payments'));
    expect(await found()).toEqual(['payment pay_1']);
    await redis.client.hset(key('payments'), 'pay_1', JSON.stringify(stored), 'pay_2', JSON.stringify(stored));
    expect(await found()).toEqual(['payment pay_2']);
  });

  test('a settlement of no locked statement, and a dispute whose adjustment was never booked', async () => {
    await redis.client.hset(
      key('settlements'),
      'stm_none',
      '{"statement_id":"stm_none","acceptance":null,"invoices":[]}',
    );
    const [statement] = await desk.periods.statements(partnerId);
    const resolution = { result: 'accepted', amount: 5, adjustment_id: 'com_none', reason: '', by: 'ann', at: '' };
    const dispute = { id: 'dsp_1', statement_id: statement?.id, lines: [{ no: 1, resolution }] };
    await redis.client.hset(key('disputes'), 'dsp_1', JSON.stringify(dispute));
    expect(await found()).toEqual(['settlement stm_none', 'dispute dsp_1']);
  });

  test('balances that were kept along the way and changed', async () => {
    await redis.client.hset(key('snapshots'), '0', JSON.stringify(['2', 'main/CNY/payable', '1']));
    expect(await found()).toEqual(expect.arrayContaining(['snapshot entry 2, main/CNY/payable']));
  });

  test('a line that no statement would list, and a held one that would never be released', async () => {
    const [late] = (await redis.client.zrange(key('linesByPeriod'), 0, -1)).slice(-1);
    await redis.client.zrem(key('linesByPeriod'), late ?? '');
    expect(await found()).toEqual(['index linesByPeriod']);
    await redis.client.del(key('holds'));
    expect(await found()).toEqual(['index linesByPeriod', 'index holds']);
  });
});
