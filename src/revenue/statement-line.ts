/**
 * One commission line on a statement, as the JSON rows show it; the CSV has the same columns in the same order, with
 * `base` and `amount` in major units. Absent values are null, never an empty text.
 */
export interface StatementLine {
  readonly commission_id: string;
  /** Period of the statement. */
  readonly period: string;
  readonly kind: StatementLineKind;
  readonly rule: string | null;
  readonly on: string | null;
  readonly partner_ref: string | null;
  readonly application_id: string | null;
  readonly loan_id: string | null;
  readonly lender_ref: string | null;
  readonly payment_ref: string | null;
  /** RFC 3339 UTC. */
  readonly occurred_at: string;
  /** RFC 3339 UTC. */
  readonly payable_at: string;
  /** Minor units. */
  readonly base: number | null;
  /** Percent. */
  readonly rate: string | null;
  /** Signed minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly reverses: string | null;
  readonly reason: string | null;
}

export const STATEMENT_LINE_KINDS = ['accrual', 'clawback', 'correction', 'dispute', 'true_up', 'manual'] as const;
export type StatementLineKind = (typeof STATEMENT_LINE_KINDS)[number];

/** Columns in the order of the CSV. */
export const STATEMENT_LINE_COLUMNS = [
  'commission_id',
  'period',
  'kind',
  'rule',
  'on',
  'partner_ref',
  'application_id',
  'loan_id',
  'lender_ref',
  'payment_ref',
  'occurred_at',
  'payable_at',
  'base',
  'rate',
  'amount',
  'currency',
  'reverses',
  'reason',
] as const satisfies readonly (keyof StatementLine)[];

/** Whether a line counts as accrual on the statement; every other kind is an adjustment. */
export function isAccrual(kind: StatementLineKind): boolean {
  return kind === 'accrual' || kind === 'true_up';
}

/** The one order of lines: by payable_at, then by id. Both are ASCII, so plain comparison is the same everywhere. */
export function compareStatementLines(a: StatementLine, b: StatementLine): number {
  if (a.payable_at !== b.payable_at) return a.payable_at < b.payable_at ? -1 : 1;
  if (a.commission_id === b.commission_id) return 0;
  return a.commission_id < b.commission_id ? -1 : 1;
}
