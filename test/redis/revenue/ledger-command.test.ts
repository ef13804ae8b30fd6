import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runLedgerBalance } from '../../../src/commands/ledger-balance.ts';
import { runLedgerCheck } from '../../../src/commands/ledger-check.ts';
import { runLedgerExport } from '../../../src/commands/ledger-export.ts';
import { runLedgerJournal } from '../../../src/commands/ledger-journal.ts';
import { runLedgerVerify } from '../../../src/commands/ledger-verify.ts';
import { runLedgerVerifyChain } from '../../../src/commands/ledger-verify-chain.ts';
import { bookPayment } from '../../../src/revenue/book-payment.ts';
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

describe('with the Redis of the environment', () => {
  beforeAll(() => {
    vi.stubEnv('REDIS_URL', redis.url);
    vi.stubEnv('SLUICE_REDIS_PREFIX', redis.keys.prefix);
    vi.stubEnv('SLUICE_DATA', join(directory, 'data'));
  });
  afterAll(() => vi.unstubAllEnvs());

  const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');
  const at = (name: string) => join(directory, name);

  test('sluice ledger export writes a chain that verify-chain follows, plain or compressed', async () => {
    await runLedgerExport({ partner: 'acme', out: at('acme.ndjson') });
    await runLedgerExport({ partner: 'acme', out: at('acme.ndjson.gz') });
    expect(gunzipSync(readFileSync(at('acme.ndjson.gz'))).toString()).toBe(readFileSync(at('acme.ndjson'), 'utf8'));
    const head = String(statement.ledger_head);
    for (const name of ['acme.ndjson', 'acme.ndjson.gz']) {
      const verdict = await run(() => runLedgerVerifyChain(at(name), { head }));
      expect(verdict).toEqual({ sound: true, printed: expect.stringMatching(/✓ 3 entries, 1 to 3/) });
    }
    expect(await run(() => runLedgerVerifyChain(at('acme.ndjson'), { head: 'f'.repeat(64) }))).toMatchObject({
      sound: false,
    });
    await expect(runLedgerExport({ partner: 'acme', out: at('acme.ndjson') })).rejects.toThrow(/exists/);
  });

  test('verify-chain names the entry of an altered, dropped or moved line', async () => {
    const [first = '', second = '', third = ''] = lines(at('acme.ndjson'));
    const verdictOf = (name: string, text: readonly string[]) =>
      run(() => runLedgerVerifyChain(file(name, `${text.join('\n')}\n`), {}));
    const altered = await verdictOf('a.ndjson', [first, second.replace('"3000"', '"3001"'), third]);
    expect(altered).toEqual({ sound: false, printed: expect.stringMatching(/entry 2: hash mismatch/) });
    expect(await verdictOf('b.ndjson', [first, third])).toEqual({
      sound: false,
      printed: expect.stringMatching(/entry 3: seq gap/),
    });
    expect(await verdictOf('c.ndjson', [second, first])).toMatchObject({ sound: false });
    expect(await verdictOf('d.ndjson', [second, third])).toEqual({
      sound: true,
      printed: expect.stringMatching(/begins behind entry 1/),
    });
    expect(await verdictOf('e.ndjson', ['{}'])).toMatchObject({ sound: false });
  });

  test('an export that was broken off goes on where it was, and is the same file in the end', async () => {
    const whole = readFileSync(at('acme.ndjson'));
    const first = `${lines(at('acme.ndjson'))[0]}\n`;
    const { hash } = JSON.parse(first);
    file('broken.ndjson', `${first}{"half an ent`);
    const bytes = Buffer.byteLength(first);
    file('broken.ndjson.progress', { partner: 'acme', seq: 1, hash, bytes });
    await runLedgerExport({ partner: 'acme', out: at('broken.ndjson') });
    expect(readFileSync(at('broken.ndjson')).equals(whole)).toBe(true);
    expect(existsSync(at('broken.ndjson.progress'))).toBe(false);
    file('other.ndjson', first);
    file('other.ndjson.progress', { partner: 'acme', seq: 1, hash: 'other', bytes });
    await expect(runLedgerExport({ partner: 'acme', out: at('other.ndjson') })).rejects.toThrow(/another chain/);
  });

  test('sluice ledger journal gives the same bytes for a locked period whatever is booked after it', async () => {
    const flags = { period: '2026-01', partner: 'acme', format: 'ndjson', lang: 'en' };
    await runLedgerJournal({ ...flags, out: at('one.ndjson') });
    const [voucher] = lines(at('one.ndjson')).map((line) => JSON.parse(line));
    expect(voucher.rows.map(({ account, debit, credit }: Record<string, unknown>) => [account, debit, credit])).toEqual(
      [
        ['expense', 6000, 0],
        ['tax', 360, 0],
        ['stated', 0, 6360],
      ],
    );
    const paid = { contract: 'main', amount: 6_360n, withheld: 0n, reference: 'B-1', by: 'ann' };
    const paidAtMs = Date.parse('2026-01-31T10:00:00.000Z');
    await bookPayment(desk.store, 'acme', desk.contracts, { id: 'pay_1', paidAtMs, ...paid }, desk.clock.nowMs());
    await runLedgerJournal({ ...flags, out: at('two.ndjson') });
    expect(readFileSync(at('two.ndjson'))).toEqual(readFileSync(at('one.ndjson')));
    const february = await run(() => runLedgerJournal({ ...flags, period: '2026-02', out: at('three.ndjson') }));
    expect(february.sound).toBe(false);
  });

  test('sluice ledger balance tells what the ledger said then, and what counts since', async () => {
    const balancesOf = async (flags: object) => {
      const { printed } = await run(() => runLedgerBalance({ partner: 'acme', json: true, ...flags }).then(() => true));
      const { balances } = JSON.parse(printed) as { balances: { account: string; balance: string }[] };
      return Object.fromEntries(balances.map(({ account, balance }) => [account.split('/')[2], balance]));
    };
    expect(await balancesOf({ at: '2026-01-09T00:00:00Z' })).toEqual({});
    expect(await balancesOf({ at: '2026-01-20T00:00:00Z' })).toEqual({ expense: '-6000', payable: '6000' });
    expect(await balancesOf({ effective: '2026-01-05T12:00:00Z' })).toEqual({ expense: '-3000', payable: '3000' });
    expect(await balancesOf({})).toMatchObject({ stated: '0', paid: '6360' });
  });
});
