import type { Repayment } from './repayments/repayment.ts';

/** Money as it travels and is stored: integer minor units and an ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export type LoanStatus =
  | 'requested'
  | 'in_review'
  | 'needs_input'
  | 'declined'
  | 'paying_out'
  | 'payout_failed'
  | 'active'
  | 'overdue'
  | 'settled'
  | 'written_off'
  | 'cancelled';

export type TermUnit = 'month' | 'day';

export interface Fee {
  readonly kind: string;
  readonly payee: string;
  readonly amount: number;
}

/** One instalment: what was due, and what has been paid on it so far (minor units of the loan's currency). */
export interface Instalment {
  readonly no: number;
  readonly due_on: string;
  readonly principal: number;
  readonly interest: number;
  readonly fees: readonly Fee[];
  readonly paid: {
    readonly principal: number;
    readonly interest: number;
    readonly fees: number;
    readonly penalty: number;
    readonly waived: number;
  };
  readonly paid_at: string | null;
}

export interface Payment {
  readonly payment_ref: string;
  readonly no: number;
  readonly principal: number;
  readonly interest: number;
  readonly fees: readonly Fee[];
  readonly penalty: number;
  readonly waived: number;
  readonly payer: 'borrower' | 'guarantor' | 'insurer' | 'collector';
  readonly paid_at: string;
  readonly reversed: boolean;
}

export interface Loan {
  readonly id: string;
  readonly partner_ref: string | null;
  readonly lender_ref: string | null;
  readonly status: LoanStatus;
  readonly reason: string | null;
  readonly retry_at: string | null;
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
  readonly purpose: string | null;
  /** 1 = the first loan under this application's credit that was paid out. */
  readonly ordinal: number | null;
  readonly received: number | null;
  readonly funder_id: string | null;
  readonly contract_no: string | null;
  readonly disbursed_at: string | null;
  readonly settled_at: string | null;
  readonly days_past_due: number;
  readonly first_payment_default: boolean;
  readonly schedule: readonly Instalment[];
  readonly payments: readonly Payment[];
  /** The quote that the applicant had seen; absent = none was cited. */
  readonly quote_id?: string;
  /** The lender's own name of that quote. */
  readonly quote_ref?: string;
  /** The bound card that it is paid out to and debited from; absent = another one, or none was named. */
  readonly card_id?: string;
  /** When it was written off; absent = it was not. */
  readonly written_off_at?: string;
  /** Repayments that the partner asked for, oldest first; absent = none. */
  readonly repayments?: readonly Repayment[];
  /** That its partner asked the lender to cancel it; absent = it did not. */
  readonly cancellation?: LoanCancellation;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A partner's wish to cancel a loan, which the lender decides. */
export interface LoanCancellation {
  readonly status: 'pending' | 'accepted' | 'refused';
  /** The partner's words. */
  readonly reason: string;
  /** Why the lender refused; null otherwise. */
  readonly refused_for: string | null;
  /** How often it was asked: one that was refused may be asked again. */
  readonly attempts: number;
  readonly requested_at: string;
}
