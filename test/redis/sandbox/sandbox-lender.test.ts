import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CORE_TIMEOUT_MS, CoreClient } from '../../../src/applications/push/core-client.ts';
import { applicationBody, loanBody } from '../../../src/applications/push/delivery-body.ts';
import { DAY_MS, isoOf, SECOND_MS } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { type ClockMover, createClockMover } from '../../../src/sandbox/advance-clock.ts';
import { createSandboxClock, type SandboxClock } from '../../../src/sandbox/sandbox-clock.ts';
import { takeApplication, takeQuote } from '../../../src/sandbox/sandbox-core.ts';
import { type SandboxLenders, startSandboxLenders } from '../../../src/sandbox/sandbox-lender.ts';
import { SandboxStore } from '../../../src/sandbox/sandbox-store.ts';
import { deriveOurKey, publicKeySet } from '../../../src/trust/our-keys.ts';
import { type EventsDoor, startEventsDoor } from '../../support/fake-events-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';
import { sampleLender } from '../../support/sample-lender.ts';

const ROOT_SECRET = 'a root secret of the test';
const LENDER = 'quickcredit';
const ourKey = deriveOurKey(ROOT_SECRET);

let redis: TestRedis;
let keys: Keyspace;
let clock: SandboxClock;
let door: EventsDoor;
let sandbox: SandboxLenders;
let mover: ClockMover;
let client: CoreClient;
let rejected: string[];
let round = 0;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  round += 1;
  keys = createKeyspace(`${redis.keys.prefix}${round}:`);
  clock = await createSandboxClock(redis.client, keys);
  door = await startEventsDoor(ROOT_SECRET, LENDER);
  client = new CoreClient();
  rejected = [];
  sandbox = await startSandboxLenders({
    client: redis.client,
    keys,
    clock,
    rootSecret: ROOT_SECRET,
    lenders: () => [sampleLender(), sampleLender({ id: 'real', core: { url: 'https://core.example' }, products: [] })],
    eventsUrl: () => door.url,
    loadJwks: async () => publicKeySet([ourKey]),
    observer: { rejected: (_lender, id, code) => rejected.push(`${id} ${code}`), failed: () => undefined },
  });
  mover = createClockMover({ clock, sources: [sandbox.due], settle: async () => undefined });
});
afterEach(async () => {
  await sandbox.stop();
  await client.close();
  await door.close();
  clock.stop();
});

const application = (reference: string) => sampleApplication(`${round}-${reference}`);
const address = (key = ourKey.signingKey) => ({ url: sandbox.coreUrl(LENDER), signingKey: key });

async function push(reference: string, phone: string, deliveryId = derivedId('dlv', `${round}-${reference}`)) {
  const subject = application(reference);
  const record = { applicant: { phone }, device: null, documents: [], verifications: [], consents: [] };
  const body = applicationBody(deliveryId, subject, record);
  return client.post(LENDER, address(), { deliveryId, path: '/applications', body });
}

async function draw(reference: string) {
  const subject = application(reference);
  const deliveryId = derivedId('dlv', `${round}-${reference}-loan`);
  const body = loanBody(deliveryId, subject, sampleLoan(subject.id, 'L', { term: 3 }));
  return client.post(LENDER, address(), { deliveryId, path: '/loans', body });
}

const types = () => door.events.map((event) => event.type);
const advance = (ms: number) => mover.advanceTo(clock.nowMs() + ms);

describe('the sandbox lender’s core', () => {
  test('takes what we signed and names its reference', async () => {
    expect(await push('A', '13800130000')).toMatchObject({
      kind: 'answered',
      answer: { result: 'accepted', lender_ref: expect.stringMatching(/^SBX-A-/) },
    });
  });

  test('refuses what somebody else signed', async () => {
    const stranger = deriveOurKey('another root secret').signingKey;
    const body = applicationBody('dlv_x', application('A'), {
      applicant: {},
      device: null,
      documents: [],
      verifications: [],
      consents: [],
    });
    const message = { deliveryId: 'dlv_x', path: '/applications', body };
    expect(await client.post(LENDER, address(stranger), message)).toMatchObject({ kind: 'dead', status: 401 });
    const forged = { ...stranger, id: ourKey.kid };
    expect(await client.post(LENDER, address(forged), message)).toMatchObject({ kind: 'dead', status: 401 });
  });

  test('gives the same answer to the same delivery, as a duplicate, and plans nothing twice', async () => {
    const first = await push('A', '13800130000');
    const second = await push('A', '13800130000');
    expect(first).toMatchObject({ answer: { result: 'accepted' } });
    expect(second).toMatchObject({ answer: { result: 'duplicate' } });
    expect(await push('A', '13800130000', derivedId('dlv', 'another'))).toMatchObject({
      answer: { result: 'duplicate' },
    });
    await advance(10 * SECOND_MS);
    expect(types()).toEqual(['application.verifying', 'credit.granted']);
  });

  test('keeps 0008 waiting for longer than we wait, twice, and then takes it', async () => {
    const waits: number[] = [];
    const core = {
      lender: sampleLender(),
      store: new SandboxStore(redis.client, keys, LENDER),
      clock,
      sleep: async (ms: number) => void waits.push(ms),
    };
    const record = {
      applicant: { phone: '13800130008' },
      device: null,
      documents: [],
      verifications: [],
      consents: [],
    };
    const body = applicationBody('dlv_slow', application('A'), record);
    const statuses = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) statuses.push((await takeApplication(core, body)).status);
    expect(statuses).toEqual([504, 504, 202]);
    expect(waits).toHaveLength(2);
    for (const wait of waits) expect(wait).toBeGreaterThan(CORE_TIMEOUT_MS);
  });

  test('quotes a loan', async () => {
    const core = { lender: sampleLender(), store: new SandboxStore(redis.client, keys, LENDER), clock, sleep };
    const asked = { amount: { amount: 500_000, currency: 'CNY' }, term: 12, term_unit: 'month' };
    expect(await takeQuote(core, { product_id: 'quick-cash', ...asked })).toMatchObject({
      status: 200,
      body: { source: 'lender', received: { amount: 500_000, currency: 'CNY' }, schedule: { length: 12 } },
    });
    expect(await takeQuote(core, { product_id: 'quick-cash', ...asked, term: 5 })).toMatchObject({
      status: 422,
      body: { code: 'term_not_offered' },
    });
  });

  test('does not play a lender that has a core of its own', async () => {
    const message = { deliveryId: 'dlv_x', path: '/applications', body: {} };
    const outcome = await client.post('real', { ...address(), url: sandbox.coreUrl('real') }, message);
    expect(outcome).toMatchObject({ kind: 'dead', status: 404 });
  });
});

