import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { readBacklog, requestRedrive, requestRewind } from '../../../src/events/caught-up.ts';
import { readParked, writeCheckpoint } from '../../../src/events/checkpoint.ts';
import { commit } from '../../../src/events/commit.ts';
import type { LogEvent, NewEvent } from '../../../src/events/event.ts';
import { takeLease } from '../../../src/events/lease.ts';
import type { Projection, RunnerObserver } from '../../../src/events/projection.ts';
import { ProjectionRunner } from '../../../src/events/runner.ts';
import { connectSubscriber, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let keys: Keyspace;
let subscriber: RedisClient;
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
  keys = createKeyspace(`r${round}:`);
});

const quiet: RunnerObserver = { applied: () => undefined, parked: () => undefined, failed: () => undefined };

function event(subject: string, n: number): NewEvent {
  const at = '2026-01-02T03:04:05.000Z';
  return { type: 'application.received', subject, occurred_at: at, recorded_at: at, data: { n }, context: null };
}

async function append(subject: string, n: number): Promise<void> {
  await commit(redis.client, keys, {
    id: subject,
    expectedVersion: n,
    document: { n: n + 1 },
    events: [event(subject, n)],
  });
}

function runner(projections: Projection[]): ProjectionRunner {
  return new ProjectionRunner({ client: redis.client, subscriber, keys, projections, observer: quiet });
}

