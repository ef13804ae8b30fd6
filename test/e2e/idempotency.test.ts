import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import { editedPartners, NOBODY_LISTENS } from '../support/edited-partners.ts';
import { everyEvent, openIntents } from '../support/every-event.ts';
import { createDataDir, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { freePort, type GatewayChild, startGatewayChild } from '../support/gateway-child.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import type { Answer, PartnerClient } from '../support/partner-door.ts';
import { converse, fromElsewhere, TRUSTING_LOOPBACK } from '../support/raw-http.ts';
import { shippedClient } from '../support/signed-client.ts';
import { signedTexts } from '../support/signed-texts.ts';

const COPIES = 50;
/** Fifty clients together stay within the rate of their partner. */
const RETRY_MS = 150;
/** What a second look at an application may see moved on: its present state, as the contract says. */
const STATE_FIELDS = ['status', 'lender_ref', 'updated_at'];

let partnersDir: string;
let otherDataDir: string;
/** A gateway in this process with the Redis of both … */
let one: TestGateway;
/** … and one in a process of its own. */
let other: GatewayChild;
let clients: readonly PartnerClient[];

beforeAll(async () => {
  partnersDir = editedPartners(NOBODY_LISTENS, [
    'traffic/summit/partner.yaml',
    /applications_per_day: \d+/,
    'applications_per_day: 1',
  ]);
  const ports = [await freePort(), await freePort()];
  const shared = {
    ...TRUSTING_LOOPBACK,
    SLUICE_PARTNERS: partnersDir,
    SLUICE_PUBLIC_URL: ports.map((port) => `http://127.0.0.1:${port}`).join(','),
  };
  one = await startTestGateway({ variables: { ...shared, PORT: String(ports[0]) } });
  otherDataDir = createDataDir();
  const group = { SLUICE_PROCESSES: '2', SLUICE_PROCESS_INDEX: '2' };
  const redisUrl = `unix:${join(one.dataDir, 'redis', 'redis.sock')}`;
  other = await startGatewayChild(otherDataDir, ports[1] ?? 0, { ...shared, ...group, REDIS_URL: redisUrl });
  clients = [shippedClient(one.url, 'acme'), shippedClient(other.url, 'acme')];
});

afterAll(async () => {
  await other.stop();
  await one.stop();
  for (const directory of [partnersDir, otherDataDir]) rmSync(directory, { recursive: true, force: true });
});

let refs = 0;
function freshInput(productId?: string, phoneSuffix?: string): ApplicationInput {
  refs += 1;
  const registry = one.gateway.rooms.intake.registry();
  return applicationFor(registry, nextPerson(phoneSuffix), `SAME-${refs}`, productId);
}

interface Copies {
  /** One a copy, none of them 503. */
  readonly answers: Answer[];
  /** Times that a copy was told to come again: a busy machine may be slower than a command may take. */
  readonly retries: number;
}

/** Each signed with a nonce of its own, in turn by one gateway or by all of them; patient as a client has to be. */
async function submitCopies(input: unknown, among: readonly PartnerClient[], copies = COPIES): Promise<Copies> {
  let retries = 0;
  const submit = async (_: unknown, i: number): Promise<Answer> => {
    for (const deadline = Date.now() + 30_000; ; retries += 1) {
      const answer = await (among[i % among.length] ?? one.acme).post('/v1/applications', input);
      if (answer.status !== 503) return answer;
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      if (Date.now() > deadline) throw new Error('not answered in 30 s');
      await delay(RETRY_MS);
    }
  };
  const answers = await Promise.all(Array.from({ length: copies }, submit));
  return { answers, retries };
}

/** All but the one that created it say that it was there; its answer is lost when it was told to come again. */
function expectOneCreation({ answers, retries }: Copies): void {
  const creations = answers.filter((answer) => !isReplay(answer)).length;
  if (retries === 0) expect(creations).toBe(1);
  else expect(creations).toBeLessThanOrEqual(1);
}

const isReplay = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

/** The events by which an application came to be. */
async function arrivals(id: string): Promise<string[]> {
  const events = await everyEvent(one.redis, one.keys);
  return events.filter((event) => event.subject === id).map(({ type }) => type);
}

/** What the list of applications shows under a reference by now. */
async function listed(partnerRef: string): Promise<string[]> {
  const { body } = await one.acme.get(`/v1/applications?partner_ref=${partnerRef}`);
  return body.data.map(({ id }: { id: string }) => id);
}

describe.each([
  ['one process', () => [one.acme]],
  ['two processes on one Redis', () => clients],
] as const)('fifty identical submissions at once to %s', (_where, among) => {
  test('are one application, and every answer is the same to the last byte', async () => {
    const input = freshInput();
    const copies = await submitCopies(input, among());
    const { answers } = copies;
    const [first] = answers;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(first?.body).toMatchObject({ partner_ref: input.partner_ref, status: 'received' });
    for (const { body } of answers) expect(body).toEqual(first?.body);
    expectOneCreation(copies);
    expect(await arrivals(first?.body.id)).toEqual(['application.screening', 'application.received']);
    await expect.poll(() => listed(input.partner_ref), { timeout: 10_000 }).toEqual([first?.body.id]);
    const later = await one.acme.post('/v1/applications', input);
    expect([later.status, later.body, isReplay(later)]).toEqual([201, first?.body, true]);
  });

  test('refused ones are one refusal, the same to the last byte', async () => {
    const input = freshInput();
    const tooMuch = { ...input.requested, amount: { ...input.requested.amount, amount: 99_990_000 } };
    const copies = await submitCopies({ ...input, requested: tooMuch }, among());
    const { answers } = copies;
    for (const { status, body } of answers) {
      expect([status, body.status]).toEqual([201, 'refused']);
      expect(body).toEqual(answers[0]?.body);
    }
    expectOneCreation(copies);
    expect(await arrivals(answers[0]?.body.id)).toEqual(['application.refused']);
  });

  test('where half of them ask for another amount, one half is answered and the other conflicts', async () => {
    const input = freshInput();
    const amount = { ...input.requested.amount, amount: input.requested.amount.amount + 10_000 };
    const wishes = [input, { ...input, requested: { ...input.requested, amount } }];
    const halves = await Promise.all(wishes.map((wish) => submitCopies(wish, among(), COPIES / 2)));
    const answers = halves.map((half) => half.answers);
    const won = answers.findIndex((half) => half.some(({ status }) => status === 201));
    const id = answers[won]?.[0]?.body.id;
    for (const { status, body } of answers[won] ?? []) expect([status, body.id]).toEqual([201, id]);
    for (const { status, body } of answers[1 - won] ?? []) {
      expect([status, body.code]).toEqual([422, 'idempotency_conflict']);
      expect(body.errors).toMatchObject([{ pointer: '/partner_ref', code: 'idempotency_conflict' }]);
    }
    await expect.poll(() => listed(input.partner_ref), { timeout: 10_000 }).toEqual([id]);
  });
});

describe('what counts', () => {
  test('one place of a daily limit is taken, however often and wherever the same is sent', async () => {
    const [here, there] = [shippedClient(one.url, 'summit'), shippedClient(other.url, 'summit')];
    const input = freshInput();
    const { answers } = await submitCopies(input, [here, there]);
    expect(new Set(answers.map(({ body }) => body.status))).toEqual(new Set(['received']));
    expect((await here.post('/v1/applications', freshInput())).body.status).toBe('refused');
  });

  test('copies of one signed request are let in once by both processes together', async () => {
    for (let round = 0; round < 4; round += 1) {
      const bytes = signedTexts(new URL(one.url).host).get('/v1/whoami');
      const ports = [one.url, other.url].map((url) => Number(new URL(url).port));
      const send = async (_: unknown, i: number) =>
        (await converse(ports[i % 2] ?? 0, fromElsewhere(bytes))).answers[0]?.status;
      const statuses = await Promise.all(Array.from({ length: 20 }, send));
      const [letIn, undecided] = [200, 503].map((status) => statuses.filter((one) => one === status).length);
      expect(statuses.filter((status) => status !== 200 && status !== 401 && status !== 503)).toEqual([]);
      // 503 = not decided in time, on a busy machine: the nonce of such a copy may be the one that was taken in.
      expect(letIn).toBeLessThanOrEqual(1);
      if (undecided === 0) expect(letIn).toBe(1);
    }
  });

  test('where the application moves on meanwhile, answers differ in its state alone', async () => {
    const { answers } = await submitCopies(freshInput('wave-days'), clients);
    const [first] = answers;
    for (const { status, body } of answers) {
      expect([status, body.id]).toEqual([201, first?.body.id]);
      const differing = Object.keys(body).filter(
        (key) => JSON.stringify(body[key]) !== JSON.stringify(first?.body[key]),
      );
      expect(STATE_FIELDS).toEqual(expect.arrayContaining(differing));
    }
  });
});

describe('fifty identical submissions while Redis is killed', () => {
  test('every answer is 201 and names the same application, or 503; and there is one', async () => {
    let refusals = 0;
    const idOf = new Map<string, string>();
    for (const afterMs of [0, 3, 8, 20, 45]) {
      const input = freshInput();
      const submissions = submitCopies(input, clients);
      await delay(afterMs);
      process.kill(one.gateway.embeddedRedisPid ?? 0, 'SIGKILL');
      const { answers, retries } = await submissions;
      refusals += retries;
      const ids = new Set(answers.map(({ status, body }) => `${status} ${body.id}`));
      expect(ids.size).toBe(1);
      const { status, body } = answers[0] ?? {};
      expect(status).toBe(201);
      const { id } = body;
      idOf.set(input.partner_ref, id);
    }
    for (const [partnerRef, id] of idOf) {
      const seen = () => Promise.all([arrivals(id), listed(partnerRef)]).catch(() => 'not yet');
      const expected = [['application.screening', 'application.received'], [id]];
      await expect.poll(seen, { timeout: 30_000 }).toEqual(expected);
    }
    expect(refusals).toBeGreaterThan(0);
    // Whoever was cut off in the middle is cleared away by the recovery, a few seconds later.
    await expect.poll(() => openIntents(one.redis, one.keys), { timeout: 30_000 }).toEqual([]);
  });
});
