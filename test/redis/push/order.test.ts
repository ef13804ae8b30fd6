import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { shardOfId } from '../../../src/base/ids.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from '../../support/fake-core.ts';
import { OutboxBench, signingKey, until } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ACCEPTED: CoreAnswer = { status: 200, body: { result: 'accepted' } };
const LENDER = 'quickcredit';

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
  answer: (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer> = () => ACCEPTED,
): Promise<FakeCore> {
  const fake = await startFakeCore(answer);
  bench.onClose(() => fake.close());
  return fake;
}

const at = (fake: FakeCore) => ({ url: fake.url, signingKey });
const pathsOf = ({ received }: FakeCore): string[] => received.map(({ path }) => path.replace('/core', ''));
const labelsOf = ({ received }: FakeCore): unknown[] => received.map(({ path, body }) => body.label ?? path);

/** Takes over what two processes hold: nothing of an application may be on its way twice, or before what came first. */
function watchOrder() {
  const underWay = new Map<unknown, string>();
  const overtaken: string[] = [];
  return {
    overtaken,
    async answer({ key, body }: ReceivedPush): Promise<void> {
      const application = body.application_id;
      if (underWay.has(application)) overtaken.push(`${key} while ${underWay.get(application)} was under way`);
      underWay.set(application, key);
      await new Promise((resolve) => setTimeout(resolve, 3));
      underWay.delete(application);
    },
  };
}

describe('the deliveries of one application', () => {
  test('are sent one after the other in the order in which they came about, by several processes', async () => {
    const watch = watchOrder();
    const fake = await core(async (push) => {
      await watch.answer(push);
      return ACCEPTED;
    });
    const applications = await bench.receive(12);
    for (const application of applications) {
      for (const label of ['1', '2']) await bench.message(application, 'supplement', label);
      await bench.loan(application, 'L-1');
      await bench.loan(application, 'L-2');
      await bench.message(application, 'cancellation', '5');
    }
    const workers = [bench.worker(at(fake)), bench.worker(at(fake))];
    for (const worker of workers) worker.start();
    await until(async () => (await bench.pending()) === 0);
    expect(watch.overtaken).toEqual([]);
    for (const { id } of applications) {
      const own = fake.received.filter(({ body }) => body.application_id === id);
      const told = own.map(({ path, body }) => body.label ?? path);
      // The drawdowns of an application that is not granted are pointless but for their order.
      expect(told).toEqual(['/core/applications', '1', '2', '/core/loans', '/core/loans', '5']);
    }
  });

  test('wait behind one that is to be tried again, also for a process that comes later; those of others do not', async () => {
    let isDown = true;
    const fake = await core(({ body }) => (isDown && body.label === 'first' ? { status: 429 } : ACCEPTED));
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    await bench.message(application, 'supplement', 'first');
    await bench.message(application, 'cancellation', 'second');
    await bench.receive(3);
    await bench.worker(at(fake)).drain();
    expect(labelsOf(fake).sort()).toEqual(['/core/applications', '/core/applications', '/core/applications', 'first']);
    await bench.worker(at(fake)).drain();
    expect(fake.received).toHaveLength(4);
    isDown = false;
    await bench.hasten(LENDER);
    await bench.worker(at(fake)).drain();
    expect(labelsOf(fake).slice(4)).toEqual(['first', 'second']);
  });

  test('do not wait behind one that was given up; sent again it takes its old place before those that still wait', async () => {
    let mood: 'refuse' | 'busy' | 'well' = 'refuse';
    const fake = await core(({ body }) => {
      if (mood === 'well') return ACCEPTED;
      if (mood === 'refuse' && body.label === 'first') return { status: 400 };
      return { status: 429 };
    });
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    const first = await bench.message(application, 'supplement', 'first');
    await bench.message(application, 'supplement', 'second');
    const sender = bench.worker(at(fake));
    await sender.drain();
    expect(labelsOf(fake)).toEqual(['first', 'second']);
    const dead = await bench.dead.find(first.id);
    expect(dead && (await bench.dead.revive(dead, Date.now()))).toBe(true);
    mood = 'well';
    await sender.drain();
    expect(labelsOf(fake)).toEqual(['first', 'second', 'first', 'second']);
  });

  test('one that is withdrawn from the middle of the queue leaves the one under way alone', async () => {
    const fake = await core(() => ({ status: 429 }));
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    await bench.message(application, 'supplement', 'first');
    const second = await bench.message(application, 'action', 'second');
    const sender = bench.worker(at(fake));
    await sender.drain();
    await bench.outbox.remove({ delivery: second, lenderId: LENDER }, Date.now());
    await sender.drain();
    expect(labelsOf(fake)).toEqual(['first']);
    await bench.outbox.removeAll(application.id, LENDER);
  });

  test('are fetched without looking at what waits behind: ten thousand of one application stand there as one', async () => {
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    await bench.message(application, 'supplement', 'first');
    const { client, keys } = redis;
    const shard = shardOfId(application.id);
    const write = client.pipeline();
    for (let number = 0; number < 10_000; number += 1) {
      const id = `dlv_${String(number).padStart(32, '0')}`;
      write.zadd(keys.shard(shard, 'queue', application.id), 8e15 + number, id);
      write.zadd(keys.shard(shard, 'waiting', LENDER), 8e15 + number, id);
    }
    await write.exec();
    expect(await bench.pending()).toBe(10_001);
    expect(await client.zcard(keys.shard(shard, 'outbox', LENDER))).toBe(1);
    const { claimed } = await bench.outbox.claim({ shard, lenderId: LENDER }, Date.now(), Date.now() + 9_000, 100);
    expect(claimed.map(({ applicationId }) => applicationId)).toEqual([application.id]);
    await bench.outbox.removeAll(application.id, LENDER);
  });
});

