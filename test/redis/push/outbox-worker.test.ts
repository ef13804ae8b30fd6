import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Delivery, deliveryId } from '../../../src/applications/push/delivery.ts';
import { type LenderMessage, messagePlace } from '../../../src/applications/push/lender-message.ts';
import { createLenderPushProjection } from '../../../src/applications/push/lender-push-projection.ts';
import { Outbox } from '../../../src/applications/push/outbox.ts';
import { createOutboxWorker, type OutboxWorker } from '../../../src/applications/push/outbox-worker.ts';
import type { CoreLookup } from '../../../src/applications/push/send-delivery.ts';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { createSealer } from '../../../src/identity/seal.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from '../../support/fake-core.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const sealer = createSealer({ keys: [{ id: 'k1', key: Buffer.alloc(32, 7) }], activeId: 'k1' });
const record = { applicant: { phone: '13800138000' }, device: null, documents: [], verifications: [], consents: [] };
const signingKey = deriveOurKey('a root secret of the test').signingKey;
const accepted: CoreAnswer = { status: 202, body: { result: 'accepted', lender_ref: 'L-1' } };

let redis: TestRedis;
let store: ApplicationStore;
let outbox: Outbox;
const closers: (() => Promise<void>)[] = [];
let number = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  store = new ApplicationStore(redis.client, redis.keys, systemClock);
  outbox = new Outbox(redis.client, redis.keys);
});
afterAll(() => redis.close());
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  expect((await outbox.count()).pending).toBe(0);
});

function logged(applicationId: string, type: LogEvent['type'], data: LogEvent['data'] = {}): LogEvent {
  const shard = shardOfId(applicationId);
  const at = { occurred_at: SAMPLE_TIME, recorded_at: SAMPLE_TIME };
  return {
    id: `evt_${applicationId}_${type}`,
    shard,
    position: '1-0',
    subject: applicationId,
    type,
    data,
    context: null,
    ...at,
  };
}

/** A received application whose delivery the projection has put into the outbox. */
async function receivedApplication(change: Parameters<typeof sampleApplication>[1] = {}) {
  number += 1;
  const application = sampleApplication(`A-${number}`, change);
  const sealed = sealer.seal(record, application.id);
  await store.create(application, [], [{ do: 'SET', key: 'sealed', value: sealed }]);
  await project(logged(application.id, 'application.received'));
  return { application, id: deliveryId(logged(application.id, 'application.received').id) };
}

async function project(event: LogEvent, kick: (shard: number) => void = () => undefined): Promise<void> {
  await createLenderPushProjection({ store, outbox, realClock: systemClock, kick }).apply(event);
}

async function core(
  answer: (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer>,
): Promise<FakeCore> {
  const fake = await startFakeCore(answer);
  closers.push(() => fake.close());
  return fake;
}

interface Journal {
  readonly lines: string[];
  readonly failures: unknown[];
}

function worker(
  lookup: CoreLookup | ((lenderId: string) => CoreLookup),
  options: { timeoutMs?: number; client?: RedisClient; journal?: Journal } = {},
): OutboxWorker {
  const { client = redis.client, journal } = options;
  const created = createOutboxWorker({
    store: client === redis.client ? store : new ApplicationStore(client, redis.keys, systemClock),
    outbox: new Outbox(client, redis.keys),
    coreOf: typeof lookup === 'function' ? lookup : () => lookup,
    refusedDaysOf: () => 30,
    openRecord(sealed, applicationId) {
      const opened = sealer.openJson(sealed, applicationId);
      return opened.ok ? (opened.plain as SealedRecord) : undefined;
    },
    openMessage(sealed, applicationId, deliveryId) {
      const opened = sealer.openJson(sealed, messagePlace(applicationId, deliveryId));
      return opened.ok ? (opened.plain as LenderMessage) : undefined;
    },
    clock: systemClock,
    realClock: systemClock,
    random: () => 0,
    timeoutMs: options.timeoutMs,
    observer: {
      delivered: (_delivery, _lender, result) => journal?.lines.push(result),
      retried: (_delivery, _lender, error, waitMs) => journal?.lines.push(`${error} ${waitMs}`),
      dead: (_delivery, _lender, error) => journal?.lines.push(`dead ${error}`),
      failed: (error) => journal?.failures.push(error),
    },
  });
  closers.push(() => created.stop());
  return created;
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await store.load(id))?.application.status;
}

