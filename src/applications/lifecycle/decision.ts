import { DAY_MS, isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, ApplicationStatus, Loan, LoanStatus, TermUnit } from '../model.ts';
import type { PricingFacts } from '../quote/credit-pricing.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isLenderEventType, type LenderEvent } from './lender-event.ts';
import { LOAN_TRANSITIONS } from './loan-transitions.ts';

/** What a lender's event is judged by, of the product it belongs to. A registry product fits as it is. */
export interface ProductFacts extends PricingFacts {
  /** ISO 4217 */
  readonly currency: string;
  /** Decimal fraction a year. */
  readonly apr_cap: string;
  /** IANA zone in which days past due are counted. */
  readonly timezone: string;
  /** Days past due of instalment 1 that make a first-payment default. */
  readonly fpd_days: number;
  /** Days for which a declined applicant is kept out when the lender does not say until when. */
  readonly refused_days: number;
  /** Days after payout in which a loan may be returned without cost. */
  readonly cooling_off_days: number;
  readonly term: { readonly unit: TermUnit };
  /** Amounts on offer, minor units. */
  readonly amount?: { readonly min: number; readonly max: number };
}

export interface LenderFacts {
  readonly nowMs: number;
  /** Who sent it. */
  readonly lenderId: string;
  readonly product: ProductFacts;
}

export type RejectionCode =
  | 'schema_invalid'
  | 'id_reused'
  | 'unknown_application'
  | 'unknown_loan'
  | 'wrong_lender'
  | 'illegal_transition'
  | 'occurred_in_future'
  | 'too_old'
  | 'currency_mismatch'
  | 'schedule_sum_mismatch'
  | 'over_available'
  | 'payment_exceeds_due'
  | 'apr_above_cap'
  /** The application holds as much as it may. */
  | 'application_full';

export interface Rejection {
  readonly result: 'rejected';
  readonly code: RejectionCode;
  /** Event types that would be legal now, with `illegal_transition`. */
  readonly legal?: readonly string[];
  readonly detail: string;
}

/** What one event by itself comes to. */
export type Step =
  | {
      readonly result: 'applied';
      readonly application: Application;
      readonly events: readonly DraftEvent[];
      /** Of a loan that the lender has opened. */
      readonly loanId?: string;
      /** Of an action that the applicant now has to take. */
      readonly actionId?: string;
    }
  | { readonly result: 'early' }
  | Rejection;

export const EARLY: Step = { result: 'early' };

export function applied(
  application: Application,
  events: readonly DraftEvent[],
  ids: { readonly loanId?: string; readonly actionId?: string } = {},
): Step {
  return { result: 'applied', application, events, ...ids };
}

export function rejected(code: RejectionCode, detail: string): Rejection {
  return { result: 'rejected', code, detail };
}

export function illegalForApplication(status: ApplicationStatus, type: string): Rejection {
  const legal = Object.keys(APPLICATION_TRANSITIONS[status]).filter(isLenderEventType);
  return { ...rejected('illegal_transition', `${type} is not possible while the application is ${status}`), legal };
}

export function illegalForLoan(status: LoanStatus, type: string): Rejection {
  const legal = Object.keys(LOAN_TRANSITIONS[status]).filter(isLenderEventType);
  return { ...rejected('illegal_transition', `${type} is not possible while the loan is ${status}`), legal };
}

/** An event of ours that says what the lender's said, at the time it happened. */
export function draft(event: LenderEvent, type: DraftEvent['type'], data: DraftEvent['data'] = {}): DraftEvent {
  return { type, occurred_at: event.occurred_at, data };
}

/** Until when a declined applicant is kept out: as the lender says, else as its product does. */
export function keptOutUntil(retryAt: string | null | undefined, declinedAt: string, refusedDays: number): string {
  return retryAt ?? isoOf(msOf(declinedAt) + refusedDays * DAY_MS);
}

export function latest(one: string | null, other: string): string {
  return one !== null && one > other ? one : other;
}

export function withLoan(application: Application, loan: Loan): Application {
  return { ...application, loans: application.loans.map((each) => (each.id === loan.id ? loan : each)) };
}