describe('what is due', () => {
  test('is found behind any number of shards whose due deliveries have left meanwhile', async () => {
    const fake = await core();
    for (const { id } of await bench.receive(150)) await bench.outbox.removeAll(id, LENDER);
    const { application } = await bench.received();
    await bench.worker(at(fake)).drain();
    expect(fake.received.map(({ body }) => body.application_id)).toEqual([application.id]);
  });
});

describe('a cancellation', () => {
  test('of an application that was never sent takes the push and everything behind it away, and itself', async () => {
    const fake = await core();
    const { application } = await bench.received();
    await bench.message(application, 'supplement', 's');
    await bench.message(application, 'cancellation', 'c', { status: 'cancelled' });
    await bench.worker(at(fake)).drain();
    expect(fake.received).toEqual([]);
    expect(await redis.client.exists(redis.keys.shard(shardOfId(application.id), 'messages', application.id))).toBe(0);
  });

  test('while pushes are held drops them too: nothing was tried', async () => {
    const fake = await core();
    let isHeld = true;
    const sender = bench.worker(() => (isHeld ? 'held' : at(fake)));
    const { application } = await bench.received();
    await sender.drain();
    expect(await sender.countFresh()).toBe(0);
    await bench.message(application, 'cancellation', 'c', { status: 'cancelled' });
    isHeld = false;
    await bench.hasten(LENDER);
    await sender.drain();
    expect(fake.received).toEqual([]);
  });

  test('of one that was tried follows it, with the reference that its answer brings', async () => {
    let isDown = true;
    const fake = await core(({ path }) => {
      if (isDown) return { status: 503 };
      return path.endsWith('/applications')
        ? { status: 200, body: { result: 'duplicate', lender_ref: 'L-9' } }
        : ACCEPTED;
    });
    const { application } = await bench.received();
    const sender = bench.worker(at(fake));
    await sender.drain();
    await bench.message(application, 'cancellation', 'c', { status: 'cancelled' });
    isDown = false;
    await bench.hasten(LENDER);
    await sender.drain();
    expect(pathsOf(fake)).toEqual(['/applications', '/applications', '/cancellations']);
    expect(fake.received.at(-1)?.body).toMatchObject({ label: 'c', lender_ref: 'L-9' });
    expect(await bench.statusOf(application.id)).toBe('cancelled');
  });

  test('of one whose sender was lost follows it: it may have arrived', async () => {
    const fake = await core();
    const { application } = await bench.received();
    const shard = shardOfId(application.id);
    const nowMs = Date.now();
    const { claimed } = await bench.outbox.claim({ shard, lenderId: LENDER }, nowMs, nowMs + 1, 1);
    expect(claimed).toHaveLength(1);
    await bench.message(application, 'cancellation', 'c', { status: 'cancelled' });
    await until(() => Date.now() > nowMs + 2);
    await bench.worker(at(fake)).drain();
    expect(pathsOf(fake)).toEqual(['/applications', '/cancellations']);
  });
});

describe('a message that its operation sends at once', () => {
  const grace = { dueMs: Date.now() + 60_000 };

  test('is answered while the operation waits, and nobody else sends it', async () => {
    const fake = await core(() => ({ status: 200, body: { result: 'accepted', lender_ref: 'X' } }));
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    const delivery = await bench.message(application, 'action', 'otp', grace);
    const sender = bench.worker(at(fake));
    expect(await sender.sendNow(delivery, 5_000)).toMatchObject({ kind: 'answered', answer: { lender_ref: 'X' } });
    expect(await sender.sendNow(delivery, 5_000)).toMatchObject({ kind: 'gone' });
    expect(fake.received).toHaveLength(1);
  });

  test('is pending while something earlier of the application waits, and goes out behind it', async () => {
    const fake = await core();
    const { application } = await bench.received();
    const delivery = await bench.message(application, 'action', 'otp', grace);
    const sender = bench.worker(at(fake));
    expect(await sender.sendNow(delivery, 5_000)).toEqual({ kind: 'pending', isBusy: true });
    expect(fake.received).toEqual([]);
    await sender.drain();
    expect(pathsOf(fake)).toEqual(['/applications', '/actions']);
  });

  test('is pending when the core is slower than the operation waits; the late answer counts all the same', async () => {
    let release = (): void => undefined;
    const fake = await core(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return ACCEPTED;
    });
    const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
    const sender = bench.worker(at(fake));
    expect(await sender.sendNow(await bench.message(application, 'card', 'c', grace), 50)).toEqual({ kind: 'pending' });
    release();
    await until(async () => (await bench.pending()) === 0);
    expect(fake.received).toHaveLength(1);
  });

  test('keeps to the lender’s limit', async () => {
    let underWay = 0;
    let most = 0;
    const fake = await core(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      return ACCEPTED;
    });
    const sender = bench.worker(at(fake), { maxConcurrent: 2 });
    const messages = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const application = await bench.application({ status: 'submitted', lender_ref: 'L-1' });
        return bench.message(application, 'action', 'otp', grace);
      }),
    );
    const sent = await Promise.all(messages.map((message) => sender.sendNow(message, 5_000)));
    expect(sent.map(({ kind }) => kind)).toEqual(messages.map(() => 'answered'));
    expect(most).toBe(2);
  });
});
