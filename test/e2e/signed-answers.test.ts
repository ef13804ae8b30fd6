import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { verifySignature } from 'http-message-sig';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { deriveOurKey, type JsonWebKeySet } from '../../src/trust/our-keys.ts';
import { PublishedKeys } from '../../src/trust/published-keys.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { isSignatureValid } from '../../src/trust/signature-value.ts';
import { verifyResponse } from '../../src/trust/verify-response.ts';
import { type FakeCore, startFakeCore } from '../support/fake-core.ts';
import { createDataDir, startTestGateway, type TestGateway, testVariables } from '../support/gateway.ts';
import { applicationFor, nextPerson, SHIPPED_PARTNERS, shippedRegistry } from '../support/intake.ts';
import { type ServeCommand, startServeCommand } from '../support/serve-command.ts';
import { operatorClient, shippedKey } from '../support/signed-client.ts';

const ASK = { 'accept-signature': 'sig=();created;expires;tag="sluice"' };

interface Asking {
  readonly key?: SigningKey;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Answer {
  readonly status: number;
  /** What the signature's verification says: `ok`, or the code. */
  readonly verdict: string;
  readonly keyId: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
  readonly body: any;
}

/** A client that knows a gateway by its origin alone. */
function clientOf(origin: string) {
  const keys = new PublishedKeys(async () => {
    const response = await fetch(`${origin}/.well-known/jwks.json`);
    return (await response.json()) as JsonWebKeySet;
  });
  return async ({ key, path, body, headers = ASK }: Asking): Promise<Answer> => {
    const url = `${origin}${path}`;
    const method = body === undefined ? 'GET' : 'POST';
    const text = body === undefined ? undefined : JSON.stringify(body);
    const own = text === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const createdSeconds = Date.now() / 1_000;
    const signature = key && signRequest({ method, url, headers: own, body: text, key, createdSeconds });
    const sent = { method, url, headers: Object.entries({ ...own, ...signature }) };
    const response = await fetch(url, { method, headers: sent.headers, body: text });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const received = { status: response.status, headers: response.headers, body: bytes };
    const verify = () => verifyResponse(received, sent, { keys, nowSeconds: Date.now() / 1_000 });
    let verdict = verify();
    if (!verdict.ok && verdict.keyId !== undefined && (await keys.findFresh(verdict.keyId))) verdict = verify();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      verdict: verdict.ok ? 'ok' : verdict.code,
      keyId: verdict.keyId,
      body: isJson ? JSON.parse(Buffer.from(bytes).toString()) : Buffer.from(bytes).toString(),
    };
  };
}

/** Generation 1 of the gateways of tests, by their root secret. */
const FIRST_KEY = deriveOurKey(testVariables('').SLUICE_SECRET ?? '');
const acme = shippedKey('acme');
const summit = shippedKey('summit');

