import { msOf } from '../base/clock.ts';
import type { PricedLine } from './money-event.ts';
import type { StatementLine } from './statement-line.ts';

/**
 * A commission as it is stored. That it is stated or paid is not written here: it follows from the period that it lies in,
 * so that locking a period of any size changes no line.
 */
export interface CommissionLine {
  /** `com_…`, the transfer that booked it. */
  readonly id: string;
  readonly contract: string;
  readonly terms_id: string;
  readonly rule: string | null;
  readonly on: string | null;
  readonly kind: PricedLine['kind'];
  readonly application_id: string | null;
  readonly loan_id: string | null;
  readonly partner_ref: string | null;
  readonly lender_ref: string | null;
  readonly payment_ref: string | null;
  /** Link that the applicant came by. */
  readonly link_code: string | null;
  /** Partner that introduced the applicant; null = nobody did, or nobody's: a line of no single applicant. */
  readonly partner_id: string | null;
  readonly product_id: string | null;
  readonly lender_id: string | null;
  /** Whose money it is, as far as that was known. */
  readonly funder_id: string | null;
  /** Minor units. */
  readonly base: number | null;
  /** Percent. */
  readonly rate: string | null;
  /** Signed minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: 'pending' | 'payable' | 'void';
  readonly reason: string | null;
  readonly hold_until: string | null;
  readonly payable_at: string;
  readonly occurred_at: string;
  readonly booked_at: string;
  /** Period whose statement lists it; null while it is held and once it is void. */
  readonly period: string | null;
  /** Where it would lie had that period not been cut before; null when it lies there. */
  readonly original_period: string | null;
  /** Period in which it was added to the held money; null when it never was held. */
  readonly pending_period: string | null;
  readonly reverses: string | null;
  /** Minor units taken back so far. */
  readonly clawed_back: number;
  readonly why: string;
}

/** The line as pricing looks at it. */
export function pricedLineOf(line: CommissionLine): PricedLine {
  return {
    id: line.id,
    contract: line.contract,
    termsId: line.terms_id,
    rule: line.rule,
    on: line.on,
    kind: line.kind,
    status: line.status,
    amount: BigInt(line.amount),
    currency: line.currency,
    occurredAtMs: msOf(line.occurred_at),
    payableAtMs: msOf(line.payable_at),
    holdUntilMs: line.hold_until === null ? null : msOf(line.hold_until),
    applicationId: line.application_id,
    loanId: line.loan_id,
    paymentRef: line.payment_ref,
    reverses: line.reverses,
  };
}

/** The line as the statement of its period lists it. Throws RangeError for a line that is on no statement. */
export function statementLineOf(line: CommissionLine): StatementLine {
  if (line.period === null) throw new RangeError(`commission ${line.id} is ${line.status}: it is on no statement`);
  return {
    commission_id: line.id,
    period: line.period,
    kind: line.kind,
    rule: line.rule,
    on: line.on,
    partner_ref: line.partner_ref,
    application_id: line.application_id,
    loan_id: line.loan_id,
    lender_ref: line.lender_ref,
    payment_ref: line.payment_ref,
    occurred_at: line.occurred_at,
    payable_at: line.payable_at,
    base: line.base,
    rate: line.rate,
    amount: line.amount,
    currency: line.currency,
    reverses: line.reverses,
    reason: line.reason,
  };
}

/** Minor units as a JSON integer. Throws RangeError beyond 2^53: no line is ever stored rounded. */
export function jsonMinor(minor: bigint): number {
  const number = Number(minor);
  if (!Number.isSafeInteger(number)) throw new RangeError(`amount ${minor} does not fit a JSON integer`);
  return number;
}
