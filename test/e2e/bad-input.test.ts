import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { badForms, goodForm } from '../support/bad-forms.ts';
import { FORM_TYPE } from '../support/documents.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import { type DocumentedOperation, documentedOperations } from '../support/operations.ts';
import { sampleLoan } from '../support/sample-application.ts';
import { sampleBodies } from '../support/sample-bodies.ts';
import { shippedKey } from '../support/signed-client.ts';

const operations = documentedOperations();
const named = operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);
const withJson = named.filter(([, operation]) => operation.bodyType === 'application/json');
const guarded = named.filter(([, operation]) => !operation.isPublic);
const withForm = named.filter(([, operation]) => operation.bodyType === 'multipart/form-data');
const withId = named.filter(([, operation]) => operation.path.includes('{'));

let gateway: TestGateway;
let foreignId: string;
/** An application of acme's with everything that can be asked of one. */
let own: { readonly app: string; readonly loan: string; readonly act: string };

beforeAll(async () => {
  // Everybody asks from an address of their own, as a proxy in front says: who fails often would have to wait.
  gateway = await startTestGateway({ variables: { SLUICE_TRUSTED_PROXIES: '127.0.0.1' } });
  const registry = gateway.gateway.rooms.intake.registry();
  const { body } = await gateway.summit.post('/v1/applications', applicationFor(registry, nextPerson(), 'FOREIGN-1'));
  foreignId = body.id;
  own = await ownApplication();
});

async function ownApplication() {
  const { store, registry } = gateway.gateway.rooms.intake;
  const { body } = await gateway.acme.post('/v1/applications', applicationFor(registry(), nextPerson('0003'), 'OWN-1'));
  const { id: app } = body;
  await gateway.settle();
  const at = new Date(Date.now() - 60_000).toISOString();
  const later = new Date(Date.now() + 86_400_000 * 30).toISOString();
  const event = (id: string, type: string, data: object) => ({ id, type, occurred_at: at, application_id: app, data });
  const asked = { type: 'supplement', scene: 'drawdown', fields: ['email'], expires_at: later };
  const granted = { amount: { amount: 5_000_000, currency: 'CNY' }, apr: '0.18', expires_at: later };
  const told = await gateway.lender('quickcredit').post('/lender/v1/events', {
    events: [event('OWN-E-1', 'credit.granted', granted), event('OWN-E-2', 'action.required', asked)],
  });
  const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
  const item = { no: 1, due_on: '2099-04-02', principal: 100_000, interest: 0, fees: [], paid, paid_at: null };
  const loan = sampleLoan(app, 'OWN', { status: 'active', disbursed_at: at, lender_ref: 'OWN-L', schedule: [item] });
  await store.bindLoan(loan.id, app);
  await store.change(app, (now) => ({ application: { ...now, loans: [loan] }, events: [], result: null }));
  return { app, loan: loan.id, act: told.body.results[1].action_id };
}

afterAll(async () => {
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  await gateway.stop();
});

interface Sending {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly path?: string;
  readonly type?: string;
  /** `none`: without any proof of who calls. `wrong`: with one that does not fit. */
  readonly proof?: 'none' | 'wrong';
}

/** Sends to an operation as the party that the door is for; an unknown id stands wherever the path wants one. */
async function send(operation: DocumentedOperation, { body, path, type, proof }: Sending = {}) {
  const target = path ?? unknownPath(operation);
  const headers: Record<string, string> = { 'x-forwarded-for': nextAddress() };
  if (body !== undefined) headers['content-type'] = type ?? operation.bodyType ?? 'application/json';
  if (proof !== 'none')
    Object.assign(headers, proofFor(operation, { target, headers, body, isWrong: proof === 'wrong' }));
  const { method } = operation;
  const response = await fetch(`${gateway.url}${target}`, { method, headers, body, redirect: 'manual' });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
}

let addresses = 0;

function nextAddress(): string {
  addresses += 1;
  return `192.0.2.${addresses % 250}`;
}

interface ToProve {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly isWrong: boolean;
}

function proofFor({ door, method }: DocumentedOperation, { target, headers, body, isWrong }: ToProve): object {
  if (door === 'referral') return {};
  if (door === 'operator')
    return { authorization: `Bearer ${isWrong ? 'not-the-token-of-anybody' : gateway.adminToken}` };
  const url = `${gateway.url}${isWrong ? `${target.split('?')[0]}/elsewhere` : target}`;
  return signRequest({ method, url, headers, body, key: keyOf(door), createdSeconds: Date.now() / 1_000 });
}

function keyOf(door: 'partner' | 'lender'): SigningKey {
  return door === 'partner' ? shippedKey('acme') : sandboxSigningKey(gateway.config.rootSecret, 'quickcredit');
}

