/** A text that the applicant is asked to agree to, as the lender names it. */
export interface ActionAgreement {
  readonly kind: string;
  readonly document: string;
  readonly version: string;
  readonly text_sha256: string;
  readonly url?: string | undefined;
}

/** What the applicant has to do, as partners are told. */
export interface NextAction {
  readonly id: string;
  readonly type: 'supplement' | 'redirect' | 'otp' | 'agree' | 'card';
  readonly scene: 'apply' | 'card' | 'drawdown' | 'repay';
  readonly fields?: readonly string[] | undefined;
  readonly documents?: readonly string[] | undefined;
  readonly verifications?: readonly string[] | undefined;
  readonly agreements?: readonly ActionAgreement[] | undefined;
  readonly url?: string | undefined;
  /** Where a code was sent, with digits starred. */
  readonly sent_to?: string | undefined;
  readonly message?: string | undefined;
  readonly expires_at: string;
}

/** An action with what waits for it and what has become of it. All instants are business time, RFC 3339 UTC. */
export interface Action extends NextAction {
  /** What waits for it; none of them = the application itself. */
  readonly loan_id?: string | undefined;
  readonly card_id?: string | undefined;
  readonly repayment_id?: string | undefined;
  /** When the lender asked. */
  readonly asked_at: string;
  /** Answers that the lender did not take: wrong codes, papers that would not do. */
  readonly wrong_tries: number;
  /** Keyed hashes of the codes that were sent to the lender to be judged, so that each counts once; absent = none. */
  readonly codes_tried?: readonly string[];
  /** How often another code was asked for, and when last; absent = never. */
  readonly resends?: number;
  readonly resent_at?: string;
  /** When the applicant did it; the lender may not have said so yet. Absent = not yet. */
  readonly answered_at?: string;
  /** Keyed hash of the answer: the same again, or another one. */
  readonly answer?: string;
  /** When the lender said that it is done. */
  readonly completed_at?: string;
  /** When its time ran out unanswered. */
  readonly expired_at?: string;
  /** When the partner was told that the applicant leaves it lying. */
  readonly stalled_at?: string;
}

/**
 * A bank card that an applicant binds. Its number is known to the lender alone; the last four digits tell nobody who it is
 * (PCI DSS 4.0 §3.5.1 lets them be kept), so they stay when the person is erased.
 */
export interface Card {
  readonly id: string;
  readonly bank_code: string | null;
  readonly last4: string;
  /** Whether it is used where no card is named. */
  readonly default: boolean;
  readonly status: 'pending' | 'active' | 'refused' | 'removed';
  /** Why the lender, or our own check, refused it. */
  readonly reason: string | null;
  /** How often it was tried to bind it: a card that was refused or removed may come again. */
  readonly attempts: number;
  /** When it was last tried. */
  readonly requested_at: string;
  /** When it became active; null before. */
  readonly bound_at: string | null;
  readonly created_at: string;
}
