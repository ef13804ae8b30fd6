import type { LineSums } from './line-sums.ts';
import type { Statement } from './statement.ts';

/** Something that must be equal and is not; minor units. */
export interface IdentityViolation {
  readonly identity: StatementIdentity;
  readonly expected: bigint;
  readonly found: bigint;
}

export type StatementIdentity =
  | 'closing'
  | 'pending_closing'
  | 'lines_total'
  | 'accruals'
  | 'adjustments'
  | 'lines_count'
  | 'ledger_balance'
  | 'pending_balance';

/** What else is at hand to hold a statement against. */
export interface IdentityEvidence {
  readonly lines?: LineSums;
  /** Balance of `stated` after the lock. */
  readonly ledgerBalanceMinor?: bigint;
  /** Balance of `pending` at the end of the period. */
  readonly pendingBalanceMinor?: bigint;
}

/**
 * The identities of a statement that do not hold, to the minor unit:
 * opening + accruals + adjustments + tax − withheld − payments = closing (= ledger balance);
 * pending.opening + added − released − voided = pending.closing (= ledger balance);
 * accruals + adjustments = Σ lines, each with its own kinds, and as many lines as it says.
 */
export function checkIdentities(statement: Statement, evidence: IdentityEvidence = {}): IdentityViolation[] {
  const { pending } = statement;
  const net = BigInt(statement.accruals) + BigInt(statement.adjustments);
  const closing =
    BigInt(statement.opening) + net + BigInt(statement.tax) - BigInt(statement.withheld) - BigInt(statement.payments);
  const pendingClosing =
    BigInt(pending.opening) + BigInt(pending.added) - BigInt(pending.released) - BigInt(pending.voided);
  const found: [StatementIdentity, bigint, bigint][] = [
    ['closing', closing, BigInt(statement.closing)],
    ['pending_closing', pendingClosing, BigInt(pending.closing)],
  ];
  if (evidence.lines !== undefined) {
    const { accruals, adjustments, count } = evidence.lines;
    found.push(
      ['lines_total', accruals + adjustments, net],
      ['accruals', accruals, BigInt(statement.accruals)],
      ['adjustments', adjustments, BigInt(statement.adjustments)],
      ['lines_count', BigInt(count), BigInt(statement.lines_count)],
    );
  }
  if (evidence.ledgerBalanceMinor !== undefined) {
    found.push(['ledger_balance', evidence.ledgerBalanceMinor, BigInt(statement.closing)]);
  }
  if (evidence.pendingBalanceMinor !== undefined) {
    found.push(['pending_balance', evidence.pendingBalanceMinor, BigInt(pending.closing)]);
  }
  return found
    .filter(([, expected, actual]) => expected !== actual)
    .map(([identity, expected, actual]) => ({ identity, expected, found: actual }));
}
