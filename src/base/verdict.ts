/** How an applicant reached the lender. */
export type Via = 'api' | 'click' | 'handoff' | 'lender';

/** One contact that could have earned the application, and why it did or did not. */
export interface AttributionCandidate {
  readonly touch: { readonly kind: 'claim' | 'submission' | 'click' | 'handoff' | 'precheck'; readonly id: string };
  readonly partner_id: string | null;
  readonly at: string;
  readonly age_seconds: number;
  readonly valid: boolean;
  /** Stable code: `existing_claim`, `submitted_by`, `last_touch`, `first_touch`, `below_lookback`, `above_lookback`, `older_touch`, `precheck_is_not_a_touch`, … */
  readonly why: string;
}

/** Which touch introduced an application, and everything that was considered. Stored once, never recomputed. */
export interface AttributionVerdict {
  /** Who earns; null = direct, no commission. */
  readonly partner_id: string | null;
  readonly via: Via | null;
  /** Same codes as `why` of the winner; `direct` when nobody won. */
  readonly reason: string;
  readonly model: 'first_valid' | 'last_valid';
  readonly link_code: string | null;
  readonly click_id: string | null;
  readonly candidates: readonly AttributionCandidate[];
  readonly decided_at: string;
}
