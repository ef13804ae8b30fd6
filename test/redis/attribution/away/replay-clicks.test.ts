import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClickArrival } from '../../../../src/attribution/clicks/click.ts';
import { readClicks } from '../../../../src/attribution/clicks/click-log.ts';
import { LinkStore } from '../../../../src/attribution/link-store.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { connectRedis } from '../../../../src/redis/connection.ts';
import { createTestAway, someArrival, type TestAway } from '../../../support/away-clicks.ts';
import { startTestRedis, type TestRedis } from '../../../support/redis.ts';

let redis: TestRedis;
let away: TestAway;

beforeAll(async () => {
  redis = await startTestRedis();
  away = createTestAway(redis, systemClock);
});
afterAll(() => redis.close());

async function logged(shard: number) {
  return readClicks(redis.client, redis.keys, shard, '0-0', 10_000);
}

describe('clicks that were kept while Redis was away', () => {
  test('are in the log once each, under the ids that were given out, however often they are replayed', async () => {
    const arrivals = Array.from({ length: 300 }, () => someArrival(3));
    const given = await Promise.all(arrivals.map((arrival) => keep(away, arrival)));
    const kept = arrivals.map((arrival, index) => ({ id: given[index] ?? '', arrival, sentAtMs: null }));
    await away.spool.replay();
    await Promise.all(kept.flatMap((click) => [away.clicks.replay(click), away.clicks.replay(click)]));
    expect((await logged(3)).map(({ id }) => id).sort()).toEqual(given.sort());
    for (const id of given.slice(0, 20)) expect(await away.clicks.load(id)).toMatchObject({ id, partner_id: 'acme' });
    expect(away.watch.counts).toMatchObject({ replayed: 300, damaged: 0 });
  });

  test('of several processes are replayed at the same time without doubling one', async () => {
    const folder = createTestAway(redis, systemClock);
    const given = await Promise.all(Array.from({ length: 200 }, () => keep(folder, someArrival(5))));
    await folder.spool.stop();
    const others = [2, 3].map((process) =>
      createTestAway(redis, systemClock, { directory: folder.directory, process }),
    );
    await Promise.all(others.map(({ spool }) => spool.replay()));
    expect((await logged(5)).map(({ id }) => id).sort()).toEqual(given.sort());
  });

  test('of one visitor in the window are one click, and every arrival is in the log', async () => {
    const first = someArrival(7);
    const given = [];
    for (const random of ['aa', 'bb', 'cc']) {
      given.push(await keep(away, { ...first, random: random.padStart(14, '0') }));
    }
    expect(new Set(given).size).toBe(1);
    await away.spool.replay();
    const entries = await logged(7);
    expect(entries.map(({ repeats }) => repeats)).toEqual([null, given[0], given[0]]);
    // The visitor goes on with the same click when Redis is back.
    expect(await away.clicks.record({ ...first, random: 'dd'.padStart(14, '0') })).toEqual({
      id: given[0],
      isNew: false,
    });
  });
});

describe('the id of a click that was not replayed yet', () => {
  test('answers the click from itself, with its partner and product as the link has them', async () => {
    const arrival = someArrival(9, { sub_ids: { sub1: 'wechat' }, cause: 'capped', dc: true });
    const id = await keep(away, arrival);
    const { link_code, partner_id, product_id, lender_id, sub_ids, cause, dc, at_ms } = arrival.facts;
    expect(await away.clicks.load(id)).toEqual({
      id,
      ...{ link_code, partner_id, product_id, lender_id, sub_ids, cause, dc, at_ms },
      ...{ bot: false, speculative: false, entry: null, visitor: '', ip: '' },
    });
    await away.spool.replay();
    expect(await away.clicks.load(id)).toMatchObject({ id, visitor: arrival.facts.visitor });
  });

  test('forged, of a link that is gone, or older than clicks are kept, is as unknown as any', async () => {
    const id = await keep(away, someArrival(9));
    expect(await away.clicks.load(`${id.slice(0, 10)}${id[10] === 'A' ? 'B' : 'A'}${id.slice(11)}`)).toBeUndefined();
    const old = await keep(away, someArrival(9, { at_ms: Date.now() - 401 * 86_400_000 }));
    expect(await away.clicks.load(old)).toBeUndefined();
    const noLinks = createTestAway(redis, systemClock, { ownerOf: () => undefined });
    expect(await noLinks.clicks.load(id)).toBeUndefined();
  });

  test('can be bound to a person before the replay, and still is after it', async () => {
    const id = await keep(away, someArrival(10));
    const click = await away.clicks.load(id);
    if (!click) throw new Error('no click');
    expect(await away.clicks.bind(click, ['token'])).toBe('bound');
    await away.spool.replay();
    expect(await away.clicks.isBound(id, ['token'])).toBe(true);
    expect((await logged(10)).map((entry) => entry.id)).toEqual([id]);
  });
});

