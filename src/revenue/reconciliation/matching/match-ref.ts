import type { TheirRow } from '../reading/their-row.ts';
import { isNear, type MatchRules, netOfTax, withTax } from './match-rules.ts';
import { type Pair, type Pairing, pairClose, pairEqual, pairRest, without } from './pair-rows.ts';
import { isOtherRate } from './rate-differs.ts';
import type { Category, Explanation, ReconciledRow } from './reconciled-row.ts';
import {
  compareTheirs,
  daysApart,
  type KnownLine,
  type KnownRef,
  type OurLine,
  type OurUnit,
  rowOf,
  unitOf,
} from './sides.ts';

/**
 * Reconciles what both sides have under one reference, row by row; each is claimed once. In this order:
 *
 * 1. equal amounts, days near each other before others → `matched`, or `date_out_of_period` where theirs is not in the period
 *    and near no day of ours;
 * 2. the same for lines of ours taken together with what corrects them; what was taken back altogether → `status_mismatch`;
 * 3. within the tolerance → `matched_within_tolerance`;
 * 4. an equal amount among commissions that are not on this statement → `missing_in_ours`, saying where it is;
 * 5. ours with or without the tax → `tax_basis`; our base at their rate → `rate_mismatch`; any other → `amount_mismatch`;
 * 6. theirs in another currency claims what is left of ours → `currency_mismatch`;
 * 7. what is left: the same again → `duplicate_in_…`, else `missing_in_…`.
 *
 * @param known what else is known of the reference; undefined = not looked up yet
 * @returns null when it must be looked up first: something of theirs has no counterpart
 */
export function matchRef(
  theirs: readonly TheirRow[],
  ours: readonly OurLine[],
  known: KnownRef | undefined,
  rules: MatchRules,
): ReconciledRow[] | null {
  const match = new RefMatch(theirs, ours, known, rules);
  match.pairEqual();
  match.pairNet();
  match.pairTolerated();
  if (match.hasUnmatched && known === undefined) return null;
  match.claimKnown();
  match.pairTax();
  match.pairRates();
  match.pairAmounts();
  match.pairCurrencies();
  match.finish();
  return match.rows;
}

/** Beyond so many pairs to try, rates are not compared: the amounts differ anyway. */
const RATE_TRIES_MAX = 1_000_000;

/** What will still be paid explains more than what never will. */
const KNOWN_ORDER = ['held', 'late', 'capped', 'voided'];

function compareKnown(a: KnownLine, b: KnownLine): number {
  const order = KNOWN_ORDER.indexOf(a.explanation) - KNOWN_ORDER.indexOf(b.explanation);
  return order || (a.id < b.id ? -1 : 1);
}

interface Claimed {
  readonly theirs: readonly TheirRow[];
  readonly ours: readonly OurLine[];
  readonly category: Category;
  readonly explanation: Explanation | null;
  readonly known: string | null;
}

class RefMatch {
  readonly #rules: MatchRules;
  readonly #known: KnownRef;
  #theirs: readonly TheirRow[];
  readonly #foreign: readonly TheirRow[];
  #ours: readonly OurUnit[];
  #knownLeft: readonly KnownLine[];
  readonly #claimed: Claimed[] = [];

  constructor(
    theirs: readonly TheirRow[],
    ours: readonly OurLine[],
    known: KnownRef = { lines: [], fact: null },
    rules: MatchRules,
  ) {
    this.#rules = rules;
    this.#known = known;
    this.#knownLeft = [...known.lines].sort(compareKnown);
    this.#theirs = theirs.filter(({ currency }) => currency === rules.currency).sort(compareTheirs);
    this.#foreign = theirs.filter(({ currency }) => currency !== rules.currency).sort(compareTheirs);
    this.#ours = ours.map((line) => unitOf([line]));
  }

  get hasUnmatched(): boolean {
    return this.#theirs.length > 0;
  }

  get rows(): ReconciledRow[] {
    return this.#claimed.map((claimed) => rowOf({ ...claimed, currency: this.#rules.currency }));
  }

  pairEqual(): void {
    this.#take(pairEqual(this.#theirs, this.#ours, this.#rules.windowDays), (pair) => this.#matchedOrOut(pair));
  }

