import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { SHIPPED_PARTNERS } from '../support/intake.ts';
import { policyWire } from '../support/policy-wire.ts';
import { converse, fromElsewhere, type RawAnswer, TRUSTING_LOOPBACK } from '../support/raw-http.ts';
import { type RedisWatch, watchRedis } from '../support/redis-watch.ts';
import { codeOfVector } from '../unit/trust/policy-codes.ts';
import { type PolicyCase, vectors } from '../unit/trust/rfc-vectors.ts';

const { cases } = vectors.policyVectors;
/** The name that the vectors are signed for. */
const PUBLIC_URL = 'https://example.com';

let partnersDir: string;
let gateway: TestGateway;
let watch: RedisWatch;

beforeAll(async () => {
  partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, partnersDir, { recursive: true });
  const { kty, crv, x } = vectors.keys['test-key-ed25519']?.jwk ?? {};
  addKeys('acme', [
    { id: 'test-shared-secret', alg: 'hmac-sha256', secret: vectors.keys['test-shared-secret']?.secretBase64 },
    { id: 'test-key-ed25519', alg: 'ed25519', jwk: { kty, crv, x } },
  ]);
  gateway = await startTestGateway({ variables: variables() });
  watch = await watchRedis(gateway.dataDir);
});

afterAll(async () => {
  await gateway.stop();
  rmSync(partnersDir, { recursive: true });
});

function variables(): Record<string, string> {
  return { SLUICE_PARTNERS: partnersDir, SLUICE_PUBLIC_URL: PUBLIC_URL, ...TRUSTING_LOOPBACK };
}

function addKeys(partnerId: string, keys: readonly object[]): void {
  const file = join(partnersDir, 'traffic', partnerId, 'partner.yaml');
  const lines = keys.map((key) => `  - ${JSON.stringify(key)}\n`).join('');
  writeFileSync(file, readFileSync(file, 'utf8').replace('\nkeys:\n', `\nkeys:\n${lines}`));
}

async function send(bytes: string): Promise<RawAnswer> {
  const port = Number(new URL(gateway.url).port);
  const [answer] = (await converse(port, fromElsewhere(bytes))).answers;
  if (answer === undefined) throw new Error('the connection was closed without an answer');
  return answer;
}

function outcome({ status, body }: RawAnswer): string {
  const { code } = JSON.parse(body) as { code?: string };
  return status === 200 ? 'accepted' : `${status} ${code}`;
}

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
const fresh = (vector: PolicyCase, nonce?: string): string => policyWire(vector, nowSeconds(), nonce).bytes;
const named = cases.map((vector) => [vector.id, vector] as const);
const accepted = named.filter(([, { expect: wanted }]) => wanted === 'accept');
const rejected = named.filter(([, { expect: wanted, requestOf }]) => wanted === 'reject' && requestOf === undefined);
const repeated = named.filter(([, { requestOf }]) => requestOf !== undefined);

function vectorOf(id: string): PolicyCase {
  const vector = cases.find((one) => one.id === id);
  if (vector === undefined) throw new Error(`no vector ${id}`);
  return vector;
}

