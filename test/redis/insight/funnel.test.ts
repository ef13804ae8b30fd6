import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { readBacklog, requestRedrive, requestRewind } from '../../../src/events/caught-up.ts';
import { readParked } from '../../../src/events/checkpoint.ts';
import { commit } from '../../../src/events/commit.ts';
import type { EventType, LogEvent, NewEvent } from '../../../src/events/event.ts';
import type { Projection } from '../../../src/events/projection.ts';
import { ProjectionRunner } from '../../../src/events/runner.ts';
import { createFunnelProjection } from '../../../src/insight/funnel-projection.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import { connectSubscriber, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { logEvent, sampleContext } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let subscriber: RedisClient;
let keys: Keyspace;
let funnel: Projection;
let reader: FunnelReader;
let round = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  subscriber = await connectSubscriber({ url: redis.url });
});
afterAll(async () => {
  subscriber.disconnect();
  await redis.close();
});
beforeEach(() => {
  round += 1;
  keys = createKeyspace(`f${round}:`);
  const timeZoneOf = (productId: string | null) => (productId === 'far-cash' ? 'America/Los_Angeles' : 'Asia/Shanghai');
  funnel = createFunnelProjection({ client: redis.client, keys, timeZoneOf });
  reader = new FunnelReader(redis.client, keys);
});

const app = derivedId('app', 'acme', 'ORDER-1');
const viaLink = { context: sampleContext({ via: 'click', link_code: 'acme-home' }) };
const refusedContext = { context: sampleContext({ accepted_at: null, link_code: 'acme-home' }) };

/** The life of one applicant: received, granted, two loans paid out. */
function life(subject = app): LogEvent[] {
  const loan = (ordinal: number, principal: number) => ({ loan_id: `loan_${ordinal}`, principal, currency: 'CNY' });
  return [
    logEvent('application.received', subject, '100-0', {}, viaLink),
    logEvent('application.submitted', subject, '100-1', {}, viaLink),
    logEvent('credit.granted', subject, '200-0', { amount: 500_000, currency: 'CNY' }, viaLink),
    logEvent('loan.disbursed', subject, '300-0', loan(1, 300_000), viaLink),
    logEvent('loan.disbursed', subject, '300-9', loan(2, 120_000), viaLink),
    logEvent('installment.paid', subject, '300-10', {}, viaLink),
  ];
}

async function applyAll(events: readonly LogEvent[]): Promise<void> {
  for (const event of events) await funnel.apply(event);
}

describe('what a funnel counts', () => {
  test('an applicant counts once on the way through, each loan and its principal count', async () => {
    await applyAll(life());
    expect(await reader.partnerFunnel('acme')).toEqual({
      clicks: { raw: 0, unique: 0, billable: 0, held: 0, diverted: {}, entry: {} },
      registrations: 0,
      applications: 1,
      refused: 0,
      refusedByReason: {},
      granted: 1,
      disbursed: { count: 2, principal: { CNY: 420_000 } },
    });
  });

  test('refusals are counted as applications, by the reason that we keep', async () => {
    const reasons = ['blocked', 'blocked', 'other_channel'];
    await applyAll(
      reasons.map((reason, index) =>
        logEvent('application.refused', derivedId('app', 'refused', String(index)), '1-0', { reason }, refusedContext),
      ),
    );
    expect(await reader.partnerFunnel('acme')).toMatchObject({
      applications: 3,
      refused: 3,
      refusedByReason: { blocked: 2, other_channel: 1 },
    });
  });

  test('an application that is refused after it was received is still one application', async () => {
    await applyAll([
      logEvent('application.received', app, '1-0'),
      logEvent('application.refused', app, '2-0', { reason: 'closed' }),
    ]);
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 1, refused: 1 });
  });

  test('an application that began at the lender counts with the first that is heard of it', async () => {
    await applyAll([
      logEvent('credit.granted', app, '5-0', {}, { context: sampleContext({ owner_id: null, via: 'lender' }) }),
    ]);
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 1, granted: 1 });
  });

  test('stats of a link have the shape that partners read, and count nothing of other links', async () => {
    await applyAll(life());
    await funnel.apply(logEvent('application.received', derivedId('app', 'other'), '1-0'));
    expect(await reader.linkStats('acme', 'acme-home', 'CNY')).toEqual({
      clicks: { raw: 0, unique: 0, billable: 0, held: 0, diverted: {}, entry: {} },
      registrations: 0,
      applications: 1,
      refused: 0,
      granted: 1,
      disbursed: { count: 2, principal: { amount: 420_000, currency: 'CNY' } },
    });
    expect((await reader.partnerFunnel('acme')).applications).toBe(2);
  });

  test('a day is the business day of the product: it begins at midnight in its zone', async () => {
    const late = { occurred_at: '2026-03-02T16:30:00.000Z' };
    await funnel.apply(logEvent('application.received', app, '1-0', {}, late));
    const far = { ...late, context: sampleContext({ product_id: 'far-cash' }) };
    await funnel.apply(logEvent('application.received', derivedId('app', 'far'), '1-0', {}, far));
    expect((await reader.read('acme', { by: 'day', value: '2026-03-03' })).applications).toBe(1);
    expect((await reader.read('acme', { by: 'day', value: '2026-03-02' })).applications).toBe(1);
    expect((await reader.read('acme', { by: 'product', value: 'far-cash' })).applications).toBe(1);
  });

  test('an applicant without a partner is in nobody’s funnel', async () => {
    const direct = { context: sampleContext({ owner_id: null, partner_id: null }) };
    await funnel.apply(logEvent('application.submitted', app, '1-0', {}, direct));
    expect(await redis.client.keys(`${keys.prefix}*`)).toEqual([]);
  });

  test('an event without the amount that its type promises is a fault, and counts nothing', async () => {
    await expect(funnel.apply(logEvent('loan.disbursed', app, '1-0', { currency: 'CNY' }))).rejects.toThrow(
      'principal',
    );
    expect((await reader.partnerFunnel('acme')).disbursed.count).toBe(0);
  });
});

