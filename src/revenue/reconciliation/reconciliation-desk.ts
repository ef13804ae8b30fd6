import { type Clock, DAY_MS, isoOf } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import { jsonMinor } from '../commission-line.ts';
import type { ContractsOf } from '../commission-projection.ts';
import { contractPeriodById } from '../contract-calendar.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { readStanding } from '../settlement/read-standing.ts';
import type { Statement } from '../statement.ts';
import { termsOfPeriod } from '../statement-basis.ts';
import type { RefLookup } from './known-refs.ts';
import type { Sums } from './matching/tally.ts';
import type { FileSource } from './reading/file-source.ts';
import { type OpenedFile, openFile, type ReadingWish, rememberedOf } from './reading/open-file.ts';
import { type Progress, type Reconciled, reconcileFile } from './reconcile-file.ts';
import type { ReconcileOptions } from './reconcile-options.ts';
import type { ReconciliationReport, ReportSums } from './report.ts';
import { REPORT_DAYS, type ReportStore } from './report-store.ts';
import type { RowFiles } from './row-files.ts';
import { StatementMovedError } from './statement-moved-error.ts';
import { storedRow } from './stored-row.ts';

export interface ReconciliationDeskDeps {
  readonly ledger: LedgerStore;
  readonly reports: ReportStore;
  readonly files: RowFiles;
  readonly lookup: RefLookup;
  readonly contractsOf: ContractsOf;
  /** Business time. */
  readonly clock: Clock;
}

export interface ReconcileRequest {
  readonly source: FileSource;
  readonly reading: ReadingWish;
  readonly options: ReconcileOptions;
  readonly progress?: (progress: Progress) => void;
}

export type ReconcileOutcome =
  | { readonly result: 'created' | 'exists'; readonly report: ReconciliationReport }
  | { readonly result: 'unknown' };

/**
 * Where files of counterparties are compared with their statements. It proposes: nothing that it does books anything. A
 * counterparty is whoever has a ledger: a partner, or a funder (`funder:<id>`) with what it owes.
 */
export class ReconciliationDesk {
  readonly deps: ReconciliationDeskDeps;

  constructor(deps: ReconciliationDeskDeps) {
    this.deps = deps;
  }

  /**
   * Compares a file with a statement. The same file read in the same way against the same revision gives the report that was
   * given then. The file itself is not kept; of its rows what was compared is, for {@link REPORT_DAYS} days.
   * @throws UnreadableFileError for a file of which no row can be read; StatementMovedError when the draft was refreshed meanwhile
   */
  async reconcile(
    counterpartyId: string,
    statementId: string,
    { source, reading, options, progress }: ReconcileRequest,
  ): Promise<ReconcileOutcome> {
    const { ledger, reports, files, lookup } = this.deps;
    const statement = (await readStanding(ledger, counterpartyId)).byId.get(statementId)?.statement;
    if (statement === undefined) return { result: 'unknown' };
    const { contract, currency, period } = statement;
    const remembered = await reports.remembered(counterpartyId, contract);
    const file = await openFile(source, reading, { currency, timezone: period.timezone, remembered });
    const id = reportId(counterpartyId, statement, file, options);
    const existing = await reports.find(counterpartyId, id);
    if (existing !== undefined && (await files.has(id))) return { result: 'exists', report: existing };
    const run = await files.begin();
    try {
      const deps = { ledger, lookup, folder: run.folder, ...(progress === undefined ? {} : { progress }) };
      const input = { counterpartyId, statement, terms: this.#termsOf(counterpartyId, statement), file, options };
      const found = await reconcileFile(deps, input, (row) => run.write(storedRow(row)));
      await this.#assertUnmoved(counterpartyId, statement);
      await run.finish(id);
      const report = await reports.save(counterpartyId, reportOf(id, statement, file, options, found, this.#nowMs()));
      await reports.remember(counterpartyId, contract, rememberedOf(file.reading));
      return { result: existing === undefined ? 'created' : 'exists', report };
    } finally {
      await run.end();
    }
  }

  find(counterpartyId: string, id: string): Promise<ReconciliationReport | undefined> {
    return this.deps.reports.find(counterpartyId, id);
  }

  /** Removes rows of reports that are over. @param counterparties whose reports there may be */
  sweep(counterparties: () => Iterable<string>): Promise<number> {
    const { files, reports } = this.deps;
    const isGone = async (id: string): Promise<boolean> => {
      for (const counterpartyId of counterparties()) if (await reports.exists(counterpartyId, id)) return false;
      return true;
    };
    return files.sweep(isGone, Date.now());
  }

  /** Lines are read page by page: a refresh in between would mix two revisions. */
  async #assertUnmoved(counterpartyId: string, { id, revision }: Statement): Promise<void> {
    const now = (await readStanding(this.deps.ledger, counterpartyId)).byId.get(id)?.statement;
    if (now?.revision !== revision) throw new StatementMovedError('the draft was refreshed while it was compared');
  }

  #nowMs(): number {
    return this.deps.clock.nowMs();
  }

  #termsOf(counterpartyId: string, { contract, period }: Statement) {
    const versions = (this.deps.contractsOf(counterpartyId) ?? []).filter((terms) => terms.contract === contract);
    const span = { id: period.id, fromMs: Date.parse(period.from), toMs: Date.parse(period.to) };
    return termsOfPeriod(versions, contractPeriodById(versions, period.id) ?? span);
  }
}

