import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const ROWS = 80_000;
const BAD = 80;
const PREFIX = 'kill:';

let redis: TestRedis;
let directory: string;
beforeAll(async () => {
  redis = await startTestRedis();
  directory = mkdtempSync(join(tmpdir(), 'sluice-lists-'));
});
afterAll(async () => {
  await redis.close();
  rmSync(directory, { recursive: true });
});

/** `sluice lists …` in a process of its own. */
function sluice(args: readonly string[], more: Record<string, string> = {}): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    REDIS_URL: redis.url,
    SLUICE_REDIS_PREFIX: PREFIX,
    SLUICE_DATA: join(directory, 'data'),
    SLUICE_SECRET: 'a secret for tests that is long enough',
    ...more,
  };
  return spawn(process.execPath, ['--import', 'tsx', MAIN, 'lists', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finished(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const [out, err, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, out, err };
}

/** Batches that are finished, over all imports. */
async function batchesDone(): Promise<number> {
  // Beside it lie the receipts of its batches, whose names go on.
  const key = (await redis.client.keys(`${PREFIX}{00}:listimport:*`)).find((one) => one.split(':').length === 4);
  const state = key ? await redis.client.hget(key, 'state') : null;
  return state ? (JSON.parse(state) as { batch: number }).batch : 0;
}

const importing = [
  '--list',
  'block',
  '--scope',
  'funder:harbour',
  '--kind',
  'phone',
  '--form',
  'md5',
  '--reason',
  'overdue',
];

describe('sluice lists', () => {
  test('an import killed with -9 and run again counts every row once', async () => {
    const file = join(directory, 'rows.csv');
    const rows = Array.from({ length: ROWS }, (_, at) => (at % (ROWS / BAD) === 500 ? 'bad' : hash('md5', `${at}`)));
    writeFileSync(file, `value\n${rows.join('\n')}\n`);
    for (const batches of [1, 4, 7]) {
      const child = sluice(['import', file, ...importing]);
      const ended = once(child, 'exit');
      while ((await batchesDone()) < batches && child.exitCode === null) await delay(1);
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
    }
    const { code, out } = await finished(sluice(['import', file, ...importing, '--json']));
    expect(code).toBe(1);
    const report = JSON.parse(out) as Record<string, number>;
    expect(report).toMatchObject({ rows: ROWS, created: ROWS - BAD, updated: 0, rejected: BAD });
    expect(report.resumedRows).toBeGreaterThan(0);
    expect(readFileSync(`${file}.rejected`, 'utf8').trimEnd().split('\n')).toHaveLength(BAD + 1);
    const counted = await finished(sluice(['count', '--json']));
    expect(JSON.parse(counted.out)).toMatchObject([{ scope: 'funder:harbour', form: 'md5', entries: ROWS - BAD }]);
    const exported = await finished(sluice(['export', '--format', 'csv']));
    expect(exported.out.trimEnd().split('\n')).toHaveLength(ROWS - BAD + 1);
    const audited = await redis.client.xlen(`${PREFIX}{00}:audit`);
    // Three that were killed are announced; the last one is announced and done.
    expect(audited).toBe(5);
  });

  test('what cannot run says why, and exits with 2', async () => {
    const file = join(directory, 'some.csv');
    writeFileSync(file, `value\n${hash('md5', 'x')}\n`);
    const wrong = await finished(
      sluice(['import', file, ...importing], { SLUICE_SECRET: 'another secret, as long as the first' }),
    );
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('made with another SLUICE_SECRET');
    const absent = await finished(sluice(['import', join(directory, 'absent.csv'), ...importing]));
    expect([absent.code, absent.err]).toEqual([2, expect.stringContaining('absent.csv')]);
    const scope = await finished(sluice(['import', file, ...importing, '--scope', 'network']));
    expect([scope.code, scope.err]).toEqual([2, expect.stringContaining('reason_not_in_scope')]);
    const form = await finished(
      sluice(['import', file, ...importing], { SLUICE_REDIS_PREFIX: 'forms:', SLUICE_LIST_FORMS: 'sha256' }),
    );
    expect([form.code, form.err]).toEqual([2, expect.stringContaining('form_not_indexed')]);
  });

  test('a file in which every row is good exits with 0', async () => {
    const file = join(directory, 'good.csv');
    writeFileSync(file, `value\n${hash('md5', 'good')}\n`);
    const { code, out } = await finished(sluice(['import', file, ...importing]));
    expect(code).toBe(0);
    expect(out).toContain('1 rows: 1 new, 0 known already, 0 rejected');
  });
});
