import type { CommissionLine } from './commission-line.ts';
import { isClosing, type PeriodRecord } from './period-record.ts';
import { periodField } from './slot.ts';

/** Money on the wire. */
interface MoneyView {
  readonly amount: number;
  readonly currency: string;
}

export type CommissionStatus = 'pending' | 'payable' | 'stated' | 'paid' | 'void';

/** A commission as the API shows it. */
export interface CommissionView {
  readonly id: string;
  readonly contract: string;
  readonly terms_id: string;
  readonly rule: string | null;
  readonly on: string | null;
  readonly kind: CommissionLine['kind'];
  readonly application_id: string | null;
  readonly loan_id: string | null;
  readonly partner_ref: string | null;
  readonly lender_ref: string | null;
  readonly payment_ref: string | null;
  readonly base: MoneyView | null;
  readonly rate: string | null;
  readonly amount: MoneyView;
  readonly status: CommissionStatus;
  readonly reason: string | null;
  readonly hold_until: string | null;
  readonly payable_at: string;
  readonly occurred_at: string;
  readonly period: string | null;
  readonly original_period: string | null;
  readonly statement_id: string | null;
  readonly reverses: string | null;
  readonly clawed_back: MoneyView;
  readonly late: boolean;
  readonly why: string;
}

/** What a line's status follows from beside itself. */
export interface LineStanding {
  /** By contract and period, see `periodField`. */
  readonly records: ReadonlyMap<string, PeriodRecord>;
  /** Ids of statements that are paid, with those carried into them. */
  readonly paid: ReadonlySet<string>;
}

/** The line as the API shows it; what its period and statement say of it included. */
export function commissionView(line: CommissionLine, standing: LineStanding): CommissionView {
  const { currency } = line;
  const record = line.period === null ? undefined : standing.records.get(periodField(line.contract, line.period));
  const statementId = isClosing(record) ? record.statement_id : null;
  return {
    id: line.id,
    contract: line.contract,
    terms_id: line.terms_id,
    rule: line.rule,
    on: line.on,
    kind: line.kind,
    application_id: line.application_id,
    loan_id: line.loan_id,
    partner_ref: line.partner_ref,
    lender_ref: line.lender_ref,
    payment_ref: line.payment_ref,
    base: line.base === null ? null : { amount: line.base, currency },
    rate: line.rate,
    amount: { amount: line.amount, currency },
    status: commissionStatus(line, standing),
    reason: line.reason,
    hold_until: line.hold_until,
    payable_at: line.payable_at,
    occurred_at: line.occurred_at,
    period: line.period,
    original_period: line.original_period,
    statement_id: statementId,
    reverses: line.reverses,
    clawed_back: { amount: line.clawed_back, currency },
    late: line.original_period !== null,
    why: line.why,
  };
}

/** A payable line is stated once its period is locked, and paid once its statement is. */
export function commissionStatus(line: CommissionLine, { records, paid }: LineStanding): CommissionStatus {
  if (line.status !== 'payable' || line.period === null) return line.status;
  const record = records.get(periodField(line.contract, line.period));
  if (!isClosing(record) || record.state !== 'locked') return 'payable';
  return paid.has(record.statement_id) ? 'paid' : 'stated';
}
