/** Something that the ledger says one way and the data beside it another. */
export interface LedgerDifference {
  /** Stable: `chain`, `head`, `transfer`, `balance`, `snapshot`, `line`, `line_missing`, `line_unknown`, `index`, `period`,
   * `statement`, `payment`, `dispute`, `settlement`. */
  readonly what: string;
  readonly where: string;
  readonly detail: string;
}

/** Of a ledger that is wrong throughout nobody reads more. */
const KEPT_DIFFERENCES = 100;

/** The differences of one ledger: the first of them, and how many there are. */
export class Differences {
  readonly kept: LedgerDifference[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(what: string, where: string, detail: string): void {
    this.#total += 1;
    if (this.kept.length < KEPT_DIFFERENCES) this.kept.push({ what, where, detail });
  }
}
