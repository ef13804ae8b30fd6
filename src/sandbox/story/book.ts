import type { Product } from '../../registry/schema/product.ts';
import type { Scenario } from './scenario.ts';

/** What of a product a story needs, as it was when the application came: a file that is changed changes no loan. */
export type BookProduct = Pick<
  Product,
  | 'id'
  | 'kind'
  | 'currency'
  | 'timezone'
  | 'amount'
  | 'term'
  | 'repayment'
  | 'rate'
  | 'fees'
  | 'due_day'
  | 'first_period_min_days'
  | 'cooling_off_days'
>;

/** What is asked for, minor units. */
export interface Asked {
  readonly amount: number;
  readonly term: number;
  readonly term_unit: 'month' | 'day';
  readonly purpose: string | null;
}

/** What the lender asks something for. */
export interface AskedAbout {
  readonly loan_id: string | null;
  readonly card_id: string | null;
}

/** What the lender was told after the application, without anything personal. */
export type BookInput = { readonly at: number; readonly delivery: string } & Told;

export type Told =
  | { readonly kind: 'loan'; readonly loan_id: string; readonly asked: Asked }
  | { readonly kind: 'supplement' }
  /** `action_id`: the action as the gateway calls it. */
  | ({ readonly kind: 'otp'; readonly right: boolean; readonly action_id: string } & AskedAbout)
  | ({ readonly kind: 'resend' } & AskedAbout)
  /** Null = the application itself. */
  | { readonly kind: 'cancellation'; readonly loan_id: string | null; readonly loan_ref: string | null }
  /** What changes nothing here: agreements accepted, a card chosen, back from a page, a consent taken back. */
  | { readonly kind: 'noted' }
  | { readonly kind: 'card'; readonly card_id: string; readonly sent_to: string | null; readonly sound: boolean }
  | { readonly kind: 'card_removed'; readonly card_id: string }
  | {
      readonly kind: 'repayment';
      readonly loan_id: string;
      readonly loan_ref: string | null;
      readonly installments: Installments;
      /** Minor units. */
      readonly amount: number;
    };

export type Installments = readonly number[] | 'all';

/** All that a sandbox lender keeps of an applicant: the whole story follows from it. No personal data. */
export interface SandboxBook {
  readonly application_id: string;
  readonly product: BookProduct;
  readonly scenario: Scenario;
  readonly funder_id: string | null;
  readonly asked: Asked;
  /** The yearly cost stated with a credit, fraction. */
  readonly apr: string;
  /** Draws down in the lender's own app, without the partner. */
  readonly draws_alone: boolean;
  /** When it arrived, ms of the sandbox clock. */
  readonly accepted_ms: number;
  /** In the order of their time. */
  readonly inputs: readonly BookInput[];
}

/** What the core answers to a message. */
export interface SandboxAnswer {
  readonly result: 'accepted' | 'duplicate' | 'rejected';
  readonly lender_ref?: string;
  readonly reason?: string;
  readonly detail?: string;
  /** With a wrong code: how many more are taken. */
  readonly tries_left?: number;
  readonly retry_at?: string;
  readonly next_action?: SandboxAction;
}

export interface SandboxAction {
  readonly type: 'otp';
  readonly scene: 'card' | 'drawdown';
  readonly sent_to?: string;
  readonly message: string;
  readonly expires_at: string;
}

/** The answer to something told, and whether it is kept: what changes nothing is not. */
export interface Taken {
  readonly answer: SandboxAnswer;
  readonly keep: boolean;
}

export function taken(lenderRef: string, next_action?: SandboxAction): Taken {
  const action = next_action === undefined ? {} : { next_action };
  return { answer: { result: 'accepted', lender_ref: lenderRef, ...action }, keep: true };
}

/** A code that was not taken; that it was wrong is remembered. */
export function refusedCode(reason: string, triesLeft: number): Taken {
  if (reason !== 'otp_wrong') return refusedBecause(reason);
  return { answer: { result: 'rejected', reason, tries_left: triesLeft }, keep: true };
}

export function refusedBecause(reason: string, detail?: string): Taken {
  return { answer: { result: 'rejected', reason, ...(detail === undefined ? {} : { detail }) }, keep: false };
}
