import { statementLineOf } from './commission-line.ts';
import type { LedgerReader } from './ledger-reader.ts';
import { LineSummer, type LineSums } from './line-sums.ts';
import { type ClosingRecord, NO_MOVEMENTS } from './period-record.ts';
import type { ContractPeriods } from './period-store.ts';
import type { Period } from './periods.ts';
import { buildStatement, type Statement, type StatementInput } from './statement.ts';
import type { StatementLine } from './statement-line.ts';
import type { ContractTerms } from './terms.ts';
import { versionInForce } from './version-in-force.ts';

/** Everything that a statement of a closing period says. */
export interface StatementFacts {
  readonly versions: readonly ContractTerms[];
  readonly period: Period;
  readonly now: ContractPeriods;
  readonly record: ClosingRecord;
  readonly lines: LineSums;
  /** The contract's statement before this one. */
  readonly previous: Statement | undefined;
}

/** Sums of a period's lines, added up again only when its revision has changed: in between they cannot change. */
export interface StatementBasis {
  sumsAt(revision: number): Promise<LineSums>;
}

/** Adds up the lines of a period page by page, none of them kept. */
export function statementBasis(
  reader: LedgerReader,
  partnerId: string,
  contract: string,
  periodId: string,
): StatementBasis {
  let known: { revision: number; sums: LineSums } | undefined;
  return {
    async sumsAt(revision) {
      if (known?.revision === revision) return known.sums;
      const summer = new LineSummer();
      for await (const line of reader.linesOfPeriod(partnerId, contract, periodId)) summer.add(statementLineOf(line));
      known = { revision, sums: summer.sums() };
      return known.sums;
    },
  };
}

/** The lines of a statement in their order, page by page. */
export async function* statementLines(
  reader: LedgerReader,
  partnerId: string,
  { contract, period }: Pick<Statement, 'contract' | 'period'>,
): AsyncGenerator<StatementLine> {
  for await (const line of reader.linesOfPeriod(partnerId, contract, period.id)) yield statementLineOf(line);
}

/** The statement of a period in review, unsigned. */
export function draftStatement(facts: StatementFacts): Statement {
  return buildStatement(statementInput(facts, { status: 'draft', issuedAtMs: null, ledgerHead: facts.now.head.hash }));
}

/** What `buildStatement` takes, from what the period's record, counters and predecessor say. */
export function statementInput(
  { now, record, lines, previous, period, versions }: StatementFacts,
  issue: Pick<StatementInput, 'status' | 'issuedAtMs' | 'ledgerHead'>,
): StatementInput {
  const moved = now.movements.get(record.id) ?? NO_MOVEMENTS;
  return {
    id: record.statement_id,
    terms: termsOfPeriod(versions, period),
    period,
    revision: record.revision,
    lines,
    openingMinor: BigInt(previous?.closing ?? 0),
    paymentsMinor: moved.payments,
    withheldAtPaymentMinor: moved.withheld,
    pending: {
      openingMinor: BigInt(previous?.pending.closing ?? 0),
      addedMinor: moved.added,
      releasedMinor: moved.released,
      voidedMinor: moved.voided,
    },
    ...issue,
  };
}

/** The version in force when the period ends; its tax, days and minimum count. */
export function termsOfPeriod(versions: readonly ContractTerms[], period: Period): ContractTerms {
  const terms = versionInForce(versions, period.toMs - 1) ?? versions[0];
  if (terms === undefined) throw new RangeError('a contract has at least one version');
  return terms;
}
