import { PROPOSED_ROWS_MAX, propose } from './matching/propose.ts';
import type { ReconciledRow } from './matching/reconciled-row.ts';

/** Keeps rows without a counterpart back until all are known, so that counterparts can be proposed; passes the others on. */
export class ProposalDesk {
  readonly #write: (row: ReconciledRow) => Promise<void>;
  readonly #windowDays: number;
  #kept: ReconciledRow[] = [];
  /** Rows for which nothing was proposed because there were too many. */
  leftOut = 0;

  constructor(write: (row: ReconciledRow) => Promise<void>, windowDays: number) {
    this.#write = write;
    this.#windowDays = windowDays;
  }

  async take(row: ReconciledRow): Promise<void> {
    if (!isProposable(row)) return this.#write(row);
    if (this.leftOut > 0) {
      this.leftOut += 1;
      return this.#write(row);
    }
    this.#kept.push(row);
    if (this.#kept.length > 2 * PROPOSED_ROWS_MAX) {
      this.leftOut = this.#kept.length;
      await this.#pass(this.#kept);
    }
  }

  /** @returns whether there were too many */
  async close(): Promise<boolean> {
    await this.#pass(propose(this.#kept, this.#windowDays));
    return this.leftOut > 0;
  }

  async #pass(rows: readonly ReconciledRow[]): Promise<void> {
    this.#kept = [];
    for (const row of rows) await this.#write(row);
  }
}

/** A row that is explained has no counterpart to look for. */
function isProposable({ category, explanation }: ReconciledRow): boolean {
  if (category === 'missing_in_theirs') return true;
  return category === 'missing_in_ours' && (explanation === 'unknown' || explanation === null);
}
