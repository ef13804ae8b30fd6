import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClickFacts, LoggedClick } from '../../../src/attribution/clicks/click.ts';
import { CLICK_RANDOM_DIGITS } from '../../../src/attribution/clicks/click-id.ts';
import { ClickStore } from '../../../src/attribution/clicks/click-store.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import { randomDigits } from '../../../src/base/random-digits.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { readLog } from '../../../src/events/log.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import type { RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { createTestCounter, loggedClicks, type TestCounterOptions } from '../../support/click-counter.ts';
import { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let keys: Keyspace;
let clock: TestClock;
let clicks: ClickStore;
let reader: FunnelReader;
let round = 0;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => begin());

function begin(): void {
  round += 1;
  keys = createKeyspace(`c${round}:`);
  clock = new TestClock('2026-03-02T04:00:00.000Z');
  clicks = new ClickStore(redis.client, keys, clock);
  reader = new FunnelReader(redis.client, keys);
}

/** Somebody arrives; visitors are numbered, and live in the shard of their number. */
async function arrive(visitor: number, change: Partial<ClickFacts> = {}, windowMs = 3_600_000): Promise<void> {
  const shard = visitor % 64;
  const facts: ClickFacts = {
    link_code: 'acme-home',
    partner_id: 'acme',
    product_id: 'quick-cash',
    lender_id: 'quickcredit',
    visitor: `${shard.toString(16).padStart(2, '0')}${String(visitor).padStart(30, '0')}`,
    bot: false,
    speculative: false,
    cause: null,
    entry: null,
    ip: '0'.repeat(16),
    dc: false,
    sub_ids: {},
    at_ms: clock.nowMs(),
    ...change,
  };
  await clicks.record({ shard, cookie: null, windowMs, random: randomDigits(CLICK_RANDOM_DIGITS), facts });
}

const counterOn = (client: RedisClient, options?: TestCounterOptions) =>
  createTestCounter({ client, keys }, clock, options);
const count = (options?: TestCounterOptions): Promise<void> => counterOn(redis.client, options).settle();
const clicksOf = async (partner = 'acme') => (await reader.partnerFunnel(partner)).clicks;

async function billableEvents(): Promise<LogEvent[]> {
  const logs = await Promise.all(ALL_SHARDS.map((shard) => readLog(redis.client, keys, shard, '0-0', 10_000)));
  return logs.flat().filter(({ type }) => type === 'click.recorded');
}

describe('clicks are counted apart', () => {
  test('raw, unique and billable, by partner, product, link and day', async () => {
    await arrive(1);
    await arrive(1);
    await arrive(2, { bot: true });
    await arrive(3, { speculative: true });
    await arrive(4, { cause: 'paused' });
    await arrive(5, { link_code: 'lan-home', partner_id: 'lantern' });
    await arrive(6, { at_ms: clock.nowMs() + 86_400_000, product_id: 'other' });
    await count();
    expect(await clicksOf()).toMatchObject({ raw: 6, unique: 3, billable: 2, diverted: { paused: 1 } });
    expect(await clicksOf('lantern')).toMatchObject({ raw: 1, unique: 1, billable: 1, diverted: {} });
    const by = async (dimension: Parameters<FunnelReader['read']>[1]) =>
      (await reader.read('acme', dimension)).clicks.raw;
    expect(await by({ by: 'product', value: 'quick-cash' })).toBe(5);
    expect(await by({ by: 'link', value: 'acme-home' })).toBe(6);
    expect(await by({ by: 'day', value: '2026-03-02' })).toBe(5);
    expect(await by({ by: 'link_day', value: 'acme-home', day: '2026-03-03' })).toBe(1);
  });

  test('what is in doubt is held: unique, and not billable', async () => {
    for (const visitor of [1, 2, 3]) await arrive(visitor, { link_code: visitor === 2 ? 'odd' : 'acme-home' });
    await count({ isOff: (_, link) => link === 'odd' });
    expect(await clicksOf()).toMatchObject({ raw: 3, unique: 3, billable: 2, held: 1 });
  });

  test('a counter that is asked again counts nothing twice, and goes on where it was', async () => {
    const counter = counterOn(redis.client);
    for (const visitor of [1, 2]) await arrive(visitor);
    await counter.settle();
    await counter.settle();
    await count();
    expect(await counter.behind()).toEqual([]);
    await arrive(1);
    await arrive(3);
    expect((await counter.behind()).sort()).toEqual([1, 3]);
    await counter.settle();
    expect(await clicksOf()).toMatchObject({ raw: 4, unique: 3, billable: 3 });
  });
});

