import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditReader } from '../../src/audit/audit-reader.ts';
import { admittedTo } from '../../src/doors/operator/operator-roles.ts';
import { OPERATOR_ROLES, type OperatorRole } from '../../src/operators/operator.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import { ADMIN_TOKEN, createDataDir, testVariables } from '../support/gateway.ts';
import { operatorRequests, type SampleRequest } from '../support/sample-request.ts';
import { type ServeCommand, startServeCommand } from '../support/serve-command.ts';
import { operatorClient } from '../support/signed-client.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const run = promisify(execFile);

let dataDir: string;
let served: ServeCommand;
let redis: RedisClient;
let reader: AuditReader;
const tokens = new Map<OperatorRole, string>();

beforeAll(async () => {
  dataDir = createDataDir();
  served = await startServeCommand(dataDir, { SLUICE_PROCESSES: '2' });
  redis = await connectRedis({ url: `unix:${join(dataDir, 'redis', 'redis.sock')}` });
  reader = new AuditReader(redis, createKeyspace('sluice:'));
  const bootstrap = operatorClient(served.url, ADMIN_TOKEN);
  for (const role of OPERATOR_ROLES) {
    const { body } = await bootstrap.post('/admin/v1/operators', { name: `the-${role}`, role });
    tokens.set(role, body.token);
  }
});
afterAll(async () => {
  redis.disconnect();
  await served.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function send({ method, path, contentType, body }: SampleRequest, token: string) {
  const response = await fetch(`${served.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      // One process or the other: each request comes by a connection of its own.
      connection: 'close',
      ...(body === undefined || contentType === undefined ? {} : { 'content-type': contentType }),
    },
    body: method === 'GET' ? undefined : body,
  });
  const text = await response.text();
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  const code = isProblem ? (JSON.parse(text) as { code: string }).code : undefined;
  return { status: response.status, code, text, requestId: response.headers.get('sluice-request-id') };
}

/** `sluice …` in a process of its own, on this gateway. */
async function sluice(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ...testVariables(dataDir), SLUICE_URL: served.url, NO_COLOR: '1' };
  try {
    const done = await run(process.execPath, ['--import', 'tsx', MAIN, ...args], { env });
    return { code: 0, ...done };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

describe('every operator operation, with two processes behind one port', () => {
  test.each(operatorRequests().map((request) => ({ name: request.operation, request })))(
    '$name is for its roles, and leaves a trace when it changes something',
    async ({ request }) => {
      const [method = '', route = ''] = request.operation.split(' ');
      const admitted = admittedTo(method, route) ?? [];
      for (const role of OPERATOR_ROLES) {
        const { code, status, requestId } = await send(request, tokens.get(role) ?? '');
        const isAdmitted = role === 'admin' || admitted === 'any' || admitted.includes(role);
        expect(code === 'forbidden' ? 'refused' : 'admitted', `${role}: ${status} ${code}`).toBe(
          isAdmitted ? 'admitted' : 'refused',
        );
        expect(code, `${role}`).not.toBe('unauthorized');
        expect(status, `${role}: ${code}`).not.toBe(500);
        if (method === 'GET' || status >= 300) continue;
        const { acts } = await reader.page({ actor: `the-${role}` }, 50);
        const act = acts.find((one) => one.request_id === requestId);
        expect(act?.outcome, `${role}: ${status}`).toBe('done');
      }
    },
  );

  test('a revoked operator is refused at once, whichever process answers', async () => {
    const bootstrap = operatorClient(served.url, ADMIN_TOKEN);
    const { body } = await bootstrap.post('/admin/v1/operators', { name: 'leaver', role: 'support' });
    const list: SampleRequest = {
      operation: '',
      method: 'GET',
      path: '/admin/v1/partners',
      contentType: undefined,
      body: undefined,
    };
    for (let n = 0; n < 10; n += 1) expect((await send(list, body.token)).status).toBe(200);
    await bootstrap.post('/admin/v1/operators/leaver/revoke', { reason: 'left the company' });
    for (let n = 0; n < 20; n += 1) expect((await send(list, body.token)).status).toBe(401);
  });
});

describe('the command line', () => {
  test('adds, lists, renews and revokes operators; only the token goes to standard output', async () => {
    const added = await sluice('operators', 'add', 'cli.user', '--role', 'finance', '--reason', '新同事');
    expect(added.stderr).toContain('shown this once');
    expect(added.stdout).toMatch(/^slo_[\w-]{43}\n$/);
    const tokenFile = join(dataDir, 'my-token');
    writeFileSync(tokenFile, added.stdout);
    const refused = await sluice('operators', 'list', '--token-file', tokenFile);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('403 forbidden')]);
    const renewed = await sluice('operators', 'token', 'cli.user', '--reason', 'lost');
    expect(renewed.stdout).not.toBe(added.stdout);
    expect((await sluice('operators', 'revoke', 'cli.user', '--reason', 'left')).stdout).toBe('cli.user is revoked.\n');
    const listed = JSON.parse((await sluice('operators', 'list', '--json')).stdout) as {
      name: string;
      status: string;
    }[];
    expect(listed).toContainEqual(expect.objectContaining({ name: 'cli.user', status: 'revoked' }));
    expect((await sluice('operators', 'list')).stdout).toContain('cli.user');
    const { acts } = await reader.page({ objectId: 'cli.user' }, 10);
    expect(acts.map(({ action, reason }) => [action, reason])).toEqual([
      ['operator.revoke', 'left'],
      ['operator.reissue', 'lost'],
      ['operator.create', '新同事'],
    ]);
  });

  test('exports the log, checks it while the gateway runs, and names the first entry that was tampered with', async () => {
    const file = join(dataDir, 'audit.ndjson');
    expect((await sluice('audit', 'export', '--out', file)).code).toBe(0);
    const { stdout } = await sluice('audit', 'export');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_, index) => index + 1));
    expect((await sluice('audit', 'export', '--out', file)).code, 'the file is there').toBe(1);
    const last = JSON.parse(lines.at(-1) ?? '') as { seq: number; hash: string };
    const good = await sluice('audit', 'check', '--expect', `${last.seq}:${last.hash}`);
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining(`head ${last.seq}:${last.hash}`)]);
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).toContain(`sluice_audit_sequence ${last.seq}`);
    const unknown = await sluice('audit', 'check', '--expect', `${last.seq}:${'0'.repeat(64)}`);
    expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringContaining('expected_head_missing')]);
    await redis.xdel('sluice:{00}:audit', '3-0');
    const bad = await sluice('audit', 'check');
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringContaining('entry 3: seq_gap')]);
    const json = JSON.parse((await sluice('audit', 'check', '--json')).stdout) as object;
    expect(json).toMatchObject({ entries: 2, damage: { seq: 3 } });
  });
});
