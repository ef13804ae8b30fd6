import { applyTransfers } from './accounts.ts';
import { checkIdentities } from './check-identities.ts';
import { type CommissionLine, statementLineOf } from './commission-line.ts';
import { checkLink, GENESIS_HEAD, type LedgerEntry, transfersOf } from './ledger-entry.ts';
import type { LedgerReader } from './ledger-reader.ts';
import { differencesFromEntry } from './line-entry.ts';
import { LineSummer } from './line-sums.ts';
import type { ClosingRecord, PeriodRecord } from './period-record.ts';
import type { PeriodStore } from './period-store.ts';
import { type ReplayedLine, replayLine } from './replay-line.ts';
import { isSignedAs, statementDigest } from './sign-statement.ts';
import type { Statement } from './statement.ts';
import { signatureOf, type VerifyStatementInput } from './verify-statement.ts';

/** Something that the ledger says one way and the data beside it another. */
export interface LedgerDifference {
  /** Stable: `chain`, `head`, `balance`, `line`, `line_missing`, `line_unknown`, `index`, `period`,
   * `statement`. */
  readonly what: string;
  readonly where: string;
  readonly detail: string;
}

export interface LedgerReport {
  readonly partnerId: string;
  readonly entries: number;
  readonly lines: number;
  readonly statements: number;
  readonly differences: readonly LedgerDifference[];
  /** More than were kept. */
  readonly differencesTotal: number;
}

export interface CheckLedgerDeps {
  readonly store: LedgerReader;
  readonly periods: PeriodStore;
  /** Our public keys: signatures by them are verified too. */
  readonly jwks?: VerifyStatementInput['jwks'];
  /** Told now and then how many entries were read, of how many. */
  progress?(done: number, total: number): void;
}

const KEPT_DIFFERENCES = 100;
const PROGRESS_EVERY = 1_000;

/**
 * Replays a counterparty's whole chain and holds everything else against it: balances, every commission line, every locked
 * statement. Postings made meanwhile would look like differences: check a ledger that is at rest.
 */
export async function checkLedger(deps: CheckLedgerDeps, partnerId: string): Promise<LedgerReport> {
  const check = new LedgerCheck(deps, partnerId);
  await check.replay();
  await check.compareBalances();
  await check.compareLines();
  await check.compareIndexes();
  await check.comparePeriods();
  await check.compareStatements();
  return check.report();
}

function isLocked(record: PeriodRecord): record is ClosingRecord {
  return record.state === 'locked';
}

class LedgerCheck {
  readonly #deps: CheckLedgerDeps;
  readonly #partnerId: string;
  readonly #lines = new Map<string, ReplayedLine>();
  readonly #locks = new Map<string, LedgerEntry>();
  readonly #differences: LedgerDifference[] = [];
  #differencesTotal = 0;
  #balances = new Map<string, bigint>();
  #head = GENESIS_HEAD;
  #counts = { entries: 0, lines: 0, statements: 0 };

  constructor(deps: CheckLedgerDeps, partnerId: string) {
    this.#deps = deps;
    this.#partnerId = partnerId;
  }

  report(): LedgerReport {
    const counts = this.#counts;
    return {
      partnerId: this.#partnerId,
      ...counts,
      differences: this.#differences,
      differencesTotal: this.#differencesTotal,
    };
  }