function pathWith({ path }: DocumentedOperation, value: string): string {
  return path.replaceAll(/\{\w+\}/g, value);
}

const PREFIXES: Readonly<Record<string, string>> = {
  applications: 'app_',
  actions: 'act_',
  cards: 'card_',
  repayments: 'rep_',
  documents: 'doc_',
  loans: 'loan_',
  deliveries: 'dlv_',
  appeals: 'apl_',
  alarms: 'alm_',
  statements: 'stm_',
  disputes: 'dsp_',
  commissions: 'com_',
  registrations: 'reg_',
  reconciliations: 'rec_',
  quality: 'qly_',
};

/** The operation's path, everything that it names unknown to everybody. */
function unknownPath({ path }: DocumentedOperation): string {
  return path.replaceAll(/(\w+)\/\{\w+\}/g, (_, kind: string) => `${kind}/${unknownOf(kind)}`);
}

function unknownOf(kind: string): string {
  const prefix = PREFIXES[kind];
  return prefix === undefined ? 'nobody-knows-it' : `${prefix}${'f'.repeat(32)}`;
}

function unknownId({ path }: DocumentedOperation): string {
  const [, kind = ''] = /\/(\w+)\/\{id\}/.exec(path) ?? [];
  return unknownOf(kind);
}

/** A problem with a code, or a page for people. */
function expectRefused(answer: Awaited<ReturnType<typeof send>>, operation: DocumentedOperation): void {
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  expect(answer.status, answer.text).toBeLessThan(500);
  if (operation.door === 'referral' && answer.type.startsWith('text/html')) return;
  expect(answer.type).toBe('application/problem+json');
  expect(JSON.parse(answer.text)).toMatchObject({ code: expect.stringMatching(/^[a-z_]+$/), status: answer.status });
}

describe('whoever cannot prove who they are is turned away', () => {
  test.each(guarded)('%s', async (_name, operation) => {
    const body = operation.bodyType === undefined ? undefined : '{}';
    for (const proof of ['none', 'wrong'] as const) {
      const answer = await send(operation, { proof, body });
      expect(answer.status).toBe(401);
      expectRefused(answer, operation);
    }
  });
});

const NOT_AN_OBJECT = ['[]', '[{}]', 'null', 'true', '7', '"text"'];
const NOT_JSON = ['', '{', '{"a":', "{'a':1}", '{"a":1}}', '{"a":NaN}', 'hello', '\u0000', '{"a":"\\ud800"}'];
const KINDS = [null, true, -1, 1.5, 1e300, '', 'x', '\u0000', 'x'.repeat(20_000), [], [[]], {}, { md5: 1 }, [null]];

/** A third of the kinds for each field in turn: every kind meets every larger body somewhere, in a third of the time. */
function someKinds(turn: number): readonly unknown[] {
  return KINDS.filter((_, at) => at % 3 === turn % 3);
}

describe('a body that is none is refused', () => {
  test.each(withJson)('%s', async (_name, operation) => {
    for (const body of [...NOT_JSON, ...NOT_AN_OBJECT]) expectRefused(await send(operation, { body }), operation);
    expectRefused(await send(operation, { body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) }), operation);
    expectRefused(await send(operation, { body: `${'['.repeat(5_000)}${']'.repeat(5_000)}` }), operation);
    const nested = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expectRefused(await send(operation, { body: nested }), operation);
    const twice = await send(operation, { body: '{"a":1,"b":{"c":1,"c":2}}' });
    expect(JSON.parse(twice.text)).toMatchObject({ code: 'json_duplicate_key', status: 400 });
    const media = await send(operation, { body: '{}', type: 'application/xml' });
    expect(JSON.parse(media.text)).toMatchObject({ code: 'unsupported_media_type', status: 415 });
  });
});

