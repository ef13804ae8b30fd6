import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import { ApplicationStore } from '../applications/store.ts';
import { funderParty } from '../base/ledger-party.ts';
import { ConfigError, readConfig } from '../config.ts';
import { openReconciliationDesk } from '../gateway/reconciliation-desk.ts';
import { checkSchema } from '../redis/check-schema.ts';
import { connectRedis } from '../redis/connection.ts';
import { createKeyspace } from '../redis/keyspace.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import { spoken } from '../revenue/decimal-money.ts';
import { LedgerStore } from '../revenue/ledger-store.ts';
import { allRows } from '../revenue/reconciliation/list-rows.ts';
import type { Delimiter } from '../revenue/reconciliation/reading/csv-rows.ts';
import { pathSource } from '../revenue/reconciliation/reading/file-source.ts';
import { COLUMN_ROLES, type RefKind } from '../revenue/reconciliation/reading/guess-columns.ts';
import type { Encoding } from '../revenue/reconciliation/reading/inspect-file.ts';
import { UnreadableFileError } from '../revenue/reconciliation/reading/source-row.ts';
import type { Progress } from '../revenue/reconciliation/reconcile-file.ts';
import type { ReconciliationDesk } from '../revenue/reconciliation/reconciliation-desk.ts';
import type { ReconciliationReport } from '../revenue/reconciliation/report.ts';
import { reconciliationCsv } from '../revenue/reconciliation/rows-csv.ts';
import { openCommandRedis } from './command-redis.ts';
import { reportFault } from './report-fault.ts';
import { UsageError } from './usage-error.ts';

export interface ReconcileFlags {
  readonly statement: string;
  readonly partner?: string;
  readonly funder?: string;
  readonly ref?: string;
  readonly amount?: string;
  readonly date?: string;
  readonly currency?: string;
  readonly rate?: string;
  readonly refKind?: RefKind;
  readonly encoding?: Encoding;
  readonly delimiter?: Delimiter;
  readonly decimal?: '.' | ',';
  readonly dateOrder?: 'dmy' | 'mdy';
  readonly sheet?: string;
  readonly tolerance: number;
  readonly dateWindow: number;
  readonly groupBy?: 'ref';
  readonly totals?: boolean;
  readonly dates?: 'payable_at' | 'occurred_at';
  readonly rows?: string;
  readonly json?: boolean;
}

/** What the process ends with. */
const EXIT = { equal: 0, differs: 1, notRun: 2 } as const;
/** A command waits for Redis where a door would not. */
const PATIENCE_MS = 60_000;

/**
 * Compares a file with a statement and prints what differs.
 * @returns exit code: 0 both say the same, 1 they differ, 2 it could not be done
 */
export async function runReconcile(path: string, flags: ReconcileFlags): Promise<number> {
  try {
    const partyId = flags.funder === undefined ? flags.partner : funderParty(flags.funder);
    if (partyId === undefined) throw new UsageError('--partner or --funder: whose file is it?');
    return await withDesk(async (desk) => {
      const report = await compare(desk, partyId, path, flags);
      if (flags.rows !== undefined) {
        const rows = allRows(desk.deps, partyId, report, {});
        await pipeline(Readable.from(reconciliationCsv(rows, report.currency)), createWriteStream(flags.rows));
      }
      process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : asLines(report));
      return report.equal ? EXIT.equal : EXIT.differs;
    });
  } catch (error) {
    reportFault(error instanceof UnreadableFileError || isMissing(error) ? new UsageError(messageOf(error)) : error);
    return EXIT.notRun;
  }
}

