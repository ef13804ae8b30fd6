import type { Statement } from './statement.ts';
import { STATEMENT_LINE_COLUMNS, STATEMENT_LINE_KINDS, type StatementLine } from './statement-line.ts';

const MONEY_FIELDS = ['opening', 'accruals', 'adjustments', 'tax', 'withheld', 'payments', 'closing', 'lines_count'];
const TEXT_FIELDS = ['id', 'contract', 'payer', 'status', 'currency', 'lines_sha256', 'ledger_head'];
const PENDING_FIELDS = ['opening', 'added', 'released', 'voided', 'closing'];
const PERIOD_FIELDS = ['id', 'from', 'to', 'timezone'];
const LINE_TEXT_FIELDS = ['commission_id', 'period', 'occurred_at', 'payable_at', 'currency'];

/** Whether parsed JSON has every field of a statement that checking it relies on. */
export function isStatement(value: unknown): value is Statement {
  if (!isRecord(value) || !isRecord(value.pending) || !isRecord(value.period)) return false;
  const { pending, period, jws } = value;
  return (
    TEXT_FIELDS.every((field) => typeof value[field] === 'string') &&
    PERIOD_FIELDS.every((field) => typeof period[field] === 'string') &&
    [...MONEY_FIELDS, 'revision'].every((field) => Number.isSafeInteger(value[field])) &&
    PENDING_FIELDS.every((field) => Number.isSafeInteger(pending[field])) &&
    (jws === undefined || jws === null || typeof jws === 'string')
  );
}

/** Whether parsed JSON is a list of statement lines, each with all columns and no other. */
export function isStatementLines(value: unknown): value is StatementLine[] {
  return Array.isArray(value) && value.every(isStatementLine);
}

function isStatementLine(value: unknown): value is StatementLine {
  if (!isRecord(value) || Object.keys(value).length !== STATEMENT_LINE_COLUMNS.length) return false;
  return STATEMENT_LINE_COLUMNS.every((column) => {
    const cell = value[column];
    if (column === 'amount') return Number.isSafeInteger(cell);
    if (column === 'base') return cell === null || Number.isSafeInteger(cell);
    if (column === 'kind') return STATEMENT_LINE_KINDS.some((kind) => kind === cell);
    if (LINE_TEXT_FIELDS.includes(column)) return typeof cell === 'string';
    return cell === null || typeof cell === 'string';
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
