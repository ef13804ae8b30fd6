import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { askPrechecks } from '../../../src/intake/ask-prechecks.ts';
import type { PrecheckInput } from '../../../src/intake/precheck-input.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import type { TrafficPartner } from '../../../src/registry/schema/traffic-partner.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from '../../support/fake-core.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { type LiveIntake, liveIntake } from '../../support/live-lender.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ACCEPT: CoreAnswer = { status: 200, body: { decision: 'accept' } };
/** Of lenders that are to be too slow for it. */
const TIMEOUT_MS = 300;
/** Of all others. */
const PATIENT_MS = 3_000;
/** What scheduling and Redis may add on a busy machine. */
const SLACK_MS = 700;

let redis: TestRedis;
let intake: TestIntake;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answerer = (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer>;
type Precheck = NonNullable<Parameters<typeof liveIntake>[1][string]>['precheck'];

async function coreThat(answer: Answerer): Promise<FakeCore> {
  const core = await startFakeCore(answer);
  closers.push(() => core.close());
  return core;
}

/** An intake with one lender that is asked live. */
async function asking(answer: Answerer, precheck: Precheck = {}): Promise<{ core: FakeCore; live: LiveIntake }> {
  const core = await coreThat(answer);
  const live = liveIntake(intake, {
    quickcredit: { url: core.url, precheck: { timeout_ms: PATIENT_MS, forms: ['plain'], ...precheck } },
  });
  closers.push(() => live.close());
  return { core, live };
}

interface Question {
  readonly subject?: Subject;
  readonly products?: readonly string[];
  readonly reserve?: boolean;
}

function inputOf({ subject, products = ['quick-cash'], reserve = false }: Question): PrecheckInput {
  const person = nextPerson();
  const read = normaliseSubject(subject ?? { phone: person.phone, id_number: person.idNumber, name: person.name });
  if (!read.ok) throw new Error('no subject');
  const found = products.map((id) => intake.registry.products.get(id));
  return { products: found.filter((one) => one !== undefined), subject: read.subject, reserve };
}

async function ask(live: LiveIntake, question: Question = {}, partner: TrafficPartner = intake.partner('acme')) {
  const outcome = await askPrechecks(live.deps, partner, [inputOf(question)]);
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  const [answer] = outcome.answers;
  const [first] = answer?.answers ?? [];
  if (answer === undefined || first === undefined) throw new Error('no answer');
  return { answer, first, decision: first.decision };
}

async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startedMs = performance.now();
  const result = await act();
  return { ms: performance.now() - startedMs, result };
}

