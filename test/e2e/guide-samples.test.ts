import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLES } from '../../src/doors/wellknown/guide.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { type SampleRuntime, sampleRuntimes } from '../support/sample-runtimes.ts';
import { acmeJwk, summitSecret } from '../support/signed-client.ts';

const DIRECTORY = fileURLToPath(new URL('../../openapi/guide/samples/', import.meta.url));
/** The longest that a reader wants to read. */
const MAX_LINES = 95;

const FILES: Readonly<Record<SampleRuntime['name'], (typeof SAMPLES)[number]>> = {
  curl: 'curl.sh',
  node: 'signer.mjs',
  python: 'signer.py',
  php: 'signer.php',
  go: 'signer.go',
  java: 'Signer.java',
};

const keys = mkdtempSync(join(tmpdir(), 'sluice-samples-'));
const KEY_FILES = {
  ed25519: { id: 'acme-ed', good: join(keys, 'acme.pem'), bad: join(keys, 'stranger.pem') },
  hmac: { id: 'summit-hmac', good: join(keys, 'summit.txt'), bad: join(keys, 'stranger.txt') },
} as const;

let gateway: TestGateway;

beforeAll(async () => {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  writeFileSync(KEY_FILES.ed25519.good, createPrivateKey({ key: acmeJwk(), format: 'jwk' }).export(pem));
  writeFileSync(KEY_FILES.ed25519.bad, generateKeyPairSync('ed25519').privateKey.export(pem));
  writeFileSync(KEY_FILES.hmac.good, `${summitSecret()}\n`);
  writeFileSync(KEY_FILES.hmac.bad, `${randomBytes(32).toString('base64')}\n`);
  gateway = await startTestGateway();
});

afterAll(async () => {
  await gateway?.stop();
  rmSync(keys, { recursive: true });
});

/** Environment of a sample: no network of its own, and a place where Go may keep what it compiles. */
function environment(): NodeJS.ProcessEnv {
  const go = { GOCACHE: join(keys, 'go-cache'), GOTOOLCHAIN: 'local', GO111MODULE: 'off', GOFLAGS: '', HOME: keys };
  return { PATH: process.env.PATH, LANG: 'C.UTF-8', ...go };
}

/** One at a time for each language: four Go compilers at once would each compile the same packages. */
const turns = new Map<string, Promise<unknown>>();

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(runtime: SampleRuntime, keyId: string, keyFile: string): Promise<Outcome> {
  const program = runtime.find() ?? '';
  const file = join(DIRECTORY, FILES[runtime.name]);
  const args = [...(runtime.name === 'go' ? ['run'] : []), file, gateway.url, keyId, keyFile];
  const start = (): Promise<Outcome> =>
    new Promise((resolve) => {
      execFile(program, args, { env: environment(), cwd: keys }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      });
    });
  const turn = (turns.get(runtime.name) ?? Promise.resolve()).then(start);
  turns.set(runtime.name, turn);
  return turn;
}

/** Lines `METHOD TARGET STATUS`, each followed by the body. */
function answers(out: string): { request: string; status: number; body: Record<string, unknown> }[] {
  return [...out.matchAll(/^((?:GET|POST) \S+) (\d{3})\n(.+)$/gm)].map(([, request = '', status, body = '']) => {
    return { request, status: Number(status), body: JSON.parse(body) as Record<string, unknown> };
  });
}

describe.concurrent.each(sampleRuntimes)('the sample for $name', (runtime) => {
  const isHere = runtime.find() !== undefined;
  const reason = isHere ? '' : ` (skipped: ${runtime.packages.join(', ')} cannot be installed here)`;

  test.runIf(isHere).each(['ed25519', 'hmac'] as const)(
    `is answered 200 and a decision, with %s${reason}`,
    async (kind) => {
      const { id, good } = KEY_FILES[kind];
      const { code, out, err } = await run(runtime, id, good);
      const got = answers(out);
      expect(
        got.map(({ request, status }) => [request, status]),
        err,
      ).toEqual([
        ['GET /v1/products?sort=amount', 200],
        ['POST /v1/prechecks', 200],
      ]);
      expect(got[1]?.body.decision).toMatch(/^(accept|refuse|unknown)$/);
      expect(code).toBe(0);
    },
  );

  test.runIf(isHere).each(['ed25519', 'hmac'] as const)(`with a spoilt key is 401, with %s${reason}`, async (kind) => {
    const { id, bad } = KEY_FILES[kind];
    const { code, out, err } = await run(runtime, id, bad);
    expect(
      answers(out).map(({ status, body }) => [status, body.code]),
      err,
    ).toEqual([
      [401, 'signature_invalid'],
      [401, 'signature_invalid'],
    ]);
    expect(code).toBe(1);
  });
});

describe('a sample', () => {
  test.each(SAMPLES)('%s is short, and served beside the guide', async (name) => {
    const text = readFileSync(join(DIRECTORY, name), 'utf8');
    expect(text.split('\n').length).toBeLessThanOrEqual(MAX_LINES);
    const response = await fetch(`${gateway.url}/docs/guide/samples/${name}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(await response.text()).toBe(text);
  });

  test('of another name is not there', async () => {
    expect((await fetch(`${gateway.url}/docs/guide/samples/..%2fsigning.md`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/docs/guide/samples/nothing.rb`)).status).toBe(404);
  });
});
