/** Which instalments somebody wants to pay: by their numbers, or everything that is left (提前结清). */
export type AskedInstalments = readonly number[] | 'all';

/**
 * A repayment that a partner asked for (还款). It moves no money by itself: the lender debits, and its `installment.paid`
 * events are the payments. Kept on the loan; amounts in minor units of the loan's currency.
 */
export interface Repayment {
  readonly id: string;
  /** The partner's reference: the same again is a retry. */
  readonly partner_ref: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** Why it failed; null otherwise. */
  readonly reason: string | null;
  /** As it was asked for. */
  readonly installments: AskedInstalments;
  /** The instalments that it pays; of `all` those that were unpaid when it was made. */
  readonly nos: readonly number[];
  /** What the lender was asked to collect. */
  readonly amount: number;
  readonly card_id: string | null;
  /** Payments of the moments before, known when it was made: they are none of its own. */
  readonly known_refs: readonly string[];
  /** The payments by which it succeeded. */
  readonly payment_refs: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
}

/** The clocks of a lender and of us differ by no more: its requests would not be taken otherwise. */
export const CLOCK_SKEW_MS = 30_000;
