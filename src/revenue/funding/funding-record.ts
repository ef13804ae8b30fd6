/**
 * Whose money one application is, as its events have told so far. Named with the credit, or with the payout, it may change
 * until then; each loan keeps its own. Later events name neither, so it is kept beside the log.
 */
export interface FundingRecord {
  /** Place in the log of the last event that had its effect on what funders owe: whatever lies before is done. */
  readonly done: string;
  /** Place of the first event at which a funder was known: nothing before it can have earned. */
  readonly since: string;
  /** Funder of the credit, null while nobody has named one. */
  readonly funder: string | null;
  /** Whether a loan was ever paid out: from then on another funder of the credit is one of later loans alone. */
  readonly paid_out: boolean;
  /** Funders that it was before, in error or for the time being. */
  readonly before: readonly string[];
  /** By loan id, from its payout on. */
  readonly loans: Readonly<Record<string, LoanFunding>>;
}

export interface LoanFunding {
  readonly funder: string;
  readonly before: readonly string[];
}

/** Everything that the funders of an application are: of its credit and of its loans, each once. */
export function fundersOf({ funder, loans }: FundingRecord): string[] {
  return [...new Set([...(funder === null ? [] : [funder]), ...Object.values(loans).map((loan) => loan.funder)])];
}
