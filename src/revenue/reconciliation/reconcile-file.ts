import { localDate } from '../calendar.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import type { Statement } from '../statement.ts';
import type { ContractTerms } from '../terms.ts';
import { knownRefs, type RefLookup } from './known-refs.ts';
import { matchPartition } from './match-partition.ts';
import type { MatchRules } from './matching/match-rules.ts';
import { matchSums } from './matching/match-sums.ts';
import type { ReconciledRow } from './matching/reconciled-row.ts';
import { type OurLine, rowOf } from './matching/sides.ts';
import { Tally } from './matching/tally.ts';
import { type OurSum, readOurSide, sumOurSide } from './our-side.ts';
import { ProposalDesk } from './proposal-desk.ts';
import type { OpenedFile } from './reading/open-file.ts';
import type { TheirRow } from './reading/their-row.ts';
import type { ReconcileOptions } from './reconcile-options.ts';
import type { ReportNote } from './report.ts';
import { readTheirSide, type TheirSideRead } from './their-side.ts';

/** Where a reconciliation is; `total` is an estimate. */
export interface Progress {
  readonly step: 'theirs' | 'ours' | 'matching';
  readonly done: number;
  readonly total: number;
}

export interface ReconcileDeps {
  readonly ledger: LedgerReader;
  readonly lookup: RefLookup;
  /** An empty folder for this run; removed by whoever made it. */
  readonly folder: string;
  readonly progress?: (progress: Progress) => void;
}

export interface ReconcileInput {
  readonly counterpartyId: string;
  readonly statement: Statement;
  /** The version that governs the statement's period. */
  readonly terms: ContractTerms;
  readonly file: OpenedFile;
  readonly options: ReconcileOptions;
}

export interface Reconciled {
  readonly tally: Tally;
  readonly file: TheirSideRead['file'];
  readonly notes: readonly ReportNote[];
}

/** Records of one side in one partition: what is in memory at once. */
const PARTITION_RECORDS = 20_000;
const PARTITIONS_MAX = 256;
/** Bytes of a row, to guess how many a file has. */
const ROW_BYTES = 40;

/**
 * Reconciles a file with a statement, of any size: both sides are divided by reference into files, one part of which is in
 * memory at a time.
 * @param sink is given every row once, and awaited
 * @throws UnreadableFileError for a file of which no row can be read; Error when Σ theirs − Σ ours is not Σ of the rows'
 * differences: a fault of ours
 */
export async function reconcileFile(
  deps: ReconcileDeps,
  input: ReconcileInput,
  sink: (row: ReconciledRow) => Promise<void> | void,
): Promise<Reconciled> {
  const { statement, file, options } = input;
  const rules = rulesOf(input);
  const size = Math.max(statement.lines_count, file.inspected.bytes / ROW_BYTES);
  const partitions = Math.min(Math.max(Math.ceil(size / PARTITION_RECORDS), 1), PARTITIONS_MAX);
  const tell = (step: Progress['step'], total: number) => (done: number) =>
    deps.progress?.({ step, done, total: Math.max(total, done) });
  const tally = new Tally(statement.currency);
  const write = async (row: ReconciledRow): Promise<void> => {
    tally.add(row);
    await sink(row);
  };
  const theirs = await readTheirSide(file, {
    folder: deps.folder,
    partitions: options.totals ? 1 : partitions,
    currency: statement.currency,
    totals: options.totals,
    told: tell('theirs', Math.ceil(file.inspected.bytes / ROW_BYTES)),
    refused: write,
  });
  const told = tell('ours', statement.lines_count);
  const notes: ReportNote[] = [];
  if (theirs.totalsDiffering > 0) notes.push({ code: 'stated_total_differs', count: theirs.totalsDiffering });
  let oursSum: bigint;
  if (options.totals) {
    oursSum = await reconcileSums(deps, input, theirs, rules, { write, told });
  } else {
    const ours = await readOurSide(deps.ledger, input.counterpartyId, statement, {
      folder: deps.folder,
      partitions,
      refKind: file.reading.mapping.refKind,
      told,
    });
    oursSum = ours.sum;
    const desk = new ProposalDesk(write, options.windowDays);
    const both = { theirs: theirs.partitions, ours: ours.partitions };
    const groupable = await reconcileRefs(deps, input, both, rules, desk);
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const row of await theirs.nameless.read(partition)) await desk.take(namelessRow(row, rules));
    }
    if (await desk.close()) notes.push({ code: 'proposals_left_out', count: desk.leftOut });
    if (groupable > 0) notes.push({ code: 'group_by_ref', count: groupable });
  }
  assertControl(tally, theirs.sum, oursSum);
  return { tally, file: theirs.file, notes };
}

