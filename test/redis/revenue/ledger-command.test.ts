import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runLedgerCheck } from '../../../src/commands/ledger-check.ts';
import { runLedgerVerify } from '../../../src/commands/ledger-verify.ts';
import { statementLineOf } from '../../../src/revenue/commission-line.ts';
import { renderStatementLinesCsv } from '../../../src/revenue/statement-lines-csv.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, logEvent } from './desk.ts';

let redis: TestRedis;
let desk: Desk;
let directory: string;
let statement: Record<string, unknown>;
let csv: string;

beforeAll(async () => {
  redis = await startTestRedis();
  directory = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));
  desk = createDesk(redis, { rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }] });
  for (const day of ['05', '06']) {
    await desk.commission.apply(logEvent('acme', 'credit.granted', `2026-01-${day}T04:00:00.000Z`));
  }
  desk.clock.moveTo('2026-02-02T00:00:00.000Z');
  const request = { partnerId: 'acme', contract: 'main', period: '2026-01-01', actor: 'ann' };
  await desk.closer.review(request);
  const outcome = await desk.closer.lock(request);
  if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  const lines = [];
  for await (const line of desk.store.linesOfPeriod('acme', 'main', '2026-01-01')) lines.push(statementLineOf(line));
  statement = { ...outcome.statement, lines };
  csv = renderStatementLinesCsv(lines);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await redis.close();
});

function file(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** What a command answers and prints. */
async function run(command: () => Promise<boolean>): Promise<{ sound: boolean; printed: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const sound = await command();
    return { sound, printed: write.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    write.mockRestore();
  }
}

describe('sluice ledger verify', () => {
  test('accepts a statement with its lines, or with the CSV, against our keys', async () => {
    const keys = file('jwks.json', desk.jwks);
    const embedded = await run(() => runLedgerVerify(file('s.json', statement), { jwks: keys }));
    expect(embedded).toMatchObject({ sound: true });
    expect(embedded.printed).toMatch(/✓ signature/);
    const { lines: _, ...bare } = statement;
    const flags = { jwks: keys, lines: file('lines.csv', csv) };
    expect(await run(() => runLedgerVerify(file('bare.json', bare), flags))).toMatchObject({ sound: true });
  });

  test('says that keys which come with the file prove less', async () => {
    const bundle = await run(() => runLedgerVerify(file('b.json', { ...statement, jwks: desk.jwks }), {}));
    expect(bundle).toMatchObject({ sound: true });
    expect(bundle.printed).toMatch(/not who signed it/);
    const { lines, ...bare } = statement;
    const nested = file('n.json', { statement: bare, lines, jwks: desk.jwks });
    expect(await run(() => runLedgerVerify(nested, {}))).toMatchObject({ sound: true });
  });

  test('refuses an altered statement, altered lines, no keys, and what is no statement', async () => {
    const keys = file('jwks.json', desk.jwks);
    const altered = file('altered.json', { ...statement, closing: 1 });
    const refused = await run(() => runLedgerVerify(altered, { jwks: keys }));
    expect(refused).toMatchObject({ sound: false });
    expect(refused.printed).toMatch(/✗ payload/);
    const lines = file('altered.csv', csv.replace('30.00', '30.01'));
    const flags = { jwks: keys, lines };
    expect(await run(() => runLedgerVerify(file('s.json', statement), flags))).toMatchObject({ sound: false });
    expect(await run(() => runLedgerVerify(file('s.json', statement), {}))).toMatchObject({ sound: false });
    expect(await run(() => runLedgerVerify(file('no.json', 'no json'), { jwks: keys }))).toMatchObject({
      sound: false,
    });
    expect(await run(() => runLedgerVerify(join(directory, 'absent'), { jwks: keys }))).toMatchObject({ sound: false });
  });
});

describe('sluice ledger check', () => {
  test('passes over a sound ledger and names what was tampered with', async () => {
    vi.stubEnv('REDIS_URL', redis.url);
    vi.stubEnv('SLUICE_REDIS_PREFIX', redis.keys.prefix);
    vi.stubEnv('SLUICE_DATA', join(directory, 'data'));
    try {
      const sound = await run(() => runLedgerCheck({ partner: 'acme' }));
      expect(sound).toEqual({ sound: true, printed: expect.stringMatching(/3 entries, 2 lines, 1 statements/) });
      await redis.client.hincrby(redis.keys.partner('acme', 'balances'), 'main/CNY/stated', 1);
      const tampered = await run(() => runLedgerCheck({ partner: 'acme' }));
      expect(tampered).toEqual({ sound: false, printed: expect.stringMatching(/balance .*main\/CNY\/stated/) });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
