import { instalmentPaid } from '../lifecycle/loan-payments.ts';
import type { Application, Instalment, Loan, LoanCancellation } from '../model.ts';
import { withAccepted } from './fold-notes.ts';
import { changeLoan, changesNothing, dataOf, type FoldStep, withoutBlanks } from './fold-step.ts';

type Due = Omit<Instalment, 'paid' | 'paid_at'>;

interface OfLoan {
  readonly loan_id: string;
}

/** Events of loans but for what is paid on them. Where a loan stands after them, their standing says. */
export const LOAN_STEPS = {
  'loan.requested': (application, event) => {
    const data = dataOf<Requested>(event);
    const opened = withAccepted(application, event);
    const loan = beginLoan(data, event.occurred_at);
    return { ...opened, loans: [...opened.loans, loan].sort((one, other) => (startOf(one) < startOf(other) ? -1 : 1)) };
  },
  'loan.submitted': changesNothing,
  'loan.in_review': changesNothing,
  'loan.needs_input': changesNothing,
  'loan.declined': changesNothing,
  'loan.paying_out': changesNothing,
  'loan.payout_failed': changesNothing,
  'loan.disbursed': (application, event) => {
    const { loan_id, principal, currency, schedule, ...data } = dataOf<Disbursed>(event);
    const { ordinal, received, funder_id, contract_no, disbursed_at } = data;
    const facts = { ordinal, received, funder_id, contract_no, disbursed_at };
    return changeLoan(application, loan_id, (loan) => ({
      ...loan,
      ...facts,
      amount: { amount: principal, currency },
      schedule: schedule.map((due) => instalmentPaid(due, loan.payments)),
    }));
  },
  'loan.schedule_updated': (application, event) => {
    const { loan_id, schedule, superseded, funder_id } = dataOf<Rescheduled>(event);
    if (superseded) return application;
    return changeLoan(application, loan_id, (loan) => ({
      ...loan,
      ...(funder_id === undefined ? {} : { funder_id }),
      schedule: schedule.map((due) => instalmentPaid(due, loan.payments)),
    }));
  },
  'loan.overdue': changesNothing,
  'loan.cured': changesNothing,
  'loan.first_payment_default': changesNothing,
  'loan.settled': changesNothing,
  'loan.settled_early': changesNothing,
  'loan.written_off': changesNothing,
  'loan.cancelled': changesNothing,
  'loan.cancel_requested': (application, event) => {
    const { loan_id, reason, attempt } = dataOf<OfLoan & { readonly reason: string; readonly attempt: number }>(event);
    const asked = { status: 'pending', reason, refused_for: null, attempts: attempt } as const;
    const cancellation: LoanCancellation = { ...asked, requested_at: event.occurred_at };
    return changeLoan(application, loan_id, (loan) => ({ ...loan, cancellation }));
  },
  'loan.cancel_answered': (application, event) => {
    const { loan_id, status, reason } = dataOf<OfLoan & CancelAnswered>(event);
    return changeLoan(application, loan_id, (loan) => {
      const { cancellation: asked } = loan;
      return asked === undefined ? loan : { ...loan, cancellation: { ...asked, status, refused_for: reason } };
    });
  },
} as const satisfies Readonly<Record<string, FoldStep>>;

interface Requested
  extends OfLoan,
    Pick<Loan, 'partner_ref' | 'lender_ref' | 'term' | 'term_unit' | 'purpose'>,
    Pick<Loan, 'quote_id' | 'quote_ref' | 'card_id'> {
  readonly amount: number;
  readonly currency: string;
  readonly requested_at: string;
}

interface Disbursed extends OfLoan {
  readonly principal: number;
  readonly received: number;
  readonly currency: string;
  readonly ordinal: number;
  readonly disbursed_at: string;
  readonly funder_id: string | null;
  readonly contract_no: string | null;
  readonly schedule: readonly Due[];
}

interface Rescheduled extends OfLoan {
  readonly schedule: readonly Due[];
  /** Whose money it is, where that is put right with the schedule. */
  readonly funder_id?: string;
  /** A schedule that was made later is in force. */
  readonly superseded?: boolean;
}

interface CancelAnswered {
  readonly status: LoanCancellation['status'];
  readonly reason: string | null;
}

function startOf({ created_at, id }: Loan): string {
  return `${created_at} ${id}`;
}

function beginLoan(data: Requested, occurredAt: string): Loan {
  const { loan_id: id, partner_ref, lender_ref, amount, currency, term, term_unit, purpose } = data;
  const { quote_id, quote_ref, card_id, requested_at: created_at } = data;
  return {
    id,
    partner_ref,
    lender_ref,
    status: 'requested',
    reason: null,
    retry_at: null,
    amount: { amount, currency },
    term,
    term_unit,
    purpose,
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
    ...withoutBlanks({ quote_id, quote_ref, card_id }),
    created_at,
    updated_at: occurredAt,
  };
}

/** The lender's reference of a loan, which any event about it may be the first to tell. */
export function withLoanReference(application: Application, data: Readonly<Record<string, unknown>>): Application {
  const { loan_id, lender_ref } = data;
  if (typeof loan_id !== 'string' || typeof lender_ref !== 'string') return application;
  return changeLoan(application, loan_id, (loan) => ({ ...loan, lender_ref }));
}
