import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLenderPushProjection } from '../../../src/applications/push/lender-push-projection.ts';
import type { OutboxWorker } from '../../../src/applications/push/outbox-worker.ts';
import type { CoreLookup } from '../../../src/applications/push/send-delivery.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from '../../support/fake-core.ts';
import { logEvent } from '../../support/log-event.ts';
import { type Journal, OutboxBench, signingKey, until } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const accepted: CoreAnswer = { status: 202, body: { result: 'accepted', lender_ref: 'L-1' } };

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

async function core(
  answer: (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer>,
): Promise<FakeCore> {
  const fake = await startFakeCore(answer);
  bench.onClose(() => fake.close());
  return fake;
}

const at = (fake: FakeCore): CoreLookup => ({ url: fake.url, signingKey });
const keysOf = (fake: FakeCore): string[] => fake.received.map((push) => push.key);
const journal = (): Journal => ({ lines: [], failures: [] });

const eventTypes = async (applicationId: string): Promise<string[]> => {
  const entries = await redis.client.xrange(redis.keys.shard(shardOfId(applicationId), 'log'), '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as LogEvent);
  return events.filter((event) => event.subject === applicationId).map((event) => event.type);
};

describe('an accepted application', () => {
  test('reaches the core once, signed, under its delivery id, and becomes submitted with the lender’s reference', async () => {
    const fake = await core(() => accepted);
    const { application, delivery } = await bench.received();
    await bench.worker(at(fake)).drain();
    expect(fake.received).toHaveLength(1);
    expect(fake.received[0]).toMatchObject({ path: '/core/applications', key: delivery.id });
    expect(fake.received[0]?.headers['signature-input']).toMatch(/"content-digest"\).*tag="sluice"/);
    expect(fake.received[0]?.body).toMatchObject({ delivery_id: delivery.id, applicant: { phone: '13800138000' } });
    expect((await bench.store.load(application.id))?.application).toMatchObject({
      status: 'submitted',
      lender_ref: 'L-1',
    });
    expect(await bench.store.findReference('quickcredit', 'L-1')).toBe(application.id);
    expect(await eventTypes(application.id)).toEqual(['application.submitted']);
  });

  test('is queued once, however often it is queued', async () => {
    const fake = await core(() => accepted);
    const { delivery } = await bench.received();
    await bench.outbox.enqueue(delivery, 'quickcredit', Date.now());
    expect(await bench.pending()).toBe(1);
    await bench.worker(at(fake)).drain();
    expect(fake.received).toHaveLength(1);
  });

  test('is sent within moments of the event in the log', async () => {
    const fake = await core(() => accepted);
    const sender = bench.worker(at(fake));
    sender.start();
    // Long enough for the worker to fall back to its idle rhythm.
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    const startedMs = Date.now();
    const { application } = await bench.received();
    const projection = createLenderPushProjection((shard) => sender.kick(shard));
    await projection.apply(logEvent('application.received', application.id, '1-0'));
    await until(async () => (await bench.statusOf(application.id)) === 'submitted');
    expect(Date.now() - startedMs).toBeLessThan(400);
  });

  test('that the core rejects is declined with the core’s reason', async () => {
    const fake = await core(() => ({ status: 200, body: { result: 'rejected', reason: 'policy' } }));
    const { application } = await bench.received();
    await bench.worker(at(fake)).drain();
    expect((await bench.store.load(application.id))?.application).toMatchObject({
      status: 'credit_declined',
      reason: 'policy',
    });
  });
});

describe('a core in trouble', () => {
  test('a 500 is followed a second later by the same delivery id, signed anew, also by a key that has changed', async () => {
    const fake = await core((_push, count) => (count === 1 ? { status: 500 } : accepted));
    const { application, delivery } = await bench.received();
    const told = journal();
    let key = signingKey;
    bench.worker(() => ({ url: fake.url, signingKey: key }), { journal: told }).start();
    await until(() => fake.received.length === 1);
    key = deriveOurKey('the key after it').signingKey;
    await until(async () => (await bench.statusOf(application.id)) === 'submitted');
    expect(keysOf(fake)).toEqual([delivery.id, delivery.id]);
    expect((fake.received[1]?.atMs ?? 0) - (fake.received[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
    expect(told.lines).toEqual(['http_500 1000', 'accepted']);
    const inputs = fake.received.map(({ headers }) => String(headers['signature-input']));
    const fresh = inputs.map((input) => /created=(\d+);expires=(\d+);nonce="([^"]+)";keyid="([^"]+)"/.exec(input));
    const [first, second] = fresh;
    expect(Number(second?.[1])).toBeGreaterThan(Number(first?.[1]));
    expect(Number(second?.[2])).toBeGreaterThan(Number(first?.[2]));
    expect([second?.[3] === first?.[3], second?.[4] === first?.[4]]).toEqual([false, false]);
  });

  test.each([408, 409, 425, 429, 503])(
    '%i is tried again under the same id; Retry-After is waited for',
    async (status) => {
      const fake = await core((_push, count) =>
        count === 1 ? { status, headers: { 'retry-after': '90' } } : accepted,
      );
      const { delivery } = await bench.received();
      const told = journal();
      const sender = bench.worker(at(fake), { journal: told });
      await sender.drain();
      expect(told.lines).toEqual([`http_${status} 90000`]);
      await bench.hasten('quickcredit');
      await sender.drain();
      expect(keysOf(fake)).toEqual([delivery.id, delivery.id]);
    },
  );

  test('no answer at all counts as a failure and is tried again with the same id', async () => {
    const fake = await core((_push, count) => (count === 1 ? 'hang' : accepted));
    const { delivery } = await bench.received();
    const told = journal();
    const sender = bench.worker(at(fake), { journal: told, timeoutMs: 200 });
    await sender.drain();
    await bench.hasten('quickcredit');
    await sender.drain();
    expect(keysOf(fake)).toEqual([delivery.id, delivery.id]);
    expect(told.lines).toEqual(['timeout 1000', 'accepted']);
  });

  test('a core that nobody listens for is retried, not given up', async () => {
    const { application } = await bench.received();
    const told = journal();
    let url = 'http://127.0.0.1:9';
    const sender = bench.worker(() => ({ url, signingKey }), { journal: told });
    await sender.drain();
    expect(told.lines[0]).toMatch(/ 1000$/);
    const fake = await core(() => accepted);
    url = fake.url;
    await bench.hasten('quickcredit');
    await sender.drain();
    expect(await bench.statusOf(application.id)).toBe('submitted');
  });

  test('after five failures in a row nothing more is fetched for it', async () => {
    const fake = await core(() => ({ status: 503 }));
    const applications = await bench.receive(40);
    const sender = bench.worker(at(fake));
    await sender.drain();
    expect(fake.received.length).toBeLessThan(20);
    expect(await sender.countFresh()).toBe(0);
    for (const { id, lender_id: lenderId } of applications) await bench.outbox.removeAll(id, lenderId);
  });
});

describe('a delivery that cannot succeed', () => {
  test('is given up at once on a 4xx, stays visible with what happened, and can be taken up again', async () => {
    let status = 422;
    const fake = await core(() => (status === 202 ? accepted : { status }));
    const { application, delivery } = await bench.received();
    const sender = bench.worker(at(fake));
    await sender.drain();
    const { deliveries } = await bench.dead.list({ limit: 10 });
    expect(deliveries).toMatchObject([
      { delivery, lenderId: 'quickcredit', error: 'http_422', status: 422, attempts: 1, at: expect.any(String) },
    ]);
    await bench.outbox.enqueue(delivery, 'quickcredit', Date.now());
    await sender.drain();
    expect(fake.received).toHaveLength(1);
    expect(await bench.statusOf(application.id)).toBe('received');
    status = 202;
    const [dead] = deliveries;
    expect(dead && (await bench.dead.revive(dead, Date.now()))).toBe(true);
    await sender.drain();
    expect(keysOf(fake)).toEqual([delivery.id, delivery.id]);
    expect(await bench.statusOf(application.id)).toBe('submitted');
    expect(await bench.overview.count()).toEqual({ pending: 0, dead: 0 });
  });

  test('is given up when its personal data has been erased', async () => {
    const fake = await core(() => accepted);
    const { application, delivery } = await bench.received();
    await redis.client.del(redis.keys.shard(shardOfId(application.id), 'sealed', application.id));
    const told = journal();
    await bench.worker(at(fake), { journal: told }).drain();
    expect(told.lines).toEqual(['dead record_erased']);
    expect(fake.received).toHaveLength(0);
    await bench.dead.drop({ delivery, lenderId: 'quickcredit' }, Date.now());
    expect(await bench.overview.count()).toEqual({ pending: 0, dead: 0 });
  });
});

describe('several workers', () => {
  test('send each delivery once', async () => {
    const fake = await core(() => ({ status: 202, body: { result: 'accepted' } }));
    await bench.receive(200);
    const clients = await Promise.all([connectRedis({ url: redis.url }), connectRedis({ url: redis.url })]);
    bench.onClose(async () => {
      for (const client of clients) client.disconnect();
    });
    const workers: OutboxWorker[] = clients.map((client) => bench.worker(at(fake), { client }));
    for (const sender of workers) sender.start();
    await until(async () => (await bench.pending()) === 0);
    expect(keysOf(fake)).toHaveLength(200);
    expect(new Set(keysOf(fake)).size).toBe(200);
  });

  test('a worker lost between answer and commit is followed by another: same id, applied once', async () => {
    const doomed = await connectRedis({ url: redis.url });
    const fake = await core((_push, count) => {
      if (count > 1) return { status: 200, body: { result: 'duplicate', lender_ref: 'L-9' } };
      doomed.disconnect();
      return { status: 202, body: { result: 'accepted', lender_ref: 'L-9' } };
    });
    const { application, delivery } = await bench.received();
    const told = journal();
    await bench
      .worker(at(fake), { client: doomed, timeoutMs: 300, journal: told })
      .drain()
      .catch(() => undefined);
    expect(told.failures.length).toBeGreaterThan(0);
    expect(await bench.statusOf(application.id)).toBe('received');
    await bench.hasten('quickcredit');
    await bench.worker(at(fake)).drain();
    expect(keysOf(fake)).toEqual([delivery.id, delivery.id]);
    expect(await eventTypes(application.id)).toEqual(['application.submitted']);
  });
});
