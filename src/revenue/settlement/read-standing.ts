import type { LedgerReader } from '../ledger-reader.ts';
import type { Statement, StatementStatus } from '../statement.ts';
import { type Dispute, isOpen } from './dispute.ts';
import { type Share, settleStatements } from './settle-statements.ts';
import { noSettlement, type Settlement, type StatedPayment } from './settlement.ts';
import { statementStatus } from './statement-status.ts';

/** One statement with all that has happened to it since it was drafted. */
export interface StatementStanding {
  /** As it was drafted, or locked and signed. */
  readonly statement: Statement;
  readonly status: StatementStatus;
  readonly settlement: Settlement;
  readonly disputes: readonly Dispute[];
  /** Absent on drafts, and on carried ones that wait for the next that is issued. */
  readonly share: Share | undefined;
}

/** Everything between a counterparty and us about its statements, as of one moment. */
export interface Standing {
  /** By period, then contract: oldest first. */
  readonly statements: readonly StatementStanding[];
  readonly byId: ReadonlyMap<string, StatementStanding>;
  /** Oldest first. */
  readonly payments: readonly StatedPayment[];
  readonly disputes: readonly Dispute[];
  /** Prepaid, by contract; minor units. */
  readonly credits: ReadonlyMap<string, bigint>;
}

/**
 * Reads a counterparty's statements with where each stands. What is paid follows from payments and statements each time it
 * is asked: there is no second place that could say something else.
 */
export async function readStanding(reader: LedgerReader, partnerId: string): Promise<Standing> {
  const [statements, settlements, payments, disputes] = await Promise.all([
    reader.records<Statement>(partnerId, 'statements'),
    reader.records<Settlement>(partnerId, 'settlements'),
    reader.records<StatedPayment>(partnerId, 'payments'),
    reader.records<Dispute>(partnerId, 'disputes'),
  ]);
  statements.sort(inOrder(({ period, contract }) => `${period.id}|${contract}`));
  payments.sort(inOrder(({ paid_at, id }) => `${paid_at}|${id}`));
  disputes.sort(inOrder(({ opened_at, id }) => `${opened_at}|${id}`));
  const settled = new Map(settlements.map((settlement) => [settlement.statement_id, settlement]));
  const shares = new Map<string, Share>();
  const credits = new Map<string, bigint>();
  for (const contract of new Set(statements.map((statement) => statement.contract))) {
    const locked = statements.filter((one) => one.contract === contract && one.status !== 'draft');
    const own = payments.filter((payment) => payment.contract === contract);
    const result = settleStatements(locked, own);
    for (const [id, share] of result.shares) shares.set(id, share);
    credits.set(contract, result.credit);
  }
  const standings = statements.map((statement): StatementStanding => {
    const settlement = settled.get(statement.id) ?? noSettlement(statement.id);
    const own = disputes.filter((dispute) => dispute.statement_id === statement.id);
    const share = shares.get(statement.id);
    const status = statementStatus(statement, { settlement, share, openDisputes: own.filter(isOpen).length });
    return { statement, status, settlement, disputes: own, share };
  });
  return {
    statements: standings,
    byId: new Map(standings.map((standing) => [standing.statement.id, standing])),
    payments,
    disputes,
    credits,
  };
}

function inOrder<T>(keyOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
}
