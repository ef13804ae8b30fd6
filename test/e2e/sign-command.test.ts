import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { curlCommand } from '../../src/commands/sign-curl.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { SHIPPED_PARTNERS } from '../support/intake.ts';
import { sampleRuntimes } from '../support/sample-runtimes.ts';
import { summitSecret } from '../support/signed-client.ts';

const SLUICE = fileURLToPath(new URL('../../src/sluice.mjs', import.meta.url));
const ACME_KEY = join(SHIPPED_PARTNERS, 'traffic/acme/sandbox-key.json');
const BODY = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
const hasCurl = sampleRuntimes.find(({ name }) => name === 'curl')?.find() !== undefined;

let gateway: TestGateway;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-sign-'));
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway?.stop();
  rmSync(directory, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function sluice(args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [SLUICE, ...args], { env: { ...process.env, NO_COLOR: '1', ...env } });
  child.stdin.end(input);
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, out, err };
}

/** As somebody who pastes it into a file: an argument could not be so long. */
function shell(command: string): Promise<Outcome> {
  const script = join(directory, `${randomUUID()}.sh`);
  writeFileSync(script, `${command}\n`);
  return new Promise((resolve) => {
    execFile('bash', [script], { cwd: directory }, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, out, err });
    });
  });
}

describe.concurrent('sluice sign', () => {
  test.runIf(hasCurl).each([
    ['a GET with a query', ['GET', '/v1/products?sort=amount&kind=instalment'], ''],
    ['a POST', ['POST', '/v1/prechecks', '--data', BODY], ''],
    ['a POST of what comes by standard input', ['post', '/v1/prechecks', '--data', '-'], BODY],
  ])('prints a command that is accepted as it is: %s', async (_name, [method = '', path = '', ...rest], input) => {
    const { out } = await sluice(['sign', method, `${gateway.url}${path}`, '--key', ACME_KEY, ...rest], input);
    expect((await shell(out)).out).toMatch(/^HTTP\/1.1 200 /);
  });

  test.runIf(hasCurl)('names the file that the body came from', async () => {
    writeFileSync(join(directory, "it's a body.json"), BODY);
    const url = `${gateway.url}/v1/prechecks`;
    const file = join(directory, "it's a body.json");
    const { out } = await sluice(['sign', 'POST', url, '--key', ACME_KEY, '--data', `@${file}`]);
    expect(out).not.toContain('product_id');
    expect((await shell(out)).out).toMatch(/^HTTP\/1.1 200 /);
  });

  test('sends it, with a secret that stands in a variable, and prints status and body', async () => {
    const flags = ['--secret-env', 'THE_SECRET', '--key-id', 'summit-hmac', '--send'];
    const env = { THE_SECRET: summitSecret() };
    const good = await sluice(['sign', 'GET', `${gateway.url}/v1/whoami`, ...flags], '', env);
    expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/^200 OK\n\{"id":"summit"/) });
    const bad = await sluice(['sign', 'GET', `${gateway.url}/v1/whoami`, ...flags], '', { THE_SECRET: 'A'.repeat(44) });
    expect(bad).toMatchObject({ code: 1, out: expect.stringMatching(/^401 Unauthorized\n.*signature_invalid/) });
  });

  test('prints headers only, or one JSON document with the base', async () => {
    const args = ['sign', 'POST', 'https://api.example.com/v1/prechecks', '--key', ACME_KEY, '--data', '{}'];
    const lines = (await sluice([...args, '--headers'])).out.trim().split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'Content-Type',
      'Content-Digest',
      'Signature-Input',
      'Signature',
    ]);
    const document = JSON.parse((await sluice([...args, '--json'])).out);
    expect(document.signature_base).toContain('"@authority": api.example.com\n');
  });

  test('says what is wrong with the command line in one line', async () => {
    const { code, err } = await sluice(['sign', 'GET', 'https://a.example/', '--key', '/no/such/file']);
    expect([code, err]).toEqual([1, 'sluice: cannot read /no/such/file: there is no such file\n']);
  });
});

