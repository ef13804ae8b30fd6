import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ChannelDesk } from '../../../src/delivery/channels/channel-desk.ts';
import { ChannelRunner, type Turn } from '../../../src/delivery/channels/channel-runner.ts';
import { ChannelStore } from '../../../src/delivery/channels/channel-store.ts';
import type { Destination } from '../../../src/delivery/channels/destination.ts';
import type { AttemptOutcome } from '../../../src/delivery/channels/settlements-of.ts';
import { FeedStore } from '../../../src/delivery/feed/feed-store.ts';
import { webhookDestination } from '../../../src/delivery/webhooks/webhook-destination.ts';
import { createOutbound, type Outbound } from '../../../src/outbound/create-outbound.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import type { PartnerEvent } from '../../../src/registry/schema/event-names.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { type HookReceiver, startHookReceiver } from '../../support/hook-receiver.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let receiver: HookReceiver;
let outbound: Outbound;
let keys: Keyspace;
let feed: FeedStore;
let store: ChannelStore;
let desk: ChannelDesk;
let nowMs: number;
let outcomes: AttemptOutcome[];
let round = 0;

const OWNER = 'this process';
const HOUR_MS = 3_600_000;
const place = { partnerId: 'acme', name: 'webhook' };

beforeAll(async () => {
  redis = await startTestRedis();
  receiver = await startHookReceiver();
  outbound = createOutbound({ allowLoopback: true, connectionsPerHost: 8 });
});
afterAll(async () => {
  await outbound.close();
  await receiver.close();
  await redis.close();
});
beforeEach(() => {
  round += 1;
  keys = createKeyspace(`c${round}:`);
  feed = new FeedStore(redis.client, keys);
  store = new ChannelStore(redis.client, keys);
  desk = new ChannelDesk(redis.client, keys);
  nowMs = Date.now();
  outcomes = [];
  receiver.received.length = 0;
  receiver.answer = () => 204;
});

const realClock = { nowMs: () => nowMs };

function webhook(path = '/hooks'): Destination {
  const callbacks = { url: `${receiver.url}${path}`, events: ['*'] };
  const partner = { id: 'acme', visibility: 'status' as const, callbacks, secret: Buffer.from('secret of acme') };
  const { keyObject } = deriveOurKey('a root secret for tests').signingKey;
  return webhookDestination(partner, {
    views: { things: async (_, entries) => entries.map(({ about }) => ({ id: about })) },
    signingKey: () => keyObject,
    realClock,
  });
}

function runner(destination = webhook(), owner = OWNER): ChannelRunner {
  return new ChannelRunner(destination, {
    store,
    feed,
    outbound,
    realClock,
    random: () => 0,
    owner,
    observer: {
      attempted: (_, __, outcome) => void outcomes.push(outcome),
      failed: (error) => {
        throw error;
      },
    },
  });
}

/** Turns until nothing more is to be done at once. */
async function work(channel: ChannelRunner): Promise<Turn> {
  await store.takeLease('acme', OWNER, 60_000);
  for (;;) {
    const turn = await channel.turn();
    if (turn.kind === 'lost' || !turn.again) return turn;
  }
}

let sequence = 0;
async function tell(about: string, type: PartnerEvent = 'application.received'): Promise<string> {
  sequence += 1;
  const id = `evt_${sequence}`;
  const entry = { id, type, about, occurred_at: '2026-03-02T04:05:06.000Z', recorded_at: '2026-03-02T04:05:06.000Z' };
  await feed.append('acme', { subject: `${about}:${sequence}`, position: `${sequence}-0` }, entry);
  return id;
}

const sent = () => receiver.received.map(({ id }) => id);
const arrived = () => receiver.received.filter(({ status }) => status < 300).map(({ id }) => id);

