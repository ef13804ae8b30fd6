import type { CommissionLine } from './commission-line.ts';

/** What one rule came to on a statement. */
export interface RuleSum {
  readonly kind: CommissionLine['kind'];
  readonly rule: string | null;
  readonly on: string | null;
  readonly count: number;
  /** Minor units. */
  readonly base: bigint;
  /** Signed minor units. */
  readonly amount: bigint;
}

/** Kinds in the order in which finance reads them. */
const KINDS: readonly CommissionLine['kind'][] = ['accrual', 'true_up', 'clawback', 'correction', 'dispute', 'manual'];

/** Adds lines up by kind, rule and event: of a million of them nothing else is kept. */
export async function summariseLines(lines: AsyncIterable<CommissionLine>): Promise<RuleSum[]> {
  const sums = new Map<string, RuleSum>();
  for await (const { kind, rule, on, base, amount } of lines) {
    const key = `${kind}|${rule}|${on}`;
    const sum = sums.get(key) ?? { kind, rule, on, count: 0, base: 0n, amount: 0n };
    sums.set(key, {
      ...sum,
      count: sum.count + 1,
      base: sum.base + BigInt(base ?? 0),
      amount: sum.amount + BigInt(amount),
    });
  }
  return [...sums.values()].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (`${a.rule}|${a.on}` < `${b.rule}|${b.on}` ? -1 : 1),
  );
}
