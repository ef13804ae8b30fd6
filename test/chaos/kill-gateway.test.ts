import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../src/revenue/check-ledger.ts';
import type { CommissionLine } from '../../src/revenue/commission-line.ts';
import { PeriodStore } from '../../src/revenue/period-store.ts';
import { everyEvent, openIntents } from '../support/every-event.ts';
import { bookedEarnings, expectedEarnings, toldTwice } from '../support/expected-lines.ts';
import { ADMIN_TOKEN, createDataDir, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { freePort, type GatewayChild, startGatewayChild } from '../support/gateway-child.ts';
import { shippedRegistry } from '../support/intake.ts';
import { operatorClient, shippedClient } from '../support/signed-client.ts';
import { type AnsweredApplication, mixedApplications, submitTo, workThrough } from '../support/traffic.ts';

const APPLICATIONS = 200;
const AT_ONCE = 12;
/** Answers after which the gateway is killed. */
const KILL_AT = [50, 120];
const DRAWDOWNS = 30;
const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';

const answered: AnsweredApplication[] = [];
const drawn: string[] = [];
const clicks: string[] = [];
const unexpected: string[] = [];

let dataDir: string;
let port: number;
let child: GatewayChild;
/** The last start, in this process, so that what lies behind the doors can be looked at. */
let after: TestGateway;

beforeAll(async () => {
  dataDir = createDataDir();
  port = await freePort();
  child = await startGatewayChild(dataDir, port);
  await applyWhileItIsKilled();
  await drawDown();
  await moveTheClockWhileItIsKilled();
  after = await startTestGateway({ dataDir, variables: { PORT: String(port) } });
  await until(async () => (await openIntents(after.redis, after.keys)).length === 0);
  await after.settle();
});

afterAll(async () => {
  await after.stop();
});

async function killAndStartAgain(): Promise<void> {
  await child.kill();
  child = await startGatewayChild(dataDir, port);
}

async function applyWhileItIsKilled(): Promise<void> {
  const kills = [...KILL_AT];
  const killing: Promise<void>[] = [];
  const visitors = visitTheLink();
  const jobs = mixedApplications(await shippedRegistry(), APPLICATIONS);
  await workThrough(jobs, AT_ONCE, submitTo(child.url, unexpected), (answer) => {
    answered.push(answer);
    if (answered.length !== kills[0]) return;
    kills.shift();
    killing.push(killAndStartAgain());
  });
  await Promise.all(killing);
  visitors.stop();
}

/** People who follow a link all the while; a click counts from the moment that its redirect was answered. */
function visitTheLink(): { stop(): void } {
  let visitor = 0;
  const timer = setInterval(async () => {
    visitor += 1;
    const headers = { 'user-agent': `${BROWSER} ${visitor}` };
    try {
      const answer = await fetch(`${child.url}/r/acme-home`, { redirect: 'manual', headers });
      const location = answer.status === 302 ? answer.headers.get('location') : null;
      if (location) clicks.push(new URL(location).searchParams.get('click') ?? '');
    } catch {
      // Nobody was there to answer.
    }
  }, 15);
  return { stop: () => clearInterval(timer) };
}

async function drawDown(): Promise<void> {
  const clients = { acme: shippedClient(child.url, 'acme'), summit: shippedClient(child.url, 'summit') };
  await operatorClient(child.url, ADMIN_TOKEN).post('/sandbox/clock', { advance: '1m' });
  const accepted = answered.filter(({ status }) => status !== 'refused').slice(0, DRAWDOWNS);
  for (const { id, partnerId, input } of accepted) {
    const { amount, term, term_unit, purpose } = input.requested;
    const body = { partner_ref: `DRAW-${id}`, amount, term, term_unit, purpose };
    const answer = await clients[partnerId].post(`/v1/applications/${id}/loans`, body);
    if (answer.status === 201) drawn.push(answer.body.id);
    else unexpected.push(`${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** Payouts and the first two instalments fall due, and the gateway dies over them. */
async function moveTheClockWhileItIsKilled(): Promise<void> {
  const to = new Date(Date.now() + 70 * 86_400_000).toISOString();
  const moving = operatorClient(child.url, ADMIN_TOKEN)
    .post('/sandbox/clock', { to })
    .catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await killAndStartAgain();
  await moving;
  // A day further: the clock may have arrived just before the kill, and it never goes back.
  const further = new Date(Date.parse(to) + 86_400_000).toISOString();
  const moved = await operatorClient(child.url, ADMIN_TOKEN).post('/sandbox/clock', { to: further });
  if (moved.status !== 200) unexpected.push(`${moved.status} ${JSON.stringify(moved.body)}`);
  await child.kill();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not become so in 15 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function linesOf(partnerId: string): Promise<CommissionLine[]> {
  const lines = new Map<string, CommissionLine>();
  for await (const line of after.gateway.rooms.ledger.allLines(partnerId)) lines.set(line.id, line);
  return [...lines.values()];
}

describe('a gateway that is killed four times over its work', () => {
  test('in the end every request is answered, and nothing is answered that may not be', () => {
    expect(unexpected).toEqual([]);
    expect(answered.length).toBeGreaterThanOrEqual(APPLICATIONS);
    expect(drawn).toHaveLength(DRAWDOWNS);
    expect(clicks.length).toBeGreaterThan(50);
  });

  test('keeps everything that was answered 201, as it was answered', async () => {
    for (const { id, partnerId, status } of answered) {
      const { status: http, body } = await after[partnerId].get(`/v1/applications/${id}`);
      expect(http, id).toBe(200);
      expect(body.status === 'refused', id).toBe(status === 'refused');
      expect(body.status, id).not.toBe('screening');
    }
    for (const id of drawn) expect((await after.gateway.rooms.store.applicationOfLoan(id)) ?? id, id).toMatch(/^app_/);
  });

  test('keeps every click that was answered', async () => {
    for (const id of clicks) expect(await after.gateway.rooms.clicks.load(id), id).toMatchObject({ id });
  });

  test('leaves no intent behind, and the lender has decided on every application', async () => {
    const events = await everyEvent(after.redis, after.keys);
    const begun = new Set(events.filter(({ type }) => type === 'application.screening').map(({ subject }) => subject));
    expect(begun.size).toBeGreaterThanOrEqual(answered.length - 1);
    for (const id of begun) {
      const status = (await after.gateway.rooms.store.load(id))?.application.status;
      expect(['refused', 'credit_granted'], `${id} ${status}`).toContain(status);
    }
  });

  test('has given nobody to two partners', () => {
    const owners = new Map<number, Set<string>>();
    for (const { personNo, partnerId, status } of answered) {
      const of = owners.get(personNo) ?? new Set();
      if (status !== 'refused') of.add(partnerId);
      owners.set(personNo, of);
    }
    for (const [personNo, of] of owners) expect(of.size, `person ${personNo}`).toBe(1);
  });

  test('tells nothing twice, and has booked every commission exactly once', async () => {
    const events = await everyEvent(after.redis, after.keys);
    expect(toldTwice(events)).toEqual([]);
    const booked = [
      ...bookedEarnings('acme', await linesOf('acme')),
      ...bookedEarnings('summit', await linesOf('summit')),
    ];
    expect(booked.sort()).toEqual(expectedEarnings(events));
    const paid = events.filter(({ type }) => type === 'installment.paid');
    expect(paid).toHaveLength(2 * DRAWDOWNS);
  });

  test.each(['acme', 'summit'])('the ledger of %s agrees with itself', async (partnerId) => {
    const { ledger } = after.gateway.rooms;
    const report = await checkLedger({ store: ledger, periods: new PeriodStore(after.redis, after.keys) }, partnerId);
    expect(report.differences).toEqual([]);
    expect(report.lines).toBeGreaterThan(0);
  });
});