describe('a lender that is asked live', () => {
  test('is sent the question as the contract says', async () => {
    const { core, live } = await asking(() => ACCEPT);
    const person = nextPerson();
    const subject = { phone: person.phone, id_number: person.idNumber, name: person.name };
    const { answer, decision } = await ask(live, { subject, products: ['quick-cash', 'quick-flex'] });
    expect(decision).toMatchObject({ decision: 'accept', reason: 'new' });
    expect(answer.live?.outcomes).toEqual(['accept']);
    expect(core.received).toHaveLength(1);
    const [push] = core.received;
    if (push === undefined) throw new Error('nothing was sent');
    const { path, key, headers, body } = push;
    expect(path).toBe('/core/prechecks');
    expect(key).toMatch(/^dlv_[0-9a-f]{32}$/);
    expect(headers['signature-input']).toContain('tag="sluice"');
    expect(body).toEqual({
      delivery_id: key,
      precheck_id: answer.id,
      product_id: 'quick-cash',
      product_ids: ['quick-cash', 'quick-flex'],
      partner: { id: 'acme', kind: 'platform' },
      subject,
    });
  });

  test('refuses all its products, whose subject is then not reserved', async () => {
    const refused = { decision: 'refuse', reason: 'existing_customer', detail: 'has_loan' };
    const { live } = await asking(() => ({ status: 200, body: refused }));
    const { answer } = await ask(live, { products: ['quick-cash', 'quick-flex', 'wave-days'], reserve: true });
    const [cash, flex, wave] = answer.answers;
    expect(cash).toMatchObject({ decision: refused, reservedUntil: null });
    expect(flex).toMatchObject({ decision: refused, reservedUntil: null });
    expect(wave).toMatchObject({ decision: { decision: 'accept' }, reservedUntil: expect.any(String) });
  });

  test('and another one are asked at the same time', async () => {
    let bothAsked = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      bothAsked = resolve;
    });
    let asked = 0;
    // Neither answers before the other is asked.
    const answer = async (): Promise<CoreAnswer> => {
      asked += 1;
      if (asked === 2) bothAsked();
      await both;
      return ACCEPT;
    };
    const [one, other] = [await coreThat(answer), await coreThat(answer)];
    const precheck: Precheck = { timeout_ms: PATIENT_MS, forms: ['plain'] };
    const live = liveIntake(intake, {
      quickcredit: { url: one.url, precheck },
      riverbank: { url: other.url, precheck },
    });
    closers.push(() => live.close());
    const { answer: given } = await ask(live, { products: ['quick-cash', 'river-salary'] });
    expect(given.live?.outcomes).toEqual(['accept', 'accept']);
    expect([one.received.length, other.received.length]).toEqual([1, 1]);
  });

  test('gets only the forms it understands and never plain when it did not ask for plain', async () => {
    const { core, live } = await asking(() => ACCEPT, { forms: ['md5', 'masked'] });
    const person = nextPerson();
    await ask(live, { subject: { phone: person.phone, id_number: person.idNumber, name: person.name } });
    const text = JSON.stringify(core.received[0]?.body);
    for (const secret of [person.phone, person.idNumber, person.name]) expect(text).not.toContain(secret);
    expect(text).toContain(createHash('md5').update(person.phone).digest('hex'));
  });

  test('is not asked when it understands none of the forms that we have', async () => {
    const { core, live } = await asking(() => ACCEPT, { forms: ['sm3'], on_timeout: 'accept' });
    const { first } = await ask(live, { subject: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } } });
    expect(first).toMatchObject({ decision: { decision: 'accept' }, isUnconfirmed: true });
    expect(live.outcomes).toEqual([['quickcredit', 'no_form']]);
    expect(core.received).toEqual([]);
  });

  test('is not asked in mode local', async () => {
    const { core, live } = await asking(() => ACCEPT, { mode: 'local' });
    expect((await ask(live)).answer.live).toBeUndefined();
    expect(core.received).toEqual([]);
  });
});

describe('somebody whom our list of the lender’s customers names', () => {
  async function listed(list: 'customer' | 'block'): Promise<string> {
    const { phone } = nextPerson();
    const status = list === 'customer' ? { status: 'has_loan' as const } : {};
    const [result] = await intake.deps.lists.upsert(
      [{ subject: { phone }, list, scope: 'lender:quickcredit', reason: 'other', ...status }],
      { contributor: 'lender:quickcredit' },
    );
    expect(result).toMatchObject({ result: 'created' });
    return phone;
  }

  test('is refused by it in modes local and both, and is not named to the lender', async () => {
    const phone = await listed('customer');
    for (const mode of ['local', 'both'] as const) {
      const { core, live } = await asking(() => ACCEPT, { mode });
      expect((await ask(live, { subject: { phone } })).decision).toMatchObject({ reason: 'existing_customer' });
      expect(core.received).toEqual([]);
    }
  });

  test('is asked about in mode live, whose lender knows better', async () => {
    const { core, live } = await asking(() => ACCEPT);
    expect((await ask(live, { subject: { phone: await listed('customer') } })).decision.decision).toBe('accept');
    expect(core.received).toHaveLength(1);
  });

  test('is refused by the lender in mode both although we do not know them', async () => {
    const { live } = await asking(() => ({ status: 200, body: { decision: 'refuse', reason: 'in_progress' } }), {
      mode: 'both',
    });
    expect((await ask(live)).decision).toMatchObject({ reason: 'in_progress' });
  });

  test('is not asked about in mode live either when it is a block', async () => {
    const { core, live } = await asking(() => ACCEPT);
    expect((await ask(live, { subject: { phone: await listed('block') } })).decision).toMatchObject({
      reason: 'blocked',
    });
    expect(core.received).toEqual([]);
  });
});