  /** Lines of ours with what corrects them, where neither has a counterpart of its own. */
  pairNet(): void {
    const byId = new Map(this.#ours.map((unit) => [unit.lines[0]?.id, unit]));
    const corrections = this.#ours.filter(({ lines: [line] }) => line !== undefined && line.reverses !== null);
    const merged = new Map<OurUnit, OurLine[]>();
    const gone = new Set<OurUnit>();
    for (const unit of corrections) {
      const [line] = unit.lines;
      const target = byId.get(line?.reverses ?? '');
      if (line === undefined) continue;
      if (target !== undefined && target !== unit && !gone.has(target)) {
        merged.set(target, [...(merged.get(target) ?? target.lines), line]);
        gone.add(unit);
      } else if (this.#correctClaimed(line)) gone.add(unit);
    }
    if (gone.size === 0) return;
    this.#ours = this.#ours
      .filter((unit) => !gone.has(unit))
      .map((unit) => (merged.has(unit) ? unitOf(merged.get(unit) ?? []) : unit));
    this.pairEqual();
  }

  pairTolerated(): void {
    const { tolerance } = this.#rules;
    if (tolerance === 0n) return;
    this.#take(
      pairClose(this.#theirs, this.#ours, tolerance, ({ amount }) => amount),
      () => 'matched_within_tolerance',
    );
  }

  /** Commissions that are known and not on this statement. */
  claimKnown(): void {
    const left: TheirRow[] = [];
    for (const row of this.#theirs) {
      const line = this.#knownLeft.find(({ amount }) => amount === row.amount);
      if (line === undefined) left.push(row);
      else this.#missing(row, line);
    }
    this.#theirs = left;
  }

  pairTax(): void {
    const slack = this.#rules.tolerance > 1n ? this.#rules.tolerance : 1n;
    for (const worthOf of [withTax, netOfTax]) {
      const differing = this.#ours.filter((unit) => worthOf(unit.amount, this.#rules) !== unit.amount);
      const pairing = pairClose(this.#theirs, differing, slack, ({ amount }) => worthOf(amount, this.#rules));
      this.#take(without(pairing.pairs, this.#theirs, this.#ours), () => 'tax_basis');
    }
  }

  pairRates(): void {
    const rows = this.#theirs.filter(({ rate }) => rate !== null);
    if (rows.length * this.#ours.length > RATE_TRIES_MAX) return;
    const pairs: Pair[] = [];
    const taken = new Set<OurUnit>();
    for (const row of rows) {
      const unit = this.#ours.find((one) => !taken.has(one) && isOtherRate(row, one));
      if (unit === undefined) continue;
      taken.add(unit);
      pairs.push({ theirs: row, ours: unit });
    }
    this.#take(without(pairs, this.#theirs, this.#ours), () => 'rate_mismatch');
  }

  pairAmounts(): void {
    this.#take(pairRest(this.#theirs, this.#ours), () => 'amount_mismatch');
  }

  pairCurrencies(): void {
    const left = [...this.#ours];
    for (const row of this.#foreign) {
      const unit = left.shift();
      this.#claim([row], unit?.lines ?? [], 'currency_mismatch');
    }
    this.#ours = left;
  }

  finish(): void {
    for (const row of this.#theirs) {
      if (this.#isAgainInTheirs(row)) this.#claim([row], [], 'duplicate_in_theirs');
      else this.#missing(row, this.#knownLeft[0]);
    }
    for (const { lines, amount } of this.#ours) {
      const [line] = lines;
      if (lines.length > 1 && amount === 0n) {
        // Taken back altogether, and not in theirs: both sides say nothing.
        this.#claim([], lines, 'matched');
        continue;
      }
      const isAgain = line !== undefined && lines.length === 1 && this.#isAgainInOurs(line);
      this.#claim([], lines, isAgain ? 'duplicate_in_ours' : 'missing_in_theirs');
    }
  }

  #take(pairing: Pairing, categoryOf: (pair: Pair) => Category): void {
    for (const pair of pairing.pairs) this.#claim([pair.theirs], pair.ours.lines, categoryOf(pair));
    this.#theirs = pairing.theirs;
    this.#ours = pairing.ours;
  }

  #claim(
    theirs: readonly TheirRow[],
    ours: readonly OurLine[],
    category: Category,
    explanation: Explanation | null = null,
    known: string | null = null,
  ): void {
    this.#claimed.push({ theirs, ours, category, explanation, known });
  }

  #matchedOrOut({ theirs: { day }, ours: { lines } }: Pair): Category {
    if (day === null || this.#rules.isInPeriod(day)) return 'matched';
    return lines.some((line) => isNear(day, line, this.#rules)) ? 'matched' : 'date_out_of_period';
  }

  /** A correction of a line that has a counterpart: together they no longer are what theirs says. */
  #correctClaimed(correction: OurLine): boolean {
    const at = this.#claimed.findIndex(({ ours }) => ours.some(({ id }) => id === correction.reverses));
    const claimed = this.#claimed[at];
    if (claimed === undefined) return false;
    const ours = [...claimed.ours, correction];
    const category = unitOf(ours).amount === 0n ? 'status_mismatch' : 'amount_mismatch';
    this.#claimed[at] = { ...claimed, ours, category };
    return true;
  }

  #missing(row: TheirRow, line: KnownLine | undefined): void {
    this.#knownLeft = this.#knownLeft.filter((one) => one !== line);
    const isOut = row.day !== null && !this.#rules.isInPeriod(row.day);
    const explanation = line?.explanation ?? this.#known.fact ?? 'unknown';
    this.#claim([row], [], isOut ? 'date_out_of_period' : 'missing_in_ours', explanation, line?.id ?? null);
  }

  #isAgainInTheirs(row: TheirRow): boolean {
    return this.#claimed.some(
      ({ theirs: [other] }) =>
        other !== undefined &&
        other.currency === row.currency &&
        other.amount === row.amount &&
        (other.day === null || row.day === null || daysApart(other.day, row.day) <= this.#rules.windowDays),
    );
  }

  #isAgainInOurs(line: OurLine): boolean {
    return this.#claimed.some(
      ({ theirs, ours: [other] }) =>
        theirs.length > 0 &&
        other !== undefined &&
        other.amount === line.amount &&
        other.what === line.what &&
        daysApart(other.occurred, line.occurred) <= this.#rules.windowDays,
    );
  }
}
