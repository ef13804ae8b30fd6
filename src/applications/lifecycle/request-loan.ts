import { isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, Credit, Loan, Money, TermUnit } from '../model.ts';
import { availableCredit } from './available.ts';
import { emptyLoan, requestedData, withNewLoan } from './loan-requested.ts';
import { TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';

/** A drawdown as a partner asks for it. */
export interface LoanRequest {
  /** derivedIdBeside('loan', application id, partner_ref) */
  readonly loanId: string;
  readonly partnerRef: string;
  readonly amount: Money;
  readonly term: number;
  readonly termUnit: TermUnit;
  readonly purpose: string | null;
  /** The quote that the applicant has seen. */
  readonly quoteId?: string | undefined;
  /** The lender's own name of that quote. */
  readonly quoteRef?: string | undefined;
  /** A bound card, named by the partner. */
  readonly cardId?: string | undefined;
  /** The card that is used where none was named. */
  readonly fallbackCardId?: string | undefined;
}

/** Loans under one application, declined ones too. */
export const LOANS_MAX = 1_000;

/** What the product offers, where the credit itself does not say. */
export interface LoanOffer {
  readonly terms: readonly number[];
  /** Minor units. */
  readonly min: number;
  /** Minor units; amounts count from `min`. */
  readonly step: number;
  /** What a loan may be for; empty or absent = anything. */
  readonly purposes?: readonly string[];
  /** Whether a loan must be over before the next; absent = several may run under one credit. */
  readonly oneAtATime?: boolean;
}

export type LoanProblemCode =
  | 'credit_not_active'
  | 'loan_open'
  | 'limit_reached'
  | 'drawdown_declined'
  | 'idempotency_conflict'
  | 'currency_mismatch'
  | 'amount_out_of_range'
  | 'amount_off_step'
  | 'over_available'
  | 'term_not_offered'
  | 'purpose_not_offered';

export interface LoanProblem {
  readonly ok: false;
  readonly status: 409 | 422;
  readonly code: LoanProblemCode;
  /** JSON pointer of the field to change; empty when none would help. */
  readonly pointer: string;
  readonly message: string;
  /** When it may be asked for again. */
  readonly retryAt?: string;
}

export type LoanRequestResult =
  | {
      readonly ok: true;
      /** The loan was there: nothing is to be written. */
      readonly replayed: boolean;
      readonly loan: Loan;
      readonly application: Application;
      readonly events: readonly DraftEvent[];
    }
  | LoanProblem;

/**
 * Opens a loan under a granted credit; the same request again finds the loan that it opened. Where only one loan may run at
 * a time, the next is taken once the last was declined, cancelled or paid back: whether its credit may be drawn again is for
 * the lender to say, who closes it otherwise. After a declined drawdown the lender's `retry_at` is waited for.
 */
export function requestLoan(
  application: Application,
  request: LoanRequest,
  nowMs: number,
  offer?: LoanOffer,
): LoanRequestResult {
  const existing = application.loans.find((loan) => loan.id === request.loanId);
  if (existing) return replay(application, existing, request);
  const { credit } = application;
  if (credit === null) {
    const message = `no credit has been granted: the application is ${application.status}`;
    return problem(409, 'credit_not_active', '', message);
  }
  const refusal = refuseNow(application, credit, nowMs, offer);
  if (refusal) return refusal;
  const unfit = refuseTerms(application, credit, request, offer);
  if (unfit) return unfit;
  const at = isoOf(nowMs);
  const cardId = request.cardId ?? request.fallbackCardId;
  const loan: Loan = {
    ...emptyLoan,
    id: request.loanId,
    partner_ref: request.partnerRef,
    lender_ref: null,
    amount: request.amount,
    term: request.term,
    term_unit: request.termUnit,
    purpose: request.purpose,
    ...(request.quoteId === undefined ? {} : { quote_id: request.quoteId }),
    ...(request.quoteRef === undefined ? {} : { quote_ref: request.quoteRef }),
    ...(cardId === undefined ? {} : { card_id: cardId }),
    created_at: at,
    updated_at: at,
  };
  const changed = withNewLoan(application, loan);
  const event: DraftEvent = { type: 'loan.requested', occurred_at: at, data: requestedData(loan, 'partner') };
  return { ok: true, replayed: false, loan, application: changed, events: [event] };
}

/** Payout may have changed the amount: from then on it no longer tells whether the request is the same. */
function replay(application: Application, loan: Loan, request: LoanRequest): LoanRequestResult {
  const same =
    loan.term === request.term &&
    loan.term_unit === request.termUnit &&
    loan.purpose === request.purpose &&
    loan.quote_id === request.quoteId &&
    (request.cardId === undefined || loan.card_id === request.cardId) &&
    loan.amount.currency === request.amount.currency &&
    (loan.amount.amount === request.amount.amount || loan.disbursed_at !== null);
  if (!same) {
    return problem(422, 'idempotency_conflict', '/partner_ref', 'this partner_ref stands for another loan');
  }
  return { ok: true, replayed: true, loan, application, events: [] };
}

/** Why nothing at all can be drawn now, whatever is asked for. */
function refuseNow({ status, loans }: Application, credit: Credit, nowMs: number, offer?: LoanOffer) {
  if (status !== 'credit_granted' || credit.status !== 'active') {
    return problem(409, 'credit_not_active', '', `the credit is ${credit.status}`);
  }
  if (msOf(credit.expires_at) <= nowMs) {
    return problem(409, 'credit_not_active', '', `the credit could be drawn until ${credit.expires_at}`);
  }
  if (loans.length >= LOANS_MAX) return problem(409, 'limit_reached', '', `the application has had ${LOANS_MAX} loans`);
  const open = offer?.oneAtATime ? loans.find(isOpenLoan) : undefined;
  if (open) {
    return problem(409, 'loan_open', '', `one loan at a time under this product: ${open.id} is ${open.status}`);
  }
  const waits = loans.flatMap(({ status: ended, retry_at }) => (ended === 'declined' && retry_at ? [retry_at] : []));
  const retryAt = waits.sort().at(-1);
  if (retryAt === undefined || msOf(retryAt) <= nowMs) return undefined;
  const message = `the last drawdown was declined; the next may be asked for from ${retryAt}`;
  return { ...problem(409, 'drawdown_declined', '', message), retryAt };
}

function isOpenLoan({ status }: Loan): boolean {
  return !TERMINAL_LOAN_STATUSES.has(status) && status !== 'settled';
}

function refuseTerms(
  application: Application,
  credit: Credit,
  { amount: money, term, termUnit, purpose }: LoanRequest,
  offer: LoanOffer | undefined,
): LoanProblem | undefined {
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
  const purposes = offer?.purposes ?? [];
  if (purposes.length > 0 && (purpose === null || !purposes.includes(purpose))) {
    return problem(422, 'purpose_not_offered', '/purpose', `must be one of ${purposes.join(', ')}`);
  }
  return undefined;
}

function problem(status: 409 | 422, code: LoanProblemCode, pointer: string, message: string): LoanProblem {
  return { ok: false, status, code, pointer, message };
}
