import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../src/base/clock.ts';
import type { StateLine } from '../../../src/sandbox/core/read-states.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { SANDBOX_LENDER, type SandboxRig, startSandboxRig } from '../../support/sandbox-lender.ts';

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

/** Ids in the order in which they came first. */
function firstSeen(): string[] {
  return [...new Set(rig.door.events.map((event) => event.id))];
}

describe('the sandbox lender reports', () => {
  test('until it is answered, under the same ids and in order, whatever the gateway does', async () => {
    await rig.apply('A', '13800130000');
    rig.door.failures.push(503, 'cut', 500, 'cut', 429);
    await rig.advance(10 * SECOND_MS);
    await rig.draw('A');
    rig.door.failures.push('cut', 503);
    await rig.advance(100 * DAY_MS);
    expect(firstSeen().map((id) => id.split(':').at(-1))).toEqual([
      'application.verifying',
      'credit.granted',
      'loan.paying_out',
      'loan.disbursed',
      'installment.paid',
      'installment.paid',
      'installment.paid',
      'loan.settled',
    ]);
    const bodies = new Map<string, string>();
    for (const event of rig.door.events) {
      const text = JSON.stringify(event);
      expect(bodies.get(event.id) ?? text).toBe(text);
      bodies.set(event.id, text);
    }
    expect(await rig.state('A')).toMatchObject({ unsent: 0, refused: [] });
  });

  test('on after its process died between a request and the answer', async () => {
    await rig.apply('A', '13800130001');
    const nowMs = await rig.clock.advance(10 * SECOND_MS);
    rig.door.failures.push('cut', ...Array.from({ length: 20 }, () => 503));
    const died = rig.sandbox.due.runDue(nowMs).catch(() => 'died');
    while (rig.door.events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await rig.sandbox.stop();
    expect(await died).toBe('died');
    rig.door.failures.length = 0;
    const restarted = await rig.another();
    await restarted.due.runDue(nowMs);
    await restarted.stop();
    expect(rig.types()).toEqual([...rig.types().slice(0, 2), ...rig.types().slice(0, 2)]);
    expect(firstSeen()).toHaveLength(2);
  });

  test('the rest of a request that the gateway cannot read, and keeps what it refused', async () => {
    for (const name of ['A', 'B', 'C', 'D']) await rig.apply(name, '13800130003');
    // The whole, then its halves, until one event is left.
    rig.door.failures.push(422, 422, 422, 422);
    await rig.advance(10 * SECOND_MS);
    expect(rig.rejected).toHaveLength(1);
    expect(rig.rejected[0]).toMatch(/http_422$/);
    const states = await Promise.all(['A', 'B', 'C', 'D'].map((name) => rig.state(name)));
    expect(states.flatMap((state) => state.refused)).toHaveLength(1);
    expect(rig.types()).toHaveLength(7);
  });

  test('to a gateway that holds an event as to one that applies it', async () => {
    rig.door.judge = () => ({ result: 'held' });
    await rig.apply('A', '13800130001');
    await rig.advance(10 * SECOND_MS);
    expect(await rig.state('A')).toMatchObject({ status: 'credit_declined', unsent: 0, refused: [] });
    expect(rig.types()).toHaveLength(2);
  });

  test('one story when it is told something while it reports: the debit and the repayment never both pay', async () => {
    await rig.apply('A', '13800130000');
    await rig.advance(10 * SECOND_MS);
    await rig.draw('A');
    await rig.advance(10 * SECOND_MS);
    const loan_id = rig.loanId('A');
    const due = (await rig.state('A')).loans[0]?.schedule[0]?.due_on ?? '';
    await rig.mover.advanceTo(Date.parse(`${due}T01:59:59.500Z`));
    const { body } = await rig.tell('/quotes', 'A', { loan_id, installments: [1] });
    const repayment = { loan_id, repayment_id: 'rep_1', installments: [1], amount: body.amount };
    const [told] = await Promise.all([rig.tell('/repayments', 'A', repayment), rig.advance(HOUR_MS)]);
    const paid = rig.door.events.filter((event) => event.type === 'installment.paid');
    expect(paid).toHaveLength(1);
    expect(['accepted', 'rejected']).toContain(told.body.result);
    await rig.advance(SECOND_MS);
    expect((await rig.state('A')).loans[0]?.paid.count).toBe(1);
  });
});

describe('what the sandbox lender believes', () => {
  test('is read page by page, everybody once, and nobody by name', async () => {
    await Promise.all(Array.from({ length: 25 }, (_, index) => rig.apply(`P-${index}`, '13800130000')));
    await rig.advance(10 * SECOND_MS);
    const seen: StateLine[] = [];
    let after: string | null = '';
    while (after !== null) {
      const url: string = `${rig.sandbox.coreUrl(SANDBOX_LENDER)}/state?limit=10&after=${after}`;
      const response = await fetch(url);
      expect(response.headers.get('content-type')).toContain('application/x-ndjson');
      const text = await response.text();
      expect(text).not.toContain('1380013');
      const lines = text.split('\n').filter((line) => line !== '');
      seen.push(...lines.map((line) => JSON.parse(line) as StateLine));
      after = response.headers.get('next-after');
    }
    expect(new Set(seen.map((line) => line.application_id)).size).toBe(25);
    expect(seen).toHaveLength(25);
    for (const line of seen) expect(line).toMatchObject({ status: 'credit_granted', unsent: 0 });
  });
});

describe('daily totals of the sandbox lender', () => {
  test('are sent for every day that ended, add up, and carry on what is outstanding', async () => {
    rig.door.totalsStatus = 200;
    await rig.apply('A', '13800130000');
    await rig.advance(10 * SECOND_MS);
    await rig.draw('A');
    await rig.advance(40 * DAY_MS);
    const days = rig.door.totals.map(({ day }) => day);
    expect(days.length).toBeGreaterThanOrEqual(39);
    expect(days).toEqual(days.toSorted());
    expect(new Set(days).size).toBe(days.length);
    const products = rig.door.totals.map(({ body }) => (body.products as Record<string, unknown>[])[0]);
    const first = products[0];
    const last = products.at(-1);
    expect(rig.door.totals[0]?.body).toMatchObject({ timezone: 'Asia/Shanghai' });
    expect(first).toMatchObject({
      product_id: 'quick-cash',
      applications: 1,
      granted: { count: 1, amount: { amount: 500_000, currency: 'CNY' } },
      disbursed: { count: 1, principal: { amount: 500_000 } },
      outstanding: { count: 1, principal: { amount: 500_000 } },
    });
    const paid = products
      .map((product) => product?.paid as { count: number; principal: { amount: number } })
      .filter(({ count }) => count === 1);
    expect(paid).toHaveLength(1);
    const principal = paid[0]?.principal.amount ?? 0;
    expect(last).toMatchObject({
      applications: 0,
      outstanding: { count: 1, principal: { amount: 500_000 - principal } },
    });
  });

  test('wait for a gateway whose clock is behind: nothing is given up, no day is left out', async () => {
    rig.door.totalsStatus = 200;
    rig.door.isToCome = () => true;
    await rig.apply('A', '13800130001');
    await rig.advance(5 * DAY_MS);
    expect(rig.door.totals).toEqual([]);
    rig.door.isToCome = () => false;
    await rig.advance(DAY_MS);
    const days = rig.door.totals.map(({ day }) => day);
    expect(days.length).toBeGreaterThanOrEqual(5);
    expect(new Set(days).size).toBe(days.length);
    expect(rig.rejected).toEqual([]);
  });

  test('are given up quietly where the gateway has no such route', async () => {
    await rig.apply('A', '13800130001');
    await rig.advance(5 * DAY_MS);
    expect(rig.door.totals).toEqual([]);
    expect(rig.rejected).toEqual([]);
    expect(await rig.sandbox.due.nextDue()).toBeNull();
  });
});