async function compare(
  desk: ReconciliationDesk,
  partyId: string,
  path: string,
  flags: ReconcileFlags,
): Promise<ReconciliationReport> {
  const named = COLUMN_ROLES.flatMap((role) => (flags[role] === undefined ? [] : [[role, flags[role]] as const]));
  const { refKind, encoding, delimiter, decimal, dateOrder, sheet, totals = false } = flags;
  const bar = openBar();
  try {
    const outcome = await desk.reconcile(partyId, flags.statement, {
      source: await pathSource(path),
      reading: { columns: Object.fromEntries(named), refKind, encoding, delimiter, decimal, dateOrder, sheet, totals },
      options: {
        tolerance: BigInt(flags.tolerance),
        windowDays: flags.dateWindow,
        groupBy: flags.groupBy ?? null,
        totals,
        datesOf: flags.dates ?? 'payable_at',
      },
      progress: bar.show,
    });
    if (outcome.result === 'unknown') throw new UsageError(`${partyId} has no statement ${flags.statement}`);
    return outcome.report;
  } finally {
    bar.stop();
  }
}

/** A bar on a terminal, and nothing elsewhere: what is printed must stay readable by programs. */
function openBar(): { readonly show: (progress: Progress) => void; stop(): void } {
  if (process.stderr.isTTY !== true) return { show: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{step} {bar} {value}/{total} · {duration_formatted}', clearOnComplete: true });
  bar.start(1, 0, { step: 'theirs' });
  return {
    show({ step, done, total }) {
      bar.setTotal(total);
      bar.update(done, { step });
    },
    stop: () => bar.stop(),
  };
}

async function withDesk<Result>(work: (desk: ReconciliationDesk) => Promise<Result>): Promise<Result> {
  const config = readConfig(process.env);
  const loaded = await loadRegistry(config.partnersDir, { environment: config.mode, requireSecrets: false });
  if (!loaded.ok) throw new ConfigError('the counterparty files have errors (sluice partners check)');
  const { registry } = loaded;
  const server = await openCommandRedis(config);
  try {
    const patience = { commandTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS };
    const client = await connectRedis({ url: server.url }, patience);
    try {
      const keys = createKeyspace(config.redisPrefix);
      await checkSchema(client, keys);
      // In sandbox, business time may have been moved.
      const offsetMs = config.mode === 'sandbox' ? Number((await client.get(keys.clock())) ?? 0) : 0;
      const clock = { nowMs: () => Date.now() + offsetMs };
      const rooms = {
        ledger: new LedgerStore(client, keys),
        store: new ApplicationStore(client, keys, clock),
        contractsOf: (partyId: string) => registry.contractsOf(partyId),
      };
      return await work(
        openReconciliationDesk(
          { config, redis: { client, keys }, registry: { current: () => registry }, clock },
          rooms,
        ),
      );
    } finally {
      client.disconnect();
    }
  } finally {
    await server.close();
  }
}

function asLines(report: ReconciliationReport): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const { currency, totals, mapping, file } = report;
  const money = (amount: number): string => spoken(BigInt(amount), currency);
  const categories = Object.entries(report.categories).filter(([, { count }]) => count > 0);
  const columns = Object.entries(mapping.columns).flatMap(([role, name]) =>
    name === null ? [] : [`${role} = ${name}`],
  );
  const explained = Object.entries(report.explanations).map(([name, sums]) => `${sums?.count ?? 0} ${name}`);
  return [
    `${report.equal ? colours.green('✓') : colours.yellow('!')} ${report.id}  ${report.period} revision ${report.revision}`,
    `  ${file.rows} rows (${file.format}, ${mapping.source}: ${columns.join(', ')}; ${mapping.ref_kind})`,
    `  theirs ${money(totals.theirs)}, ours ${money(totals.ours)}, difference ${colours.bold(money(totals.difference))}`,
    ...categories.map(
      ([name, sums]) => `    ${name.padEnd(24)} ${String(sums.count).padStart(8)}  ${money(sums.difference)}`,
    ),
    ...(explained.length === 0 ? [] : [`  explained: ${explained.join(', ')}`]),
    ...report.other_currencies.map(
      ({ currency: other, count, theirs }) => `  ${count} rows in ${other}: ${spoken(BigInt(theirs), other)}`,
    ),
    ...report.notes.map(({ code, count }) => `  note: ${code} ${count}`),
    '',
  ].join('\n');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
