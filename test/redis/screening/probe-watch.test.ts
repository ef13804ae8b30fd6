import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { type Decision, refusal } from '../../../src/screening/decision.ts';
import { type AlarmOn, AlarmStore, KEEP_ALARM_MS } from '../../../src/screening/probe-watch/alarm-store.ts';
import type { Finding } from '../../../src/screening/probe-watch/finding.ts';
import { ProbeWatch } from '../../../src/screening/probe-watch/probe-watch.ts';
import { noCounts } from '../../../src/screening/probe-watch/tally.ts';
import { WatchStore } from '../../../src/screening/probe-watch/watch-store.ts';
import { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { randomOf } from '../../support/watched-partner.ts';

const NEW: readonly { readonly decision: Decision }[] = [
  { decision: { decision: 'accept', reason: 'new', customer: 'new' } },
];
const KNOWN = [{ decision: refusal('existing_customer') }];
const TOKEN_KEY = Buffer.alloc(32, 9);

let redis: TestRedis;
let keys: Keyspace;
let clock: TestClock;
let round = 0;
const clients: RedisClient[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  round += 1;
  keys = createKeyspace(`${redis.keys.prefix}${round}:`);
  clock = new TestClock('2026-03-02T04:00:00.000Z');
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

interface Process {
  readonly watch: ProbeWatch;
  readonly alarms: AlarmStore;
  readonly raised: (readonly [AlarmOn, Finding])[];
  readonly ended: AlarmOn[];
  readonly failures: unknown[];
  ask(subject: Subject, answers?: readonly { readonly decision: Decision }[]): void;
}

/** What one process has of the watch, on a connection of its own. */
async function process(applications = 100): Promise<Process> {
  const client = await connectRedis({ url: redis.url });
  clients.push(client);
  const [raised, ended, failures]: [Process['raised'], AlarmOn[], unknown[]] = [[], [], []];
  const alarms = new AlarmStore(client, keys);
  const watch = new ProbeWatch({
    store: new WatchStore(client, keys),
    alarms,
    tokenKey: TOKEN_KEY,
    applicationsOf: async () => applications,
    realClock: clock,
    observer: {
      raised: (alarm, finding) => void raised.push([alarm, finding]),
      ended: (alarm) => void ended.push(alarm),
      failed: (error) => void failures.push(error),
    },
  });
  const ask: Process['ask'] = (subject, answers = NEW) => {
    const read = normaliseSubject(subject);
    if (!read.ok) throw new Error('no subject');
    watch.note('acme', read.subject, answers);
  };
  return { watch, alarms, raised, ended, failures, ask };
}

/** Lets time pass and everything be added up. */
async function pass(ms: number, ...processes: readonly Process[]): Promise<void> {
  clock.advanceMs(ms);
  for (const { watch } of processes) await watch.flush();
}

const phone = (at: number) => ({ phone: String(13_800_130_000 + at) });

describe('what partners ask is watched', () => {
  test('a sequential sweep raises one alarm', async () => {
    const one = await process();
    for (let at = 0; at < 1_000; at += 1) {
      one.ask(phone(at));
      if (at % 20 === 0) await pass(SECOND_MS, one);
    }
    await pass(6 * SECOND_MS, one);
    expect(one.raised).toHaveLength(1);
    const [alarm] = await one.alarms.list({});
    expect(alarm).toMatchObject({ partner_id: 'acme', kind: 'sequential_sweep', ended_at: null, acknowledged: null });
    // Within 300 questions, and as long as the sweep took to be judged.
    expect(one.raised[0]?.[1].evidence.asked_plain).toBeLessThanOrEqual(300);
    expect(alarm?.evidence.asked_plain).toBeGreaterThan(900);
    expect(one.failures).toEqual([]);
  });

  test('a sweep that is over within seconds of a judgement is judged all the same', async () => {
    const one = await process();
    one.ask(phone(9_000));
    await pass(SECOND_MS, one);
    for (let at = 0; at < 300; at += 1) one.ask(phone(at));
    await pass(SECOND_MS, one);
    expect(one.raised).toEqual([]);
    for (let second = 0; second < 5; second += 1) await pass(SECOND_MS, one);
    expect(one.raised.map(([{ kind }]) => kind)).toEqual(['sequential_sweep']);
  });

  test('honest traffic raises none', async () => {
    const random = randomOf(3);
    const one = await process();
    for (let at = 0; at < 3_000; at += 1) {
      one.ask({ phone: String(13_000_000_000 + Math.floor(random() * 7e9)) }, random() < 0.2 ? KNOWN : NEW);
      if (at % 50 === 0) await pass(MINUTE_MS, one);
    }
    await pass(MINUTE_MS, one);
    expect(one.raised).toEqual([]);
    expect(await one.alarms.list({})).toEqual([]);
  });

  test('alarms are seen by every process, although each has seen a part of the sweep', async () => {
    const [one, other, third] = [await process(), await process(), await process()];
    for (let at = 0; at < 300; at += 1) {
      (at % 2 === 0 ? one : other).ask(phone(at));
      if (at % 30 === 0) await pass(SECOND_MS, one, other, third);
    }
    await pass(6 * SECOND_MS, one, other, third);
    expect(one.raised.length + other.raised.length).toBe(1);
    for (const { alarms } of [one, other, third]) {
      expect((await alarms.on()).map(({ partnerId, kind }) => [partnerId, kind])).toEqual([
        ['acme', 'sequential_sweep'],
      ]);
      expect(await alarms.list({ partnerId: 'acme' })).toHaveLength(1);
    }
  });

  test('an alarm ends by itself when the window is quiet, also where nobody asks any more', async () => {
    const [one, idle] = [await process(), await process()];
    for (let at = 0; at < 200; at += 1) one.ask(phone(at));
    await pass(SECOND_MS, one);
    await pass(6 * SECOND_MS, idle);
    expect(await idle.alarms.on()).toHaveLength(1);
    await pass(25 * HOUR_MS, idle);
    expect(idle.ended).toHaveLength(1);
    expect(await one.alarms.on()).toEqual([]);
    const [alarm] = await one.alarms.list({});
    expect(alarm?.ended_at).toBe(new Date(clock.nowMs()).toISOString());
    // Another sweep is another alarm.
    for (let at = 0; at < 200; at += 1) one.ask(phone(5_000 + at));
    await pass(6 * SECOND_MS, one);
    expect(await one.alarms.list({})).toHaveLength(2);
  });

  test('a hit rate far from the partner’s own past gives alarm, once there is a past', async () => {
    const one = await process();
    const day = async (told: number, known: number): Promise<void> => {
      for (let at = 0; at < told; at += 1) one.ask({ device_id: `device-${at}` }, at < known ? KNOWN : NEW);
      await pass(6 * SECOND_MS, one);
    };
    for (let at = 0; at < 8; at += 1) {
      await day(1_000, 300);
      clock.advanceMs(DAY_MS);
    }
    expect(one.raised).toEqual([]);
    await day(1_000, 10);
    expect(one.raised.map(([{ kind }]) => kind)).toEqual(['hit_rate']);
    expect(one.raised[0]?.[1].evidence).toMatchObject({ known_share: 0.01, usual_known_share: 0.3 });
  });

  test('hashes that nobody comes from give alarm', async () => {
    const one = await process(0);
    for (let at = 0; at < 10_000; at += 1) one.ask({ phone: { md5: at.toString(16).padStart(32, '0') } });
    await pass(6 * SECOND_MS, one);
    expect(one.raised.map(([{ kind }]) => kind)).toEqual(['hash_only']);
  });

  test('nothing that names a person is stored', async () => {
    const one = await process();
    for (let at = 0; at < 300; at += 1) {
      one.ask(phone(at));
      one.ask({
        name: '张三丰',
        phone: { masked: `${13_800_000 + at}0***` },
        id_number: { masked: '11010519491231****' },
      });
    }
    await pass(6 * SECOND_MS, one);
    expect(one.raised.map(([{ kind }]) => kind).sort()).toEqual(['masked_sweep', 'sequential_sweep']);
    const stored: string[] = [];
    for (const key of await redis.client.keys(`${keys.prefix}*`)) {
      const type = await redis.client.type(key);
      stored.push(key, type === 'hash' ? JSON.stringify(await redis.client.hgetall(key)) : '');
    }
    const text = stored.join('\n');
    for (const secret of ['1380013', '张三', '110105']) expect(text).not.toContain(secret);
  });

  test('is counted once although an addition is sent again', async () => {
    const store = new WatchStore(redis.client, keys);
    const tally = { counts: { ...noCounts(), asked: 5, told: 5, known: 2 }, crowds: new Map([['number|x', 3]]) };
    const nowMs = clock.nowMs();
    const sent: unknown[][] = [];
    const { evalsha } = redis.client;
    const twice = new Proxy(redis.client, {
      get: (target, name) =>
        name === 'evalsha'
          ? async (...args: Parameters<typeof evalsha>) => {
              sent.push(args);
              await target.evalsha(...args).catch(() => undefined);
              return target.evalsha(...args);
            }
          : Reflect.get(target, name, target),
    });
    await store.add('acme', tally, nowMs).catch(() => undefined);
    await new WatchStore(twice, keys).add('acme', tally, nowMs);
    expect(sent).toHaveLength(1);
    const { windows } = await store.read('acme', nowMs);
    expect(windows['10m']).toMatchObject({ counts: { asked: 10, known: 4 }, largest: { number: 6 } });
    expect(windows['24h']).toEqual(windows['10m']);
  });

  test('crowds beyond what a slice holds are left out, counts never', async () => {
    const store = new WatchStore(redis.client, keys);
    for (let part = 0; part < 10; part += 1) {
      const crowds = new Map(Array.from({ length: 64 }, (_, at) => [`number|${part}-${at}`, 1]));
      await store.add('acme', { counts: { ...noCounts(), asked: 1 }, crowds }, clock.nowMs());
    }
    const fields = await redis.client.hlen(keys.partner('acme', 'watch', `m${Math.floor(clock.nowMs() / MINUTE_MS)}`));
    expect(fields).toBeLessThanOrEqual(257);
    expect((await store.read('acme', clock.nowMs())).windows['10m'].counts.asked).toBe(10);
  });
});

describe('alarms', () => {
  const finding: Finding = { kind: 'hash_only', window: '24h', evidence: { asked_hashed: 10 } };

  test('are acknowledged once, and stay on', async () => {
    const alarms = new AlarmStore(redis.client, keys);
    const { id } = await alarms.raise('acme', finding, clock.nowMs());
    const first = { by: 'li.na', at: '2026-03-02T05:00:00.000Z', reason: 'a load test' };
    expect(await alarms.acknowledge(id, first)).toMatchObject({ id, acknowledged: first, ended_at: null });
    expect(await alarms.acknowledge(id, { ...first, by: 'wu' })).toMatchObject({ acknowledged: first });
    expect(await alarms.raise('acme', finding, clock.nowMs())).toEqual({ id, isNew: false });
    expect(await alarms.acknowledge(`alm_${'0'.repeat(32)}`, first)).toBeUndefined();
  });

  test('are kept for 90 days, those that are on for as long as they are', async () => {
    const alarms = new AlarmStore(redis.client, keys);
    const startMs = clock.nowMs();
    const over = await alarms.raise('acme', finding, startMs);
    await alarms.end({ id: over.id, partnerId: 'acme', kind: 'hash_only' }, startMs);
    const on = await alarms.raise('summit', finding, startMs);
    const latest = await alarms.raise('acme', finding, startMs + KEEP_ALARM_MS);
    expect((await alarms.list({})).map(({ id }) => id)).toEqual([latest.id, on.id]);
    expect(await alarms.find(over.id)).toBeUndefined();
    expect(await redis.client.hlen(keys.shard(0, 'alarms'))).toBe(4);
  });

  test('are listed by partner and since when', async () => {
    const alarms = new AlarmStore(redis.client, keys);
    const startMs = clock.nowMs();
    const [acme, summit] = [
      await alarms.raise('acme', finding, startMs),
      await alarms.raise('summit', finding, startMs + HOUR_MS),
    ];
    const idsOf = async (...args: Parameters<AlarmStore['list']>) => (await alarms.list(...args)).map(({ id }) => id);
    expect(await idsOf({})).toEqual([summit.id, acme.id]);
    expect(await idsOf({ partnerId: 'acme' })).toEqual([acme.id]);
    expect(await idsOf({ sinceMs: startMs + 1 })).toEqual([summit.id]);
  });
});
