import type { LogEvent } from '../../events/event.ts';
import { optionalText } from '../event-data.ts';
import { type FundingRecord, fundersOf } from './funding-record.ts';

/** What the wrong funder was thought to owe is taken back there and booked where it belongs. */
export interface FunderMove {
  /** null = everything of the application. */
  readonly loanId: string | null;
  readonly from: string;
  readonly to: string;
  /** Whether it was that funder's once before: its ledger holds what was taken back then. */
  readonly isReturn: boolean;
}

/** What one event says about who lends, and what follows for the ledgers of funders. */
export interface FundingStep {
  readonly record: FundingRecord;
  readonly move: FunderMove | null;
  /** Funders whose terms it is priced by. */
  readonly booked: readonly string[];
  /** Credit and first payout, each once an application: what the cost of an applicant is divided by. */
  readonly reached: 'granted' | 'disbursed' | null;
}

/** Types that may name a funder: they are followed whatever the terms are. */
export const NAMES_FUNDER: ReadonlySet<string> = new Set([
  'credit.granted',
  'credit.updated',
  'loan.disbursed',
  'loan.schedule_updated',
]);

/**
 * Follows one event. Money is owed by the funder that is actually used: the one named with the credit until a loan is paid
 * out, then the one named with the payout, for each loan; a lender that has named the wrong one says so with a corrected
 * schedule. An event about no loan concerns everybody who lent on the application.
 * @param before what was known; null = nothing
 */
export function fundingStep(before: FundingRecord | null, event: LogEvent): FundingStep {
  const record = before ?? freshRecord(event);
  switch (event.type) {
    case 'credit.granted':
      return granted(record, event, before === null);
    case 'credit.updated':
      return creditUpdated(record, event);
    case 'loan.disbursed':
      return disbursed(record, event);
    case 'loan.schedule_updated':
      return rescheduled(record, event);
    default:
      return quiet(record, event);
  }
}

function freshRecord({ context, position }: LogEvent): FundingRecord {
  const funder = context?.funder_id ?? null;
  return { done: '0-0', since: position, funder, paid_out: false, before: [], loans: {} };
}

function granted(record: FundingRecord, event: LogEvent, isFirst: boolean): FundingStep {
  const funder = optionalText(event.data, 'funder_id') ?? record.funder;
  const known = { ...record, funder, since: isFirst ? event.position : record.since };
  return { record: known, move: null, booked: funder === null ? [] : [funder], reached: 'granted' };
}

function creditUpdated(record: FundingRecord, event: LogEvent): FundingStep {
  const named = isSuperseded(event, 'funder_id') ? null : optionalText(event.data, 'funder_id');
  const to = named ?? record.funder;
  const next = withFunder(record, to);
  const move = record.paid_out ? null : moveOf(null, record.funder, to, record.before);
  return { record: next, move, booked: to === null ? [] : [to], reached: null };
}

function disbursed(record: FundingRecord, event: LogEvent): FundingStep {
  const loanId = optionalText(event.data, 'loan_id') ?? '';
  const to = optionalText(event.data, 'funder_id') ?? record.funder;
  const reached = record.paid_out ? null : 'disbursed';
  if (to === null) return { record: { ...record, paid_out: true }, move: null, booked: [], reached };
  const loans = { ...record.loans, [loanId]: { funder: to, before: [] } };
  const next = record.paid_out ? record : { ...withFunder(record, to), paid_out: true };
  const move = moveOf(record.paid_out ? loanId : null, record.funder, to, record.before);
  return { record: { ...next, loans }, move, booked: [to], reached };
}

function rescheduled(record: FundingRecord, event: LogEvent): FundingStep {
  const loanId = optionalText(event.data, 'loan_id') ?? '';
  const named = event.data.superseded === true ? null : optionalText(event.data, 'funder_id');
  const loan = record.loans[loanId];
  if (named === null || loan === undefined || loan.funder === named) return quiet(record, event);
  const changed = { funder: named, before: [...loan.before, loan.funder] };
  const move = moveOf(loanId, loan.funder, named, loan.before);
  return { record: { ...record, loans: { ...record.loans, [loanId]: changed } }, move, booked: [named], reached: null };
}

function quiet(record: FundingRecord, event: LogEvent): FundingStep {
  const loanId = optionalText(event.data, 'loan_id');
  const funder = loanId === null ? null : (record.loans[loanId]?.funder ?? record.funder);
  const booked = loanId === null ? fundersOf(record) : funder === null ? [] : [funder];
  return { record, move: null, booked, reached: null };
}

function withFunder(record: FundingRecord, funder: string | null): FundingRecord {
  const { funder: known, before } = record;
  if (known === funder) return record;
  return { ...record, funder, before: known === null ? before : [...before, known] };
}

function moveOf(
  loanId: string | null,
  from: string | null,
  to: string | null,
  before: readonly string[],
): FunderMove | null {
  if (from === null || to === null || from === to) return null;
  return { loanId, from, to, isReturn: before.includes(to) };
}

/** A value that was set later in time, though it was heard of first, stands. */
function isSuperseded({ data }: LogEvent, field: string): boolean {
  return Array.isArray(data.superseded) && data.superseded.includes(field);
}