async function until(condition: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const eventTypes = async (applicationId: string): Promise<string[]> => {
  const entries = await redis.client.xrange(redis.keys.shard(shardOfId(applicationId), 'log'), '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as LogEvent);
  return events.filter((event) => event.subject === applicationId).map((event) => event.type);
};

describe('an accepted application', () => {
  test('reaches the core once, signed, under its delivery id, and becomes submitted with the lender’s reference', async () => {
    const fake = await core(() => accepted);
    const { application, id } = await receivedApplication();
    await worker({ url: fake.url, signingKey }).drain();
    expect(fake.received).toHaveLength(1);
    expect(fake.received[0]).toMatchObject({ path: '/core/applications', key: id });
    expect(fake.received[0]?.headers['signature-input']).toMatch(/"content-digest"\).*tag="sluice"/);
    expect(fake.received[0]?.body).toMatchObject({ delivery_id: id, applicant: { phone: '13800138000' } });
    expect((await store.load(application.id))?.application).toMatchObject({ status: 'submitted', lender_ref: 'L-1' });
    expect(await store.findReference('quickcredit', 'L-1')).toBe(application.id);
    expect(await eventTypes(application.id)).toEqual(['application.submitted']);
  });

  test('is not enqueued again by a replay of the log, nor when it began at the lender', async () => {
    const fake = await core(() => accepted);
    const { application } = await receivedApplication();
    await project(logged(application.id, 'application.received'));
    expect((await outbox.count()).pending).toBe(1);
    const sender = worker({ url: fake.url, signingKey });
    await sender.drain();
    await project(logged(application.id, 'application.received'));
    await receivedApplication({ origin: 'lender' });
    await sender.drain();
    expect(fake.received).toHaveLength(1);
  });

  test('is sent within moments of a kick', async () => {
    const fake = await core(() => accepted);
    const sender = worker({ url: fake.url, signingKey });
    sender.start();
    // Long enough for the worker to fall back to its idle rhythm.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const startedMs = Date.now();
    const { application } = await receivedApplication();
    sender.kick(shardOfId(application.id));
    await until(async () => (await statusOf(application.id)) === 'submitted');
    expect(Date.now() - startedMs).toBeLessThan(400);
  });

  test('that the core rejects is declined with the core’s reason', async () => {
    const fake = await core(() => ({ status: 200, body: { result: 'rejected', reason: 'policy' } }));
    const { application } = await receivedApplication();
    await worker({ url: fake.url, signingKey }).drain();
    expect((await store.load(application.id))?.application).toMatchObject({
      status: 'credit_declined',
      reason: 'policy',
    });
  });
});

describe('a core in trouble', () => {
  test('a 500 is followed a second later by the same delivery id', async () => {
    const fake = await core((_push, count) => (count === 1 ? { status: 500 } : accepted));
    const { application, id } = await receivedApplication();
    const journal: Journal = { lines: [], failures: [] };
    worker({ url: fake.url, signingKey }, { journal }).start();
    await until(async () => (await statusOf(application.id)) === 'submitted');
    expect(fake.received.map((push) => push.key)).toEqual([id, id]);
    expect((fake.received[1]?.atMs ?? 0) - (fake.received[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
    expect(journal.lines).toEqual(['http_500 1000', 'accepted']);
  });

  test('no answer at all counts as a failure and is tried again with the same id', async () => {
    const fake = await core((_push, count) => (count === 1 ? 'hang' : accepted));
    const { application, id } = await receivedApplication();
    const journal: Journal = { lines: [], failures: [] };
    worker({ url: fake.url, signingKey }, { journal, timeoutMs: 300 }).start();
    await until(async () => (await statusOf(application.id)) === 'submitted');
    expect(fake.received.map((push) => push.key)).toEqual([id, id]);
    expect(journal.lines).toEqual(['timeout 1000', 'accepted']);
  });

  test('a core that nobody listens for is retried, not given up', async () => {
    const { application } = await receivedApplication();
    const journal: Journal = { lines: [], failures: [] };
    let url = 'http://127.0.0.1:9';
    const sender = worker(() => ({ url, signingKey }), { journal });
    sender.start();
    await until(() => journal.lines.length > 0);
    expect(journal.lines[0]).toMatch(/ 1000$/);
    const fake = await core(() => accepted);
    url = fake.url;
    await until(async () => (await statusOf(application.id)) === 'submitted');
  });

  test('after five failures in a row the others are put off without being sent', async () => {
    const fake = await core(() => ({ status: 503 }));
    const applications = await Promise.all(Array.from({ length: 40 }, () => receivedApplication()));
    const journal: Journal = { lines: [], failures: [] };
    await worker({ url: fake.url, signingKey }, { journal }).drain();
    expect(fake.received.length).toBeLessThan(20);
    expect(await outbox.countFresh()).toBe(0);
    for (const { application, id } of applications) {
      await outbox.remove({ id, kind: 'application', applicationId: application.id });
    }
  });
});

describe('a delivery that cannot succeed', () => {
  test('is given up at once on a 4xx, stays visible, and can be taken up again', async () => {
    let status = 422;
    const fake = await core(() => (status === 202 ? accepted : { status }));
    const { application, id } = await receivedApplication();
    const sender = worker({ url: fake.url, signingKey });
    await sender.drain();
    const delivery: Delivery = { id, kind: 'application', applicationId: application.id };
    expect(await outbox.listDead()).toEqual([
      { delivery, error: 'http_422', status: 422, at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    await project(logged(application.id, 'application.received'));
    await sender.drain();
    expect(fake.received).toHaveLength(1);
    expect(await statusOf(application.id)).toBe('received');
    status = 202;
    await outbox.revive(delivery, Date.now());
    await sender.drain();
    expect(fake.received.map((push) => push.key)).toEqual([id, id]);
    expect(await statusOf(application.id)).toBe('submitted');
    expect(await outbox.count()).toEqual({ pending: 0, dead: 0 });
  });

  test('is given up when its personal data has been erased', async () => {
    const fake = await core(() => accepted);
    const { application, id } = await receivedApplication();
    await redis.client.del(redis.keys.shard(shardOfId(application.id), 'sealed', application.id));
    const journal: Journal = { lines: [], failures: [] };
    await worker({ url: fake.url, signingKey }, { journal }).drain();
    expect(journal.lines).toEqual(['dead record_erased']);
    expect(fake.received).toHaveLength(0);
    const delivery: Delivery = { id, kind: 'application', applicationId: application.id };
    await outbox.revive(delivery, Date.now());
    await outbox.remove(delivery);
  });
});

describe('a drawdown', () => {
  test('is sent after its application and keeps the lender’s reference of the loan', async () => {
    const fake = await core(({ path }) =>
      path.endsWith('/loans') ? { status: 200, body: { result: 'accepted', lender_ref: 'LOAN-REF' } } : accepted,
    );
    const { application } = await receivedApplication();
    const loan = sampleLoan(application.id, 'P-1');
    await store.change(application.id, (current) => ({
      application: { ...current, loans: [loan] },
      events: [],
      result: undefined,
    }));
    await project(logged(application.id, 'loan.requested', { loan_id: loan.id, by: 'partner' }));
    worker({ url: fake.url, signingKey }).start();
    await until(async () => (await outbox.count()).pending === 0);
    expect(fake.received.map((push) => push.path)).toEqual(['/core/applications', '/core/loans']);
    expect((await store.load(application.id))?.application.loans[0]).toMatchObject({
      status: 'requested',
      lender_ref: 'LOAN-REF',
    });
    expect(await store.findReference('quickcredit', 'LOAN-REF')).toBe(loan.id);
  });
});

describe('several workers', () => {
  test('send each delivery once', async () => {
    const fake = await core(() => ({ status: 202, body: { result: 'accepted' } }));
    const applications = await Promise.all(Array.from({ length: 200 }, () => receivedApplication()));
    const clients = await Promise.all([connectRedis({ url: redis.url }), connectRedis({ url: redis.url })]);
    closers.push(async () => {
      for (const client of clients) client.disconnect();
    });
    const workers = clients.map((client) => worker({ url: fake.url, signingKey }, { client }));
    for (const sender of workers) sender.start();
    await until(async () => (await outbox.count()).pending === 0);
    expect(fake.received.map((push) => push.key).sort()).toEqual(applications.map(({ id }) => id).sort());
  });

  test('a worker lost between answer and commit is followed by another: same id, applied once', async () => {
    const doomed = await connectRedis({ url: redis.url });
    const fake = await core((_push, count) => {
      if (count > 1) return { status: 200, body: { result: 'duplicate', lender_ref: 'L-9' } };
      doomed.disconnect();
      return { status: 202, body: { result: 'accepted', lender_ref: 'L-9' } };
    });
    const { application, id } = await receivedApplication();
    const journal: Journal = { lines: [], failures: [] };
    await worker({ url: fake.url, signingKey }, { client: doomed, timeoutMs: 300, journal })
      .drain()
      .catch(() => undefined);
    expect(journal.failures.length).toBeGreaterThan(0);
    expect(await statusOf(application.id)).toBe('received');
    worker({ url: fake.url, signingKey }).start();
    await until(async () => (await statusOf(application.id)) === 'submitted', 15_000);
    expect(fake.received.map((push) => push.key)).toEqual([id, id]);
    expect(await eventTypes(application.id)).toEqual(['application.submitted']);
  });
});