describe('the sandbox lender’s events', () => {
  test('tell a loan from application to settlement as the clock moves, each at its own time', async () => {
    await push('A', '13800130000');
    await advance(DAY_MS);
    await draw('A');
    await advance(100 * DAY_MS);
    expect(types()).toEqual([
      'application.verifying',
      'credit.granted',
      'loan.paying_out',
      'loan.disbursed',
      'installment.paid',
      'installment.paid',
      'installment.paid',
      'loan.settled',
    ]);
    const paid = door.events.filter((event) => event.type === 'installment.paid');
    for (const event of paid) expect(event.occurred_at).toMatch(/T02:00:00\.000Z$/);
    expect(new Set(door.events.map((event) => event.id)).size).toBe(door.events.length);
  });

  test('come by themselves as time passes', async () => {
    sandbox.start();
    await push('A', '13800130000');
    const deadline = Date.now() + 5_000;
    while (door.events.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(types()).toEqual(['application.verifying', 'credit.granted']);
    const [first, second] = door.events.map((event) => Date.parse(event.occurred_at));
    expect((second ?? 0) - (first ?? 0)).toBe(SECOND_MS);
  });

  test('are posted again until they are answered', async () => {
    await push('A', '13800130000');
    door.failures.push(503, 500);
    await advance(10 * SECOND_MS);
    expect(types()).toEqual(['application.verifying', 'credit.granted']);
  });

  test('that come too early for the gateway’s clock are sent again, any other rejection is told and left', async () => {
    await push('A', '13800130001');
    let early = 2;
    door.judge = (event) => {
      if (event.type === 'credit.declined') return { result: 'rejected', code: 'illegal_transition' };
      early -= 1;
      return early >= 0 ? { result: 'rejected', code: 'occurred_in_future' } : { result: 'applied' };
    };
    await advance(10 * SECOND_MS);
    expect(types().filter((type) => type === 'application.verifying')).toHaveLength(3);
    expect(rejected).toEqual([expect.stringMatching(/credit\.declined illegal_transition$/)]);
    expect(await sandbox.due.nextDue()).toBeNull();
  });

  test('wait for the applicant, and go on at once when the input has come', async () => {
    await push('A', '13800130002');
    await advance(10 * SECOND_MS);
    expect(types().at(-1)).toBe('action.required');
    const deliveryId = 'dlv_supplement';
    const body = { delivery_id: deliveryId, application_id: application('A').id };
    const outcome = await client.post(LENDER, address(), { deliveryId, path: '/supplements', body });
    expect(outcome).toMatchObject({ kind: 'answered', answer: { result: 'accepted' } });
    await advance(10 * SECOND_MS);
    expect(types().slice(-2)).toEqual(['action.completed', 'credit.granted']);
    const [asked, completed] = door.events.slice(1);
    expect(completed?.data.action_id).toBe(asked?.id);
  });

  test('of three hundred applicants over two months are posted in seconds, in requests that the door takes', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, index) => push(`A-${index}`, '13800130010')));
    const startedMs = Date.now();
    await advance(95 * DAY_MS);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    expect(types().filter((type) => type === 'loan.disbursed')).toHaveLength(300);
    expect(Math.max(...door.requestBytes)).toBeLessThanOrEqual(256 * 1024);
    const times = door.events.map((event) => event.occurred_at);
    expect(times).toEqual([...times].sort());
  });
});

describe('the sandbox clock', () => {
  test('is shared: another process sees a move, and keeps it across restarts', async () => {
    const before = clock.nowMs();
    await clock.advance(30 * DAY_MS);
    const other = await createSandboxClock(redis.client, keys);
    expect(other.nowMs() - before).toBeGreaterThanOrEqual(30 * DAY_MS);
    await other.moveTo(before + 40 * DAY_MS);
    await clock.refresh();
    expect(clock.nowMs()).toBeGreaterThanOrEqual(before + 40 * DAY_MS);
    other.stop();
  });

  test('never goes back', async () => {
    const before = await clock.advance(DAY_MS);
    expect(await clock.moveTo(before - DAY_MS)).toBeGreaterThanOrEqual(before);
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    expect(isoOf(clock.nowMs()) >= isoOf(before)).toBe(true);
  });
});
