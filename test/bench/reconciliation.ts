import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LedgerStore } from '../../src/revenue/ledger-store.ts';
import { pathSource } from '../../src/revenue/reconciliation/reading/file-source.ts';
import { ReconciliationDesk } from '../../src/revenue/reconciliation/reconciliation-desk.ts';
import { ReportStore } from '../../src/revenue/reconciliation/report-store.ts';
import { RowFiles } from '../../src/revenue/reconciliation/row-files.ts';
import { lineIndex, slotKeys } from '../../src/revenue/slot.ts';
import { TestClock } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { terms } from '../unit/revenue/fixtures.ts';

/**
 * A file of a partner against a statement, both of many rows: seconds and resident memory, with one row in a hundred planted
 * in each of four ways to differ.
 *
 *     node --expose-gc --import tsx test/bench/reconciliation.ts [rows, default 1000000]
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const PARTNER = 'acme';
const STATEMENT = 'stm_0123456789abcdef0123456789abcdef';
const BATCH = 2_000;
const MEGABYTE = 1_048_576;

const refOf = (row: number): string => `ORDER-2026-${String(row).padStart(9, '0')}`;
const amountOf = (row: number): number => 1_000 + (row % 9_000);
const dayOf = (row: number): string => `2026-01-${String((row % 28) + 1).padStart(2, '0')}`;

function lineOf(row: number): Record<string, unknown> {
  const at = `${dayOf(row)}T04:00:00.000Z`;
  const id = `com_${String(row).padStart(32, '0')}`;
  return {
    id,
    contract: 'main',
    terms_id: 'acme-2026',
    rule: 'first',
    on: 'loan.disbursed',
    kind: 'accrual',
    application_id: `app_${String(row).padStart(32, '0')}`,
    loan_id: `loan_${String(row).padStart(32, '0')}`,
    partner_ref: refOf(row),
    lender_ref: null,
    payment_ref: null,
    link_code: null,
    base: amountOf(row) * 100,
    rate: '1',
    amount: amountOf(row),
    currency: 'CNY',
    status: 'payable',
    reason: null,
    hold_until: null,
    payable_at: at,
    occurred_at: at,
    booked_at: at,
    period: '2026-01-01',
    original_period: null,
    pending_period: null,
    reverses: null,
    clawed_back: 0,
    why: `1 % of ${amountOf(row) * 100} CNY`,
  };
}

/** The lines as the ledger stores them, and the statement that lists them. */
async function writeLedger({ client, keys }: TestRedis): Promise<void> {
  const slot = slotKeys(keys, PARTNER);
  // What is measured is the reading: a disk that is forced at every write would only lengthen the preparation.
  await client.config('SET', 'appendonly', 'no');
  for (let start = 0; start < ROWS; start += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, ROWS - start) }, (_, at) => lineOf(start + at));
    await client.hset(slot.lines, ...lines.flatMap((line) => [String(line.id), JSON.stringify(line)]));
    await client.zadd(slot.linesByPeriod, ...lines.flatMap((line) => ['0', lineIndex.period(line as never)]));
  }
  const period = {
    id: '2026-01-01',
    from: '2025-12-31T16:00:00.000Z',
    to: '2026-01-31T16:00:00.000Z',
    timezone: 'Asia/Shanghai',
  };
  const statement = { id: STATEMENT, contract: 'main', currency: 'CNY', revision: 1, status: 'draft', period };
  await client.hset(slot.statements, STATEMENT, JSON.stringify({ ...statement, lines_count: ROWS }));
}

/** One in a hundred each: left out, another amount, a slip in the reference, twice. */
function* fileLines(): Generator<string> {
  yield '订单号,日期,佣金金额,借款人\n';
  for (let row = 0; row < ROWS; row += 1) {
    const plant = row % 100;
    if (plant === 1) continue;
    const amount = plant === 2 ? amountOf(row) + 7 : amountOf(row);
    const ref = plant === 3 ? refOf(row).replace('ORDER', 'ORDRE') : refOf(row);
    const line = `${ref},${dayOf(row)},${(amount / 100).toFixed(2)},somebody\n`;
    yield plant === 4 ? line + line : line;
  }
}

async function main(): Promise<void> {
  const redis = await startTestRedis();
  const folder = await mkdtemp(join(tmpdir(), 'reconcile-bench-'));
  try {
    const path = join(folder, 'theirs.csv');
    await pipeline(Readable.from(fileLines()), createWriteStream(path));
    await writeLedger(redis);
    const desk = new ReconciliationDesk({
      ledger: new LedgerStore(redis.client, redis.keys),
      reports: new ReportStore(redis.client, redis.keys),
      files: new RowFiles(join(folder, 'rows')),
      lookup: { find: async () => ({ applicationId: null, fact: null }) },
      contractsOf: () => [terms()],
      clock: new TestClock('2026-02-03T00:00:00.000Z'),
    });
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const started = performance.now();
    const steps = new Map<string, number>();
    const outcome = await desk.reconcile(PARTNER, STATEMENT, {
      source: await pathSource(path),
      reading: { columns: {}, totals: false },
      options: { tolerance: 0n, windowDays: 3, groupBy: null, totals: false, datesOf: 'payable_at' },
      progress: ({ step }) => steps.set(step, performance.now() - started),
    });
    const seconds = (performance.now() - started) / 1_000;
    clearInterval(watch);
    if (outcome.result === 'unknown') throw new Error('no statement');
    const { report } = outcome;
    const counts = Object.entries(report.categories).filter(([, { count }]) => count > 0);
    const bytes = (await stat(path)).size;
    console.info(
      JSON.stringify({
        rows: report.file.rows,
        lines: ROWS,
        file_megabytes: Math.round(bytes / MEGABYTE),
        seconds: Number(seconds.toFixed(1)),
        steps: Object.fromEntries([...steps].map(([step, ms]) => [step, Number((ms / 1_000).toFixed(1))])),
        rss_before_megabytes: Math.round(before / MEGABYTE),
        rss_peak_megabytes: Math.round(peak / MEGABYTE),
        difference: report.totals.difference,
        categories: Object.fromEntries(counts.map(([name, { count }]) => [name, count])),
        notes: report.notes,
      }),
    );
  } finally {
    await redis.close();
    await rm(folder, { recursive: true });
  }
}

await main();