describe('an applicant whom we refuse is never named to the lender', () => {
  test('whether too young, claimed by another, over a cap, or asked about beyond the budget', async () => {
    const { core, live } = await asking(() => ACCEPT);
    const acme = intake.partner('acme');
    const old = await ask(live, { subject: { phone: nextPerson().phone, id_number: '11010519491231002X' } });
    expect(old.decision).toMatchObject({ reason: 'ineligible' });

    const person = nextPerson();
    const input = applicationFor(intake.registry, person, 'LIVE-1');
    await submitApplication(live.deps, { partner: intake.partner('summit'), origin: 'partner' }, input);
    const claimed = await ask(live, { subject: { phone: person.phone, id_number: person.idNumber } });
    expect(claimed.decision).toMatchObject({ reason: 'other_channel' });

    const capped = { ...acme, limits: { ...acme.limits, applications_per_day: 0 } };
    expect((await ask(live, {}, capped)).decision).toMatchObject({ reason: 'capped' });

    const spent = { ...acme, limits: { ...acme.limits, probes_per_day: 0 } };
    expect(await askPrechecks(live.deps, spent, [inputOf({})])).toMatchObject({ kind: 'over_budget' });
    expect(await askPrechecks(live.deps, spent, [inputOf({}), inputOf({})])).toMatchObject({ kind: 'over_budget' });
    expect(core.received).toEqual([]);
  });
});

describe('a lender that does not answer', () => {
  test('a lender that hangs costs no more than its timeout', async () => {
    const { live } = await asking(() => 'hang', { timeout_ms: TIMEOUT_MS });
    const { ms, result } = await timed(() => ask(live));
    expect(ms).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(result.answer.live).toMatchObject({ outcomes: ['timeout'] });
  });

  test('a lender whose answer trickles in costs no more either', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      async () => void server.closeAllConnections(),
      async () => void server.close(),
    );
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const live = liveIntake(intake, { quickcredit: { url, precheck: { timeout_ms: TIMEOUT_MS, forms: ['plain'] } } });
    closers.push(() => live.close());
    const { ms } = await timed(() => ask(live));
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(live.outcomes).toEqual([['quickcredit', 'timeout']]);
  });

  test('on_timeout accept and refuse are obeyed', async () => {
    const refusing = await asking(() => 'hang', { timeout_ms: TIMEOUT_MS, on_timeout: 'refuse' });
    expect((await ask(refusing.live)).first).toMatchObject({
      decision: {
        decision: 'refuse',
        reason: 'closed',
        detail: 'paused',
        retryAtMs: intake.clock.nowMs() + 60_000,
      },
    });
    const accepting = await asking(() => 'hang', { timeout_ms: TIMEOUT_MS, on_timeout: 'accept' });
    expect((await ask(accepting.live)).first).toMatchObject({ decision: { decision: 'accept' }, isUnconfirmed: true });
  });

  test.each([
    ['says 500', 'http_error', () => ({ status: 500 })],
    ['says 404', 'http_error', () => ({ status: 404 })],
    ['says nothing that is a decision', 'invalid', () => ({ status: 200, body: { decision: 'perhaps' } })],
    ['says too much', 'invalid', () => ({ status: 200, body: { decision: 'accept', more: 'x'.repeat(20_000) } })],
  ] as const)('one that %s has given no answer', async (_, outcome, answer) => {
    const { live } = await asking(answer, { on_timeout: 'accept' });
    expect((await ask(live)).first).toMatchObject({ isUnconfirmed: true });
    expect(live.outcomes).toEqual([['quickcredit', outcome]]);
  });

  test('one that is not there has given no answer', async () => {
    const { core, live } = await asking(() => ACCEPT);
    await core.close();
    expect((await ask(live)).decision).toMatchObject({ reason: 'closed' });
    expect(live.outcomes).toEqual([['quickcredit', 'unreachable']]);
    closers.shift();
  });

  test('an open breaker answers at once', async () => {
    const { core, live } = await asking(() => 'hang', { timeout_ms: TIMEOUT_MS });
    await Promise.all(Array.from({ length: 5 }, () => ask(live)));
    expect(live.breakers).toEqual([['quickcredit', true]]);
    const asked = core.received.length;
    const { ms, result } = await timed(() => ask(live));
    expect(ms).toBeLessThan(TIMEOUT_MS);
    expect(result.answer.live?.outcomes).toEqual(['open']);
    expect(core.received).toHaveLength(asked);
  });

  test('is asked again by one question after a pause, while the others do not wait', async () => {
    let isWell = false;
    const { core, live } = await asking(() => (isWell ? delay(100, ACCEPT) : { status: 503 }));
    for (let count = 0; count < 5; count += 1) await ask(live);
    isWell = true;
    await delay(5_100);
    const before = core.received.length;
    const answers = await Promise.all([ask(live), ask(live), ask(live)]);
    expect(core.received.length - before).toBe(1);
    expect(answers.map(({ answer }) => answer.live?.outcomes[0]).sort()).toEqual(['accept', 'open', 'open']);
    expect(live.breakers).toEqual([
      ['quickcredit', true],
      ['quickcredit', false],
    ]);
    expect((await ask(live)).answer.live?.outcomes).toEqual(['accept']);
  });
});

