import type { ReceivedBy } from '../base/variant-mark.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { Action, Card } from './action-model.ts';
import type { Credit } from './credit-model.ts';
import type { Loan, Money, TermUnit } from './loan-model.ts';
import type { Offer } from './offer.ts';

export type { Action, ActionAgreement, Card, NextAction } from './action-model.ts';
export type { Credit, CreditPrice, PriceFee } from './credit-model.ts';
export type { Fee, Instalment, Loan, LoanCancellation, LoanStatus, Money, Payment, TermUnit } from './loan-model.ts';

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

export interface Requested {
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
  readonly purpose: string;
}

/** An end that our side has put to an application. Its lender goes on until it hears of it. */
export interface CalledOff {
  /** Where the application stood. */
  readonly from: ApplicationStatus;
  /** When the lender ended it too, as it says; null = it has not said so yet. */
  readonly known_at: string | null;
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

/** That the applicant has accepted a text: which one, to whom it goes, when. Nothing of the person. */
export interface ConsentNote {
  readonly kind: string;
  readonly document: string;
  readonly version: string;
  readonly text_sha256: string;
  /** Ids of those who were named as recipients; empty = the acceptance named nobody. */
  readonly parties: readonly string[];
  readonly accepted_at: string;
  /** When it was taken back; null = it stands. */
  readonly withdrawn_at: string | null;
}

/** A check of the applicant and its result. Nothing of the person. */
export interface VerificationNote {
  readonly kind: string;
  readonly provider: string;
  readonly result: 'pass' | 'fail' | 'unknown';
  readonly score?: number;
  readonly threshold?: number;
  /** The provider's reference. */
  readonly ref?: string;
  readonly at: string;
  /** Whose word it is. */
  readonly by: 'partner' | 'sluice' | 'lender';
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
  /**
   * While it is screened: kinds of verification that its caller is asking for, until this instant of real time. Nobody else
   * asks: a check is paid for.
   */
  readonly checking?: { readonly kinds: readonly string[]; readonly until: string };
  /** What the applicant has accepted and withdrawn, as it was accepted; absent = nothing. */
  readonly consents?: readonly ConsentNote[];
  /** Checks of the applicant, whoever made them, in the order in which they came; absent = none. */
  readonly verifications?: readonly VerificationNote[];
  readonly requested: Requested | null;
  /** The product as it was offered; absent = refused, or accepted before this was kept. Ask `productAsAccepted`. */
  readonly offer?: Offer;
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
  /** The variant of a link that received the applicant; absent = none did. */
  readonly variant?: ReceivedBy;
  readonly sub_ids: Readonly<Record<string, string>>;
  readonly return_url: string | null;
  /** First two digits of the id number: GB/T 2260 province. */
  readonly region: string | null;
  readonly lock_until: string | null;
  readonly credit: Credit | null;
  readonly loans: readonly Loan[];
  /** What the applicant has to do, and what they have done, by when it was asked; absent = nothing was. */
  readonly actions?: readonly Action[];
  /** Up to when the lender's later word has settled what was asked before: of `apply`, of a loan by its id. */
  readonly actions_settled?: Readonly<Record<string, string>>;
  /** Bank cards, in the order in which they came; absent = none. */
  readonly cards?: readonly Card[];
  /** Supplements that nobody had asked for: keyed hashes of the latest, so that the same again is told. */
  readonly supplements?: readonly string[];
  /** How many of those there were. */
  readonly supplements_taken?: number;
  /** How often the sealed record was written anew since it was made: whoever has read both knows whether it is still the same. */
  readonly record_writes?: number;
  /** When the partner was told that the credit lies undrawn. */
  readonly undrawn_told_at?: string;
  /** That our side has ended it; absent = it did not, or the lender has said no. */
  readonly called_off?: CalledOff;
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
