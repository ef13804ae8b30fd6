import { isoOf } from '../base/clock.ts';
import { account, applyTransfers, type Book, lockStatement } from './accounts.ts';
import { checkIdentities } from './check-identities.ts';
import type { Blocker, CloseOutcome } from './close-outcome.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { transfersOf } from './ledger-entry.ts';
import type { ClosingRecord, NO_MOVEMENTS } from './period-record.ts';
import type { ContractPeriods } from './period-store.ts';
import { type CompactJwsSigner, signStatement, statementDigest } from './sign-statement.ts';
import { buildStatement, deductionsOn, type Statement, statusAtLock } from './statement.ts';
import { type StatementFacts, statementInput, termsOfPeriod } from './statement-basis.ts';

export interface LockFacts extends StatementFacts {
  /** Balances before the lock. */
  readonly balances: ReadonlyMap<string, bigint>;
  readonly actor: string;
  readonly sign: CompactJwsSigner;
}

/**
 * Adds the lock of a period in review to a batch: one entry that makes its lines stated and posts tax and withholding, the
 * signed statement, the record. Blocked, with nothing to be written, when an identity does not hold.
 */
export function planLock(batch: LedgerBatch, facts: LockFacts): Exclude<CloseOutcome, { result: 'refused' }> {
  const { record, period, versions, now } = facts;
  const terms = termsOfPeriod(versions, period);
  const book: Book = { contract: terms.contract, currency: terms.currency };
  const issuedAtMs = batch.atMs;
  const sums = buildStatement(statementInput(facts, { status: 'issued', issuedAtMs, ledgerHead: now.head.hash }));
  const net = BigInt(sums.accruals) + BigInt(sums.adjustments);
  const status = statusAtLock(BigInt(sums.closing), terms);
  const entry = batch.post({
    id: record.statement_id,
    kind: 'lock',
    book,
    effectiveAtMs: issuedAtMs,
    period: record.id,
    transfers: lockStatement(book, { lines: net, ...deductionsOn(net, terms) }),
    ref: {
      statement_id: record.statement_id,
      revision: record.revision,
      statement_sha256: statementDigest({ ...sums, status }),
      lines_count: sums.lines_count,
      lines_sha256: sums.lines_sha256,
      opening: sums.opening,
      closing: sums.closing,
      by: facts.actor,
    },
  });
  // The head is the lock's own entry: the statement is anchored in the chain, and the chain names the statement.
  const statement = buildStatement(statementInput(facts, { status, issuedAtMs, ledgerHead: entry.hash }));
  const after = applyTransfers(transfersOf(entry), facts.balances);
  const blockers = identityBlockers(statement, facts, {
    ledgerBalanceMinor: (after.get(account(book, 'stated')) ?? 0n) + paidAfter(now, record.id),
    pendingBalanceMinor: (after.get(account(book, 'pending')) ?? 0n) - heldAfter(now, record.id),
  });
  if (blockers.length > 0) return { result: 'blocked', blockers };
  const signed = signStatement(statement, facts.sign);
  const lockedRecord: ClosingRecord = {
    ...record,
    state: 'locked',
    locked_by: facts.actor,
    locked_at: isoOf(issuedAtMs),
  };
  batch.setStatement(signed);
  batch.tell({ type: 'statement.issued', about: signed.id });
  batch.setPeriod(lockedRecord);
  return { result: 'done', statement: signed };
}

/** No operator can waive these: a statement that does not add up is never issued. */
function identityBlockers(
  statement: Statement,
  { lines }: StatementFacts,
  balances: { ledgerBalanceMinor: bigint; pendingBalanceMinor: bigint },
): Blocker[] {
  return checkIdentities(statement, { lines, ...balances }).map(({ identity, expected, found }) => ({
    code: `identity_${identity}`,
    count: 1,
    detail: `${identity}: ${expected} by the ledger, ${found} on the statement; run sluice ledger check`,
  }));
}

/** Paid out and withheld in later periods, which the balance of `stated` already lacks. */
function paidAfter(now: ContractPeriods, id: string): bigint {
  return sumAfter(now, id, ({ payments, withheld }) => payments + withheld);
}

/** What later periods have added to the balance of `pending`. */
function heldAfter(now: ContractPeriods, id: string): bigint {
  return sumAfter(now, id, ({ added, released, voided }) => added - released - voided);
}

function sumAfter(now: ContractPeriods, id: string, value: (moved: typeof NO_MOVEMENTS) => bigint): bigint {
  let sum = 0n;
  for (const [period, moved] of now.movements) if (period > id) sum += value(moved);
  return sum;
}
