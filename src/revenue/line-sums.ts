import { isAccrual, type StatementLine } from './statement-line.ts';
import { LinesDigest } from './statement-lines-csv.ts';

/** What a statement says of its lines: of a million of them nothing else is kept. */
export interface LineSums {
  readonly count: number;
  /** SHA-256 (hex) of their CSV. */
  readonly sha256: string;
  /** Σ lines of kind accrual and true_up, minor units. */
  readonly accruals: bigint;
  /** Σ all other lines, minor units. */
  readonly adjustments: bigint;
}

/** Adds lines up as they pass, in the order of the statement. */
export class LineSummer {
  readonly #digest = new LinesDigest();
  #accruals = 0n;
  #adjustments = 0n;

  add(line: StatementLine): void {
    this.#digest.add(line);
    if (isAccrual(line.kind)) this.#accruals += BigInt(line.amount);
    else this.#adjustments += BigInt(line.amount);
  }

  sums(): LineSums {
    const { count } = this.#digest;
    return { count, sha256: this.#digest.sha256(), accruals: this.#accruals, adjustments: this.#adjustments };
  }
}

/** The sums of lines that are in memory. */
export function sumLines(lines: Iterable<StatementLine>): LineSums {
  const summer = new LineSummer();
  for (const line of lines) summer.add(line);
  return summer.sums();
}
