import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importSigningKey } from '../../src/trust/import-key.ts';
import { ADMIN_TOKEN, createDataDir } from '../support/gateway.ts';
import { call, hmac } from '../support/key-gateways.ts';
import { type ServeCommand, startServeCommand } from '../support/serve-command.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PARTY = ['--party', 'traffic/acme', '--reason', 'a test'];

let served: ServeCommand;
let dataDir: string;
let folder: string;
beforeAll(async () => {
  dataDir = createDataDir();
  folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  served = await startServeCommand(dataDir, { SLUICE_PROCESSES: '2' });
});
afterAll(async () => {
  await served.stop();
  for (const path of [dataDir, folder]) rmSync(path, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `sluice keys …` as an operator runs it. */
function keys(...args: string[]): Promise<Run> {
  return run([...args, '--url', served.url]);
}

function run(args: readonly string[], token = ADMIN_TOKEN): Promise<Run> {
  const env = { ...process.env, SLUICE_ADMIN_TOKEN: token, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, 'keys', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

describe('sluice keys', () => {
  test('issues a secret, alone on standard output, that works in both processes; revoked, it works in neither', async () => {
    const issued = await keys('issue', ...PARTY, '--id', 'cli-h');
    expect([issued.code, issued.err]).toMatchObject([0, expect.stringContaining('cli-h is issued')]);
    const key = hmac('cli-h', issued.out.trim());
    const calls = () => Promise.all(Array.from({ length: 40 }, () => call(key, served)));
    expect(new Set((await calls()).map(({ status }) => status))).toEqual(new Set([200]));
    expect(await keys('revoke', 'cli-h', '--reason', 'a test')).toMatchObject({ code: 0, out: 'cli-h is revoked.\n' });
    expect(new Set((await calls()).map(({ body }) => body.code))).toEqual(new Set(['key_unknown']));
  });

  test('generates a pair whose private half nobody else can read, adds the public one, rotates, lists', async () => {
    const made = await run(['generate', '--id', 'cli-ed', '--out', folder]);
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^keys:\n {2}- { id: "cli-ed", alg: ed25519, jwk:/),
    });
    const [privateFile, publicFile] = ['private', 'public'].map((half) => join(folder, `cli-ed.${half}.jwk`));
    expect(statSync(privateFile ?? '').mode & 0o777).toBe(0o600);
    const jwk = JSON.parse(readFileSync(privateFile ?? '', 'utf8'));
    expect(made.out + made.err).not.toContain(jwk.d);
    expect((await run(['generate', '--id', 'cli-ed', '--out', folder])).code).toBe(1);

    const add = ['add', ...PARTY, '--id', 'cli-ed', '--alg', 'ed25519', '--key'];
    const refused = await keys(...add, privateFile ?? '');
    expect([refused.code, refused.err]).toMatchObject([1, expect.stringContaining('private key')]);
    expect((await keys(...add, publicFile ?? '')).code).toBe(0);
    const read = importSigningKey({ id: 'cli-ed', alg: 'ed25519', jwk });
    if (!read.ok) throw new Error(read.detail);
    expect((await call(read.key, served)).status).toBe(200);

    await run(['generate', '--id', 'cli-ed-2', '--out', folder, '--format', 'pem']);
    const rotate = ['--key', join(folder, 'cli-ed-2.public.pem'), '--id', 'cli-ed-2', '--reason', 'a test'];
    expect((await keys('rotate', 'cli-ed', ...rotate)).out).toContain('cli-ed-2 replaces cli-ed');
    const again = await keys('rotate', 'cli-ed-2', ...rotate);
    expect([again.code, again.err]).toMatchObject([1, expect.stringContaining('409 rotation_open')]);

    const listed = JSON.parse((await keys('list', '--party', 'acme', '--json')).out);
    const statuses = Object.fromEntries(listed.map((key: { id: string; status: string }) => [key.id, key.status]));
    expect(statuses).toMatchObject({
      'acme-ed': 'active',
      'cli-ed': 'retiring',
      'cli-ed-2': 'active',
      'cli-h': 'revoked',
    });
    expect((await keys('list')).out).toMatch(/cli-ed-2 .*traffic\/acme/);
  });

  test('says in one line what is wrong', async () => {
    const wrong = await run(['list', '--url', served.url], 'a-token-that-nobody-has');
    expect([wrong.code, wrong.err]).toMatchObject([1, expect.stringContaining('401 unauthorized')]);
    const away = await run(['list', '--url', 'http://127.0.0.1:1']);
    expect([away.code, away.err.trim().split('\n')]).toMatchObject([
      1,
      [expect.stringContaining('no gateway answers')],
    ]);
    expect((await keys('issue', '--party', 'acme', '--reason', 'x')).err).toContain('traffic/<id> or lender/<id>');
  });
});