describe('every policy vector, signed anew with its key for a running gateway and sent over a socket', () => {
  test('is one of 46', () => {
    expect([accepted.length, rejected.length, repeated.length]).toEqual([7, 38, 1]);
  });

  test.each(accepted)('%s is accepted', async (_id, vector) => {
    expect(outcome(await send(fresh(vector)))).toBe('accepted');
  });

  test.each(rejected)(
    '%s is rejected with its code, says what to sign, and leaves nothing in Redis',
    async (_id, vector) => {
      const touched = await watch.touchedBy(async () => {
        const answer = await send(fresh(vector));
        expect(outcome(answer)).toBe(`401 ${codeOfVector(vector)}`);
        expect(answer.headers['content-type']).toBe('application/problem+json');
        expect(answer.headers['accept-signature']).toMatch(/^sig=\("@method" "@authority" "@path"/);
      });
      expect(touched).toEqual([]);
    },
  );

  test.each(repeated)('%s: the second time it is rejected', async (_id, vector) => {
    const bytes = fresh(vector);
    expect(outcome(await send(bytes))).toBe('accepted');
    expect(outcome(await send(bytes))).toBe(`401 ${codeOfVector(vector)}`);
  });
});

describe('a nonce is remembered only after everything else was right', () => {
  test('of many wrong requests with one nonce none spends it, the right one does', async () => {
    const nonce = `spent-${Date.now()}`;
    const right = fresh(vectorOf('ok-hmac'), nonce);
    const spoilt = [
      right.replace(/Signature: partner=:..../, 'Signature: partner=:AAAA'),
      right.replace('quick-cash', 'quick-c4sh'),
      right.replace('Host: example.com', 'Host: evil.example'),
      right.replace('application/json', 'text/plain'),
      right.replace('keyid="test-shared-secret"', 'keyid="nobody"'),
    ];
    for (const bytes of spoilt) {
      expect(bytes).toContain(`nonce="${nonce}"`);
      expect(bytes).not.toBe(right);
      expect(outcome(await send(bytes))).toMatch(/^401 (?:signature_invalid|digest_mismatch|key_unknown)$/);
    }
    expect(outcome(await send(right))).toBe('accepted');
    expect(outcome(await send(right))).toBe('401 signature_replayed');
  });

  test('a nonce that was used with one key is good for another', async () => {
    const nonce = `same-${Date.now()}`;
    expect(outcome(await send(fresh(vectorOf('ok-hmac'), nonce)))).toBe('accepted');
    expect(outcome(await send(fresh(vectorOf('ok-ed25519'), nonce)))).toBe('accepted');
    expect(outcome(await send(fresh(vectorOf('ok-component-order-permuted'), nonce)))).toBe('401 signature_replayed');
  });

  test('of fifty copies that arrive at once on connections of their own exactly one is let in', async () => {
    for (let round = 0; round < 4; round += 1) {
      const bytes = fresh(vectorOf('ok-ed25519'));
      const outcomes = await Promise.all(Array.from({ length: 50 }, async () => outcome(await send(bytes))));
      expect(outcomes.filter((one) => one === 'accepted')).toHaveLength(1);
      expect(outcomes.filter((one) => one === '401 signature_replayed')).toHaveLength(49);
    }
  });
});

describe('what was let in once is never let in again', () => {
  beforeAll(() => watch.close());

  /** Kills or stops Redis and waits until the gateway lets requests in again. */
  async function without(signal: NodeJS.Signals): Promise<void> {
    process.kill(gateway.gateway.embeddedRedisPid ?? 0, signal);
    await untilServing();
  }

  async function untilServing(): Promise<void> {
    // Not before the loss can have been noticed.
    await delay(300);
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(50)) {
      if (outcome(await send(fresh(vectorOf('ok-hmac')))) === 'accepted') return;
    }
    throw new Error('nothing was let in for 20 s');
  }

  test('though Redis was killed while they arrived, and killed again', async () => {
    const all = Array.from({ length: 160 }, () => fresh(vectorOf('ok-hmac')));
    const before = new Map<string, string>();
    const queue = [...all];
    const worker = async (): Promise<void> => {
      for (let bytes = queue.shift(); bytes !== undefined; bytes = queue.shift()) {
        before.set(bytes, outcome(await send(bytes)));
        if (before.size === all.length / 2) process.kill(gateway.gateway.embeddedRedisPid ?? 0, 'SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await untilServing();
    const letIn = all.filter((bytes) => before.get(bytes) === 'accepted');
    expect(letIn.length).toBeGreaterThanOrEqual(all.length / 2);
    for (let kill = 0; kill < 2; kill += 1) {
      for (const bytes of letIn) expect(outcome(await send(bytes))).toBe('401 signature_replayed');
      await without('SIGKILL');
    }
    // Who was told to come again may, with the same bytes, once at the most: its nonce may have been taken in.
    const toldToRetry = all.filter((bytes) => before.get(bytes) !== 'accepted');
    for (const bytes of toldToRetry) {
      expect(before.get(bytes)).toBe('503 dependency_unavailable');
      const again = [outcome(await send(bytes)), outcome(await send(bytes))];
      expect(again.filter((one) => one === 'accepted').length).toBeLessThanOrEqual(1);
      expect(again[1]).toBe('401 signature_replayed');
    }
  });

  test('though Redis was stopped in good order, and the gateway too', async () => {
    const bytes = fresh(vectorOf('ok-ed25519'));
    expect(outcome(await send(bytes))).toBe('accepted');
    await without('SIGTERM');
    expect(outcome(await send(bytes))).toBe('401 signature_replayed');
    const { dataDir } = gateway;
    await gateway.stop(true);
    gateway = await startTestGateway({ dataDir, variables: variables() });
    expect(outcome(await send(bytes))).toBe('401 signature_replayed');
  });
});
