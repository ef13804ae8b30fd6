import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { createFeedProjection, type FedPartner } from '../../../src/delivery/feed/feed-projection.ts';
import { readFeed } from '../../../src/delivery/feed/feed-reader.ts';
import { FeedStore } from '../../../src/delivery/feed/feed-store.ts';
import type { EventType, LogEvent } from '../../../src/events/event.ts';
import type { Projection } from '../../../src/events/projection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { logEvent, sampleContext } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let keys: Keyspace;
let feed: FeedStore;
let projection: Projection;
let partners: Map<string, FedPartner>;
let round = 0;
const nowMs = Date.now();

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  round += 1;
  keys = createKeyspace(`d${round}:`);
  feed = new FeedStore(redis.client, keys);
  partners = new Map<string, FedPartner>([
    ['acme', { status: 'active', visibility: 'status' }],
    ['summit', { status: 'active', visibility: 'none' }],
    ['asleep', { status: 'suspended', visibility: 'status' }],
  ]);
  projection = createFeedProjection({
    feed,
    partners: () => partners,
    retainDays: 90,
    nowMs: () => nowMs,
    appended: () => undefined,
  });
});

const app = derivedId('app', 'acme', 'ORDER-1');
const other = derivedId('app', 'acme', 'ORDER-2');
const at = (sequence: number): string => `${nowMs}-${sequence}`;

function life(subject: string, change: Partial<LogEvent> = {}, from = 0): LogEvent[] {
  const types: EventType[] = [
    'application.screening',
    'application.received',
    'credit.granted',
    'loan.disbursed',
    'loan.overdue',
    'installment.paid',
    'loan.settled',
  ];
  return types.map((type, index) => logEvent(type, subject, at(from + index), { loan_id: 'loan_1' }, change));
}

async function applyAll(events: readonly LogEvent[]): Promise<void> {
  for (const event of events) await projection.apply(event);
}

async function everything(partnerId: string, limit = 3, types = ['*']) {
  const ids: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await readFeed(feed, partnerId, { after, types, visibility: 'full', limit });
    if (page.kind === 'expired') throw new Error('expired');
    if (page.entries.length === 0) return { ids, next: page.next };
    ids.push(...page.entries.map(({ id }) => id));
    after = page.next;
  }
}

const told = (events: readonly LogEvent[]) => events.filter(({ type }) => type !== 'application.screening');

describe('the feed', () => {
  test('has every partner event of the log once and in order, however often each is applied', async () => {
    const events = life(app);
    for (const event of events) {
      await projection.apply(event);
      await projection.apply(event);
    }
    await applyAll(events);
    expect((await everything('acme')).ids).toEqual(told(events).map(({ id }) => id));
  });

  test('an event that was parked gets in although others of its shard have passed it', async () => {
    const [mine, others] = [life(app), life(other, {}, 100)];
    await applyAll(mine.slice(0, 2));
    await applyAll(others);
    await applyAll(mine.slice(2));
    const { ids } = await everything('acme');
    expect(ids.filter((id) => mine.some((event) => event.id === id))).toEqual(told(mine).map(({ id }) => id));
    expect(ids).toHaveLength(told(mine).length + told(others).length);
  });

  test('is the owner’s, and of one without visibility holds nothing of repayment', async () => {
    await applyAll(life(app, { context: sampleContext({ owner_id: 'summit', partner_id: 'acme' }) }));
    expect((await everything('acme')).ids).toEqual([]);
    const page = await readFeed(feed, 'summit', { types: ['*'], visibility: 'full', limit: 50 });
    const entries = page.kind === 'page' ? page.entries : [];
    expect(entries.map(({ type }) => type)).toEqual(['application.received', 'credit.granted', 'loan.disbursed']);
    expect(entries.some(({ earns }) => earns)).toBe(false);
  });

  test('hides what is there from a partner that may see it no longer', async () => {
    await applyAll(life(app));
    const page = await readFeed(feed, 'acme', { types: ['*'], visibility: 'none', limit: 50 });
    expect(page.kind === 'page' && page.entries.map(({ type }) => type)).toEqual([
      'application.received',
      'credit.granted',
      'loan.disbursed',
    ]);
  });

  test('tells active partners of products, under one id', async () => {
    const event = logEvent('product.updated', 'quick-cash', at(0), { changed: ['status'] }, { context: null });
    await applyAll([event, event]);
    expect((await everything('acme')).ids).toEqual([event.id]);
    expect((await everything('summit')).ids).toEqual([event.id]);
    expect((await everything('asleep')).ids).toEqual([]);
  });

  test('holds nothing of a person, and not what a refusal was for', async () => {
    const data = { reason: 'blocked', detail: 'network list', phone: '13800138000' };
    await applyAll([logEvent('application.refused', app, at(0), data)]);
    const raw = JSON.stringify(await redis.client.xrange(keys.partner('acme', 'feed'), '-', '+'));
    expect(raw).toContain('application.refused');
    expect(raw).not.toMatch(/13800138000|blocked|network/);
  });
});

describe('reading it', () => {
  test('a cursor goes on where the page before ended, also through types that are left out, and may be asked again', async () => {
    await applyAll(life(app));
    await applyAll(life(other, {}, 50));
    const { ids, next } = await everything('acme', 1, ['credit.*', 'loan.settled']);
    expect(ids).toHaveLength(4);
    const again = await readFeed(feed, 'acme', { after: next, types: ['*'], visibility: 'full', limit: 5 });
    expect(again).toEqual({ kind: 'page', entries: [], next });
    await applyAll([logEvent('loan.settled', app, at(90), {})]);
    const later = await readFeed(feed, 'acme', { after: next, types: ['*'], visibility: 'full', limit: 5 });
    expect(later.kind === 'page' && later.entries.map(({ type }) => type)).toEqual(['loan.settled']);
  });

  test('a cursor from before what is kept has missed something; one at its edge, and none at all, have not', async () => {
    await applyAll(life(app));
    const all = await readFeed(feed, 'acme', { types: ['*'], visibility: 'full', limit: 50 });
    const positions = all.kind === 'page' ? all.entries.map(({ position }) => position) : [];
    const [first = '', last = ''] = [positions[0], positions.at(-1)];
    expect(await feed.trim('acme', Date.now() + 60_000)).toBe(6);
    const read = (after?: string) => readFeed(feed, 'acme', { after, types: ['*'], visibility: 'full', limit: 5 });
    expect(await read(first)).toEqual({ kind: 'expired' });
    expect(await read(last)).toEqual({ kind: 'page', entries: [], next: last });
    expect(await read()).toEqual({ kind: 'page', entries: [], next: last });
    expect(await redis.client.hlen(keys.partner('acme', 'feed', 'marks'))).toBe(0);
  });

  test('events that it would keep no longer are not told again by a replay', async () => {
    const old = logEvent('application.received', app, `${nowMs - 91 * 86_400_000}-0`);
    await applyAll([old]);
    expect((await everything('acme')).ids).toEqual([]);
  });
});
