import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ReconcileFlags, runReconcile } from '../../../src/commands/run-reconcile.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, logEvent } from './desk.ts';

let redis: TestRedis;
let directory: string;
let statement: string;

beforeAll(async () => {
  redis = await startTestRedis();
  directory = mkdtempSync(join(tmpdir(), 'sluice-reconcile-'));
  const desk = createDesk(redis, { rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }] });
  for (const ref of ['A-1', 'A-2']) {
    const context = { context: { partner_ref: ref } };
    await desk.commission.apply(logEvent('acme', 'credit.granted', '2026-01-05T04:00:00.000Z', {}, context));
  }
  desk.clock.moveTo('2026-02-02T00:00:00.000Z');
  const outcome = await desk.closer.review({ partnerId: 'acme', contract: 'main', period: '2026-01-01', actor: 'ann' });
  if (outcome.result !== 'done') throw new Error(outcome.result);
  statement = outcome.statement.id;
  vi.stubEnv('REDIS_URL', redis.url);
  vi.stubEnv('SLUICE_REDIS_PREFIX', redis.keys.prefix);
  vi.stubEnv('SLUICE_DATA', directory);
});
afterEach(() => {
  process.exitCode = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
  await redis.close();
});

async function run(name: string, content: string, flags: Partial<ReconcileFlags> = {}) {
  const path = join(directory, name);
  writeFileSync(path, content);
  const printed: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    }),
  );
  try {
    const code = await runReconcile(path, { statement, partner: 'acme', tolerance: 0, dateWindow: 3, ...flags });
    return { code, printed: printed.join('') };
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
}

describe('sluice reconcile', () => {
  test('exits with 0 when both say the same', async () => {
    const { code, printed } = await run('equal.csv', 'order,amount\nA-1,30.00\nA-2,30.00\n');
    expect(code, printed).toBe(0);
    expect(printed).toMatch(/difference 0\.00 CNY/);
  });

  test('exits with 1 when they differ, with the report as JSON and every row in a file', async () => {
    const rows = join(directory, 'rows.csv');
    const { code, printed } = await run('differs.csv', 'order,amount\nA-1,31.00\n=A-3,30.00\n', { json: true, rows });
    expect(code, printed).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({
      totals: { ours: 6_000, theirs: 6_100, difference: 100 },
      categories: { amount_mismatch: { count: 1 }, missing_in_ours: { count: 1 }, missing_in_theirs: { count: 1 } },
    });
    const csv = readFileSync(rows, 'utf8');
    expect(csv.split('\r\n')).toHaveLength(5);
    expect(csv).toContain(",'=A-3,");
  });

  test('exits with 2, and says why, when it cannot be done', async () => {
    const bad = await run('bad.csv', 'a,b\n1,2\n');
    expect(bad.code).toBe(2);
    expect(bad.printed).toMatch(/seen: "a", "b"/);
    const unknown = await run('equal.csv', 'order,amount\nA-1,30.00\n', { statement: `stm_${'0'.repeat(32)}` });
    expect(unknown.code).toBe(2);
    expect(unknown.printed).toMatch(/has no statement/);
  });
});
