import { isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Credit, Loan, Money, TermUnit } from '../model.ts';
import { availableCredit } from './available.ts';
import { emptyLoan } from './loan-requested.ts';

/** A drawdown as a partner asks for it. */
export interface LoanRequest {
  /** derivedIdBeside('loan', application id, partner_ref) */
  readonly loanId: string;
  readonly partnerRef: string;
  readonly amount: Money;
  readonly term: number;
  readonly termUnit: TermUnit;
  readonly purpose: string | null;
}

/** What the product offers, where the credit itself does not say. */
export interface LoanOffer {
  readonly terms: readonly number[];
  /** Minor units. */
  readonly min: number;
  /** Minor units; amounts count from `min`. */
  readonly step: number;
}

export type LoanProblemCode =
  | 'credit_not_active'
  | 'idempotency_conflict'
  | 'currency_mismatch'
  | 'amount_out_of_range'
  | 'amount_off_step'
  | 'over_available'
  | 'term_not_offered';

export type LoanRequestResult =
  | {
      readonly ok: true;
      /** The loan was there: nothing is to be written. */
      readonly replayed: boolean;
      readonly loan: Loan;
      readonly application: Application;
      readonly events: readonly DraftEvent[];
    }
  /** `pointer`: JSON pointer of the field to change; empty when none would help. */
  | {
      readonly ok: false;
      readonly status: 409 | 422;
      readonly code: LoanProblemCode;
      readonly pointer: string;
      readonly message: string;
    };

/** Opens a loan under a granted credit; the same request again finds the loan that it opened. */
export function requestLoan(
  application: Application,
  request: LoanRequest,
  nowMs: number,
  offer?: LoanOffer,
): LoanRequestResult {
  const existing = application.loans.find((loan) => loan.id === request.loanId);
  if (existing) return replay(application, existing, request);
  const { credit } = application;
  if (application.status !== 'credit_granted' || credit === null || !isOpen(credit, nowMs)) {
    return problem(409, 'credit_not_active', '', 'the application has no credit that can be drawn');
  }
  const refusal = refuseTerms(application, credit, request, offer);
  if (refusal) return refusal;
  const at = isoOf(nowMs);
  const loan: Loan = {
    ...emptyLoan,
    id: request.loanId,
    partner_ref: request.partnerRef,
    lender_ref: null,
    amount: request.amount,
    term: request.term,
    term_unit: request.termUnit,
    purpose: request.purpose,
    created_at: at,
    updated_at: at,
  };
  const { amount, currency } = request.amount;
  const { term, termUnit: term_unit } = request;
  const data = { loan_id: loan.id, amount, currency, term, term_unit, by: 'partner' };
  const changed: Application = { ...application, loans: [...application.loans, loan] };
  return {
    ok: true,
    replayed: false,
    loan,
    application: changed,
    events: [{ type: 'loan.requested', occurred_at: at, data }],
  };
}

/** Payout may have changed the amount: from then on it no longer tells whether the request is the same. */
function replay(application: Application, loan: Loan, request: LoanRequest): LoanRequestResult {
  const same =
    loan.term === request.term &&
    loan.term_unit === request.termUnit &&
    loan.purpose === request.purpose &&
    loan.amount.currency === request.amount.currency &&
    (loan.amount.amount === request.amount.amount || loan.disbursed_at !== null);
  if (!same) {
    return problem(422, 'idempotency_conflict', '/partner_ref', 'this partner_ref stands for another loan');
  }
  return { ok: true, replayed: true, loan, application, events: [] };
}

function refuseTerms(
  application: Application,
  credit: Credit,
  { amount: money, term, termUnit }: LoanRequest,
  offer: LoanOffer | undefined,
): LoanRequestResult | undefined {
  if (money.currency !== credit.currency) {
    return problem(422, 'currency_mismatch', '/amount/currency', `the credit is in ${credit.currency}`);
  }
  const min = credit.min ?? offer?.min ?? 1;
  const step = credit.step ?? offer?.step ?? 1;
  if (!Number.isSafeInteger(money.amount) || money.amount < min) {
    return problem(422, 'amount_out_of_range', '/amount/amount', `must be at least ${min} minor units`);
  }
  if ((money.amount - min) % step !== 0) {
    return problem(422, 'amount_off_step', '/amount/amount', `must be ${min} plus a multiple of ${step}`);
  }
  const available = availableCredit(application);
  if (money.amount > available) {
    return problem(422, 'over_available', '/amount/amount', `only ${available} minor units are available`);
  }
  if (termUnit !== credit.term_unit) {
    return problem(422, 'term_not_offered', '/term_unit', `must be ${credit.term_unit}`);
  }
  const terms = credit.terms ?? offer?.terms;
  if (terms !== undefined && !terms.includes(term)) {
    return problem(422, 'term_not_offered', '/term', `must be one of ${terms.join(', ')}`);
  }
  return undefined;
}

function isOpen(credit: Credit, nowMs: number): boolean {
  return credit.status === 'active' && msOf(credit.expires_at) > nowMs;
}

function problem(status: 409 | 422, code: LoanProblemCode, pointer: string, message: string): LoanRequestResult {
  return { ok: false, status, code, pointer, message };
}
