import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signRequest } from '../../src/trust/sign-message.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import { converse, httpText, type RawAnswer } from '../support/raw-http.ts';
import { shippedKey } from '../support/signed-client.ts';

const PUBLIC_URL = 'https://gw.example';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ variables: { SLUICE_PUBLIC_URL: PUBLIC_URL } });
});
afterAll(async () => {
  await gateway.stop();
});

/** As a proxy passes it on that ends TLS: with the public Host, to the address where the gateway listens. */
async function send(method: string, path: string, signedFor: string, body = ''): Promise<RawAnswer> {
  const headers: Record<string, string> = body === '' ? {} : { 'Content-Type': 'application/json' };
  const url = `${signedFor}${path}`;
  const key = shippedKey('acme');
  const signature = signRequest({ method, url, headers, body, key, createdSeconds: Date.now() / 1_000 });
  const all = { Host: new URL(signedFor).host, ...headers, ...signature, 'Content-Length': Buffer.byteLength(body) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const bytes = Buffer.from(httpText(`${method} ${path}`, lines, body));
  const [answer] = (await converse(Number(new URL(gateway.url).port), bytes)).answers;
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

describe('a gateway behind a public name', () => {
  test('lets in what is signed for that name, and nothing that is signed for the address where it listens', async () => {
    expect((await send('GET', '/v1/whoami', PUBLIC_URL)).status).toBe(200);
    const answer = await send('GET', '/v1/whoami', gateway.url);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'signature_invalid']);
  });

  test('hears the sandbox lenders, which report from within', async () => {
    const input = applicationFor(gateway.gateway.rooms.intake.registry(), nextPerson('0000'), 'BEHIND-1');
    const submitted = await send('POST', '/v1/applications', PUBLIC_URL, JSON.stringify(input));
    expect(submitted.status).toBe(201);
    await gateway.clock('1h');
    const now = await send('GET', `/v1/applications/${JSON.parse(submitted.body).id}`, PUBLIC_URL);
    expect(JSON.parse(now.body).status).toBe('credit_granted');
  });
});
