import type { ReconciledRow } from './matching/reconciled-row.ts';
import { Partitions } from './partitions.ts';
import type { OpenedFile } from './reading/open-file.ts';
import { UnreadableFileError } from './reading/source-row.ts';
import type { TheirRow } from './reading/their-row.ts';
import type { ReconciliationReport } from './report.ts';
import { theirCodec } from './side-codecs.ts';

/** Rows of one file. */
export const FILE_ROWS_MAX = 2_000_000;
/** Totals that are told. */
const STATED_TOTALS_MAX = 10;
/** Rows that are told of where none can be read. */
const FAULTS_TOLD = 5;
/** How often progress is told. */
const TELL_EVERY_ROWS = 10_000;

/** Their file, read to its end. */
export interface TheirSideRead {
  readonly partitions: Partitions<TheirRow>;
  /** Rows without a reference, where rows are to have one. */
  readonly nameless: Partitions<TheirRow>;
  /** Σ of rows in the statement's currency. */
  readonly sum: bigint;
  readonly file: Pick<ReconciliationReport['file'], 'rows' | 'skipped' | 'stated_totals'>;
  /** How many stated totals are not the sum of the rows above them. */
  readonly totalsDiffering: number;
}

interface ReadAs {
  readonly folder: string;
  readonly partitions: number;
  readonly currency: string;
  /** Whether rows are sums, which have no reference. */
  readonly totals: boolean;
  readonly told: (rows: number) => void;
  /** Takes rows that cannot be read. */
  readonly refused: (row: ReconciledRow) => Promise<void>;
}

/**
 * Reads their file and divides its rows by reference (sums: by day).
 * @throws UnreadableFileError when not one row can be read, or there are more than {@link FILE_ROWS_MAX}
 */
export async function readTheirSide(file: OpenedFile, as: ReadAs): Promise<TheirSideRead> {
  const side = new TheirSide(as);
  for await (const read of file.rows()) {
    switch (read.kind) {
      case 'row':
        await side.add(read.row);
        break;
      case 'total':
        side.skipTotal(read.line, read.row);
        break;
      case 'invalid':
        await side.refuse(read);
        break;
      default:
        side.skip(read.kind);
    }
  }
  return side.finish();
}

class TheirSide {
  readonly #as: ReadAs;
  readonly #partitions: Partitions<TheirRow>;
  readonly #nameless: Partitions<TheirRow>;
  readonly #faults: string[] = [];
  #refused = 0;
  readonly #stated: { line: number; amount: number | null; rows: number }[] = [];
  #skipped = { empty: 0, headings: 0, totals: 0 };
  #lastTotal: TheirRow | null = null;
  #totalsDiffering = 0;
  #rows = 0;
  #sum = 0n;
  #seen = 0;

  constructor(as: ReadAs) {
    this.#as = as;
    this.#partitions = new Partitions(as.folder, 'theirs', as.partitions, theirCodec);
    this.#nameless = new Partitions(as.folder, 'nameless', as.partitions, theirCodec);
  }

  async add(row: TheirRow): Promise<void> {
    const isNameless = row.ref === null && !this.#as.totals;
    // A last line without a reference that is the sum of all before it is a total that nobody has labelled.
    if (isNameless && this.#rows > 1 && row.amount === this.#sum && row.amount !== 0n) {
      this.skipTotal(row.line, row);
      return;
    }
    this.#count();
    this.#rows += 1;
    if (row.currency === this.#as.currency) this.#sum += row.amount;
    if (isNameless) await this.#nameless.add(String(row.line), row);
    else await this.#partitions.add((this.#as.totals ? row.day : row.ref) ?? '', row);
  }

  skipTotal(line: number, row: TheirRow | null): void {
    this.#count();
    this.#skipped.totals += 1;
    this.#lastTotal = row ?? this.#lastTotal;
    if (row !== null && row.amount !== this.#sum) this.#totalsDiffering += 1;
    if (this.#stated.length < STATED_TOTALS_MAX) {
      this.#stated.push({ line, amount: row === null ? null : Number(row.amount), rows: this.#rows });
    }
  }

  skip(kind: 'empty' | 'heading'): void {
    this.#count();
    if (kind === 'empty') this.#skipped.empty += 1;
    else this.#skipped.headings += 1;
  }

  async refuse({
    line,
    why,
    ref,
  }: {
    readonly line: number;
    readonly why: string;
    readonly ref: string | null;
  }): Promise<void> {
    this.#count();
    this.#refused += 1;
    if (this.#faults.length < FAULTS_TOLD) this.#faults.push(`line ${line}: ${why}`);
    const side = { lines: [line], count: 1, amount: 0n, currency: this.#as.currency, day: null, rate: null };
    const none = { explanation: null, ours: null, difference: 0n, known: null, proposals: [] };
    await this.#as.refused({ id: `line_${line}`, category: 'invalid_row', ref, theirs: side, why, ...none });
  }

  async finish(): Promise<TheirSideRead> {
    const isOnlyTotal = this.#rows === 0 && this.#as.totals && this.#lastTotal !== null;
    if (isOnlyTotal && this.#lastTotal !== null) {
      this.#skipped.totals -= 1;
      this.#stated.length = 0;
      this.#totalsDiffering = 0;
      await this.add({ ...this.#lastTotal, ref: null, day: null });
    }
    if (this.#rows === 0) throw new UnreadableFileError(this.#nothingRead());
    return {
      partitions: this.#partitions,
      nameless: this.#nameless,
      sum: this.#sum,
      file: { rows: this.#rows, skipped: this.#skipped, stated_totals: this.#stated },
      totalsDiffering: this.#totalsDiffering,
    };
  }

  #count(): void {
    this.#seen += 1;
    if (this.#seen > FILE_ROWS_MAX)
      throw new UnreadableFileError(`a file has at most ${FILE_ROWS_MAX} rows: divide it`);
    if (this.#seen % TELL_EVERY_ROWS === 0) this.#as.told(this.#seen);
  }

  #nothingRead(): string {
    const { empty, headings, totals } = this.#skipped;
    const seen = `${empty} empty, ${headings} headings, ${totals} totals, ${this.#refused} that cannot be read`;
    const faults = this.#faults.join('; ');
    return `no row can be read (${seen})${faults === '' ? '' : `: ${faults}`}`;
  }
}
