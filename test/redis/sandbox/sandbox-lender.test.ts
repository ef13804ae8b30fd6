import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CORE_TIMEOUT_MS } from '../../../src/applications/push/core-client.ts';
import { applicationBody } from '../../../src/applications/push/delivery-body.ts';
import { DAY_MS, isoOf, SECOND_MS } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import { takeApplication } from '../../../src/sandbox/core/take-application.ts';
import { createSandboxClock } from '../../../src/sandbox/sandbox-clock.ts';
import { SandboxStore } from '../../../src/sandbox/sandbox-store.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLender } from '../../support/sample-lender.ts';
import { SANDBOX_LENDER, SANDBOX_SECRET, type SandboxRig, startSandboxRig } from '../../support/sandbox-lender.ts';

let redis: TestRedis;
let rig: SandboxRig;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  rig = await startSandboxRig(redis);
});
afterEach(() => rig.close());

const PLAIN = '13800130000';
const recordOf = (phone: string) => {
  return { applicant: { phone }, device: null, documents: [], verifications: [], consents: [] };
};

describe('the sandbox lender’s core', () => {
  test('takes what we signed and names its reference', async () => {
    expect(await rig.apply('A', PLAIN)).toMatchObject({
      status: 202,
      body: { result: 'accepted', lender_ref: expect.stringMatching(/^SBX-A-/) },
    });
  });

  test('refuses what somebody else signed', async () => {
    const stranger = deriveOurKey('another root secret').signingKey;
    const body = { ...applicationBody('dlv_x', rig.application('A'), recordOf(PLAIN)) };
    expect(await rig.send('/applications', body, stranger)).toMatchObject({ status: 401 });
    const forged = { ...stranger, id: deriveOurKey(SANDBOX_SECRET).kid };
    expect(await rig.send('/applications', body, forged)).toMatchObject({ status: 401 });
  });

  test('gives the same answer to the same delivery, as a duplicate, and plans nothing twice', async () => {
    expect(await rig.apply('A', PLAIN)).toMatchObject({ body: { result: 'accepted' } });
    expect(await rig.apply('A', PLAIN)).toMatchObject({ body: { result: 'duplicate' } });
    expect(await rig.apply('A', PLAIN, derivedId('dlv', 'another'))).toMatchObject({ body: { result: 'duplicate' } });
    await rig.advance(10 * SECOND_MS);
    expect(rig.types()).toEqual(['application.verifying', 'credit.granted']);
  });

  test('keeps 0008 waiting for longer than we wait, twice, and then takes it', async () => {
    const waits: number[] = [];
    const core = {
      lender: sampleLender(),
      store: new SandboxStore(redis.client, rig.keys, SANDBOX_LENDER),
      clock: rig.clock,
      coreUrl: '',
      sleep: async (ms: number) => void waits.push(ms),
    };
    const body = applicationBody('dlv_slow', rig.application('A'), recordOf('13800130008'));
    const statuses = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) statuses.push((await takeApplication(core, body)).status);
    expect(statuses).toEqual([504, 504, 202]);
    expect(waits).toHaveLength(2);
    for (const wait of waits) expect(wait).toBeGreaterThan(CORE_TIMEOUT_MS);
  });

  test('does not play a lender that has a core of its own', async () => {
    const key = deriveOurKey(SANDBOX_SECRET).signingKey;
    expect(await rig.send('/applications', { delivery_id: 'dlv_x' }, key, 'real')).toMatchObject({ status: 404 });
  });
});

describe('the sandbox lender’s events', () => {
  test('tell a loan from application to settlement as the clock moves, each at its own time', async () => {
    await rig.apply('A', PLAIN);
    await rig.advance(DAY_MS);
    await rig.draw('A');
    await rig.advance(100 * DAY_MS);
    expect(rig.types()).toEqual([
      'application.verifying',
      'credit.granted',
      'loan.paying_out',
      'loan.disbursed',
      'installment.paid',
      'installment.paid',
      'installment.paid',
      'loan.settled',
    ]);
    const paid = rig.door.events.filter((event) => event.type === 'installment.paid');
    for (const event of paid) expect(event.occurred_at).toMatch(/T02:00:00\.000Z$/);
    expect(new Set(rig.door.events.map((event) => event.id)).size).toBe(rig.door.events.length);
  });

  test('come by themselves as time passes', async () => {
    rig.sandbox.start();
    await rig.apply('A', PLAIN);
    const deadline = Date.now() + 5_000;
    while (rig.door.events.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rig.types()).toEqual(['application.verifying', 'credit.granted']);
    const [first, second] = rig.door.events.map((event) => Date.parse(event.occurred_at));
    expect((second ?? 0) - (first ?? 0)).toBe(SECOND_MS);
  });

  test('that come too early for the gateway’s clock are sent again, any other rejection is told, kept and left', async () => {
    await rig.apply('A', '13800130001');
    let early = 2;
    rig.door.judge = (event) => {
      if (event.type === 'credit.declined') return { result: 'rejected', code: 'illegal_transition' };
      early -= 1;
      return early >= 0 ? { result: 'rejected', code: 'occurred_in_future' } : { result: 'applied' };
    };
    await rig.advance(10 * SECOND_MS);
    expect(rig.types().filter((type) => type === 'application.verifying')).toHaveLength(3);
    expect(rig.rejected).toEqual([expect.stringMatching(/credit\.declined illegal_transition$/)]);
    expect((await rig.state('A')).refused).toEqual([
      { id: expect.stringMatching(/credit\.declined$/), code: 'illegal_transition' },
    ]);
    expect(await rig.sandbox.due.nextDue()).toBeNull();
  });

  test('wait for the applicant, and go on at once when the input has come', async () => {
    await rig.apply('A', '13800130002');
    await rig.advance(10 * SECOND_MS);
    expect(rig.types().at(-1)).toBe('action.required');
    expect(await rig.tell('/supplements', 'A')).toMatchObject({ status: 200, body: { result: 'accepted' } });
    await rig.advance(10 * SECOND_MS);
    expect(rig.types().slice(-2)).toEqual(['action.completed', 'credit.granted']);
    const [asked, completed] = rig.door.events.slice(1);
    expect(completed?.data.action_id).toBe(asked?.id);
  });

  test('of three hundred applicants over two months are posted in seconds, in requests that the door takes', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, index) => rig.apply(`A-${index}`, '13800130010')));
    const startedMs = Date.now();
    await rig.advance(95 * DAY_MS);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    expect(rig.types().filter((type) => type === 'loan.disbursed')).toHaveLength(300);
    expect(Math.max(...rig.door.requestBytes)).toBeLessThanOrEqual(256 * 1024);
    const times = new Map<string, string>();
    for (const { application_id = '', occurred_at } of rig.door.events) {
      expect(occurred_at >= (times.get(application_id) ?? '')).toBe(true);
      times.set(application_id, occurred_at);
    }
  });
});

describe('the sandbox clock', () => {
  test('is shared: another process sees a move, and keeps it across restarts', async () => {
    const { clock, keys } = rig;
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
    const { clock } = rig;
    const before = await clock.advance(DAY_MS);
    expect(await clock.moveTo(before - DAY_MS)).toBeGreaterThanOrEqual(before);
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    expect(isoOf(clock.nowMs()) >= isoOf(before)).toBe(true);
  });
});
