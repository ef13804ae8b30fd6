import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpbis } from 'http-message-signatures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import { contentDigest } from '../../src/trust/content-digest.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { SHIPPED_PARTNERS } from '../support/intake.ts';
import { acmeJwk, summitSecret } from '../support/signed-client.ts';

const BODY = JSON.stringify({
  product_id: 'quick-cash',
  subject: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
});
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let partnersDir: string;
let gateway: TestGateway;

beforeAll(async () => {
  partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, partnersDir, { recursive: true });
  addKey('acme', { id: 'acme-p256', alg: 'ecdsa-p256-sha256', jwk: p256.publicKey.export({ format: 'jwk' }) });
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partnersDir } });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(partnersDir, { recursive: true });
});

function addKey(partnerId: string, key: object): void {
  const file = join(partnersDir, 'traffic', partnerId, 'partner.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('\nkeys:\n', `\nkeys:\n  - ${JSON.stringify(key)}\n`));
}

/** A partner's key as a partner holds it: known to nothing but node:crypto and another library. */
interface ForeignKey {
  readonly id: string;
  readonly alg: string;
  sign(data: Buffer): Promise<Buffer>;
}

const acmeEd: ForeignKey = {
  id: 'acme-ed',
  alg: 'ed25519',
  sign: async (data) => sign(null, data, createPrivateKey({ key: acmeJwk(), format: 'jwk' })),
};
const acmeP256: ForeignKey = {
  id: 'acme-p256',
  alg: 'ecdsa-p256-sha256',
  sign: async (data) => sign('sha256', data, { key: p256.privateKey, dsaEncoding: 'ieee-p1363' }),
};
const summitHmac: ForeignKey = {
  id: 'summit-hmac',
  alg: 'hmac-sha256',
  sign: async (data) => createHmac('sha256', Buffer.from(summitSecret(), 'base64')).update(data).digest(),
};

interface Signing {
  readonly key?: ForeignKey;
  readonly nonce?: string;
  readonly path?: string;
  readonly method?: 'GET' | 'POST';
}

/** Headers of a request signed by npm http-message-signatures. */
async function signedElsewhere({ key = acmeEd, nonce, path = '/v1/prechecks', method = 'POST' }: Signing = {}) {
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  const hasBody = method === 'POST';
  const headers: Record<string, string> = hasBody
    ? { 'content-type': 'application/json', 'content-digest': contentDigest(Buffer.from(BODY)) }
    : {};
  const fields = ['@method', '@authority', '@path', '@query', ...Object.keys(headers)];
  const signed = await httpbis.signMessage(
    {
      key,
      fields,
      params: ['created', 'expires', 'nonce', 'keyid', 'tag'],
      paramValues: {
        created: new Date(nowMs),
        expires: new Date(nowMs + 240_000),
        nonce: nonce ?? randomBytes(12).toString('hex'),
        keyid: key.id,
        tag: 'sluice',
      },
    },
    { method, url: `${gateway.url}${path}`, headers },
  );
  return signed.headers as Record<string, string>;
}

async function post(headers: Record<string, string>, body: string = BODY) {
  const response = await fetch(`${gateway.url}/v1/prechecks`, { method: 'POST', headers, body });
  const answer = (await response.json()) as { code?: string };
  return { status: response.status, code: answer.code, wish: response.headers.get('accept-signature') };
}

async function untilReady(): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const response = await fetch(`${gateway.url}/readyz`);
    if (response.status === 200) return;
    if (Date.now() > deadline) throw new Error('not ready in 15 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a request signed by another RFC 9421 implementation', () => {
  test.each([acmeEd, acmeP256, summitHmac])('with $alg is accepted over HTTP', async (key) => {
    expect(await post(await signedElsewhere({ key }))).toMatchObject({ status: 200 });
  });

  test('with a query and without a body is accepted over HTTP', async () => {
    const path = '/v1/products?kind=instalment&sort=amount';
    const headers = await signedElsewhere({ path, method: 'GET' });
    expect((await fetch(`${gateway.url}${path}`, { headers })).status).toBe(200);
  });
});

describe('what a partner did not sign itself is 401, each time with one code', () => {
  test('unsigned, and the answer says what to sign', async () => {
    const answer = await post({ 'content-type': 'application/json' });
    expect(answer).toMatchObject({ status: 401, code: 'signature_missing' });
    expect(answer.wish).toContain('"content-digest"');
    expect(answer.wish).toContain('tag="sluice"');
  });

  test('a signature over something else', async () => {
    const headers = await signedElsewhere({ path: '/v1/other' });
    expect(await post(headers)).toMatchObject({ status: 401, code: 'signature_invalid' });
  });

  test('a body that was changed on the way', async () => {
    const answer = await post(await signedElsewhere(), BODY.replace('quick-cash', 'quick-flex'));
    expect(answer).toMatchObject({ status: 401, code: 'digest_mismatch' });
  });

  test('an unknown key', async () => {
    const answer = await post(await signedElsewhere({ key: { ...acmeEd, id: 'nobody' } }));
    expect(answer).toMatchObject({ status: 401, code: 'key_unknown' });
  });

  test('the key of a party that this door is not for answers like an unknown one', async () => {
    const { id, keyObject } = sandboxSigningKey(gateway.config.rootSecret, 'quickcredit');
    const lender: ForeignKey = { id, alg: 'ed25519', sign: async (data) => sign(null, data, keyObject as KeyObject) };
    expect(await post(await signedElsewhere({ key: lender }))).toMatchObject({ status: 401, code: 'key_unknown' });
  });

  test("one partner's signature under another's key id", async () => {
    const key = { ...acmeEd, id: 'summit-hmac' };
    expect(await post(await signedElsewhere({ key }))).toMatchObject({ status: 401, code: 'signature_invalid' });
  });
});

describe('a nonce is good once', () => {
  test('the same request again is signature_replayed, also with another body', async () => {
    const headers = await signedElsewhere({ nonce: 'once-1' });
    expect(await post(headers)).toMatchObject({ status: 200 });
    expect(await post(headers)).toMatchObject({ status: 401, code: 'signature_replayed' });
    const again = await signedElsewhere({ nonce: 'once-1' });
    expect(await post(again)).toMatchObject({ status: 401, code: 'signature_replayed' });
  });

  test('of many copies that arrive at once exactly one is let in', async () => {
    const headers = await signedElsewhere();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'signature_replayed')).toHaveLength(19);
  });

  test('a request with a bad signature does not burn the nonce', async () => {
    const headers = await signedElsewhere({ nonce: 'unburnt' });
    expect(await post(headers, `${BODY} `)).toMatchObject({ status: 401, code: 'digest_mismatch' });
    const spoilt = await signedElsewhere({ nonce: 'unburnt', path: '/v1/other' });
    expect(await post(spoilt)).toMatchObject({ status: 401, code: 'signature_invalid' });
    expect(await post(headers)).toMatchObject({ status: 200 });
  });

  test('also after Redis was killed, and after the gateway was restarted', async () => {
    const headers = await signedElsewhere();
    expect(await post(headers)).toMatchObject({ status: 200 });
    process.kill(gateway.gateway.embeddedRedisPid ?? 0, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await untilReady();
    expect(await post(headers)).toMatchObject({ status: 401, code: 'signature_replayed' });
    const { dataDir, url } = gateway;
    await gateway.stop(true);
    // The same port: the signature names the authority.
    const variables = { SLUICE_PARTNERS: partnersDir, PORT: new URL(url).port };
    gateway = await startTestGateway({ dataDir, variables });
    expect(await post(headers)).toMatchObject({ status: 401, code: 'signature_replayed' });
  });
});
