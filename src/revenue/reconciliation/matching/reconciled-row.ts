/**
 * What a row is, in the order in which it is asked: every row on both sides is in exactly one category.
 * `equal` ones need no look; of the others each says what differs.
 */
export const CATEGORIES = [
  'matched',
  'matched_within_tolerance',
  'amount_mismatch',
  'status_mismatch',
  'currency_mismatch',
  'date_out_of_period',
  'rate_mismatch',
  'tax_basis',
  'missing_in_ours',
  'missing_in_theirs',
  'duplicate_in_ours',
  'duplicate_in_theirs',
  'invalid_row',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Why a row has no counterpart, as far as that is known. */
export const EXPLANATIONS = [
  'held',
  'late',
  'voided',
  'capped',
  'refused',
  'attributed_elsewhere',
  'outside_window',
  'not_disbursed',
  'direct',
  'unknown',
] as const;
export type Explanation = (typeof EXPLANATIONS)[number];

/** One side of a reconciled row: one row, or several that were added up. */
export interface TheirSide {
  /** Numbers of lines of the file; the first {@link SHOWN_MAX} of them. */
  readonly lines: readonly number[];
  readonly count: number;
  /** Minor units of `currency`, signed. */
  readonly amount: bigint;
  readonly currency: string;
  /** Local day. */
  readonly day: string | null;
  readonly rate: string | null;
}

export interface OurSide {
  /** The first {@link SHOWN_MAX} of them. */
  readonly commissions: readonly string[];
  readonly count: number;
  /** Minor units of the statement's currency, signed. */
  readonly amount: bigint;
  /** Local day on which it became payable. */
  readonly day: string | null;
  readonly rate: string | null;
}

/** A counterpart that a person may find to be one. Never booked by itself. */
export interface Proposal {
  /** Commission of ours, or line of their file. */
  readonly commission_id: string | null;
  readonly line: number | null;
  readonly ref: string | null;
  readonly amount: bigint;
  readonly day: string | null;
  /** What speaks for it. */
  readonly because: readonly ProposalReason[];
}
export type ProposalReason = 'same_amount' | 'near_date' | 'one_character_off' | 'two_characters_swapped';

export interface ReconciledRow {
  /** Unique in its report: of a line of the file, of a commission, of a sum. */
  readonly id: string;
  readonly category: Category;
  readonly explanation: Explanation | null;
  readonly ref: string | null;
  readonly theirs: TheirSide | null;
  readonly ours: OurSide | null;
  /** Theirs − ours in the statement's currency; an amount in another currency counts 0. */
  readonly difference: bigint;
  /** Why an `invalid_row` cannot be read. */
  readonly why: string | null;
  /** A commission that is known under the reference and not on this statement. */
  readonly known: string | null;
  readonly proposals: readonly Proposal[];
}

/** Ids and line numbers of one side that are shown; the count says how many there are. */
export const SHOWN_MAX = 50;
