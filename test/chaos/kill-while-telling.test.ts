import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPartnerEvent } from '../../src/delivery/feed/is-told.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { changedPartners } from '../support/changed-partners.ts';
import { everyEvent } from '../support/every-event.ts';
import { createDataDir } from '../support/gateway.ts';
import { embeddedPid, freePort, type GatewayChild, startGatewayChild } from '../support/gateway-child.ts';
import { type HookReceiver, isSignedWith, startHookReceiver } from '../support/hook-receiver.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { shippedClient } from '../support/signed-client.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const APPLICANTS = 12;
const QUIET_LOOKS = 5;

let dataDir: string;
let partners: string;
let registry: Registry;
let receiver: HookReceiver;
let child: GatewayChild;
let redis: RedisClient;
/** Ids in the order of a cursor that was walked all the while. */
const walked: string[] = [];

/** Reads on by a cursor for as long as it is asked to, whatever is killed meanwhile. */
function walkForEver(clientOf: () => PartnerClient): { stop(): Promise<void> } {
  let after = '';
  let isStopping = false;
  const reading = (async () => {
    for (let quiet = 0; !isStopping || quiet < QUIET_LOOKS; ) {
      const answer = await clientOf()
        .get(`/v1/events?limit=5${after}`)
        .catch(() => undefined);
      if (answer?.status !== 200) {
        await delay(50);
        continue;
      }
      walked.push(...answer.body.data.map(({ id }: { id: string }) => id));
      after = `&after=${answer.body.next_cursor}`;
      quiet = answer.body.data.length === 0 ? quiet + 1 : 0;
      if (quiet > 0) await delay(20);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      await reading;
    },
  };
}

async function apply(from: number, count: number): Promise<void> {
  const client = shippedClient(child.url, 'acme');
  for (let at = from; at < from + count; at += 1) {
    const input = applicationFor(registry, nextPerson('0000'), `TOLD-${at}`, 'quick-cash');
    await client.post('/v1/applications', input).catch(() => undefined);
  }
}

beforeAll(async () => {
  registry = await shippedRegistry();
  receiver = await startHookReceiver();
  // Every seventh event fails once: what has a record must survive too.
  const seen = new Set<string>();
  receiver.answer = ({ id }) => {
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew && seen.size % 7 === 0 ? 503 : 204;
  };
  partners = changedPartners({
    acme: { callbacks: { url: `${receiver.url}/hooks`, secret: SECRET, events: ['*'] } },
  });
  dataDir = createDataDir();
  const port = await freePort();
  const start = () => startGatewayChild(dataDir, port, { SLUICE_PARTNERS: partners });
  child = await start();
  const walker = walkForEver(() => shippedClient(child.url, 'acme'));
  await apply(0, APPLICANTS / 3);
  await receiver.until((all) => all.length >= APPLICANTS / 3);
  await child.kill();
  child = await start();
  await apply(APPLICANTS / 3, APPLICANTS / 3);
  process.kill(embeddedPid(dataDir), 'SIGKILL');
  await delay(300);
  await apply((2 * APPLICANTS) / 3, APPLICANTS / 3);
  redis = await connectRedis({ url: `unix:${join(dataDir, 'redis', 'redis.sock')}` });
  await settled();
  await walker.stop();
});
afterAll(async () => {
  redis.disconnect();
  await child.stop();
  await receiver.close();
  for (const path of [dataDir, partners]) rmSync(path, { recursive: true, force: true });
});

/** Waits until the feed grows no more, and all of it was received. */
async function settled(): Promise<void> {
  const keys = createKeyspace('sluice:');
  for (let length = -1, quiet = 0; quiet < 4; ) {
    await delay(500);
    const now = await redis.xlen(keys.partner('acme', 'feed'));
    quiet = now === length ? quiet + 1 : 0;
    length = now;
  }
  const ids = await feedIds();
  await receiver.until((all) => {
    const arrived = new Set(all.flatMap(({ id, status }) => (status === 204 ? [id] : [])));
    return ids.every((id) => arrived.has(id));
  }, 30_000);
}

async function feedIds(): Promise<string[]> {
  const stored = await redis.xrange(createKeyspace('sluice:').partner('acme', 'feed'), '-', '+');
  return stored.map(([, fields]) => (JSON.parse(fields[1] ?? '{}') as { id: string }).id);
}

describe('gateway and Redis are killed while partners are told', () => {
  test('the feed has every event of the log once', async () => {
    const log = await everyEvent(redis, createKeyspace('sluice:'));
    const own = log.filter(({ type, context }) => context?.owner_id === 'acme' && isPartnerEvent(type));
    const ids = await feedIds();
    expect(own.length).toBeGreaterThan(APPLICANTS);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, type } of own) expect(ids, type).toContain(id);
  });

  test('a cursor that was walked all the while has seen exactly the feed, in its order', async () => {
    expect(walked).toEqual(await feedIds());
  });

  test('every event arrived, signed, and repeats are few and under the same id', async () => {
    const ids = await feedIds();
    const arrived = receiver.received.filter(({ status }) => status === 204);
    expect(new Set(arrived.map(({ id }) => id))).toEqual(new Set(ids));
    expect(receiver.received.every((hook) => isSignedWith(SECRET, hook))).toBe(true);
    // Only what was in hand when something was killed: at most a window each time.
    expect(arrived.length - ids.length).toBeLessThan(2 * 64);
  });

  test('the first arrivals of one application’s events are in the order of the feed', async () => {
    const stored = await redis.xrange(createKeyspace('sluice:').partner('acme', 'feed'), '-', '+');
    const lanes = new Map<string, string[]>();
    for (const [, fields] of stored) {
      const { id, about } = JSON.parse(fields[1] ?? '{}') as { id: string; about: string };
      lanes.set(about, [...(lanes.get(about) ?? []), id]);
    }
    const firsts = [...new Set(receiver.received.flatMap(({ id, status }) => (status === 204 ? [id] : [])))];
    const place = new Map(firsts.map((id, at) => [id, at]));
    for (const ids of lanes.values()) {
      const places = ids.map((id) => place.get(id) ?? -1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  });
});