/** The control total holds by construction; that it does is checked on every run. */
function assertControl({ totals, categories }: Tally, theirs: bigint, ours: bigint): void {
  const differences = Object.values(categories).reduce((sum, { difference }) => sum + difference, 0n);
  if (totals.theirs === theirs && totals.ours === ours && differences === theirs - ours) return;
  throw new Error(`control total broken: ${differences} against ${theirs} − ${ours}`);
}

async function reconcileRefs(
  deps: ReconcileDeps,
  { counterpartyId, statement, file, options }: ReconcileInput,
  both: Pick<Parameters<typeof matchPartition>[0], 'theirs' | 'ours'>,
  rules: MatchRules,
  desk: ProposalDesk,
): Promise<number> {
  const { refKind } = file.reading.mapping;
  const { count } = both.theirs;
  let groupable = 0;
  for (let partition = 0; partition < count; partition += 1) {
    const known = (refs: readonly string[]) => knownRefs(deps, counterpartyId, statement, refKind, refs);
    const matched = await matchPartition({ ...both, partition, known, rules, groupBy: options.groupBy });
    groupable += matched.groupable;
    for (const row of matched.rows) await desk.take(row);
    deps.progress?.({ step: 'matching', done: partition + 1, total: count });
  }
  return groupable;
}

/** Totals of theirs against ours, by day or altogether. */
async function reconcileSums(
  { ledger }: ReconcileDeps,
  { counterpartyId, statement, options }: ReconcileInput,
  theirs: TheirSideRead,
  rules: MatchRules,
  { write, told }: { readonly write: (row: ReconciledRow) => Promise<void>; readonly told: (lines: number) => void },
): Promise<bigint> {
  const days = new Map<string, TheirRow[]>();
  for (const row of await theirs.partitions.read(0)) days.set(row.day ?? '', [...(days.get(row.day ?? '') ?? []), row]);
  const byDay = !(days.size === 1 && days.has(''));
  const as = { datesOf: options.datesOf, byDay, told };
  const { sums, sum } = await sumOurSide(ledger, counterpartyId, statement, as);
  for (const day of [...new Set([...days.keys(), ...sums.keys()])].sort()) {
    const ours: OurSum = sums.get(day) ?? { lines: [], count: 0 };
    const nothing = { lines: [], fact: null };
    for (const row of matchSums(day, days.get(day) ?? [], ours.lines, nothing, rules) ?? []) {
      const side = row.ours === null ? null : { ...row.ours, commissions: [], count: ours.count };
      await write({ ...row, ours: side, ref: day === '' ? null : day });
    }
  }
  return sum;
}

function namelessRow(row: TheirRow, rules: MatchRules): ReconciledRow {
  const isOther = row.currency !== rules.currency;
  const isOut = row.day !== null && !rules.isInPeriod(row.day);
  const category = isOther ? 'currency_mismatch' : isOut ? 'date_out_of_period' : 'missing_in_ours';
  const parts = { theirs: [row], ours: [] as OurLine[], currency: rules.currency };
  return rowOf({ category, ...parts, explanation: isOther ? null : 'unknown' });
}

function rulesOf({ statement, terms, options }: ReconcileInput): MatchRules {
  const { period, currency } = statement;
  const last = localDate(Date.parse(period.to) - 1, period.timezone);
  return {
    currency,
    tolerance: options.tolerance,
    windowDays: options.windowDays,
    tax: { rate: terms.tax.rate, rounding: terms.rounding },
    isInPeriod: (day) => day >= period.id && day <= last,
  };
}
