import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LenderEventsDoor, openLenderEventsDoor } from '../../support/lender-events-door.ts';
import { OutboxBench } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLender } from '../../support/sample-lender.ts';

let redis: TestRedis;
let bench: OutboxBench;
let door: LenderEventsDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  bench = new OutboxBench(redis);
  const lenders = [sampleLender(), sampleLender({ id: 'puller', core: { pull: true }, products: [] })];
  door = await openLenderEventsDoor(redis, lenders, { pulled: bench.pulled() });
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

describe('GET /lender/v1/deliveries', () => {
  test('hands a lender that fetches its deliveries page by page, until they are answered', async () => {
    for (let number = 0; number < 5; number += 1) await bench.received({ lender_id: 'puller' });
    const found: { id: string; body: Record<string, unknown> }[] = [];
    let cursor: unknown = '';
    while (cursor !== null) {
      const { status, body } = await door.ask('puller', `/deliveries?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      expect(status).toBe(200);
      found.push(...(body.data as typeof found));
      cursor = body.next_cursor;
    }
    expect(found).toHaveLength(5);
    expect(found[0]).toMatchObject({ kind: 'application', path: '/applications', queued_at: expect.any(String) });
    expect(found[0]?.body).toMatchObject({ delivery_id: found[0]?.id, applicant: { phone: '13800138000' } });
    const answer = { result: 'accepted', lender_ref: 'P-9' };
    for (const [index, { id }] of found.entries()) {
      const own = { ...answer, lender_ref: `P-${index}` };
      const recorded = { status: 200, body: { id, result: 'recorded' } };
      expect(await door.ask('puller', `/deliveries/${id}/answer`, own)).toEqual(recorded);
      expect((await door.ask('puller', `/deliveries/${id}/answer`, own)).body).toEqual({ id, result: 'duplicate' });
    }
    expect((await door.ask('puller', '/deliveries')).body).toEqual({ data: [], next_cursor: null });
  });

  test('tells what comes first, and refuses what it cannot read', async () => {
    const { application, delivery } = await bench.received({ lender_id: 'puller' });
    const later = await bench.message(application, 'supplement', 's');
    const early = await door.ask('puller', `/deliveries/${later.id}/answer`, { result: 'accepted' });
    expect(early).toMatchObject({ status: 409, body: { code: 'delivery_out_of_order' } });
    expect(String(early.body.detail)).toContain(delivery.id);
    for (const body of [{}, { result: 'perhaps' }, { result: 'rejected', retry_at: 'soon' }]) {
      expect((await door.ask('puller', `/deliveries/${delivery.id}/answer`, body)).status).toBe(422);
    }
    expect((await door.ask('puller', '/deliveries?cursor=WyI5OSIsIjEiXQ')).status).toBe(422);
    const unknown = `dlv_${'0'.repeat(32)}`;
    expect((await door.ask('puller', `/deliveries/${unknown}/answer`, { result: 'accepted' })).status).toBe(404);
  });

  test('is not for a lender whose deliveries are posted to its core', async () => {
    const refused = { status: 409, body: { code: 'deliveries_are_pushed' } };
    expect(await door.ask('quickcredit', '/deliveries')).toMatchObject(refused);
    const id = `dlv_${'0'.repeat(32)}`;
    expect(await door.ask('quickcredit', `/deliveries/${id}/answer`, { result: 'accepted' })).toMatchObject(refused);
  });
});
