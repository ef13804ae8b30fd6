import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PulledDelivery, PullPlace } from '../../../src/applications/push/pulled-deliveries.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { OutboxBench } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const LENDER = 'puller';
const OWN = { lender_id: LENDER };
const ACCEPTED = { result: 'accepted', lender_ref: 'P-1' } as const;

let redis: TestRedis;
let bench: OutboxBench;

beforeAll(async () => {
  redis = await startTestRedis();
  bench = new OutboxBench(redis);
});
afterAll(() => redis.close());
afterEach(async () => {
  await bench.closeAll();
  expect(await bench.pending()).toBe(0);
});

/** One pass over the feed. */
async function fetchAll(limit = 50): Promise<PulledDelivery[]> {
  const pulled = bench.pulled();
  const found: PulledDelivery[] = [];
  let after: PullPlace | null = null;
  do {
    const page = await pulled.list(LENDER, after, limit);
    expect(page.deliveries.length).toBeLessThanOrEqual(limit);
    found.push(...page.deliveries);
    after = page.next;
  } while (after !== null);
  return found;
}

describe('the feed of a lender that fetches', () => {
  test('shows what would have been posted, whole, and opens personal data for nobody else', async () => {
    const { application, delivery } = await bench.received(OWN);
    const other = await bench.received();
    bench.opened.length = 0;
    const [shown, ...rest] = await fetchAll();
    expect(rest).toEqual([]);
    expect(shown).toMatchObject({ id: delivery.id, kind: 'application', path: '/applications' });
    expect(shown?.body).toMatchObject({ delivery_id: delivery.id, applicant: { phone: '13800138000' } });
    expect(Math.abs(Date.now() - (shown?.queuedMs ?? 0))).toBeLessThan(10_000);
    expect(bench.opened).toEqual([`${LENDER} ${application.id}`]);
    expect(await bench.pulled().answer(LENDER, other.delivery.id, ACCEPTED)).toEqual({ kind: 'unknown' });
    expect(await bench.pulled().answer(LENDER, delivery.id, ACCEPTED)).toEqual({ kind: 'recorded' });
    expect((await bench.store.load(application.id))?.application).toMatchObject({
      status: 'submitted',
      lender_ref: 'P-1',
    });
    await bench.outbox.removeAll(other.application.id, 'quickcredit');
  });

  test('is never posted', async () => {
    const { application } = await bench.received(OWN);
    const sender = bench.worker('pull', { isPulled: true });
    await sender.drain();
    expect(await sender.countFresh()).toBe(0);
    expect(await sender.sendNow(await bench.message(application, 'card', 'c'), 50)).toEqual({ kind: 'pending' });
    const question = { lenderId: LENDER, productId: 'quick-cash', path: '/quotes', body: {}, timeoutMs: 100 };
    expect(await sender.ask(question)).toEqual({ kind: 'unavailable', cause: 'pull' });
    await bench.outbox.removeAll(application.id, LENDER);
  });

  test('leaves nothing out, shows nothing twice in a pass, and keeps the order of every application', async () => {
    const applications = await bench.receive(40, OWN);
    for (const application of applications) {
      await bench.message(application, 'supplement', '1');
      await bench.message(application, 'supplement', '2');
    }
    const shown = await fetchAll(7);
    expect(shown).toHaveLength(120);
    expect(new Set(shown.map(({ id }) => id)).size).toBe(120);
    for (const { id } of applications) {
      const own = shown.filter(({ applicationId }) => applicationId === id);
      expect(own.map(({ kind, body }) => (body as { label?: string }).label ?? kind)).toEqual([
        'application',
        '1',
        '2',
      ]);
    }
    for (const { id } of shown) expect(await bench.pulled().answer(LENDER, id, ACCEPTED)).toEqual({ kind: 'recorded' });
    expect(await fetchAll()).toEqual([]);
  });

  test('shows what is unanswered again, and takes answers in the order of an application, each once', async () => {
    const { application, delivery } = await bench.received(OWN);
    const later = await bench.message(application, 'supplement', 's');
    const pulled = bench.pulled();
    expect((await fetchAll()).map(({ id }) => id)).toEqual([delivery.id, later.id]);
    expect(await pulled.answer(LENDER, later.id, ACCEPTED)).toEqual({ kind: 'out_of_order', firstId: delivery.id });
    expect(await pulled.answer(LENDER, delivery.id, ACCEPTED)).toEqual({ kind: 'recorded' });
    expect(await pulled.answer(LENDER, delivery.id, ACCEPTED)).toEqual({ kind: 'duplicate' });
    const [again] = await fetchAll();
    expect(again).toMatchObject({ id: later.id, body: { label: 's', lender_ref: 'P-1' } });
    expect(await pulled.answer('quickcredit', later.id, ACCEPTED)).toEqual({ kind: 'unknown' });
    expect(await pulled.answer(LENDER, later.id, ACCEPTED)).toEqual({ kind: 'recorded' });
  });

  test('does not show what was cancelled before it was shown; what was shown before stays, with its cancellation', async () => {
    const unseen = await bench.received(OWN);
    await bench.message(unseen.application, 'cancellation', 'c', { status: 'cancelled' });
    expect(await fetchAll()).toEqual([]);
    const seen = await bench.received(OWN);
    await fetchAll();
    await bench.message(seen.application, 'cancellation', 'c', { status: 'cancelled' });
    const shown = await fetchAll();
    expect(shown.map(({ kind }) => kind)).toEqual(['application', 'cancellation']);
    for (const { id } of shown) await bench.pulled().answer(LENDER, id, ACCEPTED);
  });

  test('does not show what an operator holds, and gives up what cannot be read any more', async () => {
    const held = await bench.received(OWN);
    expect((await bench.pulled('held').list(LENDER, null, 50)).deliveries).toEqual([]);
    const { client, keys } = redis;
    await client.del(keys.shard(shardOfId(held.application.id), 'sealed', held.application.id));
    expect(await fetchAll()).toEqual([]);
    const dead = await bench.dead.find(held.delivery.id);
    expect(dead).toMatchObject({ lenderId: LENDER, error: 'record_erased', attempts: 0 });
    if (dead) await bench.dead.drop(dead, Date.now());
  });
});
