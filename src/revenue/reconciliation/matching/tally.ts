import { CATEGORIES, type Category, EXPLANATIONS, type Explanation, type ReconciledRow } from './reconciled-row.ts';

/** Sums of some rows. Minor units of the statement's currency. */
export interface Sums {
  readonly count: number;
  readonly ours: bigint;
  readonly theirs: bigint;
  /** Theirs − ours. */
  readonly difference: bigint;
}

/** An amount of theirs in a currency that the statement is not in. */
export interface OtherCurrency {
  readonly currency: string;
  readonly count: number;
  readonly theirs: bigint;
}

/** Adds reconciled rows up as they pass. */
export class Tally {
  readonly #currency: string;
  readonly #categories = new Map<Category, Sums>(CATEGORIES.map((category) => [category, NOTHING]));
  readonly #explanations = new Map<Explanation, Sums>();
  readonly #others = new Map<string, OtherCurrency>();
  #totals: Sums = NOTHING;

  constructor(currency: string) {
    this.#currency = currency;
  }

  add(row: ReconciledRow): void {
    const { theirs, ours, category, explanation, difference } = row;
    const isOther = theirs !== null && theirs.currency !== this.#currency;
    const sums: Sums = {
      count: 1,
      ours: ours?.amount ?? 0n,
      theirs: theirs === null || isOther ? 0n : theirs.amount,
      difference,
    };
    this.#categories.set(category, plus(this.#categories.get(category), sums));
    if (explanation !== null) this.#explanations.set(explanation, plus(this.#explanations.get(explanation), sums));
    if (isOther) {
      const { currency } = theirs;
      const before = this.#others.get(currency) ?? { currency, count: 0, theirs: 0n };
      const count = before.count + theirs.count;
      this.#others.set(currency, { currency, count, theirs: before.theirs + theirs.amount });
    }
    this.#totals = plus(this.#totals, sums);
  }

  get totals(): Sums {
    return this.#totals;
  }

  get categories(): Readonly<Record<Category, Sums>> {
    return Object.fromEntries(this.#categories) as Record<Category, Sums>;
  }

  /** Those that occur. */
  get explanations(): Readonly<Partial<Record<Explanation, Sums>>> {
    const found = EXPLANATIONS.flatMap((name) => {
      const sums = this.#explanations.get(name);
      return sums === undefined ? [] : [[name, sums] as const];
    });
    return Object.fromEntries(found);
  }

  get otherCurrencies(): readonly OtherCurrency[] {
    return [...this.#others.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}

const NOTHING: Sums = { count: 0, ours: 0n, theirs: 0n, difference: 0n };

function plus(a: Sums = NOTHING, b: Sums = NOTHING): Sums {
  return {
    count: a.count + b.count,
    ours: a.ours + b.ours,
    theirs: a.theirs + b.theirs,
    difference: a.difference + b.difference,
  };
}