describe('many questions', () => {
  test('a batch of 500 live prechecks is bounded', async () => {
    let [inFlight, most] = [0, 0];
    const { core, live } = await asking(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await delay(10);
      inFlight -= 1;
      return ACCEPT;
    });
    const inputs = Array.from({ length: 500 }, () => inputOf({}));
    let isOver = false;
    const batch = askPrechecks(live.deps, intake.partner('acme'), inputs).finally(() => {
      isOver = true;
    });
    // A single question does not wait for the batch.
    await delay(20);
    await ask(live);
    expect(isOver).toBe(false);
    const outcome = await batch;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    expect(outcome.answers).toHaveLength(500);
    expect(new Set(outcome.answers.flatMap(({ live: trace }) => trace?.outcomes ?? []))).toEqual(new Set(['accept']));
    expect(core.received).toHaveLength(501);
    expect(most).toBeLessThanOrEqual(17);
  });

  test('a batch of 500 at a lender that hangs is over soon after its breaker opens', async () => {
    const { core, live } = await asking(() => 'hang', { timeout_ms: TIMEOUT_MS });
    const inputs = Array.from({ length: 500 }, () => inputOf({}));
    const { ms } = await timed(() => askPrechecks(live.deps, intake.partner('acme'), inputs));
    expect(ms).toBeLessThan(20 * TIMEOUT_MS);
    expect(core.received.length).toBeLessThanOrEqual(32);
  });

  test('what a batch has no time for is not asked', async () => {
    const { core, live } = await asking(() => ACCEPT);
    const lender = live.deps.registry().lenders.get('quickcredit');
    if (lender === undefined) throw new Error('no lender');
    const { subject } = inputOf({});
    const question = {
      precheckId: 'pre_x',
      lender,
      productIds: ['quick-cash'],
      partner: { id: 'a', kind: 'platform' },
      subject,
    };
    const answer = await live.deps.live.ask({ ...question, untilMs: performance.now() - 1 });
    expect(answer).toMatchObject({ outcome: 'late', verdict: { reason: 'closed' } });
    expect(core.received).toEqual([]);
  });
});
