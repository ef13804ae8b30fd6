import type { Application, Credit, Loan, Payment } from '../model.ts';

/**
 * What the lifecycle notes beside the model so that lender events may come in any order: when a part was last set. All
 * optional: a document without them reads as "not set since it began".
 */
export interface DatedCredit extends Credit {
  /** Field → `occurred_at` of the event that set it. */
  readonly set_at?: Readonly<Record<string, string>>;
}

export interface DatedLoan extends Loan {
  /** `occurred_at` of the event that brought the schedule. */
  readonly schedule_at?: string;
}

export interface DatedPayment extends Payment {
  /** `occurred_at` of its reversal. */
  readonly reversed_at?: string;
}

export interface CountedApplication extends Application {
  /**
   * How often the inbox of lender events was written. The inbox lies beside the document: whoever read both knows by this
   * number that neither has moved.
   */
  readonly inbox_writes?: number;
}

export function inboxWrites(application: Application): number {
  return (application as CountedApplication).inbox_writes ?? 0;
}

/** The application with its inbox counted as written once more. */
export function countInboxWrite(application: Application): Application {
  const counted: CountedApplication = { ...application, inbox_writes: inboxWrites(application) + 1 };
  return counted;
}