async function until(condition: () => boolean | Promise<boolean>, ms = 8_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the event log and its projections', () => {
  test('events of one subject are applied in the order in which they were written', async () => {
    const seen: LogEvent[] = [];
    const work = runner([{ name: 'a', apply: async (one) => void seen.push(one) }]);
    await work.start();
    const subjects = Array.from({ length: 40 }, (_, index) => derivedId('app', 'order', String(index)));
    for (let n = 0; n < 5; n += 1) await Promise.all(subjects.map((subject) => append(subject, n)));
    await until(() => seen.length === 200);
    await work.stop();
    for (const subject of subjects) {
      expect(seen.filter((one) => one.subject === subject).map((one) => one.data.n)).toEqual([0, 1, 2, 3, 4]);
    }
    expect(new Set(seen.map((one) => one.id)).size).toBe(200);
  });

  test('a worker that starts later goes on where the last one stopped', async () => {
    const subject = derivedId('app', 'resume');
    const seen: unknown[] = [];
    const projection: Projection = { name: 'a', apply: async (one) => void seen.push(one.data.n) };
    const first = runner([projection]);
    await first.start();
    await append(subject, 0);
    await until(async () => (await readBacklog(redis.client, keys, ['a'])).shardsBehind === 0);
    await first.stop();
    await append(subject, 1);
    const second = runner([projection]);
    await second.start();
    await until(() => seen.length >= 2);
    await second.stop();
    expect(seen).toEqual([0, 1]);
  });

  test('an event that cannot be applied is parked with its error, its successors wait, other subjects go on', async () => {
    const bad = derivedId('app', 'bad');
    const good = `app_${bad.slice(4, 6)}${derivedId('app', 'good').slice(6)}`;
    let broken = true;
    const seen: string[] = [];
    const work = runner([
      {
        name: 'a',
        apply: async (one) => {
          if (broken && one.subject === bad) throw new Error('no such terms');
          seen.push(`${one.subject === bad ? 'bad' : 'good'}${one.data.n}`);
        },
      },
    ]);
    await work.start();
    await append(bad, 0);
    await append(bad, 1);
    await append(good, 0);
    await until(() => seen.length === 1);
    const shard = Number.parseInt(bad.slice(4, 6), 16) % 64;
    await until(async () => (await readParked(redis.client, keys, shard))[0]?.positions.length === 2);
    const [parked] = await readParked(redis.client, keys, shard);
    expect(parked).toMatchObject({ projection: 'a', subject: bad, error: 'no such terms' });
    broken = false;
    await requestRedrive(redis.client, keys, shard, 'a', bad);
    await until(() => seen.length === 3);
    await work.stop();
    expect(seen).toEqual(['good0', 'bad0', 'bad1']);
    expect((await readBacklog(redis.client, keys, ['a'])).parkedSubjects).toBe(0);
  });

  test('an event is parked for good although Redis went away before the parking was written', async () => {
    const subject = derivedId('app', 'park-outage');
    let outages = 0;
    const client = new Proxy(redis.client, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (name === 'evalsha') {
          return (...args: unknown[]) => {
            const parks = args.includes('park');
            if (parks && outages === 0) {
              outages += 1;
              return Promise.reject(new Error('Connection is closed.'));
            }
            return Reflect.apply(value as (...all: unknown[]) => unknown, target, args);
          };
        }
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const failing: Projection = { name: 'a', apply: () => Promise.reject(new Error('no such terms')) };
    const work = new ProjectionRunner({ client, subscriber, keys, projections: [failing], observer: quiet });
    await work.start();
    await append(subject, 0);
    await until(async () => (await readBacklog(redis.client, keys, ['a'])).shardsBehind === 0);
    await work.stop();
    expect(outages).toBe(1);
    const shard = Number.parseInt(subject.slice(4, 6), 16) % 64;
    expect(await readParked(redis.client, keys, shard)).toMatchObject([{ subject, error: 'no such terms' }]);
  });

  test('a projection can be replayed from the beginning', async () => {
    const subject = derivedId('app', 'replay');
    const seen: unknown[] = [];
    const work = runner([{ name: 'a', apply: async (one) => void seen.push(one.data.n) }]);
    await work.start();
    await append(subject, 0);
    await append(subject, 1);
    await until(() => seen.length === 2);
    await requestRewind(redis.client, keys, 'a');
    await until(() => seen.length === 4);
    await work.stop();
    expect(seen).toEqual([0, 1, 0, 1]);
  });

  test('a worker that lost its lease cannot move a cursor', async () => {
    const shard = 5;
    const fence = await takeLease(redis.client, keys, shard, 'old');
    await redis.client.del(keys.shard(shard, 'lease'));
    const newer = await takeLease(redis.client, keys, shard, 'new');
    expect(newer).toBeGreaterThan(fence);
    const change = [{ kind: 'cursor', projection: 'a', position: '9-9' }] as const;
    expect(await writeCheckpoint(redis.client, keys, shard, { owner: 'old', fence }, change)).toBe(false);
    expect(await redis.client.hget(keys.shard(shard, 'cursors'), 'a')).toBeNull();
    expect(await writeCheckpoint(redis.client, keys, shard, { owner: 'new', fence: newer }, change)).toBe(true);
  });

  test('two workers share the shards: each event is applied by one of them', async () => {
    const seen: string[] = [];
    const projection: Projection = { name: 'a', apply: async (one) => void seen.push(one.id) };
    const first = runner([projection]);
    const second = runner([projection]);
    await first.start();
    await second.start();
    const subjects = Array.from({ length: 100 }, (_, index) => derivedId('app', 'share', String(index)));
    await Promise.all(subjects.map((subject) => append(subject, 0)));
    await until(() => seen.length >= 100);
    await Promise.all([first.stop(), second.stop()]);
    expect(new Set(seen).size).toBe(100);
    expect(seen.length).toBe(100);
  });

  test('a state is changed by one of two writers, the other is shown what is there now', async () => {
    const subject = derivedId('app', 'race');
    const change = { id: subject, expectedVersion: 0, document: { by: 'x' }, events: [event(subject, 0)] };
    const [a, b] = await Promise.all([commit(redis.client, keys, change), commit(redis.client, keys, change)]);
    expect([a.ok, b.ok].sort()).toEqual([false, true]);
    const lost = a.ok ? b : a;
    expect(lost).toMatchObject({ ok: false, version: 1, document: '{"by":"x"}' });
  });
});