  /** Follows the chain link by link, adding up balances and what became of each line. */
  async replay(): Promise<void> {
    const { store, progress } = this.#deps;
    const { head } = await store.readBook(this.#partnerId);
    const ids = new Set<string>();
    for await (const entry of store.entries(this.#partnerId)) {
      const problem = checkLink(this.#head, entry) ?? (ids.has(entry.id) ? 'duplicate_id' : null);
      if (problem !== null) this.#differ('chain', `entry ${entry.seq}`, problem);
      ids.add(entry.id);
      // Going on from what the entry claims finds every further fault, not only the first.
      this.#head = { seq: entry.seq, hash: entry.hash };
      this.#balances = applyTransfers(transfersOf(entry), this.#balances);
      if (entry.kind === 'lock') this.#locks.set(entry.id, entry);
      else replayLine(this.#lines, entry);
      this.#counts.entries += 1;
      if (this.#counts.entries % PROGRESS_EVERY === 0) progress?.(this.#counts.entries, head.seq);
    }
    if (this.#head.seq !== head.seq || this.#head.hash !== head.hash) {
      this.#differ('head', 'book', `the chain ends at ${this.#head.seq}, the book says ${head.seq}`);
    }
    progress?.(this.#counts.entries, this.#counts.entries);
  }

  async compareBalances(): Promise<void> {
    const stored = await this.#deps.store.balances(this.#partnerId);
    for (const account of new Set([...stored.keys(), ...this.#balances.keys()])) {
      const [expected, found] = [this.#balances.get(account) ?? 0n, stored.get(account) ?? 0n];
      if (expected !== found) this.#differ('balance', account, `${expected} by the entries, ${found} stored`);
    }
  }

  async compareLines(): Promise<void> {
    const seen = new Set<string>();
    for await (const line of this.#deps.store.allLines(this.#partnerId)) {
      if (seen.has(line.id)) continue;
      seen.add(line.id);
      this.#counts.lines += 1;
      const replayed = this.#lines.get(line.id);
      if (replayed === undefined) this.#differ('line_unknown', line.id, 'no entry booked it');
      else this.#compareLine(line, replayed);
    }
    for (const id of this.#lines.keys()) {
      if (!seen.has(id)) this.#differ('line_missing', id, 'an entry booked it, and it is not stored');
    }
  }

  /** A line that an index lacks would be on no statement, or never be released. */
  async compareIndexes(): Promise<void> {
    const lines = [...this.#lines.values()];
    const expected = {
      linesByTime: lines.length,
      linesByPeriod: lines.filter(({ status }) => status === 'payable').length,
      holds: lines.filter(({ status }) => status === 'pending').length,
    };
    for (const [name, found] of Object.entries(await this.#deps.store.indexSizes(this.#partnerId))) {
      const wanted = expected[name as keyof typeof expected];
      if (found !== wanted) this.#differ('index', name, `${wanted} lines by the entries, ${found} listed`);
    }
  }

  /** What an entry locked is locked, under the revision that was locked. */
  async comparePeriods(): Promise<void> {
    const records = await this.#deps.periods.records(this.#partnerId);
    const locked = new Map(records.filter(isLocked).map((record) => [record.statement_id, record]));
    for (const [id, { ref, contract, period }] of this.#locks) {
      const record = locked.get(id);
      locked.delete(id);
      const isSame = record?.contract === contract && record.id === period && record.revision === ref.revision;
      if (!isSame) this.#differ('period', `${contract} ${period}`, 'is not in the state in which it was locked');
    }
    for (const { contract, id } of locked.values()) this.#differ('period', `${contract} ${id}`, 'no entry locked it');
  }

  async compareStatements(): Promise<void> {
    const closings = new Map<string, number>();
    const statements = await this.#deps.periods.statements(this.#partnerId);
    for (const statement of statements.reverse()) {
      if (statement.status === 'draft') continue;
      this.#counts.statements += 1;
      const lock = this.#locks.get(statement.id);
      this.#locks.delete(statement.id);
      if (lock?.hash !== statement.ledger_head) {
        this.#differ('statement', statement.id, 'ledger_head is not the entry that locked it');
      }
      if (lock?.ref.statement_sha256 !== statementDigest(statement)) {
        this.#differ('statement', statement.id, 'is not what was locked');
      }
      if (
        !isSignedAs(statement.jws ?? '', statement) ||
        signatureOf(statement, this.#deps.jwks?.keys ?? []) === 'bad'
      ) {
        this.#differ('statement', statement.id, 'is not what was signed');
      }
      const opening = closings.get(statement.contract) ?? 0;
      if (statement.opening !== opening) {
        this.#differ(
          'statement',
          statement.id,
          `opens with ${statement.opening}, the one before closed with ${opening}`,
        );
      }
      closings.set(statement.contract, statement.closing);
      await this.#compareStatementLines(statement);
    }
    for (const id of this.#locks.keys()) this.#differ('statement', id, 'an entry locked it, and it is not stored');
  }

  async #compareStatementLines(statement: Statement): Promise<void> {
    const summer = new LineSummer();
    const period = this.#deps.store.linesOfPeriod(this.#partnerId, statement.contract, statement.period.id);
    for await (const line of period) {
      if (line.period !== statement.period.id) {
        this.#differ('statement', statement.id, `lists ${line.id}, which is of period ${line.period}`);
        continue;
      }
      summer.add(statementLineOf(line));
    }
    const lines = summer.sums();
    if (lines.sha256 !== statement.lines_sha256) {
      this.#differ('statement', statement.id, 'its lines are no longer those that were signed');
    }
    for (const { identity, expected, found } of checkIdentities(statement, { lines })) {
      this.#differ('statement', statement.id, `${identity}: ${found} stated, ${expected} by its lines`);
    }
  }

  #compareLine(line: CommissionLine, replayed: ReplayedLine): void {
    const differing = differencesFromEntry(line, replayed.entry);
    if (BigInt(line.amount) !== replayed.amount) differing.push('amount');
    if (BigInt(line.clawed_back) !== replayed.clawedBack) differing.push('clawed_back');
    if (line.status !== replayed.status) differing.push('status');
    if (line.period !== replayed.period) differing.push('period');
    if (line.original_period !== replayed.originalPeriod) differing.push('original_period');
    if (line.pending_period !== replayed.pendingPeriod) differing.push('pending_period');
    if (line.reason !== replayed.reason) differing.push('reason');
    if (differing.length > 0) this.#differ('line', line.id, `${differing.join(', ')} are not as booked`);
  }

  #differ(what: string, where: string, detail: string): void {
    this.#differencesTotal += 1;
    if (this.#differences.length < KEPT_DIFFERENCES) this.#differences.push({ what, where, detail });
  }
}
