import { userInfo } from 'node:os';
import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import { auditedAct } from '../audit/audited-act.ts';
import { randomId } from '../base/ids.ts';
import {
  type CustomerStatus,
  isContributor,
  isListScope,
  type ListKind,
  type ListName,
  type ListReason,
} from '../screening/lists/entry.ts';
import { listingFaults } from '../screening/lists/entry-rules.ts';
import { identityFault, type RowForm } from '../screening/lists/import/identify-row.ts';
import { type ImportReport, type ImportWatcher, importList } from '../screening/lists/import/import-list.ts';
import type { ImportOptions } from '../screening/lists/import/import-options.ts';
import { type ListSourceFile, openListFile, standardInput } from '../screening/lists/import/list-file.ts';
import { type OpenLists, withLists } from './lists-redis.ts';
import { reportFault } from './report-fault.ts';
import { UsageError } from './usage-error.ts';

export interface ImportFlags {
  readonly list: ListName;
  readonly scope: string;
  readonly kind: ListKind;
  readonly form: RowForm;
  readonly reason: ListReason;
  readonly status?: CustomerStatus;
  readonly expires?: string;
  readonly contributor: string;
  readonly rejected?: string;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/** What the process ends with. */
const EXIT = { allEntered: 0, someRejected: 1, notRun: 2 } as const;
/** Where there is no terminal, a line as often as this says how far it is. */
const LINE_EVERY_MS = 10_000;

/**
 * Enters a file into the lists and prints a summary.
 * @returns exit code: 0 every row was entered, 1 some were rejected, 2 it did not run to the end
 */
export async function runListsImport(path: string, flags: ImportFlags): Promise<number> {
  try {
    const options = optionsOf(path, flags);
    const file = path === '-' ? standardInput(process.stdin) : await openListFile(path);
    const started = performance.now();
    const report = await withLists((lists) => enter(lists, file, options));
    print(report, options.rejectedPath, (performance.now() - started) / 1_000, flags.json === true);
    return report.rejected > 0 ? EXIT.someRejected : EXIT.allEntered;
  } catch (error) {
    reportFault(error);
    return EXIT.notRun;
  }
}

function optionsOf(path: string, flags: ImportFlags): ImportOptions {
  const { list, scope, kind, form, reason, contributor } = flags;
  if (!isListScope(scope))
    throw new UsageError(`--scope ${scope}: say network, funder:<id>, lender:<id> or partner:<id>`);
  if (!isContributor(contributor))
    throw new UsageError(`--contributor ${contributor}: say operator, lender:<id> or partner:<id>`);
  const [fault] = listingFaults({ list, scope, reason, status: flags.status });
  if (fault) throw new UsageError(`--${fault.pointer.slice(1)}: ${fault.message} (${fault.code})`);
  if (flags.expires !== undefined && Number.isNaN(Date.parse(flags.expires))) {
    throw new UsageError(`--expires ${flags.expires}: say YYYY-MM-DD`);
  }
  return {
    list,
    scope,
    kind,
    form,
    reason,
    status: flags.status ?? null,
    expiresOn: flags.expires ?? null,
    contributor,
    rejectedPath: flags.rejected ?? `${path === '-' ? 'stdin' : path}.rejected`,
    restart: flags.restart === true,
  };
}

async function enter(lists: OpenLists, file: ListSourceFile, options: ImportOptions): Promise<ImportReport> {
  const { forms, tokenizer } = lists.store.parts;
  const fault = identityFault({ kind: options.kind, form: options.form, forms, tokenizer });
  if (fault !== undefined) throw new UsageError(`--form ${options.form} of --kind ${options.kind}: ${fault}`);
  const watcher = process.stderr.isTTY === true ? barOf(file) : linesOf(file);
  try {
    return await audited(lists, file, options, () => importList(lists.store.parts, file, options, watcher.watch));
  } finally {
    watcher.stop();
  }
}

/** One act in the audit log, announced before the first row; one that is killed stays announced as unfinished. */
function audited(
  { audit }: OpenLists,
  { fingerprint }: ListSourceFile,
  options: ImportOptions,
  act: () => Promise<ImportReport>,
): Promise<ImportReport> {
  const { list, scope, kind, form, reason, status, expiresOn, contributor } = options;
  const intent = {
    actor: { name: `command line of ${userInfo().username}`, role: 'system' as const },
    action: 'lists.import',
    object: { kind: 'list', id: `${scope}/${list}` },
    reason: null,
    before: { kind, form, reason, status, expires_on: expiresOn, contributor, file_sha256: fingerprint },
    requestId: randomId('req'),
  };
  const codeOf = (error: unknown) => (error instanceof Error ? error.name : 'unknown');
  return auditedAct({ audit, codeOf }, intent, act, ({ importId, rows, created, updated, rejected, resumedRows }) => {
    return { import_id: importId, rows, created, updated, rejected, resumed_rows: resumedRows };
  });
}

function barOf({ name, size }: ListSourceFile): { watch: ImportWatcher; stop(): void } {
  const format =
    size === null ? `${name} {rows} rows` : `${name} {bar} {percentage} % · {rows} rows · {eta_formatted} left`;
  const bar = new SingleBar({ format, clearOnComplete: true, etaBuffer: 50 });
  bar.start(size ?? 0, 0, { rows: 0 });
  return { watch: ({ offset, rows }) => bar.update(offset, { rows }), stop: () => bar.stop() };
}

function linesOf({ name, size }: ListSourceFile): { watch: ImportWatcher; stop(): void } {
  let saidMs = performance.now();
  const watch: ImportWatcher = ({ offset, rows, rejected }) => {
    if (performance.now() - saidMs < LINE_EVERY_MS) return;
    saidMs = performance.now();
    const share = size === null ? '' : ` (${Math.floor((offset / size) * 100)} %)`;
    process.stderr.write(`${name}: ${rows} rows${share}, ${rejected} rejected\n`);
  };
  return { watch, stop: () => undefined };
}

function print(report: ImportReport, rejectedPath: string, seconds: number, isJson: boolean): void {
  const { rows, created, updated, rejected, resumedRows, wasDone } = report;
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ ...report, rejected_file: rejected > 0 ? rejectedPath : null })}\n`);
    return;
  }
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const mark = rejected > 0 ? colours.yellow('!') : colours.green('✓');
  const lines = [`${mark} ${rows} rows: ${created} new, ${updated} known already, ${rejected} rejected`];
  if (wasDone)
    lines.push('  this file was imported before with these options; nothing was done (--restart does it again)');
  else {
    if (resumedRows > 0) lines.push(`  went on behind ${resumedRows} rows of an earlier run`);
    lines.push(`  ${seconds.toFixed(1)} s, ${Math.round((rows - resumedRows) / seconds)} rows/s`);
  }
  if (rejected > 0) lines.push(`  rejected rows, with line and reason: ${rejectedPath}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
