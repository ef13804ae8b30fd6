import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLentProjection, createSnapshotCutter } from '../../../src/applications/receivables/snapshot-cutter.ts';
import { SnapshotStore } from '../../../src/applications/receivables/snapshot-store.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { TestClock } from '../../support/intake.ts';
import { logEvent } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

test('every month is counted once, in order, also months that passed while nobody looked; over is over', async () => {
  const clock = new TestClock('2026-02-20T04:00:00.000Z');
  const snapshots = new SnapshotStore(redis.client, redis.keys);
  const store = new ApplicationStore(redis.client, redis.keys, clock);
  const lent = createLentProjection(snapshots);
  const paidOut = { status: 'active', disbursed_at: '2026-02-10T04:00:00.000Z', funder_id: 'harbour' } as const;
  const instalment = { no: 1, due_on: '2026-03-10', principal: 500_000, interest: 0, fees: [], paid_at: null };
  const schedule = [{ ...instalment, paid: { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 } }];
  const settled = { ...paidOut, status: 'settled', settled_at: '2026-03-05T04:00:00.000Z' } as const;
  for (const [reference, change] of [
    ['runs', paidOut],
    ['settles', settled],
  ] as const) {
    const application = sampleApplication(reference);
    await store.create({ ...application, loans: [sampleLoan(application.id, 'L', { ...change, schedule })] }, [], []);
    await lent.apply(logEvent('loan.disbursed', application.id, '1-0'));
  }
  const cutter = createSnapshotCutter({ snapshots, store, timeZoneOf: () => 'Asia/Shanghai', clock });
  expect(new Date((await cutter.nextDue()) ?? 0).toISOString()).toBe('2026-03-02T12:00:00.000Z');
  expect(await cutter.runDue(clock.nowMs())).toBe(0);

  expect(await cutter.runDue(Date.parse('2026-05-02T12:00:00.000Z'))).toBe(3);
  const [february, march, april] = await Promise.all(['2026-02', '2026-03', '2026-04'].map((m) => snapshots.read(m)));
  expect(february?.rows).toMatchObject([{ bucket: 'M0', loans: 2, outstanding: 1_000_000, partner_id: 'acme' }]);
  expect(march?.rows).toMatchObject([{ bucket: 'M1', loans: 1, outstanding: 500_000, overdue: 500_000 }]);
  expect(april?.rows).toMatchObject([{ bucket: 'M2', loans: 1 }]);

  expect(await snapshots.keep({ month: '2026-03', cut_at: '2027-01-01T00:00:00.000Z', rows: [] })).toBe(false);
  expect((await snapshots.read('2026-03'))?.rows).toEqual(march?.rows);
  expect(await cutter.runDue(Date.parse('2026-05-02T12:00:00.000Z'))).toBe(0);
});
