import { isoOf } from '../../base/clock.ts';
import type { CommissionLine } from '../commission-line.ts';
import { adjust } from '../settlement/adjust.ts';
import { openDispute } from '../settlement/open-dispute.ts';
import type { ContractTerms } from '../terms.ts';
import { disputeWishOf } from './dispute-wish.ts';
import type { RefFacts } from './known-refs.ts';
import { allRows, type ShownRow } from './list-rows.ts';
import type { Category, Explanation } from './matching/reconciled-row.ts';
import type { ReconciliationDeskDeps } from './reconciliation-desk.ts';
import type { ReconciliationReport } from './report.ts';
import {
  issueOf,
  type ResolveAction,
  type RowResolution,
  type UnresolvedReason,
  whyNotResolved,
} from './resolution.ts';
import { StatementMovedError } from './statement-moved-error.ts';

/** Rows resolved by one request. */
export const RESOLVED_ROWS_MAX = 1_000;

export interface ResolveWish {
  /** Ids of rows; null = all of a category. */
  readonly rows: readonly string[] | null;
  readonly category: Category | undefined;
  readonly explanation: Explanation | undefined;
  readonly action: ResolveAction;
  /** Largest difference that is written off, minor units. */
  readonly limit: number;
  readonly reason: string;
  /** Name of the operator. */
  readonly by: string;
}

export interface ResolveOutcome {
  readonly resolved: readonly { readonly row: string; readonly resolution: RowResolution }[];
  /** Rows that were resolved like this before. */
  readonly already: number;
  readonly skipped: readonly { readonly row: string; readonly why: UnresolvedReason }[];
  /** Ids that the report does not have. */
  readonly unknown: readonly string[];
  /** Lines that stand for the rows; booked now or before. */
  readonly lines: readonly CommissionLine[];
  readonly disputeId: string | null;
  /** Whether more rows of the category are open: ask again. */
  readonly more: boolean;
}

/**
 * Resolves rows of a report, singly or by category. What is accepted is booked as a correction of the line that it is about, or
 * of the statement where there is none: once for each issue, however often and in whichever report it is resolved.
 * @param versions all versions of the statement's contract
 */
export async function resolveRows(
  deps: ReconciliationDeskDeps,
  counterpartyId: string,
  report: ReconciliationReport,
  wish: ResolveWish,
  versions: readonly ContractTerms[],
): Promise<ResolveOutcome> {
  const { rows, skipped, unknown, already, more } = await rowsToResolve(deps, counterpartyId, report, wish);
  const work = new Resolving(deps, counterpartyId, report, wish, versions);
  const disputeId = wish.action === 'dispute' ? await work.dispute(rows) : null;
  for (const row of rows) await work.resolve(row, disputeId);
  return {
    resolved: work.resolved,
    already: already + work.already,
    skipped: [...skipped, ...work.skipped],
    unknown,
    lines: work.lines,
    disputeId,
    more,
  };
}

/** The rows that a wish is about and that can be resolved so; of a category the next that are open. */
async function rowsToResolve(
  deps: ReconciliationDeskDeps,
  counterpartyId: string,
  report: ReconciliationReport,
  { rows: ids, category, explanation, action, limit }: ResolveWish,
) {
  const wanted = ids === null ? null : new Set(ids);
  const rows: ShownRow[] = [];
  const skipped: { row: string; why: UnresolvedReason }[] = [];
  let already = 0;
  let more = false;
  for await (const row of allRows(deps, counterpartyId, report, { category, explanation })) {
    if (wanted !== null && !wanted.delete(row.id)) continue;
    if (rows.length + skipped.length >= RESOLVED_ROWS_MAX) {
      more = true;
      break;
    }
    // Of a category those that are done are behind us; one that is named is looked at again, it may have been cut off.
    const isSettled = row.resolution !== null && isDone(row.resolution) && (wanted === null || action === 'dispute');
    if (isSettled) already += 1;
    else {
      const why = whyNotResolved(row, action, limit);
      if (why === null) rows.push(row);
      else skipped.push({ row: row.id, why });
    }
    if (wanted?.size === 0) break;
  }
  return { rows, skipped, already, more, unknown: [...(wanted ?? [])] };
}

/** Taken and carried out: what books has its line. */
function isDone({ action, amount, adjustment_id }: RowResolution): boolean {
  const books = action === 'accept_theirs' || action === 'write_off';
  return !books || amount === 0 || adjustment_id !== null;
}