describe('a channel', () => {
  test('delivers every event once, in the order of each application, and remembers that it did', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 150; at += 1) ids.push(await tell(`app_${at % 7}`));
    await work(runner());
    expect([...sent()].sort()).toEqual([...ids].sort());
    for (let lane = 0; lane < 7; lane += 1) {
      const own = ids.filter((_, at) => at % 7 === lane);
      expect(sent().filter((id) => own.includes(id))).toEqual(own);
    }
    expect(await desk.overview(place)).toMatchObject({ backlog: 0, pending: 0, lastStatus: 204, lastError: null });
    const { page } = await desk.list([place], { limit: 200 });
    expect(page.map(({ record }) => record.state)).toEqual(Array(150).fill('delivered'));
  });

  test('an event that fails holds up later ones of the same application, and nothing else', async () => {
    const [a1, b1, a2] = [await tell('app_a'), await tell('app_b'), await tell('app_a')];
    receiver.answer = ({ id }) => (id === a1 ? 500 : 204);
    const channel = runner();
    await work(channel);
    const a3 = await tell('app_a');
    await work(channel);
    expect(arrived()).toEqual([b1]);
    expect(sent()).not.toContain(a2);
    const { page } = await desk.list([place], { limit: 10 });
    expect(page.map(({ record }) => [record.event, record.state])).toEqual([
      [a3, 'waiting'],
      [a2, 'waiting'],
      [b1, 'delivered'],
      [a1, 'retrying'],
    ]);
    receiver.answer = () => 204;
    nowMs += 5_000;
    await work(channel);
    expect(arrived()).toEqual([b1, a1, a2, a3]);
  });

  test('makes ten attempts at the times of the schedule, then gives up, and the next one of the application goes', async () => {
    const poisoned = await tell('app_a');
    const next = await tell('app_a');
    receiver.answer = ({ id }) => (id === poisoned ? 422 : 204);
    const startMs = nowMs;
    const times: number[] = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      // A new process each time: what it knows of the endpoint is not what decides.
      await work(runner());
      times.push(nowMs - startMs);
      expect(sent().filter((id) => id === poisoned)).toHaveLength(attempt + 1);
      const [found] = (await desk.list([place], { state: 'retrying', limit: 5 })).page;
      nowMs = found?.record.next_ms ?? nowMs;
    }
    expect(times.map((ms) => ms / 1_000)).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105]);
    expect(arrived()).toEqual([next]);
    const [dead] = (await desk.list([place], { state: 'dead', limit: 5 })).page;
    expect(dead?.record).toMatchObject({ event: poisoned, attempts: 10, status: 422, error: 'http_422' });
    receiver.answer = () => 204;
    const again = dead && (await desk.redrive(dead, nowMs));
    expect(again).toMatchObject({ state: 'retrying', attempts: 0 });
    await work(runner());
    expect(arrived()).toEqual([next, poisoned]);
    expect(dead && (await desk.redrive(dead, nowMs))).toBe('delivered');
  });

  test('an endpoint that is down is left alone: events wait in the feed, uncounted, and all arrive once it is back', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 120; at += 1) ids.push(await tell(`app_${at}`));
    receiver.answer = () => 503;
    const channel = runner();
    for (let hour = 0; hour < 30; hour += 1) {
      await work(channel);
      nowMs += HOUR_MS / 2;
    }
    const tries = receiver.received.length;
    expect(tries).toBeLessThan(80);
    expect((await desk.overview(place)).backlog).toBeGreaterThan(50);
    receiver.answer = () => 204;
    const backMs = nowMs;
    while (arrived().length < 120) {
      await work(channel);
      nowMs += 500;
    }
    // Retries that were hours away came along, and the first second saw a trickle.
    expect(nowMs - backMs).toBeLessThan(60_000);
    expect([...new Set(arrived())].sort()).toEqual([...ids].sort());
    expect(arrived()).toHaveLength(120);
  });

  test('410 switches it off until the URL changes or an operator switches it on; nothing is lost', async () => {
    const [first, second] = [await tell('app_a'), await tell('app_b')];
    receiver.answer = () => 410;
    const channel = runner();
    await work(channel);
    const before = receiver.received.length;
    const third = await tell('app_c');
    nowMs += 100 * HOUR_MS;
    await work(channel);
    expect(receiver.received).toHaveLength(before);
    expect((await desk.overview(place)).disabledStatus).toBe(410);
    receiver.answer = () => 204;
    expect(await desk.enable(place, nowMs)).toBe(true);
    await work(channel);
    expect([...arrived()].sort()).toEqual([first, second, third].sort());

    receiver.answer = () => 410;
    const fourth = await tell('app_d');
    await work(channel);
    receiver.answer = () => 204;
    await work(runner(webhook('/elsewhere')));
    expect(arrived()).toContain(fourth);
    expect(receiver.received.at(-1)?.url).toBe('/elsewhere');
  });

  test('redirects are not followed, and a receiver may ask for time', async () => {
    await tell('app_a');
    receiver.answer = () => ({ status: 302, headers: { location: `${receiver.url}/other` } });
    const channel = runner();
    await work(channel);
    expect(receiver.received.map(({ url }) => url)).toEqual(['/hooks']);
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '900' } });
    nowMs += 5_000;
    await work(channel);
    const [found] = (await desk.list([place], { state: 'retrying', limit: 5 })).page;
    expect((found?.record.next_ms ?? 0) - nowMs).toBe(900_000);
  });

  test('a process that was killed repeats what it had in hand, under the same ids, and loses nothing', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 40; at += 1) ids.push(await tell(`app_${at % 5}`));
    await store.takeLease('acme', OWNER, 60_000);
    const channel = runner();
    // It loses the partner in the middle: from then on nothing that it does is written down.
    let count = 0;
    receiver.answer = () => {
      count += 1;
      if (count === 20) void store.dropLease('acme', OWNER).then(() => store.takeLease('acme', 'another', 60_000));
      return 204;
    };
    await channel.turn();
    const before = sent().length;
    const heir = runner(webhook(), 'another');
    for (;;) {
      const turn = await heir.turn();
      if (turn.kind === 'lost' || !turn.again) break;
    }
    expect([...new Set(arrived())].sort()).toEqual([...ids].sort());
    expect(sent().length - ids.length).toBeLessThanOrEqual(before);
    for (let lane = 0; lane < 5; lane += 1) {
      const own = ids.filter((_, at) => at % 5 === lane);
      expect([...new Set(sent().filter((id) => own.includes(id)))]).toEqual(own);
    }
  });

  test('what is not known yet is waited for without an attempt, and what is about it waits behind', async () => {
    const [first, second] = [await tell('app_a'), await tell('app_a')];
    const plain = webhook();
    let isKnown = false;
    const waiting: Destination = {
      ...plain,
      prepare: async (...args) => (isKnown ? plain.prepare(...args) : { kind: 'later', waitMs: 3_000 }),
    };
    const channel = runner(waiting);
    await work(channel);
    expect(receiver.received).toHaveLength(0);
    const { page } = await desk.list([place], { state: 'waiting', limit: 5 });
    expect(page.map(({ record }) => record.attempts)).toEqual([0, 0]);
    isKnown = true;
    nowMs += 2_999;
    await work(channel);
    expect(receiver.received).toHaveLength(0);
    nowMs += 1;
    await work(channel);
    expect(arrived()).toEqual([first, second]);
  });

  test('two processes never look after the same partner', async () => {
    expect(await store.takeLease('acme', 'one', 60_000)).toBe(true);
    expect(await store.takeLease('acme', 'two', 60_000)).toBe(false);
    await tell('app_a');
    expect(await runner(webhook(), 'two').turn()).toEqual({ kind: 'lost' });
    expect(receiver.received).toHaveLength(0);
  });

  test('begins a minute before it was first seen, not with all that was ever told', async () => {
    const client = redis.client;
    const entry = { type: 'loan.disbursed', about: 'app_a', occurred_at: '', recorded_at: '' };
    const old = `${Date.now() - 120_000}-0`;
    await client.xadd(keys.partner('acme', 'feed'), old, 'e', JSON.stringify({ id: 'evt_old', ...entry }));
    const fresh = await tell('app_a');
    await work(runner());
    expect(sent()).toEqual([fresh]);
  });

  test('forgets what is over once the feed does', async () => {
    await tell('app_a');
    await work(runner());
    await desk.forget(place, Date.now() + 60_000);
    expect((await desk.list([place], { limit: 5 })).page).toEqual([]);
    expect(await client(keys.partner('acme', 'deliveries', 'webhook', 'records'))).toBe(0);
  });
});

function client(key: string): Promise<number> {
  return redis.client.hlen(key);
}
