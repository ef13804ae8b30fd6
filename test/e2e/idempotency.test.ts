import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import { everyEvent, openIntents } from '../support/every-event.ts';
import { createDataDir, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { freePort, type GatewayChild, startGatewayChild } from '../support/gateway-child.ts';
import { applicationFor, nextPerson, SHIPPED_PARTNERS } from '../support/intake.ts';
import type { Answer, PartnerClient } from '../support/partner-door.ts';
import { converse } from '../support/raw-http.ts';
import { shippedClient } from '../support/signed-client.ts';
import { signedTexts } from '../support/signed-texts.ts';

const COPIES = 50;
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
  partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, partnersDir, { recursive: true });
  // Nobody listens there: what was taken in stays as it was answered, so that answers can be compared whole.
  edit('lending/quickcredit/lender.yaml', '\ncore: sandbox', '\ncore: { url: "http://127.0.0.1:9" }');
  edit('traffic/summit/partner.yaml', /applications_per_day: \d+/, 'applications_per_day: 1');
  const ports = [await freePort(), await freePort()];
  const shared = {
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

function edit(file: string, from: string | RegExp, to: string): void {
  const path = join(partnersDir, file);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, changed);
}

let refs = 0;
function freshInput(productId?: string, phoneSuffix?: string): ApplicationInput {
  refs += 1;
  const registry = one.gateway.rooms.intake.registry();
  return applicationFor(registry, nextPerson(phoneSuffix), `SAME-${refs}`, productId);
}

/** Each signed with a nonce of its own, in turn by one gateway or by all of them. */
function submitCopies(input: ApplicationInput, among: readonly PartnerClient[], copies = COPIES): Promise<Answer[]> {
  const submit = (_: unknown, i: number) => (among[i % among.length] ?? one.acme).post('/v1/applications', input);
  return Promise.all(Array.from({ length: copies }, submit));
}

const isReplay = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

/** The events by which an application came to be. */
async function arrivals(id: string): Promise<string[]> {
  const events = await everyEvent(one.redis, one.keys);
  return events.filter((event) => event.subject === id).map(({ type }) => type);
}

async function listed(partnerRef: string): Promise<string[]> {
  await one.settle();
  const { body } = await one.acme.get(`/v1/applications?partner_ref=${partnerRef}`);
  return body.data.map(({ id }: { id: string }) => id);
}

describe.each([
  ['one process', () => [one.acme]],
  ['two processes on one Redis', () => clients],
] as const)('fifty identical submissions at once to %s', (_where, among) => {
  test('are one application, and every answer is the same to the last byte', async () => {
    const input = freshInput();
    const answers = await submitCopies(input, among());
    const [first] = answers;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(first?.body).toMatchObject({ partner_ref: input.partner_ref, status: 'received' });
    for (const { body } of answers) expect(body).toEqual(first?.body);
    // All but the one that created it say that it was there.
    expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1);
    expect(await arrivals(first?.body.id)).toEqual(['application.screening', 'application.received']);
    expect(await listed(input.partner_ref)).toEqual([first?.body.id]);
    const later = await one.acme.post('/v1/applications', input);
    expect([later.status, later.body, isReplay(later)]).toEqual([201, first?.body, true]);
  });

  test('refused ones are one refusal, the same to the last byte', async () => {
    const input = freshInput();
    const tooMuch = { ...input.requested, amount: { ...input.requested.amount, amount: 99_990_000 } };
    const answers = await submitCopies({ ...input, requested: tooMuch }, among());
    for (const { status, body } of answers) {
      expect([status, body.status]).toEqual([201, 'refused']);
      expect(body).toEqual(answers[0]?.body);
    }
    expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1);
    expect(await arrivals(answers[0]?.body.id)).toEqual(['application.refused']);
  });

  test('where half of them ask for another amount, one half is answered and the other conflicts', async () => {
    const input = freshInput();
    const amount = { ...input.requested.amount, amount: input.requested.amount.amount + 10_000 };
    const wishes = [input, { ...input, requested: { ...input.requested, amount } }];
    const answers = await Promise.all(wishes.map((wish) => submitCopies(wish, among(), COPIES / 2)));
    const won = answers.findIndex((half) => half.some(({ status }) => status === 201));
    const id = answers[won]?.[0]?.body.id;
    for (const { status, body } of answers[won] ?? []) expect([status, body.id]).toEqual([201, id]);
    for (const { status, body } of answers[1 - won] ?? []) {
      expect([status, body.code]).toEqual([422, 'idempotency_conflict']);
      expect(body.errors).toMatchObject([{ pointer: '/partner_ref', code: 'idempotency_conflict' }]);
    }
    expect(await listed(input.partner_ref)).toEqual([id]);
  });
});

