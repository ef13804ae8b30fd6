/** What a partner holds against one line, or against one that is missing. */
export const DISPUTE_KINDS = ['missing', 'amount', 'rate', 'status', 'attribution', 'duplicate'] as const;
export type DisputeKind = (typeof DISPUTE_KINDS)[number];

/** `accepted`: as claimed; `adjusted`: by another sum; `rejected`: not at all. */
export const DISPUTE_RESULTS = ['accepted', 'adjusted', 'rejected'] as const;
export type DisputeResult = (typeof DISPUTE_RESULTS)[number];

export interface DisputeLine {
  /** 1, 2, 3 … */
  readonly no: number;
  readonly kind: DisputeKind;
  /** The commission that it is about; null where none is known: it is missing. */
  readonly commission_id: string | null;
  readonly partner_ref: string | null;
  readonly lender_ref: string | null;
  /** What it should be by the partner’s reckoning, minor units; null = it does not say. */
  readonly claimed: number | null;
  readonly note: string;
  readonly resolution: {
    readonly result: DisputeResult;
    /** Signed minor units that were booked, 0 when none. */
    readonly amount: number;
    /** The line that was booked. */
    readonly adjustment_id: string | null;
    readonly reason: string;
    /** Name of the operator. */
    readonly by: string;
    readonly at: string;
  } | null;
}

/** What a partner holds against a statement. It is open until each of its lines is resolved. */
export interface Dispute {
  /** `dsp_…` */
  readonly id: string;
  readonly statement_id: string;
  readonly contract: string;
  readonly period: string;
  /** Revision that it was about. */
  readonly revision: number;
  readonly opened_at: string;
  readonly lines: readonly DisputeLine[];
}

export function isOpen({ lines }: Pick<Dispute, 'lines'>): boolean {
  return lines.some(({ resolution }) => resolution === null);
}
