import type { AttributionVerdict } from '../base/verdict.ts';

/** Money as it travels and is stored: integer minor units and an ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export type ApplicationStatus =
  /** Internal: the claim steps are under way; nobody has been answered. */
  | 'screening'
  | 'received'
  | 'refused'
  | 'submitted'
  | 'verifying'
  | 'needs_input'
  | 'in_review'
  | 'credit_granted'
  | 'credit_declined'
  | 'cancelled'
  | 'expired';

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

export interface Requested {
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
  readonly purpose: string;
}

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
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Credit {
  readonly status: 'active' | 'frozen' | 'closed';
  readonly amount: number;
  readonly min: number | null;
  readonly step: number | null;
  readonly currency: string;
  readonly terms: readonly number[] | null;
  readonly term_unit: TermUnit;
  readonly pricing: readonly unknown[] | null;
  readonly apr: string;
  readonly expires_at: string;
  readonly grade: string | null;
  readonly funder_id: string | null;
}

export interface NextAction {
  readonly id: string;
  readonly type: 'supplement' | 'redirect' | 'otp' | 'agree' | 'card';
  readonly scene: 'apply' | 'card' | 'drawdown' | 'repay';
  readonly fields?: readonly string[];
  readonly documents?: readonly string[];
  readonly url?: string;
  readonly message?: string;
  readonly expires_at: string;
}

/** A lender's event that came before the one it needs. It is tried again after every change, until `until`. */
export interface HeldEvent {
  readonly event: unknown;
  readonly until: string;
}

/** What people should know of an application, though it decided nothing: a code, and what belongs to it. */
export interface Annotation {
  readonly code: string;
  readonly [fact: string]: string | number;
}

/**
 * Everything about one application except personal data, which lies sealed beside it. One document, one version, one shard:
 * credit and loans are part of it, so a lender's event is judged and written in one step.
 */
export interface Application {
  readonly id: string;
  /** Who started it: a partner's request, our hosted page, or the lender's own app. */
  readonly origin: 'partner' | 'page' | 'lender';
  /** The partner that may see it; null when it began at the lender and nobody is attributed. */
  readonly owner_id: string | null;
  readonly partner_kind: 'platform' | 'referral' | null;
  readonly partner_ref: string | null;
  readonly partner_user_ref: string | null;
  readonly lender_id: string;
  readonly lender_ref: string | null;
  readonly product_id: string;
  /** Funders that may lend: those of the product, once screened without those whose lists forbid it. */
  readonly funder_ids: readonly string[];
  readonly funder_id: string | null;
  readonly status: ApplicationStatus;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly retry_at: string | null;
  readonly existing_application_id: string | null;
  readonly customer: 'new' | 'returning';
  /** Somebody who may lend vouches for the applicant; absent = nobody does. */
  readonly trusted?: boolean;
  /** The lender is told of these as `notes`; absent = there are none. */
  readonly annotations?: readonly Annotation[];
  /** While it is screened: the detail of the product rule that it breaks, for an applicant who is trusted or is not. */
  readonly ruled?: { readonly untrusted: string; readonly trusted: string | null };
  readonly requested: Requested | null;
  /** SHA-256 over product, name, id number, phone and requested: the same request again, or another one. */
  readonly fingerprint: string;
  readonly subject: SubjectTokens;
  readonly attribution: AttributionVerdict;
  /** Terms version per contract in force at acceptance. */
  readonly pins: Readonly<Record<string, string>>;
  readonly precheck_id: string | null;
  /** Whether the reservation of that precheck was the partner's and stood when the application came; absent = none was cited. */
  readonly precheck_live?: boolean;
  readonly click_id: string | null;
  readonly handoff_id: string | null;
  readonly link_code: string | null;
  readonly sub_ids: Readonly<Record<string, string>>;
  readonly return_url: string | null;
  /** First two digits of the id number: GB/T 2260 province. */
  readonly region: string | null;
  readonly lock_until: string | null;
  readonly credit: Credit | null;
  readonly loans: readonly Loan[];
  readonly next_action: NextAction | null;
  readonly held: readonly HeldEvent[];
  /** When the newest applied event of the lender happened. */
  readonly last_occurred_at: string | null;
  readonly created_at: string;
  readonly accepted_at: string | null;
  /** What it was refused for has been cleared up by an appeal: its partner was told that the applicant may come again. */
  readonly may_reapply?: { readonly appeal_id: string; readonly at: string };
  /** When its personal data was erased, on request or because its time was over; absent = it was not. */
  readonly erased_at?: string;
  readonly updated_at: string;
}

/** Tokens of the applicant. `claims` decide who owns them (phone first, then id number); `pointers` find the claim by other forms. */
export interface SubjectTokens {
  readonly claims: readonly string[];
  readonly pointers: readonly string[];
  /** Token of the person: id number, else phone. */
  readonly person: string | null;
  /** What each token is of, `kind.form`: of `claims`, then of `pointers`. */
  readonly labels?: readonly string[];
  /**
   * What else screening looks at, each as `kind.form:token`: bank card, device, address, regions, and the person as shown by a
   * masked identity. Gone once the application is received.
   */
  readonly others?: readonly string[];
}

/** An application with the version it was read at. */
export interface Versioned {
  readonly version: number;
  readonly application: Application;
}