class Resolving {
  readonly resolved: { row: string; resolution: RowResolution }[] = [];
  readonly skipped: { row: string; why: UnresolvedReason }[] = [];
  readonly lines: CommissionLine[] = [];
  already = 0;
  readonly #deps: ReconciliationDeskDeps;
  readonly #counterpartyId: string;
  readonly #report: ReconciliationReport;
  readonly #wish: ResolveWish;
  readonly #versions: readonly ContractTerms[];

  constructor(
    deps: ReconciliationDeskDeps,
    counterpartyId: string,
    report: ReconciliationReport,
    wish: ResolveWish,
    versions: readonly ContractTerms[],
  ) {
    this.#deps = deps;
    this.#counterpartyId = counterpartyId;
    this.#report = report;
    this.#wish = wish;
    this.#versions = versions;
  }

  async resolve(row: ShownRow, disputeId: string | null): Promise<void> {
    const { reports } = this.#deps;
    const issue = issueOf(row);
    const wished = this.#resolutionOf(row, disputeId);
    const { isOurs, resolution } = await reports.claim(this.#counterpartyId, this.#report.statement_id, issue, wished);
    if (resolution.action !== wished.action || resolution.amount !== wished.amount) {
      this.skipped.push({ row: row.id, why: 'resolved_otherwise' });
      return;
    }
    // Also where it was taken before: whoever took it may have been cut off, and booking twice is booking once.
    const line = resolution.amount === 0 ? null : await this.#book(row, issue, resolution);
    const settled = { ...resolution, adjustment_id: line?.id ?? null };
    if (line !== null) this.lines.push(line);
    if (isOurs || settled.adjustment_id !== resolution.adjustment_id) {
      await reports.settle(this.#counterpartyId, this.#report.statement_id, [[issue, settled]]);
    }
    if (isOurs) this.resolved.push({ row: row.id, resolution: settled });
    else this.already += 1;
  }

  /** One dispute for all of the rows; null where there is none to open. */
  async dispute(rows: readonly ShownRow[]): Promise<string | null> {
    const { ledger, clock } = this.#deps;
    const { statement_id: statementId, revision } = this.#report;
    const lines = rows.map((row) => disputeWishOf(row, this.#report.mapping.ref_kind, this.#wish.reason));
    if (lines.length === 0) return null;
    const wish = { revision, lines };
    const outcome = await openDispute(ledger, this.#counterpartyId, statementId, wish, clock.nowMs());
    if (outcome.result === 'opened' || outcome.result === 'exists') return outcome.dispute.id;
    throw new StatementMovedError(outcome.result);
  }

  #resolutionOf({ difference }: ShownRow, disputeId: string | null): RowResolution {
    const { action, reason, by } = this.#wish;
    return {
      action,
      reconciliation_id: this.#report.id,
      amount: action === 'accept_theirs' || action === 'write_off' ? difference : 0,
      adjustment_id: null,
      dispute_id: disputeId,
      reason,
      by,
      at: isoOf(this.#deps.clock.nowMs()),
    };
  }

  async #book(row: ShownRow, issue: string, { amount, reason, by }: RowResolution): Promise<CommissionLine> {
    const { ledger, clock } = this.#deps;
    const { id, statement_id: statementId } = this.#report;
    const commission = row.ours?.commission_ids[0];
    const wish = {
      amount,
      reason: `reconciliation ${id}, ${row.category}: ${reason}`,
      refersTo: commission ?? statementId,
      reference: `reconciliation ${statementId} ${issue}`,
      by,
      ...(commission === undefined ? { about: await this.#about(row) } : {}),
    };
    const outcome = await adjust(ledger, this.#counterpartyId, this.#versions, wish, clock.nowMs());
    if (outcome.result === 'created' || outcome.result === 'exists') return outcome.line;
    throw new StatementMovedError(outcome.result);
  }

  /** What a line that is missing is about, so that the next reconciliation finds it. */
  async #about({ ref }: ShownRow) {
    const { ref_kind: kind } = this.#report.mapping;
    if (ref === null || kind === 'commission_id') return {};
    const { applicationId }: RefFacts = await this.#deps.lookup.find(this.#counterpartyId, kind, ref);
    return { application_id: applicationId, ...(kind === 'application_id' ? {} : { [kind]: ref }) };
  }
}
