import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClickStore } from '../../src/attribution/clicks/click-store.ts';
import { systemClock } from '../../src/base/clock.ts';
import { everyEvent, openIntents } from '../support/every-event.ts';
import { toldTwice } from '../support/expected-lines.ts';
import { createDataDir, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { embeddedPid, freePort, type GatewayChild, startGatewayChild } from '../support/gateway-child.ts';
import { nextPerson, shippedRegistry } from '../support/intake.ts';
import { shippedClient } from '../support/signed-client.ts';
import { type AnsweredApplication, mixedApplications, submitTo, workThrough } from '../support/traffic.ts';

const APPLICATIONS = 200;
const AT_ONCE = 8;
/** Answers after which Redis is killed. */
const KILL_AT = [50, 120];
const FROZEN_MS = 2_500;
const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;
  readonly ms: number;
}

const answered: AnsweredApplication[] = [];
const clicks: string[] = [];
const unexpected: string[] = [];
/** What the signed door said while Redis was frozen, and while it was dead. */
const whileFrozen: Refusal[] = [];
const whileDead: Refusal[] = [];
const pids: number[] = [];

let dataDir: string;
let child: GatewayChild;
let after: TestGateway;

beforeAll(async () => {
  dataDir = createDataDir();
  const port = await freePort();
  child = await startGatewayChild(dataDir, port);
  await askWhileItIsFrozen();
  await applyWhileItIsKilled();
  await child.kill();
  process.kill(embeddedPid(dataDir), 'SIGKILL');
  after = await startTestGateway({ dataDir, variables: { PORT: String(port) } });
  await after.settle();
});

afterAll(async () => {
  await after.stop();
});

/** Redis takes connections and says nothing: the worst that it can do. */
async function askWhileItIsFrozen(): Promise<void> {
  // Whatever is compiled at first use is compiled before the time is taken.
  await ask();
  const pid = embeddedPid(dataDir);
  process.kill(pid, 'SIGSTOP');
  const endsAt = Date.now() + FROZEN_MS - 1_000;
  while (Date.now() < endsAt) {
    whileFrozen.push(await ask());
    await follow(`frozen ${whileFrozen.length}`);
  }
  process.kill(pid, 'SIGCONT');
}

async function ask(): Promise<Refusal> {
  const startedAt = performance.now();
  const subject = { phone: nextPerson().phone };
  const answer = await shippedClient(child.url, 'acme').post('/v1/prechecks', { product_id: 'quick-cash', subject });
  const ms = performance.now() - startedAt;
  return { status: answer.status, code: answer.body.code, retryAfter: answer.headers.get('retry-after'), ms };
}

async function follow(visitor: string): Promise<void> {
  const headers = { 'user-agent': `${BROWSER} ${visitor}` };
  const answer = await fetch(`${child.url}/r/acme-home`, { redirect: 'manual', headers });
  const location = answer.headers.get('location');
  if (answer.status !== 302 || location === null) unexpected.push(`a click was answered ${answer.status}`);
  else clicks.push(new URL(location).searchParams.get('click') ?? '');
}

async function applyWhileItIsKilled(): Promise<void> {
  const kills = [...KILL_AT];
  const jobs = mixedApplications(await shippedRegistry(), APPLICATIONS);
  const watching: Promise<void>[] = [];
  await workThrough(jobs, AT_ONCE, submitTo(child.url, unexpected), (answer) => {
    answered.push(answer);
    if (answered.length !== kills[0]) return;
    kills.shift();
    watching.push(killRedis());
  });
  await Promise.all(watching);
}

/** Kills it and asks all the while until it is back. */
async function killRedis(): Promise<void> {
  const pid = embeddedPid(dataDir);
  pids.push(pid);
  process.kill(pid, 'SIGKILL');
  for (;;) {
    const [answer] = await Promise.all([ask(), follow(`dead ${pid} ${clicks.length}`)]);
    if (answer.status === 200 && embeddedPid(dataDir) !== pid) return;
    if (answer.status !== 200) whileDead.push(answer);
  }
}

describe('while Redis is frozen or dead', () => {
  test('signed doors answer 503 with Retry-After within a second', () => {
    expect(whileFrozen.length).toBeGreaterThan(0);
    expect(whileDead.length).toBeGreaterThan(0);
    for (const { status, code, retryAfter, ms } of [...whileFrozen, ...whileDead]) {
      expect({ status, code, retryAfter }).toEqual({ status: 503, code: 'dependency_unavailable', retryAfter: '1' });
      expect(ms).toBeLessThan(1_000);
    }
  });

  test('a click is redirected all the same', () => {
    expect(clicks.length).toBeGreaterThan(2);
    expect(unexpected).toEqual([]);
  });
});

describe('after Redis was killed', () => {
  test('the gateway has started it again by itself, each time', () => {
    expect(new Set(pids).size).toBe(KILL_AT.length);
    expect(answered.length).toBeGreaterThanOrEqual(APPLICATIONS);
  });

  test('nothing that was answered 201 is lost', async () => {
    for (const { id, partnerId, status } of answered) {
      const { status: http, body } = await after[partnerId].get(`/v1/applications/${id}`);
      expect(http, id).toBe(200);
      expect(body.status === 'refused', id).toBe(status === 'refused');
    }
  });

  test('no click is lost: those of the outage are recorded under the ids that were given out', async () => {
    const deadline = Date.now() + 10_000;
    // One that does not read clicks out of their ids: they must be in the log.
    const stored = new ClickStore(after.redis, after.keys, systemClock);
    for (const id of clicks) {
      while ((await stored.load(id)) === undefined) {
        if (Date.now() > deadline) throw new Error(`click ${id} is lost`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });

  test('no intent is left behind and nothing has happened twice', async () => {
    expect(await openIntents(after.redis, after.keys)).toEqual([]);
    expect(toldTwice(await everyEvent(after.redis, after.keys))).toEqual([]);
  });
});
