/** One event of a lender and its answer, as the log of what came in keeps it: nothing of the person, no amounts. */
export interface InboundRow {
  /** When it came, RFC 3339 in business time. */
  readonly at: string;
  /** The lender's id of the event; null when it gave none that can be one. */
  readonly id: string | null;
  /** null when there is no such type. */
  readonly type: string | null;
  /** As stated, RFC 3339 UTC; null when it is no instant. */
  readonly occurred_at: string | null;
  /** The application that it was found to be about; null when none was. */
  readonly application_id: string | null;
  readonly result: 'applied' | 'duplicate' | 'held' | 'rejected';
  /** Of a rejected one. */
  readonly code: string | null;
  /** What is wrong and where, in words. */
  readonly detail: string | null;
}
