import { matchRef } from '../../../../src/revenue/reconciliation/matching/match-ref.ts';
import type { MatchRules } from '../../../../src/revenue/reconciliation/matching/match-rules.ts';
import type { ReconciledRow } from '../../../../src/revenue/reconciliation/matching/reconciled-row.ts';
import type { KnownRef, OurLine } from '../../../../src/revenue/reconciliation/matching/sides.ts';
import type { TheirRow } from '../../../../src/revenue/reconciliation/reading/their-row.ts';

/** January in yuan, six per cent, no tolerance. */
export function rules(over: Partial<MatchRules> = {}): MatchRules {
  return {
    currency: 'CNY',
    tolerance: 0n,
    windowDays: 3,
    tax: { rate: '0.06', rounding: 'half_even' },
    isInPeriod: (day) => day.startsWith('2026-01'),
    ...over,
  };
}

let lines = 0;

export function their(amount: number, over: Partial<TheirRow> = {}): TheirRow {
  lines += 1;
  return { line: lines, ref: 'A', amount: BigInt(amount), currency: 'CNY', day: null, rate: null, ...over };
}

let ids = 0;

export function our(amount: number, over: Partial<OurLine> = {}): OurLine {
  ids += 1;
  return {
    id: `com_${String(ids).padStart(4, '0')}`,
    ref: 'A',
    amount: BigInt(amount),
    occurred: '2026-01-10',
    payable: '2026-01-10',
    rate: null,
    base: null,
    what: 'accrual loan.disbursed first',
    reverses: null,
    ...over,
  };
}

/** Matches what lies under one reference, with nothing else known of it. */
export function matchAll(
  theirs: readonly TheirRow[],
  ours: readonly OurLine[],
  over: Partial<MatchRules> = {},
  known: KnownRef = { lines: [], fact: null },
): ReconciledRow[] {
  return matchRef(theirs, ours, known, rules(over)) ?? [];
}
