import { checkIdentities } from '../check-identities.ts';
import { statementLineOf } from '../commission-line.ts';
import type { LedgerEntry } from '../ledger-entry.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import { LineSummer } from '../line-sums.ts';
import type { ClosingRecord, PeriodRecord } from '../period-record.ts';
import type { PeriodStore } from '../period-store.ts';
import { isSignedAs, statementDigest } from '../sign-statement.ts';
import type { Statement } from '../statement.ts';
import { signatureOf, type VerifyStatementInput } from '../verify-statement.ts';
import type { Differences } from './differences.ts';

export interface StatementCheckDeps {
  readonly store: LedgerReader;
  readonly periods: PeriodStore;
  readonly jwks?: VerifyStatementInput['jwks'] | undefined;
  readonly differences: Differences;
}

/**
 * Holds locked periods and statements against the entries that locked them, their signatures and their lines.
 * @param locks by statement id
 * @returns how many locked statements there are
 */
export async function checkStatements(
  deps: StatementCheckDeps,
  partnerId: string,
  locks: ReadonlyMap<string, LedgerEntry>,
): Promise<number> {
  const check = new StatementCheck(deps, partnerId, locks);
  await check.comparePeriods();
  await check.compareStatements();
  return check.statements;
}

function isLocked(record: PeriodRecord): record is ClosingRecord {
  return record.state === 'locked';
}

class StatementCheck {
  statements = 0;
  readonly #deps: StatementCheckDeps;
  readonly #partnerId: string;
  readonly #locks: Map<string, LedgerEntry>;

  constructor(deps: StatementCheckDeps, partnerId: string, locks: ReadonlyMap<string, LedgerEntry>) {
    this.#deps = deps;
    this.#partnerId = partnerId;
    this.#locks = new Map(locks);
  }

  /** What an entry locked is locked, under the revision that was locked. */
  async comparePeriods(): Promise<void> {
    const records = await this.#deps.periods.records(this.#partnerId);
    const locked = new Map(records.filter(isLocked).map((record) => [record.statement_id, record]));
    for (const [id, { ref, contract, period }] of this.#locks) {
      const record = locked.get(id);
      locked.delete(id);
      const isSame = record?.contract === contract && record.id === period && record.revision === ref.revision;
      if (!isSame)
        this.#deps.differences.add('period', `${contract} ${period}`, 'is not in the state in which it was locked');
    }
    for (const { contract, id } of locked.values())
      this.#deps.differences.add('period', `${contract} ${id}`, 'no entry locked it');
  }

  async compareStatements(): Promise<void> {
    const closings = new Map<string, number>();
    const statements = await this.#deps.periods.statements(this.#partnerId);
    for (const statement of statements.reverse()) {
      if (statement.status === 'draft') continue;
      this.statements += 1;
      const lock = this.#locks.get(statement.id);
      this.#locks.delete(statement.id);
      if (lock?.hash !== statement.ledger_head) {
        this.#deps.differences.add('statement', statement.id, 'ledger_head is not the entry that locked it');
      }
      if (lock?.ref.statement_sha256 !== statementDigest(statement)) {
        this.#deps.differences.add('statement', statement.id, 'is not what was locked');
      }
      if (
        !isSignedAs(statement.jws ?? '', statement) ||
        signatureOf(statement, this.#deps.jwks?.keys ?? []) === 'bad'
      ) {
        this.#deps.differences.add('statement', statement.id, 'is not what was signed');
      }
      const opening = closings.get(statement.contract) ?? 0;
      if (statement.opening !== opening) {
        this.#deps.differences.add(
          'statement',
          statement.id,
          `opens with ${statement.opening}, the one before closed with ${opening}`,
        );
      }
      closings.set(statement.contract, statement.closing);
      await this.#compareStatementLines(statement);
    }
    for (const id of this.#locks.keys())
      this.#deps.differences.add('statement', id, 'an entry locked it, and it is not stored');
  }

  async #compareStatementLines(statement: Statement): Promise<void> {
    const summer = new LineSummer();
    const period = this.#deps.store.linesOfPeriod(this.#partnerId, statement.contract, statement.period.id);
    for await (const line of period) {
      if (line.period !== statement.period.id) {
        this.#deps.differences.add('statement', statement.id, `lists ${line.id}, which is of period ${line.period}`);
        continue;
      }
      summer.add(statementLineOf(line));
    }
    const lines = summer.sums();
    if (lines.sha256 !== statement.lines_sha256) {
      this.#deps.differences.add('statement', statement.id, 'its lines are no longer those that were signed');
    }
    for (const { identity, expected, found } of checkIdentities(statement, { lines })) {
      this.#deps.differences.add('statement', statement.id, `${identity}: ${found} stated, ${expected} by its lines`);
    }
  }
}