/** Made of everything that a report follows from. */
function reportId(
  counterpartyId: string,
  { id, revision }: Statement,
  { inspected, reading }: OpenedFile,
  options: ReconcileOptions,
): string {
  const { mapping, ...rest } = reading;
  const read = [mapping.positions, mapping.refKind, mapping.headerLine, rest];
  const how = JSON.stringify([read, { ...options, tolerance: options.tolerance.toString() }]);
  return derivedId('rec', counterpartyId, id, String(revision), inspected.sha256, how);
}

function reportOf(
  id: string,
  statement: Statement,
  { inspected, reading }: OpenedFile,
  options: ReconcileOptions,
  { tally, file, notes }: Reconciled,
  nowMs: number,
): ReconciliationReport {
  const { mapping } = reading;
  const { totals, categories, explanations } = tally;
  const matched = categories.matched.count + categories.matched_within_tolerance.count;
  return {
    id,
    statement_id: statement.id,
    contract: statement.contract,
    period: statement.period.id,
    revision: statement.revision,
    currency: statement.currency,
    created_at: isoOf(nowMs),
    // Redis counts the days, by the time of its machine.
    expires_at: isoOf(Date.now() + REPORT_DAYS * DAY_MS),
    file_sha256: inspected.sha256,
    file: {
      bytes: inspected.bytes,
      format: reading.format,
      encoding: reading.encoding,
      delimiter: reading.delimiter,
      sheet: reading.sheet,
      decimal: reading.decimal,
      date_order: reading.dateOrder,
      ...file,
    },
    mapping: {
      source: mapping.source,
      ref_kind: mapping.refKind,
      columns: mapping.names,
      header_line: mapping.headerLine,
    },
    options: {
      tolerance: Number(options.tolerance),
      date_window_days: options.windowDays,
      group_by: options.groupBy,
      totals: options.totals,
      dates: options.datesOf,
    },
    totals: {
      ours: jsonMinor(totals.ours),
      theirs: jsonMinor(totals.theirs),
      difference: jsonMinor(totals.difference),
    },
    categories: mapSums(categories) as ReconciliationReport['categories'],
    explanations: mapSums(explanations),
    other_currencies: tally.otherCurrencies.map((one) => ({ ...one, theirs: jsonMinor(one.theirs) })),
    equal: matched === totals.count,
    notes,
  };
}

function mapSums(sums: Readonly<Record<string, Sums>>): Readonly<Record<string, ReportSums>> {
  return Object.fromEntries(
    Object.entries(sums).map(([name, { count, ours, theirs, difference }]) => [
      name,
      { count, ours: jsonMinor(ours), theirs: jsonMinor(theirs), difference: jsonMinor(difference) },
    ]),
  );
}
