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
}

/** What of a hand-off may name the person, each part sealed for itself and kept no longer than it can be used. */
export interface SealedHandoff {
  /** Identity that the lender may be told; undefined when none was given. */
  readonly person: string | undefined;
  /** Where the applicant comes back to. */
  readonly back: string;
}

/** What the two parts are sealed for: they open nowhere else. */
export const personPlace = (handoffId: string): string => handoffId;
export const backPlace = (handoffId: string): string => `${handoffId}/back`;