describe('what counts', () => {
  test('one place of a daily limit is taken, however often and wherever the same is sent', async () => {
    const [here, there] = [shippedClient(one.url, 'summit'), shippedClient(other.url, 'summit')];
    const input = freshInput();
    const answers = await submitCopies(input, [here, there]);
    expect(new Set(answers.map(({ body }) => body.status))).toEqual(new Set(['received']));
    expect((await here.post('/v1/applications', freshInput())).body.status).toBe('refused');
  });

  test('copies of one signed request are let in once by both processes together', async () => {
    for (let round = 0; round < 4; round += 1) {
      const bytes = signedTexts(new URL(one.url).host).get('/v1/whoami');
      const ports = [one.url, other.url].map((url) => Number(new URL(url).port));
      const send = async (_: unknown, i: number) => (await converse(ports[i % 2] ?? 0, bytes)).answers[0]?.status;
      const statuses = await Promise.all(Array.from({ length: 20 }, send));
      expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
    }
  });

  test('where the application moves on meanwhile, answers differ in its state alone', async () => {
    const answers = await submitCopies(freshInput('wave-days'), clients);
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

describe('the same request again', () => {
  /** The same application in other words. */
  const restated: Readonly<Record<string, (input: ApplicationInput) => unknown>> = {
    'another device, from another address': (input) => ({
      ...input,
      device: { id: 'd-2', id_kind: 'web', os: 'android', ip: '203.0.113.9', user_agent: 'x' },
    }),
    'consents given at another moment': (input) => ({
      ...input,
      consents: input.consents?.map((consent) => ({
        ...consent,
        accepted_at: '2026-03-02T03:59:59.000Z',
        ip: '203.0.113.9',
      })),
    }),
    'no consents at all': (input) => ({ ...input, consents: [] }),
    'other sub ids': (input) => ({ ...input, sub_ids: { sub1: 'b', sub2: 'c' } }),
    'another user, click and return address': (input) => ({
      ...input,
      partner_user_ref: 'U2',
      click_id: 'clk_0000000000000000000000000000000000',
      return_url: 'https://acme.example/other',
    }),
    'more of a profile': (input) => ({ ...input, applicant: { ...input.applicant, education: 'master' } }),
    'documents and verifications': (input) => ({ ...input, documents: [], verifications: [] }),
    'a phone with +86': (input) => withApplicant(input, 'phone', (phone) => `+86${phone}`),
    'a phone with 0086 and spaces': (input) =>
      withApplicant(input, 'phone', (phone) => `0086 ${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`),
    'a phone with (86) and dashes': (input) =>
      withApplicant(input, 'phone', (phone) => `(86) ${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`),
    'a phone in full-width digits': (input) => withApplicant(input, 'phone', fullWidth),
    'an id number in groups, its X in lower case': (input) =>
      withApplicant(input, 'id_number', (id) => `${id.slice(0, 6)} ${id.slice(6, 14)} ${id.slice(14).toLowerCase()}`),
    'a name with a space between its characters': (input) =>
      withApplicant(input, 'name', (name) => [...name].join(' ')),
    'members in another order, an amount with decimals': (input) => {
      const { applicant, requested, ...rest } = input;
      const reversed = Object.fromEntries(Object.entries({ ...rest, requested, applicant }).toReversed());
      return JSON.stringify(reversed).replace(/("amount":)(\d+)/, '$1$2.0');
    },
    'an amount in scientific notation': (input) =>
      JSON.stringify(input).replace(/("amount":)(\d+)/, (_, name, amount) => `${name}${Number(amount) / 10_000}e4`),
  };

  test.each(Object.keys(restated))('with %s is the same', async (name) => {
    const input = freshInput();
    const first = await one.acme.post('/v1/applications', input);
    expect([first.status, isReplay(first)]).toEqual([201, false]);
    const changed = restated[name]?.(input);
    const body = typeof changed === 'string' ? changed : JSON.stringify(changed);
    expect(body).not.toBe(JSON.stringify(input));
    const again = await one.acme.send('POST', '/v1/applications', { body });
    expect([again.status, again.body, isReplay(again)]).toEqual([201, first.body, true]);
  });

  test.each([
    ['another amount', (input: ApplicationInput) => wish(input, { amount: { amount: 110_000, currency: 'CNY' } })],
    ['another term', (input: ApplicationInput) => wish(input, { term: input.requested.term === 3 ? 6 : 3 })],
    ['another purpose', (input: ApplicationInput) => wish(input, { purpose: 'medical' })],
    ['another product', (input: ApplicationInput) => ({ ...input, product_id: 'quick-flex' })],
    ['another name', (input: ApplicationInput) => withApplicant(input, 'name', () => '王五')],
    ['another phone', (input: ApplicationInput) => withApplicant(input, 'phone', () => nextPerson().phone)],
    ['another id number', (input: ApplicationInput) => withApplicant(input, 'id_number', () => nextPerson().idNumber)],
  ])('with %s is another: 422 idempotency_conflict, and nothing changes', async (_name, change) => {
    const input = freshInput();
    const first = await one.acme.post('/v1/applications', input);
    const conflict = await one.acme.post('/v1/applications', change(input));
    expect([conflict.status, conflict.body.code]).toEqual([422, 'idempotency_conflict']);
    expect(JSON.stringify(conflict.body)).not.toContain(String(input.applicant.phone));
    const again = await one.acme.post('/v1/applications', input);
    expect([again.status, again.body, isReplay(again)]).toEqual([201, first.body, true]);
  });

  test("another partner's same reference is an application of its own", async () => {
    const input = freshInput();
    const [mine, theirs] = await Promise.all(
      [one.acme, one.summit].map((client) => client.post('/v1/applications', input)),
    );
    expect([mine?.status, theirs?.status]).toEqual([201, 201]);
    expect(mine?.body.id).not.toBe(theirs?.body.id);
  });
});

describe('fifty identical submissions while Redis is killed', () => {
  test('every 201 names the same application, every other answer is 503, and there is one', async () => {
    let refusals = 0;
    for (const afterMs of [0, 3, 8, 20, 45]) {
      const input = freshInput();
      const ids = new Set<string>();
      const submit = async (client: PartnerClient): Promise<void> => {
        for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(40)) {
          const { status, body, headers } = await client.post('/v1/applications', input);
          if (status === 201) return void ids.add(body.id);
          expect([status, body.code]).toEqual([503, 'dependency_unavailable']);
          expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
          refusals += 1;
        }
        throw new Error('not answered in 30 s');
      };
      const submissions = Array.from({ length: COPIES }, (_, i) => submit(clients[i % 2] ?? one.acme));
      await delay(afterMs);
      process.kill(one.gateway.embeddedRedisPid ?? 0, 'SIGKILL');
      await Promise.all(submissions);
      const [id = ''] = ids;
      expect(ids.size).toBe(1);
      expect(await arrivals(id)).toEqual(['application.screening', 'application.received']);
      await expect.poll(() => listed(input.partner_ref).catch(() => []), { timeout: 10_000 }).toEqual([id]);
    }
    expect(refusals).toBeGreaterThan(0);
    expect(await openIntents(one.redis, one.keys)).toEqual([]);
  });
});

function withApplicant(input: ApplicationInput, field: string, change: (text: string) => string): ApplicationInput {
  return { ...input, applicant: { ...input.applicant, [field]: change(String(input.applicant[field])) } };
}

function wish(input: ApplicationInput, change: Partial<ApplicationInput['requested']>): ApplicationInput {
  return { ...input, requested: { ...input.requested, ...change } };
}

function fullWidth(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}