describe('a gateway', () => {
  let partnersDir: string;
  let core: FakeCore;
  let gateway: TestGateway;
  let ask: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
    cpSync(SHIPPED_PARTNERS, partnersDir, { recursive: true });
    const file = join(partnersDir, 'traffic/summit/partner.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nsign_responses: always\n`);
    core = await startFakeCore(() => ({ status: 200, body: { result: 'accepted' } }));
    const lender = join(partnersDir, 'lending/bluewave/lender.yaml');
    const pinned = `core: { url: "${core.url}", sign_with: "${FIRST_KEY.kid}" }`;
    writeFileSync(lender, readFileSync(lender, 'utf8').replace('core: sandbox', pinned));
    gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partnersDir } });
    ask = clientOf(gateway.url);
  });
  afterAll(async () => {
    await gateway.stop();
    await core.close();
    rmSync(partnersDir, { recursive: true });
  });

  test('signs the answers of every door to whoever asks', async () => {
    const lender = sandboxSigningKey(gateway.config.rootSecret, 'quickcredit');
    const bearer = { ...ASK, authorization: `Bearer ${gateway.adminToken}` };
    const asked: [number, Asking][] = [
      [200, { key: acme, path: '/v1/whoami' }],
      [200, { key: acme, path: '/v1/products?amount=500000&status=open' }],
      [404, { key: acme, path: '/v1/applications/app_1f8ac10f23c5b5bc1167bda84b833e5c' }],
      [200, { key: lender, path: '/lender/v1/applications' }],
      [200, { key: lender, path: '/lender/v1/events', body: { events: [{}] } }],
      [200, { path: '/admin/v1/partners', headers: bearer }],
      [401, { path: '/admin/v1/partners' }],
      [401, { path: '/v1/whoami' }],
      [200, { path: '/.well-known/jwks.json' }],
      [404, { path: '/nothing/is/here?x=1' }],
    ];
    for (const [status, asking] of asked) {
      const answer = await ask(asking);
      expect([asking.path, answer.status, answer.verdict]).toEqual([asking.path, status, 'ok']);
    }
  });

  test('an answer is not signed unless asked, or the profile says always', async () => {
    expect((await ask({ key: acme, path: '/v1/whoami', headers: {} })).verdict).toBe('signature_missing');
    expect((await ask({ key: summit, path: '/v1/whoami', headers: {} })).verdict).toBe('ok');
  });

  test('signs what a created application is answered', async () => {
    const body = applicationFor(await shippedRegistry(), nextPerson(), 'SIGNED-1');
    const answer = await ask({ key: acme, path: '/v1/applications', body });
    expect([answer.status, answer.verdict]).toEqual([201, 'ok']);
  });

  test('another library verifies the answer with what any client holds', async () => {
    const url = `${gateway.url}/v1/products?status=open`;
    const signature = signRequest({ method: 'GET', url, headers: {}, key: acme, createdSeconds: Date.now() / 1_000 });
    const headers = { ...ASK, ...signature };
    const response = await fetch(url, { headers });
    const fields = (pairs: Iterable<readonly [string, string]>) => [...pairs].map(([name, value]) => ({ name, value }));
    const { keys } = (await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json()) as JsonWebKeySet;
    const published = new PublishedKeys(async () => ({ keys }));
    const verified = await verifySignature(
      {
        kind: 'response',
        status: response.status,
        fields: fields(response.headers),
        request: { kind: 'request', method: 'GET', targetUri: url, fields: fields(Object.entries(headers)) },
      },
      {
        policy: {
          algorithms: ['ed25519'],
          requiredComponents: [
            '@status',
            'content-type',
            'content-digest',
            ...['@method', '@authority', '@path', '@query'].map((name) => ({ name, parameters: { req: true } })),
            { name: 'signature', parameters: { req: true, key: 'sig' } },
          ],
          requiredParameters: ['created', 'expires', 'keyid', 'tag'],
          maxAge: 300,
        },
        async resolveVerifier({ parameters }) {
          const key = await published.findFresh(parameters.keyid ?? '');
          if (key === undefined) throw new Error('no such key');
          const verify = async (data: Uint8Array, value: Uint8Array) =>
            isSignatureValid(key, Buffer.from(data).toString('latin1'), value);
          return { algorithm: 'ed25519', verify };
        },
      },
    );
    expect(verified.parameters.tag).toBe('sluice');
  });

  test('rotates its key: published at once, used after the overlap, by answers and by pushes to lenders', async () => {
    const { operator } = gateway;
    const before = (await ask({ key: acme, path: '/v1/whoami' })).keyId;
    expect((await operator.post('/admin/v1/signing-keys/rotate', { overlap_minutes: 0 })).status).toBe(422);
    const rotated = await operator.post('/admin/v1/signing-keys/rotate', { reason: 'a drill', overlap_minutes: 0 });
    expect(rotated).toMatchObject({
      status: 201,
      body: { generation: 2, status: 'next', reason: 'a drill', rotated_by: 'bootstrap', retired_at: null },
    });
    const again = await operator.post('/admin/v1/signing-keys/rotate', { reason: 'at once', overlap_minutes: 0 });
    expect(again).toMatchObject({ status: 409, body: { code: 'rotation_open' } });
    const jwks = (await ask({ path: '/.well-known/jwks.json' })).body as JsonWebKeySet;
    expect(jwks.keys.map(({ kid }) => kid)).toEqual([before, rotated.body.id]);
    await delay(Date.parse(rotated.body.signs_from) - Date.now() + 1);
    expect(await ask({ key: acme, path: '/v1/whoami' })).toMatchObject({ verdict: 'ok', keyId: rotated.body.id });
    const listed = await operator.get('/admin/v1/signing-keys');
    expect(listed.body.data.map(({ status }: { status: string }) => status)).toEqual(['current', 'retired']);
    // The sandbox lender checks what we push to it: it reads the key set again.
    const body = applicationFor(await shippedRegistry(), nextPerson(), 'ROTATED-1');
    const { body: application } = await ask({ key: acme, path: '/v1/applications', body });
    await gateway.settle();
    const seen = await ask({ key: acme, path: `/v1/applications/${application.id}` });
    expect(seen.body.lender_ref).toMatch(/^SBX-/);
    expect((await operator.get('/admin/v1/deliveries/dead')).body.data).toEqual([]);
    expect(before).toBe(FIRST_KEY.kid);
  });

  test('goes on signing with the key that a lender’s profile names, after that has retired', async () => {
    const body = applicationFor(await shippedRegistry(), nextPerson(), 'PINNED-1', 'wave-days');
    const answer = await ask({ key: acme, path: '/v1/applications', body });
    expect([answer.status, answer.body.status]).toEqual([201, 'received']);
    await gateway.settle();
    const [push] = core.received;
    expect(push?.headers['signature-input']).toContain(`keyid="${FIRST_KEY.kid}"`);
    expect((await ask({ key: acme, path: '/v1/whoami' })).keyId).not.toBe(FIRST_KEY.kid);
  });
});

describe('two processes on one machine', () => {
  let dataDir: string;
  let served: ServeCommand;

  beforeAll(async () => {
    dataDir = createDataDir();
    served = await startServeCommand(dataDir, { SLUICE_PROCESSES: '2' });
  });
  afterAll(async () => {
    await served.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('every process signs with the same generation, before and after a rotation', async () => {
    const ask = clientOf(served.url);
    const operator = operatorClient(served.url, 'operator-token-of-the-tests');
    // Connections are not kept, so that both processes answer.
    const signers = async () => {
      const headers = { ...ASK, connection: 'close' };
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask({ path: '/healthz', headers })));
      expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
      return new Set(answers.map(({ keyId }) => keyId));
    };
    const before = await signers();
    expect(before.size).toBe(1);
    const rotated = await operator.post('/admin/v1/signing-keys/rotate', { reason: 'a drill', overlap_minutes: 0 });
    expect(rotated.status).toBe(201);
    await delay(Date.parse(rotated.body.signs_from) - Date.now() + 1);
    expect(await signers()).toEqual(new Set([rotated.body.id]));
  });
});
