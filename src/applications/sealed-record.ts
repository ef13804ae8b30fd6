/** Personal data of an application, in plain: exists only in memory between opening the seal and the lender's push. */
export interface SealedRecord {
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly device: Readonly<Record<string, unknown>> | null;
  readonly documents: readonly unknown[];
  readonly verifications: readonly unknown[];
  readonly consents: readonly unknown[];
}
