import type { Proposal, ProposalReason, ReconciledRow } from './reconciled-row.ts';
import { daysApart } from './sides.ts';

/** Rows on each side up to which counterparts are looked for. */
export const PROPOSED_ROWS_MAX = 10_000;
/** Proposals of one row. */
const PROPOSALS_MAX = 3;
/** Rows of one amount that are looked at: where more are alike, an amount alone says nothing. */
const SAME_AMOUNT_MAX = 20;
const REF_MIN_CHARACTERS = 4;

/**
 * Proposes counterparts among rows that have none, for a person to judge; rows stay in their categories. A proposal has a
 * reference that is one slip away (a character more, less, other, or two swapped), or the same amount on a near day.
 * @param missing rows of `missing_in_ours` and of `missing_in_theirs`
 * @returns the rows with their proposals, in the same order
 */
export function propose(missing: readonly ReconciledRow[], windowDays: number): ReconciledRow[] {
  const theirs = missing.filter((row) => row.theirs !== null && row.ours === null);
  const ours = missing.filter((row) => row.ours !== null && row.theirs === null);
  if (theirs.length === 0 || ours.length === 0) return [...missing];
  const found = new Map<ReconciledRow, { readonly other: ReconciledRow; readonly because: ProposalReason[] }[]>();
  const index = indexOf(ours);
  for (const row of theirs) {
    for (const other of candidatesOf(row, index)) {
      const because = reasonsFor(row, other, windowDays);
      if (because === null) continue;
      found.set(row, [...(found.get(row) ?? []), { other, because }]);
      found.set(other, [...(found.get(other) ?? []), { other: row, because }]);
    }
  }
  return missing.map((row) => {
    const candidates = found.get(row) ?? [];
    const best = candidates.sort((a, b) => b.because.length - a.because.length || (a.other.id < b.other.id ? -1 : 1));
    return { ...row, proposals: best.slice(0, PROPOSALS_MAX).map(({ other, because }) => proposalOf(other, because)) };
  });
}

interface Index {
  readonly byAmount: ReadonlyMap<bigint, readonly ReconciledRow[]>;
  readonly bySlip: ReadonlyMap<string, readonly ReconciledRow[]>;
}

function indexOf(rows: readonly ReconciledRow[]): Index {
  const byAmount = new Map<bigint, ReconciledRow[]>();
  const bySlip = new Map<string, ReconciledRow[]>();
  for (const row of rows) {
    push(byAmount, row.ours?.amount ?? 0n, row);
    for (const slip of slipsOf(row.ref)) push(bySlip, slip, row);
  }
  return { byAmount, bySlip };
}

function candidatesOf(row: ReconciledRow, { byAmount, bySlip }: Index): Set<ReconciledRow> {
  const same = byAmount.get(row.theirs?.amount ?? 0n) ?? [];
  const candidates = new Set(same.length <= SAME_AMOUNT_MAX ? same : []);
  for (const slip of slipsOf(row.ref)) {
    for (const other of (bySlip.get(slip) ?? []).slice(0, SAME_AMOUNT_MAX)) candidates.add(other);
  }
  return candidates;
}

/** null = nothing speaks for it. */
function reasonsFor(row: ReconciledRow, other: ReconciledRow, windowDays: number): ProposalReason[] | null {
  const because: ProposalReason[] = [];
  const slip = slipBetween(row.ref ?? '', other.ref ?? '');
  if (slip !== null) because.push(slip);
  const isSame = row.theirs?.amount === other.ours?.amount;
  if (isSame) because.push('same_amount');
  const [a, b] = [row.theirs?.day, other.ours?.day];
  const isDated = typeof a === 'string' && typeof b === 'string';
  const isClose = isDated && daysApart(a, b) <= windowDays;
  if (isClose) because.push('near_date');
  return slip !== null || (isSame && isClose) ? because : null;
}

/** What two references have in common when they are one slip apart: each with one character left out. */
function slipsOf(ref: string | null): string[] {
  if (ref === null || ref.length < REF_MIN_CHARACTERS) return [];
  return [ref, ...Array.from(ref, (_, at) => ref.slice(0, at) + ref.slice(at + 1))];
}

/** The one slip that two references are apart; null = none, or more. */
export function slipBetween(a: string, b: string): ProposalReason | null {
  if (a === b || Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < REF_MIN_CHARACTERS) return null;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  if (a.length !== b.length) {
    const [long, short] = a.length > b.length ? [a, b] : [b, a];
    return long.slice(at + 1) === short.slice(at) ? 'one_character_off' : null;
  }
  if (a.slice(at + 1) === b.slice(at + 1)) return 'one_character_off';
  const isSwapped = a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
  return isSwapped ? 'two_characters_swapped' : null;
}

function proposalOf({ ref, ours, theirs }: ReconciledRow, because: readonly ProposalReason[]): Proposal {
  return {
    commission_id: ours?.commissions[0] ?? null,
    line: theirs?.lines[0] ?? null,
    ref,
    amount: ours?.amount ?? theirs?.amount ?? 0n,
    day: ours?.day ?? theirs?.day ?? null,
    because,
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
