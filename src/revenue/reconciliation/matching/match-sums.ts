import { hash } from 'node:crypto';
import type { TheirRow } from '../reading/their-row.ts';
import { type MatchRules, netOfTax, withTax } from './match-rules.ts';
import type { Category, Explanation, ReconciledRow } from './reconciled-row.ts';
import { compareOurs, compareTheirs, type KnownRef, type OurLine, rowOf } from './sides.ts';

/**
 * Compares what both sides have under one key as sums: of a reference, of a day, of all. Each key is one row of the report, and
 * one more for theirs in another currency.
 *
 * A difference is explained where one thing makes all of it: tax, a row of theirs or a line of ours counted twice, what was
 * taken back, commissions that are known and not on this statement.
 * @param key null = all of it
 * @param known what else is known of the reference; undefined = not looked up yet
 * @returns null when it must be looked up first
 */
export function matchSums(
  key: string | null,
  theirs: readonly TheirRow[],
  ours: readonly OurLine[],
  known: KnownRef | undefined,
  rules: MatchRules,
): ReconciledRow[] | null {
  const own = theirs.filter(({ currency }) => currency === rules.currency).sort(compareTheirs);
  const foreign = theirs.filter(({ currency }) => currency !== rules.currency).sort(compareTheirs);
  const lines = [...ours].sort(compareOurs);
  const rows: ReconciledRow[] = [];
  const add = (
    category: Category,
    side: { readonly theirs: readonly TheirRow[]; readonly ours: readonly OurLine[] },
    explanation: Explanation | null = null,
    knownId: string | null = null,
  ): void => {
    const id = `sum_${hash('sha256', `${key ?? ''}\u0000${side.theirs[0]?.currency ?? ''}`, 'hex').slice(0, 24)}`;
    rows.push(rowOf({ category, ...side, currency: rules.currency, explanation, known: knownId, key: id }));
  };
  let claimedByForeign = own.length > 0 ? [] : lines;
  for (const currency of new Set(foreign.map((row) => row.currency))) {
    add('currency_mismatch', { theirs: foreign.filter((row) => row.currency === currency), ours: claimedByForeign });
    claimedByForeign = [];
  }
  if (own.length === 0) {
    if (foreign.length === 0 && lines.length > 0) add('missing_in_theirs', { theirs: [], ours: lines });
    return rows;
  }
  const judged = judgeSums(own, lines, rules);
  const isSettled = judged === 'matched' || judged === 'matched_within_tolerance';
  if (!isSettled && known === undefined) return null;
  const difference = sumOf(own) - sumOf(lines);
  const cause = isSettled ? undefined : causeOf(difference, known);
  const explanation = isSettled
    ? null
    : (cause?.explanation ?? (lines.length === 0 ? (known?.fact ?? 'unknown') : null));
  const isOut = lines.length === 0 && own.every(({ day }) => day !== null && !rules.isInPeriod(day));
  const category = lines.length > 0 ? judged : isOut ? 'date_out_of_period' : 'missing_in_ours';
  add(category, { theirs: own, ours: lines }, explanation, cause?.id ?? null);
  return rows;
}

/** What the sums are to each other, without a look at anything else. */
function judgeSums(theirs: readonly TheirRow[], ours: readonly OurLine[], rules: MatchRules): Category {
  const difference = sumOf(theirs) - sumOf(ours);
  const isWithin = (value: bigint, slack: bigint): boolean => value >= -slack && value <= slack;
  if (ours.length === 0) return 'missing_in_ours';
  if (difference === 0n) return 'matched';
  if (isWithin(difference, rules.tolerance)) return 'matched_within_tolerance';
  const onceInTheirs = unique(theirs, ({ amount, day }) => `${amount} ${day}`);
  if (onceInTheirs.length < theirs.length && sumOf(onceInTheirs) === sumOf(ours)) return 'duplicate_in_theirs';
  const onceInOurs = unique(ours, ({ amount, what, occurred }) => `${amount} ${what} ${occurred}`);
  if (onceInOurs.length < ours.length && sumOf(onceInOurs) === sumOf(theirs)) return 'duplicate_in_ours';
  const kept = ours.filter(({ reverses }) => reverses === null);
  if (kept.length < ours.length && sumOf(kept) === sumOf(theirs)) return 'status_mismatch';
  for (const value of [withTax(sumOf(ours), rules), netOfTax(sumOf(ours), rules)]) {
    // Rounded line by line instead of once, a sum is off by half a unit a line.
    const slack = BigInt(Math.ceil(Math.max(theirs.length, ours.length) / 2)) + rules.tolerance;
    if (value !== sumOf(ours) && isWithin(sumOf(theirs) - value, slack)) return 'tax_basis';
  }
  return 'amount_mismatch';
}

/** Commissions not on this statement that make all of a difference: one, or all of one kind. */
function causeOf(difference: bigint, known: KnownRef | undefined) {
  const lines = [...(known?.lines ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  const one = lines.find(({ amount }) => amount === difference);
  if (one !== undefined) return { explanation: one.explanation, id: one.id };
  for (const explanation of ['held', 'late', 'voided', 'capped'] as const) {
    const same = lines.filter((line) => line.explanation === explanation);
    if (same.length > 0 && sumOf(same) === difference) return { explanation, id: same[0]?.id ?? null };
  }
  return undefined;
}

function sumOf(rows: readonly { readonly amount: bigint }[]): bigint {
  return rows.reduce((sum, { amount }) => sum + amount, 0n);
}

function unique<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
