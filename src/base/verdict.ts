/** How an applicant reached the lender. */
export type Via = 'api' | 'click' | 'handoff' | 'lender';

/** Which of several valid touches wins. */
export type TouchModel = 'first' | 'last';

/** Step of the fixed order that decided: 1 a live claim, 2 who submitted it, 3 a valid touch, 4 nobody. */
export type VerdictRule = 'claim' | 'submission' | 'touch' | 'direct';

/** What of a partner's touches counts: no younger, no older; both edges count. */
export interface TouchWindow {
  readonly min_seconds: number;
  readonly max_days: number;
  readonly first_or_last: TouchModel;
}

/** One contact that could have earned the application, and why it did or did not. */
export interface AttributionCandidate {
  readonly touch: { readonly kind: 'claim' | 'submission' | 'click' | 'handoff' | 'precheck'; readonly id: string };
  readonly partner_id: string | null;
  readonly at: string;
  /** At the applicant's arrival; below 0 = it came later. */
  readonly age_seconds: number;
  /** Whether it could have earned it: what is valid and lost was beaten by something that comes before it. */
  readonly valid: boolean;
  /** Stable code, see `WHY_CODES`. */
  readonly why: string;
  /** The link of a click. */
  readonly link_code?: string;
  /** The window that a touch was judged by: its partner's, as it was then; absent = none was looked at. */
  readonly window?: TouchWindow;
}

/** Which touch introduced an application, and everything that was considered. Stored once, never recomputed. */
export interface AttributionVerdict {
  /** Who earns; null = direct, no commission. */
  readonly partner_id: string | null;
  readonly via: Via | null;
  /** Same codes as `why` of the winner; `direct` when nobody won. */
  readonly reason: string;
  /** Absent = decided before this was kept: `reason` says the same. */
  readonly rule?: VerdictRule;
  readonly model: 'first_valid' | 'last_valid';
  readonly link_code: string | null;
  readonly click_id: string | null;
  /** The winner is the first; then valid touches, youngest first; then the rest. */
  readonly candidates: readonly AttributionCandidate[];
  /** When the applicant came: ages are counted up to here. Absent = `decided_at`. */
  readonly arrived_at?: string;
  readonly decided_at: string;
  /** Contract → terms of the winner in force when the applicant came; absent = nobody won, or not kept then. */
  readonly terms?: Readonly<Record<string, string>>;
}
