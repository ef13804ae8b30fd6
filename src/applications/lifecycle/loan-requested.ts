import { derivedIdBeside } from '../../base/ids.ts';
import type { Application, Loan } from '../model.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isLate } from './apply-application-event.ts';
import { availableCredit } from './available.ts';
import type { DatedCredit } from './dated.ts';
import { applied, draft, EARLY, illegalForApplication, illegalForLoan, rejected, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { comesLater } from './transitions.ts';

/** The id of a loan that began at the lender, from its reference there. */
export function lenderLoanId(applicationId: string, lenderRef: string): string {
  return derivedIdBeside('loan', applicationId, 'lender', lenderRef);
}

/** The applicant has drawn down at the lender: the loan begins here. Told again of a loan that is known, nothing changes. */
export function applyLoanRequested(application: Application, event: LenderEventOf<'loan.requested'>): Step {
  const { data } = event;
  const known = application.loans.find((loan) => loan.lender_ref === data.lender_ref);
  if (known) {
    const same = known.term === data.term && known.term_unit === data.term_unit;
    if (same && (known.amount.amount === data.amount.amount || known.disbursed_at !== null)) {
      return applied(application, [], { loanId: known.id });
    }
    return illegalForLoan(known.status, event.type);
  }
  const refusal = refuse(application, event);
  if (refusal) return refusal;
  const loan = newLoan(application, event);
  const requested = draft(event, 'loan.requested', requestedData(loan, 'lender'));
  return applied(withNewLoan(application, loan), [requested], { loanId: loan.id });
}

/** Loans are kept in the order in which they began, whoever began them and whichever is heard of first. */
export function withNewLoan(application: Application, loan: Loan): Application {
  const loans = [...application.loans, loan].sort((one, other) => (startOf(one) < startOf(other) ? -1 : 1));
  return { ...application, loans };
}

function startOf({ created_at, id }: Loan): string {
  return `${created_at} ${id}`;
}

function refuse(application: Application, event: LenderEventOf<'loan.requested'>): Step | undefined {
  const { credit, status } = application;
  const late = isLate(application, event);
  if (credit === null) {
    const endedSince = late && (status === 'cancelled' || status === 'expired');
    const early = endedSince || comesLater(APPLICATION_TRANSITIONS, status, 'credit.updated');
    return early ? EARLY : illegalForApplication(status, event.type);
  }
  // What was drawn before the credit ended or was frozen is legal, whenever it is reported.
  if (credit.status !== 'active' && !late) {
    return { ...illegalForApplication(status, event.type), detail: `the credit is ${credit.status}` };
  }
  const available = availableCredit(application);
  if (event.data.amount.amount > available && !isResizedSince(credit, event.occurred_at)) {
    return rejected('over_available', `${event.data.amount.amount} is more than the ${available} that is available`);
  }
  return undefined;
}

/** Whether the limit was changed later, though that was heard of first: what it was then, the lender alone knows. */
function isResizedSince(credit: DatedCredit, at: string): boolean {
  return at < (credit.set_at?.amount ?? '');
}

function newLoan(application: Application, event: LenderEventOf<'loan.requested'>): Loan {
  const { data } = event;
  return {
    ...emptyLoan,
    id: lenderLoanId(application.id, data.lender_ref),
    partner_ref: null,
    lender_ref: data.lender_ref,
    amount: data.amount,
    term: data.term,
    term_unit: data.term_unit,
    purpose: data.purpose ?? null,
    created_at: data.requested_at,
    updated_at: event.occurred_at,
  };
}

/** What `loan.requested` says: all that is known of the loan when it begins. */
export function requestedData(loan: Loan, by: 'partner' | 'lender'): Readonly<Record<string, unknown>> {
  return {
    loan_id: loan.id,
    partner_ref: loan.partner_ref,
    lender_ref: loan.lender_ref,
    amount: loan.amount.amount,
    currency: loan.amount.currency,
    term: loan.term,
    term_unit: loan.term_unit,
    purpose: loan.purpose,
    quote_id: loan.quote_id ?? null,
    quote_ref: loan.quote_ref ?? null,
    card_id: loan.card_id ?? null,
    requested_at: loan.created_at,
    by,
  };
}

/** What is not known of a loan before it is paid out. */
export const emptyLoan = {
  status: 'requested',
  reason: null,
  retry_at: null,
  ordinal: null,
  received: null,
  funder_id: null,
  contract_no: null,
  disbursed_at: null,
  settled_at: null,
  days_past_due: 0,
  first_payment_default: false,
  schedule: [],
  payments: [],
} as const satisfies Partial<Loan>;
