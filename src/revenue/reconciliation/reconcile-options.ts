/** By which instant of ours a line is of a day. */
export type DatesOf = 'payable_at' | 'occurred_at';

/** How two sides are compared. */
export interface ReconcileOptions {
  /** Minor units, ≥ 0: amounts that differ by so much or less are as good as equal. */
  readonly tolerance: bigint;
  /** Days that two dates of the same thing may be apart. */
  readonly windowDays: number;
  /** `ref`: sums of each reference are compared instead of rows. */
  readonly groupBy: 'ref' | null;
  /** Rows of theirs are sums of a day, or of all. */
  readonly totals: boolean;
  /** Which days of ours such sums are of. */
  readonly datesOf: DatesOf;
}

export const TOLERANCE_MAX = 1_000_000;
export const WINDOW_DAYS_DEFAULT = 3;
export const WINDOW_DAYS_MAX = 31;
