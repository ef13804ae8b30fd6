import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { shardOfText } from '../../../src/base/ids.ts';
import { Catalogue } from '../../../src/catalogue/catalogue.ts';
import type { Pause } from '../../../src/catalogue/pause.ts';
import { contentOf } from '../../../src/catalogue/product-content.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { readLog } from '../../../src/events/log.ts';
import { connectSubscriber, type RedisClient } from '../../../src/redis/connection.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import type { RegistryListener } from '../../../src/registry/watch-registry.ts';
import { shippedRegistry, TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let clock: TestClock;
const open: { catalogue: Catalogue; subscriber: RedisClient }[] = [];

beforeEach(async () => {
  redis = await startTestRedis();
  clock = new TestClock('2026-03-02T10:00:00.000Z');
});
afterEach(async () => {
  for (const { catalogue, subscriber } of open.splice(0)) {
    await catalogue.stop();
    subscriber.disconnect();
  }
  await redis.close();
});

/** A process of the installation; `use` gives it other files, as when they have changed. */
async function process(registry: Registry) {
  const subscriber = await connectSubscriber({ url: redis.url });
  const listeners = new Set<RegistryListener>();
  let current = registry;
  const source = {
    current: () => current,
    onChange: (listener: RegistryListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const { client, keys } = redis;
  const failed = (error: unknown): void => {
    throw error;
  };
  const catalogue = new Catalogue({ client, subscriber, keys, clock, registry: source, failed });
  open.push({ catalogue, subscriber });
  await catalogue.start();
  return {
    catalogue,
    use(next: Registry): void {
      const previous = current;
      current = next;
      for (const listener of listeners) listener(next, previous);
    },
  };
}

async function told(productId = 'quick-cash'): Promise<LogEvent[]> {
  const shard = shardOfText(productId);
  const events = await readLog(redis.client, redis.keys, shard, '0-0', 1_000);
  return events.filter(({ type, subject }) => type === 'product.updated' && subject === productId);
}

function soon(check: () => void | Promise<void>, timeout = 1_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 10 });
}

function pause(over: Partial<Pause> = {}): Pause {
  return {
    stop: 'new',
    by: 'operator',
    until_ms: null,
    reason: 'r',
    name: 'n',
    at: '2026-03-02T10:00:00.000Z',
    ...over,
  };
}

const cheaper = () =>
  registryVariant({
    'lending/quickcredit/lender.yaml': (content) => {
      productIn(content, 'quick-cash').rate = { annual: '0.12' };
    },
  });

describe('pauses', () => {
  test('are in force at once where they are made, and within a second in every other process, also without a message', async () => {
    const registry = await shippedRegistry();
    const [one, two] = [await process(registry), await process(registry)];
    await one.catalogue.pause('quick-cash', pause());
    expect(one.catalogue.stopOf('quick-cash', 'new', clock.nowMs())).toEqual({ untilMs: null });
    await soon(() => expect(two.catalogue.stopOf('quick-cash', 'new', clock.nowMs())).toEqual({ untilMs: null }));
    open[1]?.subscriber.disconnect();
    await one.catalogue.resume('quick-cash', 'operator');
    await soon(() => expect(two.catalogue.stopOf('quick-cash', 'new', clock.nowMs())).toBeUndefined());
    expect(two.catalogue.isQuiet).toBe(true);
  });

  test('survive a restart, lapse by themselves in business time, and are told once by however many processes', async () => {
    const registry = await shippedRegistry();
    const first = await process(registry);
    const untilMs = clock.nowMs() + 60_000;
    await first.catalogue.pause('quick-cash', pause({ until_ms: untilMs }));
    const [two, three] = [await process(registry), await process(registry)];
    expect(two.catalogue.stopOf('quick-cash', 'new', clock.nowMs())).toEqual({ untilMs });
    expect(await two.catalogue.nextDue()).toBe(untilMs);
    clock.advanceMs(61_000);
    expect(two.catalogue.stopOf('quick-cash', 'new', clock.nowMs())).toBeUndefined();
    const all = [first, two, three].map(({ catalogue }) => catalogue.runDue(clock.nowMs()));
    await Promise.all(all);
    expect((await told()).map(({ occurred_at, data }) => [occurred_at, data.status])).toEqual([
      ['2026-03-02T10:00:00.000Z', 'paused'],
      ['2026-03-02T10:01:00.000Z', 'open'],
    ]);
    expect(two.catalogue.recordOf('quick-cash')?.updated_at).toBe('2026-03-02T10:01:00.000Z');
  });

  test('of many callers at once each that changes something is told, and nothing else', async () => {
    const registry = await shippedRegistry();
    const [one, two] = [await process(registry), await process(registry)];
    const stops = ['new', 'submissions', 'drawdowns'] as const;
    await Promise.all(
      [one, two, one, two].flatMap(({ catalogue }) =>
        stops.map((stop) => catalogue.pause('quick-cash', pause({ stop }))),
      ),
    );
    const events = await told();
    expect(events).toHaveLength(stops.length);
    expect(events.map(({ data }) => data.revision)).toEqual([2, 3, 4]);
    expect(events.at(-1)?.data.stops).toEqual(stops.map((stop) => ({ stop, until: null })));
  });
});

describe('changed files', () => {
  test('are told once, with the fields that changed, by however many processes read them and start again', async () => {
    const registry = await shippedRegistry();
    const [one, two] = [await process(registry), await process(registry)];
    expect(await told()).toEqual([]);
    clock.advanceMs(5_000);
    const changed = await cheaper();
    one.use(changed);
    await soon(async () => expect(await told()).toHaveLength(1), 3_000);
    // The other one has older files for a while: that is no news.
    two.use(changed);
    await process(changed);
    await Promise.all([one.catalogue.tellFiles(), two.catalogue.tellFiles()]);
    const events = await told();
    expect(events.map(({ data }) => data)).toEqual([
      { product_id: 'quick-cash', lender_id: 'quickcredit', status: 'open', stops: [], changed: ['apr'], revision: 2 },
    ]);
    expect(one.catalogue.recordOf('quick-cash')?.updated_at).toBe('2026-03-02T10:00:05.000Z');
    expect(one.catalogue.recordOf('quick-flex')?.updated_at).toBe('2026-03-02T10:00:00.000Z');
  });

  test('what was changed while nothing ran is told at the next start', async () => {
    await process(await shippedRegistry());
    await process(await cheaper());
    expect(await told()).toHaveLength(1);
  });

  test('a product that comes or goes is told', async () => {
    const without = await registryVariant({
      'lending/bluewave/lender.yaml': (content) => {
        content.products = content.products.filter((product: { id: string }) => product.id !== 'wave-days');
      },
    });
    await process(await shippedRegistry());
    await process(without);
    expect((await told('wave-days')).map(({ data }) => [data.status, data.changed])).toEqual([['closed', ['status']]]);
    await process(await shippedRegistry());
    expect((await told('wave-days')).at(-1)?.data).toMatchObject({ status: 'open', changed: ['status'], revision: 3 });
  });

  test('a suspended lender closes all of its products, whatever is paused', async () => {
    const registry = await shippedRegistry();
    const { catalogue } = await process(registry);
    await catalogue.pause('quick-cash', pause());
    const suspended = await registryVariant({
      'lending/quickcredit/lender.yaml': (content) => {
        content.status = 'suspended';
      },
    });
    const { catalogue: later } = await process(suspended);
    expect(later.recordOf('quick-cash')).toMatchObject({ status: 'closed', stops: [{ stop: 'new', until: null }] });
    await later.resume('quick-cash', 'operator');
    expect((await told()).map(({ data }) => data.status)).toEqual(['paused', 'closed', 'closed']);
  });
});

test('every field that a shelf shows of a file is watched', async () => {
  const registry = await shippedRegistry();
  const product = registry.products.get('quick-cash');
  if (product === undefined) throw new Error('no quick-cash');
  const { eligibility, requirements } = product;
  const before = contentOf(registry, product);
  const changes: Record<string, object> = {
    name: { name: { en: 'Other', zh: '快借' } },
    funders: { funders: ['north'] },
    kind: { kind: 'revolving' },
    currency: { currency: 'USD' },
    amount: { amount: { ...product.amount, step: 5_000 } },
    term: { term: { ...product.term, options: [3] } },
    repayment: { repayment: 'bullet' },
    apr: { rate: { annual: '0.1' } },
    fees: { fees: [{ kind: 'service', payee: 'lender', percent: '1', when: 'upfront' }] },
    regions_excluded: { eligibility: { ...eligibility, excluded_regions: [] } },
    purposes: { eligibility: { ...eligibility, purposes: [] } },
    requirements: { requirements: { ...requirements, documents: ['face'] } },
    hours: { hours: ['09:00-22:00'] },
    cooling_off_days: { cooling_off_days: 7 },
    due_day: { due_day: 5 },
  };
  for (const [field, change] of Object.entries(changes)) {
    const after = contentOf(registry, { ...product, ...change });
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toContain(field);
  }
  expect(contentOf(registry, { ...product, caps: {}, lock_days: 1 })).toEqual(before);
});
