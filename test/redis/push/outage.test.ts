import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toDueScore } from '../../../src/applications/push/due-score.ts';
import { LenderHealth } from '../../../src/applications/push/lender-health.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from '../../support/fake-core.ts';
import { OutboxBench, signingKey, until } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ACCEPTED: CoreAnswer = { status: 200, body: { result: 'accepted' } };
const LENDER = 'quickcredit';
/** Deliveries that have come together meanwhile. */
const WAITING = 300;

let redis: TestRedis;
let bench: OutboxBench;
/** Real time of the workers, ahead of the machine's. */
const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs };

beforeAll(async () => {
  redis = await startTestRedis();
  bench = new OutboxBench(redis);
});
afterAll(() => redis.close());
afterEach(async () => {
  await bench.closeAll();
  expect(await bench.pending()).toBe(0);
  clock.aheadMs = 0;
});

interface MeteredCore extends FakeCore {
  /** Most requests at the same time, of those since the last reading. */
  peak(): number;
}

/** A core that takes its time, and counts how many it has at once. */
async function meteredCore(
  answer: (push: ReceivedPush, count: number) => CoreAnswer,
  tookMs = 4,
): Promise<MeteredCore> {
  let underWay = 0;
  let most = 0;
  const fake = await startFakeCore(async (push, count) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    underWay -= 1;
    return answer(push, count);
  });
  bench.onClose(() => fake.close());
  return Object.assign(fake, {
    peak(): number {
      const found = most;
      most = underWay;
      return found;
    },
  });
}

const at = (fake: FakeCore) => ({ url: fake.url, signingKey });

/** All that waits for a lender has failed for hours: each is to be tried again within the next half hour. */
async function backOff(lenderId: string): Promise<void> {
  const { client, keys } = redis;
  for (const shard of ALL_SHARDS) {
    const key = keys.shard(shard, 'outbox', lenderId);
    for (const id of await client.zrange(key, 0, -1)) {
      const dueMs = clock.nowMs() + 10 * MINUTE_MS + Math.floor(Math.random() * 20 * MINUTE_MS);
      await client.zadd(key, toDueScore({ dueMs, attempts: 12 }), id);
    }
    await client.zadd(keys.shard(shard, 'lanes'), '+inf', lenderId);
  }
}

describe('a core that was down for hours', () => {
  test('gets all that has waited, once, what came first first, one at a time to begin with', async () => {
    let isDown = true;
    const fake = await meteredCore(() => (isDown ? { status: 503 } : ACCEPTED));
    const applications: string[] = [];
    for (let number = 0; number < WAITING; number += 1) applications.push((await bench.received()).application.id);
    const health = new LenderHealth(redis.client, redis.keys, { index: 1, count: 1 });
    const sender = bench.worker(at(fake), { realClock: clock, health });
    await sender.drain();
    expect(fake.received.length).toBeLessThan(20);
    expect(sender.breakers().get(LENDER)).toBe('open');
    expect((await health.read(LENDER)).breaker).toBe('open');
    await backOff(LENDER);
    fake.received.length = 0;
    sender.start();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(fake.received).toEqual([]);
    // The core is back; somebody new applies once the breaker lets one through.
    isDown = false;
    clock.aheadMs += 6 * SECOND_MS;
    await bench.received();
    fake.peak();
    await until(() => fake.received.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const atFirst = fake.received.length;
    expect(fake.peak()).toBe(1);
    expect(atFirst).toBeGreaterThan(1);
    expect(sender.breakers().get(LENDER)).toBe('closed');
    await until(async () => (await bench.pending()) === 0, 30_000);
    const peak = fake.peak();
    expect(peak).toBeGreaterThan(1);
    expect(peak).toBeLessThanOrEqual(8);
    const order = fake.received.map(({ body }) => String(body.application_id)).slice(1);
    expect([...order].sort()).toEqual([...applications].sort());
    // What is in hand at the same time may change places; nothing is left behind.
    const places = order.map((id, index) => Math.abs(applications.indexOf(id) - index));
    expect(Math.max(...places)).toBeLessThan(64);
    expect((await health.read(LENDER)).lastSuccess).not.toBeNull();
  });

  test('is tried with one delivery while it stays down; the others are not touched', async () => {
    const fake = await meteredCore(() => ({ status: 503 }), 0);
    const applications = await bench.receive(40);
    const sender = bench.worker(at(fake), { realClock: clock });
    await sender.drain();
    const before = fake.received.length;
    for (let round = 1; round <= 3; round += 1) {
      clock.aheadMs += 7 * SECOND_MS;
      await sender.drain();
      expect(fake.received.length).toBe(before + round);
    }
    for (const { id } of applications) await bench.outbox.removeAll(id, LENDER);
  });
});

describe('a lender’s limit', () => {
  test('is kept by all processes together', async () => {
    const fake = await meteredCore(() => ACCEPTED, 8);
    await bench.receive(60);
    const workers = [1, 2].map((index) => bench.worker(at(fake), { maxConcurrent: 5, share: { index, count: 2 } }));
    for (const worker of workers) worker.start();
    await until(async () => (await bench.pending()) === 0);
    expect(fake.peak()).toBe(5);
  });

  test('of one leaves one process at work, and the others hand over', async () => {
    const fake = await meteredCore(() => ACCEPTED, 2);
    await bench.receive(10);
    const [first, second] = [1, 2].map((index) =>
      bench.worker(at(fake), { maxConcurrent: 1, share: { index, count: 2 } }),
    );
    await second?.drain();
    expect(fake.received).toHaveLength(0);
    await first?.drain();
    expect(fake.received).toHaveLength(10);
    expect(fake.peak()).toBe(1);
  });
});

describe('a lender whose core hangs', () => {
  test('takes nothing from the others: theirs go out as if it were not there', async () => {
    const hanging = await startFakeCore(() => 'hang');
    bench.onClose(() => hanging.close());
    const fake = await meteredCore(() => ACCEPTED);
    const stuck = await bench.receive(300, { lender_id: 'stuck' });
    const sender = bench.worker((lenderId) => (lenderId === 'stuck' ? at(hanging) : at(fake)), { timeoutMs: 1_200 });
    sender.start();
    await until(() => hanging.received.length === 8);
    const startedMs = performance.now();
    const well = await bench.receive(40);
    for (const shard of ALL_SHARDS) sender.kick(shard);
    await until(() => fake.received.length === well.length, 1_100);
    expect(performance.now() - startedMs).toBeLessThan(1_100);
    expect(hanging.received).toHaveLength(8);
    const outboxes = await bench.overview.byLender();
    expect(outboxes.get('stuck')?.waiting).toBe(300);
    await until(async () => (await bench.overview.byLender()).get(LENDER)?.waiting === 0);
    await sender.stop();
    for (const { id } of stuck) await bench.outbox.removeAll(id, 'stuck');
  });

  test('is not asked while its breaker is open, by pushes or questions; questions open it too', async () => {
    const fake = await meteredCore(() => ({ status: 500 }), 0);
    const sender = bench.worker(at(fake), { realClock: clock });
    const question = { lenderId: LENDER, productId: 'quick-cash', path: '/quotes', body: {}, timeoutMs: 500 };
    for (let number = 0; number < 5; number += 1) {
      expect(await sender.ask(question)).toEqual({ kind: 'unavailable', cause: 'http_500' });
    }
    expect(await sender.ask(question)).toEqual({ kind: 'unavailable', cause: 'circuit_open' });
    const { application } = await bench.received();
    await sender.drain();
    expect(fake.received).toHaveLength(5);
    await bench.outbox.removeAll(application.id, LENDER);
  });
});