describe.concurrent('sluice verify', () => {
  const url = 'https://api.example.com/v1/prechecks';

  async function dump(): Promise<string> {
    const { out } = await sluice(['sign', 'POST', url, '--key', ACME_KEY, '--data', '{"a":1}', '--headers']);
    return `POST /v1/prechecks HTTP/1.1\r\nHost: api.example.com\r\n${out.replaceAll('\n', '\r\n')}\r\n{"a":1}`;
  }

  test('ticks every step of a right request, with one key or with all of a directory', async () => {
    const request = await dump();
    for (const flags of [
      ['--key', ACME_KEY],
      ['--partners', SHIPPED_PARTNERS],
    ]) {
      const { code, out } = await sluice(['verify', ...flags], request);
      expect(out).toContain('✓ signature');
      expect(out).toContain('the request verifies');
      expect(code).toBe(0);
    }
  });

  test('crosses the step that fails, says what to change and exits with 1', async () => {
    const request = (await dump()).replace('{"a":1}', '{"a": 1}');
    const { code, out } = await sluice(['verify', '--key', ACME_KEY, '-'], request);
    expect([code, out]).toEqual([
      1,
      expect.stringContaining('✗ digest     Content-Digest is that of the body as compact JSON'),
    ]);
    const { out: json } = await sluice(['verify', '--key', ACME_KEY, '--json'], request);
    expect(JSON.parse(json)).toMatchObject({ verdict: 'digest_mismatch' });
  });

  test('compares with the base that was signed, at the moment that is given', async () => {
    writeFileSync(join(directory, 'base.txt'), '"@method": post\n');
    const flags = ['--key', ACME_KEY, '--base', join(directory, 'base.txt'), '--at', '2020-01-01T00:00:00Z'];
    const { out } = await sluice(['verify', ...flags], await dump());
    expect(out).toContain('first difference, line 1:\n  ours    "@method": POST\n  signed  "@method": post');
    expect(out).toContain('refused: signature_from_future');
  });
});

interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

describe('the curl command', () => {
  let server: Server;
  let origin: string;
  const inbox: Received[] = [];

  beforeAll(async () => {
    server = createServer(async (incoming: IncomingMessage, answer) => {
      const { method = '', url = '', rawHeaders } = incoming;
      inbox.push({ method, target: url, headers: rawHeaders, body: await buffer(incoming) });
      answer.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server?.close());

  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab\'"\\$`!*?[]{}()<>|&;~#% \t=:,@-'), maxLength: 40 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  );
  const header = fc.tuple(
    fc.stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/),
    value.map((text) => text.trim()),
  );
  const body = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab\'"\\$`!@\n\r\t{}é张😀'), maxLength: 200 }).map((one) => Buffer.from(one)),
    fc.constant('@/etc/hostname').map((one) => Buffer.from(one)),
    fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
    fc.constant('x'.repeat(200_000)).map((one) => Buffer.from(one)),
  );
  const target = fc.webUrl({ withQueryParameters: true, validSchemes: ['http'] }).map((url) => {
    const { pathname, search } = new URL(url);
    return `${pathname}${search}`;
  });

  test.runIf(hasCurl)('sends the very bytes and headers, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'DELETE', 'PATCH'),
        fc.oneof(target, fc.constant('/a[1-3]/{b,c}?x=[1]&y=%20')),
        fc.uniqueArray(header, { maxLength: 4, selector: ([name]) => name.toLowerCase() }),
        body,
        async (method, path, headers, bytes) => {
          inbox.length = 0;
          const url = new URL(`${origin}${path}`).href;
          const typed = bytes.length === 0 ? headers : [...headers, ['Content-Type', 'application/json'] as const];
          const { code, err } = await shell(curlCommand({ method, url, headers: typed, body: bytes }));
          expect([code, err]).toEqual([0, '']);
          const [received] = inbox;
          expect(received?.method).toBe(method);
          expect(`${origin}${received?.target}`).toBe(url);
          expect(received?.body.equals(bytes)).toBe(true);
          for (const [name, text] of typed) {
            const at = received?.headers.findIndex((one, i) => i % 2 === 0 && one === name) ?? -1;
            expect(received?.headers[at + 1]).toBe(text);
          }
          expect(
            received?.headers.filter((one, i) => i % 2 === 0 && /^(expect|content-type)$/i.test(one)),
          ).toHaveLength(bytes.length === 0 ? 0 : 1);
        },
      ),
      { numRuns: 120 },
    );
  });
});
