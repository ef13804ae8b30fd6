/** Personal data of an application, in plain: exists only in memory between opening the seal and the lender's push. */
export interface SealedRecord {
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly device: Readonly<Record<string, unknown>> | null;
  readonly documents: readonly unknown[];
  readonly verifications: readonly unknown[];
  readonly consents: readonly unknown[];
  /** Where the applicant comes back to: an address that may carry anything; absent = no address was given. */
  readonly return_url?: string | null;
  /** What came along with a drawdown, by loan id; absent = nothing did. */
  readonly drawdowns?: Readonly<Record<string, SealedDrawdown>>;
}

/** What of a drawdown names the applicant, or may. */
export interface SealedDrawdown {
  readonly bank_card: Readonly<Record<string, unknown>> | null;
  readonly consents: readonly unknown[];
  readonly return_url: string | null;
}
