import { createSecretKey } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inertDeps } from '../../src/commands/inert-deps.ts';
import { diagnosisSchema } from '../../src/doors/partner/diagnostics/diagnosis-schema.ts';
import type { PartnerDeps } from '../../src/doors/partner/partner-deps.ts';
import { createPartnerDoor } from '../../src/doors/partner/partner-door.ts';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openDoor } from '../support/open-door.ts';
import { expectConforms } from '../support/partner-door.ts';
import { shippedKey, summitSecret } from '../support/signed-client.ts';
import { memoryAdmissions } from '../support/tiny-door.ts';

const BODY = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
const TYPE = { 'content-type': 'application/json' };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.stop());

function signed(key: SigningKey, path = '/v1/prechecks', nonce?: string): Record<string, string> {
  const url = `${gateway.url}${path}`;
  const createdSeconds = Date.now() / 1_000;
  return { ...TYPE, ...signRequest({ method: 'POST', url, headers: TYPE, body: BODY, key, createdSeconds, nonce }) };
}

type Told = z.infer<typeof diagnosisSchema> & { code: string; errors: { pointer: string }[] };

async function ask(question: unknown, path = '/v1/diagnostics/signature') {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: TYPE,
    body: JSON.stringify(question),
  });
  const body = (await response.json()) as Told;
  if (response.status === 200) expectConforms(diagnosisSchema, body);
  return { status: response.status, headers: response.headers, body };
}

describe('why a request was refused is answered without asking anybody', () => {
  test('a 401 of the sandbox says where that is', async () => {
    const response = await fetch(`${gateway.url}/v1/whoami`);
    const { help } = (await response.json()) as { help: string };
    expect(help).toBe(`${gateway.url}/docs/guide/signing#diagnosis`);
    const page = await fetch(help);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('id="diagnosis"');
  });

  test('a request that is right is ok, also when it is asked about before it is sent: no nonce is spent', async () => {
    const url = `${gateway.url}/v1/prechecks`;
    const headers = signed(shippedKey('acme'));
    const question = { method: 'POST', url, headers, body: BODY };
    for (const _ of [1, 2]) {
      const answer = await ask(question);
      expect(answer).toMatchObject({ status: 200, body: { verdict: 'ok', first_difference: null } });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    expect((await fetch(url, { method: 'POST', headers, body: BODY })).status).toBe(200);
  });

  test('as raw text, as parts and as a list of headers it is the same request', async () => {
    const headers = Object.entries({ Host: new URL(gateway.url).host, ...signed(shippedKey('acme')) });
    const head = headers.map(([name, value]) => `${name}: ${value}`).join('\r\n');
    const raw = `POST /v1/prechecks HTTP/1.1\r\n${head}\r\n\r\n${BODY}`;
    const body_base64 = Buffer.from(BODY).toString('base64');
    const { accept_signature: _, ...first } = (await ask({ raw })).body;
    const { accept_signature: __, ...second } = (
      await ask({ method: 'POST', target: '/v1/prechecks', headers, body_base64 })
    ).body;
    expect(first).toMatchObject({ verdict: 'ok' });
    expect(second.signature_base).toBe(first.signature_base);
  });

  test('a secret that was used as text is recognised, and not repeated', async () => {
    const secret = summitSecret();
    const key: SigningKey = { ...shippedKey('summit'), keyObject: textKey(secret) };
    const { body } = await ask({
      method: 'POST',
      url: `${gateway.url}/v1/prechecks`,
      headers: signed(key),
      body: BODY,
    });
    expect(body).toMatchObject({ verdict: 'signature_invalid' });
    expect(body.steps).toContainEqual(
      expect.objectContaining({ step: 'signature', ok: false, mistake: 'secret_as_text' }),
    );
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  test('what was signed is compared, and the moment may be given', async () => {
    const headers = signed(shippedKey('acme'));
    const question = { method: 'POST', url: `${gateway.url}/v1/prechecks`, headers, body: BODY };
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await ask({ ...question, at, signature_base: '"@method": post' });
    expect(body).toMatchObject({
      verdict: 'signature_expired',
      first_difference: { line: 1, theirs: '"@method": post' },
    });
  });

  test('each door knows its own keys: those of the others are as unknown as nobody’s', async () => {
    const lender = sandboxSigningKey(gateway.config.rootSecret, 'quickcredit');
    const url = `${gateway.url}/lender/v1/events`;
    const question = { method: 'POST', url, headers: signed(lender, '/lender/v1/events'), body: BODY };
    expect((await ask(question, '/lender/v1/diagnostics/signature')).body.verdict).toBe('ok');
    const elsewhere = await ask(question);
    expect(elsewhere.body.verdict).toBe('key_unknown');
    expect(elsewhere.body.steps).toContainEqual(expect.objectContaining({ step: 'key', ok: false, mistake: null }));
  });

  test.each([
    [{}, ''],
    [{ method: 'POST' }, ''],
    [{ raw: 'hello' }, '/raw'],
    [{ method: 'GET', url: 'not a url' }, '/url'],
    [{ raw: 'GET / HTTP/1.1', body: 'a', body_base64: 'YQ==' }, ''],
    [{ method: 'GET', url: 'http://a/', headers: [['only a name']] }, '/headers/0'],
  ])('a question that is none is refused: %j', async (question, pointer) => {
    const { status, body } = await ask(question);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors[0]?.pointer).toMatch(pointer === '' ? /^/ : new RegExp(`^${pointer}`));
  });
});

test('in live there is no such path, and no help that leads to it', async () => {
  const nobody = { keys: { find: () => undefined }, admissions: memoryAdmissions() };
  const door = await openDoor(
    (deps) => createPartnerDoor({ ...inertDeps<PartnerDeps>(), ...deps, signed: nobody }),
    ['v1'],
    'live',
  );
  const question = { method: 'POST', headers: TYPE, body: '{}' };
  const response = await fetch(`${door.origin}/v1/diagnostics/signature`, question);
  expect(await response.json()).toMatchObject({ status: 404, code: 'not_found', detail: 'nothing is at this path' });
  const refused = await fetch(`${door.origin}/v1/whoami`);
  expect([refused.status, await refused.json()]).toEqual([
    401,
    expect.not.objectContaining({ help: expect.anything() }),
  ]);
  await door.close();
});

function textKey(secret: string) {
  return createSecretKey(Buffer.from(secret));
}