describe('a click whose answer was lost', () => {
  test('is one click when its script had run', async () => {
    const cut = await startCutter(redis.url.slice('unix:'.length));
    const client = await connectRedis({ url: `redis://127.0.0.1:${cut.port}` });
    const there = createTestAway({ client, keys: redis.keys }, systemClock);
    const arrivals = Array.from({ length: 20 }, () => someArrival(12));
    // Scripts are known to the server from here on, so that one message is enough.
    await there.clicks.record(someArrival(13));
    cut.swallowAnswers();
    const ids = await Promise.all(arrivals.map((arrival) => recordOrKeep(there, arrival)));
    expect((await logged(12)).length).toBe(20);
    await away.spool.replay();
    await replayInto(there);
    const entries = await logged(12);
    expect(entries.map(({ id }) => id.slice(-14)).sort()).toEqual(arrivals.map(({ random }) => random).sort());
    for (const [index, id] of ids.entries()) {
      expect(await away.clicks.load(id)).toMatchObject({ id, visitor: arrivals[index]?.facts.visitor });
    }
    client.disconnect();
    await cut.close();
  });

  test('is one click when its script runs only after the replay', async () => {
    const arrival = someArrival(14);
    const id = await keep(away, arrival, Date.now());
    await away.spool.replay();
    expect((await logged(14)).map((entry) => entry.id)).toEqual([id]);
    // What lay in a socket of a server that hung.
    await expect(away.clicks.record(arrival)).rejects.toThrow('kept elsewhere');
    expect((await logged(14)).map((entry) => entry.id)).toEqual([id]);
  });

  test('is one click when its script had never run', async () => {
    const arrival = someArrival(15);
    const id = await keep(away, arrival, Date.now());
    await away.spool.replay();
    await away.spool.replay();
    expect((await logged(15)).map((entry) => entry.id)).toEqual([id]);
  });

  test('is found however long after it was sent the server went on', async () => {
    const arrival = someArrival(16);
    const { id: recorded } = await away.clicks.record(arrival);
    const id = await keep(away, arrival, Date.now() - 3_600_000);
    await away.spool.replay();
    expect((await logged(16)).map((entry) => entry.id)).toEqual([recorded]);
    expect(await away.clicks.load(id)).toMatchObject({ id, visitor: arrival.facts.visitor });
  });
});

describe('while a server hangs', () => {
  test('the first visitors wait less than a second, everybody after them not at all, and it is noticed when it goes on', async () => {
    const own = await startTestRedis();
    const there = createTestAway(own, systemClock);
    await there.clicks.record(someArrival(1));
    process.kill(own.pid, 'SIGSTOP');
    const firstMs = await timed(() => recordOrKeep(there, someArrival(1)));
    expect(firstMs).toBeLessThan(1_000);
    const laterMs = await timed(async () => {
      for (let shard = 0; shard < 16; shard += 1) await recordOrKeep(there, someArrival(shard));
    });
    // A disk, but no timeout, is in it: sixteen of those would be twelve seconds.
    expect(laterMs).toBeLessThan(3_000);
    process.kill(own.pid, 'SIGCONT');
    const deadline = Date.now() + 5_000;
    while (there.breaker.isAnyAway && Date.now() < deadline) await delay(20);
    await there.spool.replay();
    expect(await totalLogged(own)).toBe(18);
    await there.breaker.stop();
    await own.close();
  });
});

async function totalLogged(own: TestRedis): Promise<number> {
  let total = 0;
  for (let shard = 0; shard < 64; shard += 1) {
    total += (await readClicks(own.client, own.keys, shard, '0-0', 1_000)).length;
  }
  return total;
}

async function keep(there: TestAway, arrival: ClickArrival, sentAtMs: number | null = null): Promise<string> {
  return (await there.spool.keep(arrival, sentAtMs)).id;
}

async function recordOrKeep(there: TestAway, arrival: ClickArrival): Promise<string> {
  const sentAtMs = Date.now();
  try {
    return (await there.guarded.record(arrival)).id;
  } catch {
    return keep(there, arrival, sentAtMs);
  }
}

/** The gateway that comes after the one whose connection was cut. */
async function replayInto(there: TestAway): Promise<void> {
  await there.breaker.stop();
  await there.spool.stop();
  await createTestAway(redis, systemClock, { directory: there.directory }).spool.replay();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Stands before a Redis and can pass on what is sent to it while it swallows the answers, then cuts the connection. */
async function startCutter(path: string): Promise<{ port: number; swallowAnswers(): void; close(): Promise<void> }> {
  let swallows = false;
  const server: Server = createServer((near) => {
    const far = connect(path);
    near.pipe(far);
    far.on('data', (bytes) => {
      if (!swallows) near.write(bytes);
      else setTimeout(() => near.destroy(), 20);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    for (const end of [near, far]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    swallowAnswers: () => {
      swallows = true;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('links that nobody has clicked yet are in memory, so that they lead somewhere while Redis is away', async () => {
  const links = new LinkStore(redis.client, redis.keys);
  const wish = {
    partner_id: 'acme',
    product_id: 'quick-cash',
    landing: 'hosted',
    fallback_url: null,
    caps: {},
    same_visitor_hours: 1,
    pass: [],
    params: {},
    host: null,
    label: null,
  };
  await links.create({ ...wish, code: 'made-elsewhere' }, '2026-03-02T04:00:00.000Z');
  const ours = new LinkStore(redis.client, redis.keys);
  expect(ours.remembered('made-elsewhere')).toBeUndefined();
  await ours.warm(['acme', 'lantern']);
  expect(ours.remembered('made-elsewhere')).toMatchObject({ partner_id: 'acme', landing: 'hosted' });
});
