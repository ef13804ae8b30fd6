/** Where an applicant is handed over to: a lender's application, or its pages about a credit, a drawdown, a repayment. */
export const HANDOFF_DESTINATIONS = ['apply', 'credit', 'loan', 'repay'] as const;
export type HandoffDestination = (typeof HANDOFF_DESTINATIONS)[number];

/**
 * One hand-off (联合登录): who hands whom over, to where, and until when. Nothing of the person; the address that the applicant
 * comes back to may carry anything, so it lies sealed beside it.
 */
export interface Handoff {
  readonly id: string;
  readonly partner_id: string;
  readonly lender_id: string;
  readonly product_id: string;
  readonly destination: HandoffDestination;
  readonly application_id: string | null;
  readonly loan_id: string | null;
  readonly partner_user_ref: string | null;
  /** Tokens of the person, so that the hand-off counts as a touch once it is redeemed. */
  readonly tokens: readonly string[];
  /** Business time, RFC 3339. */
  readonly created_at: string;
  readonly expires_at: string;
}

/** A hand-off with what has become of it. */
export interface StoredHandoff {
  readonly handoff: Handoff;
  /** Business time, epoch ms; null = it can still be redeemed. */
  readonly spentAtMs: number | null;
  /** Sealed identity that the lender may be told; undefined when none was given, and once it is spent or over. */
  readonly sealed: string | undefined;
  /** Until when our own form may be shown to whoever opened it, epoch ms of real time; null = it led to the lender. */
  readonly formUntilMs: number | null;
  /** What the applicant made of it on our own form; null = nothing yet. */
  readonly appliedAs: string | null;
}

/** What a hand-off brings to our own form of the person: as it was given in plain. */
export interface Prefill {
  readonly name?: string;
  readonly id_number?: string;
  readonly phone?: string;
  /** When the partner has verified the phone, RFC 3339. */
  readonly phone_verified_at?: string;
}

/** What of a hand-off may name the person, each part sealed for itself and kept no longer than it can be used. */
export interface SealedHandoff {
  /** Identity that the lender may be told; undefined when none was given. */
  readonly person: string | undefined;
  /** Where the applicant comes back to. */
  readonly back: string;
}

/** Where an applicant comes back to, as it is sealed. */
export interface WayBackTo {
  readonly return_url: string;
  /** A page of our own; absent = the partner's, which is told the outcome and signed for it. */
  readonly is_ours?: true;
}

/** What the two parts are sealed for: they open nowhere else. */
export const personPlace = (handoffId: string): string => handoffId;
export const backPlace = (handoffId: string): string => `${handoffId}/back`;