describe('a cap on billable clicks is kept exactly', () => {
  test('however many shards and counters there are; the rest are unique all the same', async () => {
    for (let visitor = 0; visitor < 200; visitor += 1) await arrive(visitor);
    const options = { caps: { 'acme-home': 37 }, paid: ['acme'] };
    await Promise.all([count(options), count(options), count(options)]);
    expect(await clicksOf()).toMatchObject({ raw: 200, unique: 200, billable: 37 });
    expect(await billableEvents()).toHaveLength(37);
  });

  test('for each day', async () => {
    for (let visitor = 0; visitor < 10; visitor += 1) {
      await arrive(visitor, { at_ms: clock.nowMs() + (visitor % 2) * 86_400_000 });
    }
    await count({ caps: { 'acme-home': 3 } });
    expect(await clicksOf()).toMatchObject({ unique: 10, billable: 6 });
  });
});

describe('an event for each billable click', () => {
  test('is written for partners that are paid for clicks, and for nobody else', async () => {
    await arrive(1);
    await arrive(1);
    await arrive(2, { cause: 'capped' });
    await arrive(3, { link_code: 'lan-home', partner_id: 'lantern' });
    await count({ paid: ['acme'] });
    const [click] = await loggedClicks({ client: redis.client, keys }, 'acme-home');
    expect(await billableEvents()).toMatchObject([
      {
        subject: click?.id,
        data: { partner_id: 'acme', link_code: 'acme-home', visitor: click?.facts.visitor, billable: true },
        context: null,
      },
    ]);
  });
});

/** A connection that breaks for good at its n-th command: before it is carried out, or before it is answered. */
function breakingAt(command: number, when: 'before' | 'after'): RedisClient {
  let commands = 0;
  return new Proxy(redis.client, {
    get: (client, member) => {
      const value: unknown = Reflect.get(client, member);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        commands += 1;
        if (commands > command || (commands === command && when === 'before')) throw new Error('Connection is closed.');
        const reply: unknown = await value.apply(client, args);
        if (commands >= command && when === 'after') throw new Error('Connection is closed.');
        return reply;
      };
    },
  });
}

describe('every click is counted once', () => {
  test('wherever a counter is killed, any number of times, with others at work and clicks still coming', async () => {
    const kill = fc.record({ at: fc.integer({ min: 1, max: 90 }), when: fc.constantFrom('before' as const, 'after') });
    const visitor = fc.record({
      number: fc.integer({ min: 0, max: 9 }),
      link: fc.constantFrom('acme-home', 'acme-other', 'lan-home'),
      bot: fc.boolean(),
    });
    const step = fc.oneof(fc.array(visitor, { maxLength: 12 }), fc.array(kill, { minLength: 1, maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        begin();
        const options = { caps: { 'acme-home': 4 }, paid: ['acme'] };
        for (const one of steps) {
          await Promise.allSettled(
            one.map((part) =>
              'at' in part
                ? counterOn(breakingAt(part.at, part.when), options).settle()
                : arrive(part.number, {
                    link_code: part.link,
                    partner_id: part.link === 'lan-home' ? 'lantern' : 'acme',
                    bot: part.bot,
                  }),
            ),
          );
        }
        await count(options);
        const logged = await loggedClicks({ client: redis.client, keys });
        for (const partner of ['acme', 'lantern']) await expectCounted(partner, logged);
        const events = await billableEvents();
        expect(new Set(events.map(({ subject }) => subject)).size).toBe(events.length);
        expect(events).toHaveLength((await clicksOf()).billable);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  async function expectCounted(partner: string, logged: readonly LoggedClick[]): Promise<void> {
    const own = logged.filter(({ facts }) => facts.partner_id === partner);
    const unique = own.filter(({ repeats, facts }) => repeats === null && !facts.bot);
    const home = unique.filter(({ facts }) => facts.link_code === 'acme-home');
    expect(await clicksOf(partner)).toMatchObject({
      raw: own.length,
      unique: unique.length,
      billable: unique.length - Math.max(0, home.length - 4),
    });
  }
});

describe('whoever else wants clicks', () => {
  test('gets every arrival in the order of its shard, and keeps nobody’s click from being counted', async () => {
    const seen: string[] = [];
    const faults: unknown[] = [];
    const counter = createTestCounter({ client: redis.client, keys }, clock, {
      failed: (error) => faults.push(error),
    });
    counter.add({ name: 'broken', consume: () => Promise.reject(new Error('broken today')) });
    counter.add({ name: 'quality', consume: async (_, some) => void seen.push(...some.map(({ id }) => id)) });
    for (const visitor of [1, 1, 65, 2]) await arrive(visitor);
    await counter.settle();
    expect(seen.sort()).toEqual((await loggedClicks({ client: redis.client, keys })).map(({ id }) => id).sort());
    expect((await clicksOf()).raw).toBe(4);
    expect(faults).toHaveLength(2);
  });

  test('counting begins soon after a click of this process, and finds what others left', async () => {
    await arrive(7);
    const counter = counterOn(redis.client);
    counter.start();
    await until(async () => (await clicksOf()).raw === 1);
    await arrive(8);
    counter.mark(8);
    await until(async () => (await clicksOf()).raw === 2);
    await counter.stop();
  });

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('the condition did not come true in time');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});