describe('a body that is too large is 413', () => {
  const large = `{"a":"${'x'.repeat(300 * 1_024)}"}`;

  test.each(withJson)('%s', async (_name, operation) => {
    const answer = await send(operation, { body: `{"a":"${'x'.repeat(operation.maxBodyBytes)}"}` });
    expect(answer.status).toBe(413);
    expectRefused(answer, operation);
  });

  test('a form on the hosted page', async () => {
    const type = 'application/x-www-form-urlencoded';
    const answer = await fetch(`${gateway.url}/apply/acme-home`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: `name=${large}`,
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8']);
  });
});

describe('a form with a file that is none is refused', () => {
  test.each(withForm)('%s', async (_name, operation) => {
    for (const [what, [body, type = FORM_TYPE]] of Object.entries(badForms)) {
      const answer = await send(operation, { body: new Uint8Array(body), type });
      expect(answer.status, `${what}: ${answer.text}`).toBeGreaterThanOrEqual(400);
      expectRefused(answer, operation);
    }
    const large = await send(operation, { body: new Uint8Array(operation.maxBodyBytes + 1), type: FORM_TYPE });
    expect(large.status).toBe(413);
    const answer = await send(operation, { body: new Uint8Array(goodForm), type: FORM_TYPE });
    expect([answer.status, answer.text]).toEqual([201, expect.stringContaining('"doc_')]);
  });
});

describe('a field of a wrong type is refused', () => {
  test.each(withJson)('%s', async (_name, operation) => {
    for (const [turn, field] of operation.fields.entries()) {
      for (const value of someKinds(turn)) {
        const answer = await send(operation, { body: JSON.stringify({ [field]: value }) });
        if (operation.required.some((name) => name !== field)) expectRefused(answer, operation);
        else expect(answer.status, answer.text).toBeLessThan(500);
      }
    }
    for (const name of ['no_such_field', '__proto__', 'constructor', '']) {
      expectRefused(await send(operation, { body: `{${JSON.stringify(name)}:{}}` }), operation);
    }
  });
});

describe('a query that makes no sense is no fault of ours', () => {
  test.each(named.filter(([, operation]) => operation.queryNames.length > 0))('%s', async (_name, operation) => {
    const path = unknownPath(operation);
    for (const name of operation.queryNames) {
      for (const value of ['', '%00', '-1', '1e999', '%ff%fe', '%F0%9F%92%A9', 'x'.repeat(4_000), '[]', '9999999999']) {
        const answer = await send(operation, { path: `${path}?${name}=${value}` });
        if (answer.status >= 400) expectRefused(answer, operation);
      }
    }
    if (operation.queryNames.includes('limit')) {
      for (const limit of ['0', '-1', 'many', '1.5']) {
        expectRefused(await send(operation, { path: `${path}?limit=${limit}` }), operation);
      }
    }
  });
});

describe('an id that names nothing of yours is refused', () => {
  test.each(withId)('%s', async (_name, operation) => {
    const body = operation.bodyType === undefined ? undefined : '{}';
    const ids = [unknownId(operation), foreignId, 'app_1', 'x'.repeat(3_000), '%00', '%F0%9F%92%A9', 'a%2Fb', "'--"];
    for (const id of ids) {
      if (operation.door === 'operator' && id === foreignId) continue;
      expectRefused(await send(operation, { path: pathWith(operation, id), body }), operation);
    }
  });

  test("another partner's application is as unknown as one that is not there", async () => {
    const foreign = await gateway.acme.get(`/v1/applications/${foreignId}`);
    const absent = await gateway.acme.get(`/v1/applications/app_${'f'.repeat(32)}`);
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    const { request_id: _, ...told } = foreign.body;
    expect(absent.body).toMatchObject(told);
  });

  test('a product that there is not', async () => {
    const registry = gateway.gateway.rooms.intake.registry();
    const input = { ...applicationFor(registry, nextPerson(), 'NO-PRODUCT'), product_id: 'no-such-product' };
    expect(await gateway.acme.post('/v1/applications', input)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/product_id', code: 'unknown_product' }] },
    });
  });
});

/** Every place of a document, with a copy that has something else there. */
function* mutants(document: unknown): Generator<unknown> {
  yield* KINDS;
  if (typeof document !== 'object' || document === null) return;
  for (const [name, value] of Object.entries(document)) {
    for (const other of mutants(value)) {
      yield Array.isArray(document)
        ? document.map((item, index) => (String(index) === name ? other : item))
        : { ...document, [name]: other };
    }
  }
}

describe('a good body with one bad place is answered, never a fault of ours', () => {
  /** Whatever the operation is about, as something that there is. */
  function ownId(operation: DocumentedOperation): string {
    if (operation.path.includes('{date}')) return '2026-03-02';
    const [, kind = ''] = /\/(\w+)\/\{id\}/.exec(operation.path) ?? [];
    const known: Readonly<Record<string, string>> = { applications: own.app, loans: own.loan, actions: own.act };
    return known[kind] ?? (kind === 'deliveries' ? unknownId(operation) : 'quick-cash');
  }

  test.each(Object.keys(sampleBodies))('%s', async (name) => {
    const [, operation] = named.find(([one]) => one === name) ?? [];
    if (operation === undefined) throw new Error(`no operation ${name}`);
    const path = pathWith(operation, ownId(operation));
    const registry = gateway.gateway.rooms.intake.registry();
    for (const mutant of mutants(sampleBodies[name]?.({ registry, foreign: foreignId, ...own }))) {
      const answer = await send(operation, { path, body: JSON.stringify(mutant) });
      if (answer.status >= 400) expectRefused(answer, operation);
    }
  });
});