describe('a funnel counts each event once', () => {
  test('when every event is applied twice in a row', async () => {
    await applyAll(life().flatMap((event) => [event, event]));
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 1, granted: 1, disbursed: { count: 2 } });
  });

  test('when a batch is applied again after a crash, wherever it broke off', async () => {
    const events = life();
    for (let brokeOff = 1; brokeOff <= events.length; brokeOff += 1) await applyAll(events.slice(0, brokeOff));
    expect(await reader.partnerFunnel('acme')).toMatchObject({
      applications: 1,
      disbursed: { count: 2, principal: { CNY: 420_000 } },
    });
  });

  test('when the same event is applied by two workers at once', async () => {
    const [received] = life();
    if (!received) throw new Error('a life begins');
    await Promise.all(Array.from({ length: 20 }, () => funnel.apply(received)));
    expect((await reader.partnerFunnel('acme')).applications).toBe(1);
  });

  test('when its subject comes late, after the shard has long gone on', async () => {
    const shardMate = `app_${app.slice(4, 6)}${derivedId('app', 'mate').slice(6)}`;
    await applyAll(life(shardMate));
    await applyAll(life(app));
    await applyAll(life(shardMate));
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 2, disbursed: { count: 4 } });
  });
});

describe('with the log and its workers', () => {
  const names = ['funnel'];

  async function append(subject: string, version: number, type: EventType, data = {}): Promise<void> {
    const at = '2026-03-02T04:05:06.000Z';
    const event: NewEvent = { type, subject, occurred_at: at, recorded_at: at, data, context: sampleContext() };
    await commit(redis.client, keys, { id: subject, expectedVersion: version, document: {}, events: [event] });
  }

  async function until(condition: () => Promise<boolean>, ms = 8_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('the condition did not come true in time');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test('a rewind and the re-drive of what was parked leave every counter right', async () => {
    const bad = derivedId('app', 'bad');
    const good = `app_${bad.slice(4, 6)}${derivedId('app', 'good').slice(6)}`;
    const shard = Number.parseInt(bad.slice(4, 6), 16) % 64;
    let broken = true;
    let applied = 0;
    const sometimes: Projection = {
      name: 'funnel',
      apply: async (event) => {
        if (broken && event.subject === bad && event.type === 'credit.granted') throw new Error('broken today');
        await funnel.apply(event);
        applied += 1;
      },
    };
    const observer = { applied: () => undefined, parked: () => undefined, failed: () => undefined };
    const runner = new ProjectionRunner({ client: redis.client, subscriber, keys, projections: [sometimes], observer });
    await runner.start();
    const disbursed = { principal: 100_000, currency: 'CNY' };
    await append(bad, 0, 'application.received');
    await append(bad, 1, 'credit.granted');
    await append(good, 0, 'application.received');
    await append(good, 1, 'loan.disbursed', disbursed);
    await append(bad, 2, 'loan.disbursed', disbursed);
    await until(async () => (await readParked(redis.client, keys, shard))[0]?.positions.length === 2);
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 2, granted: 0, disbursed: { count: 1 } });

    // While something is parked, a rewind queues the subject's earlier events behind it.
    const before = applied;
    await requestRewind(redis.client, keys, 'funnel');
    await until(async () => applied >= before + 2);
    await until(async () => (await readBacklog(redis.client, keys, names)).shardsBehind === 0);
    expect(await reader.partnerFunnel('acme')).toMatchObject({ applications: 2, granted: 0, disbursed: { count: 1 } });

    broken = false;
    await requestRedrive(redis.client, keys, shard, 'funnel', bad);
    await until(async () => (await readBacklog(redis.client, keys, names)).parkedSubjects === 0);
    const redriven = applied;
    await requestRewind(redis.client, keys, 'funnel');
    await until(async () => applied >= redriven + 5);
    await runner.stop();
    expect(await reader.partnerFunnel('acme')).toMatchObject({
      applications: 2,
      granted: 1,
      disbursed: { count: 2, principal: { CNY: 200_000 } },
    });
  });
});
