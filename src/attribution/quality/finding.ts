/** What can be found about traffic; partners read these codes. */
export const QUALITY_CODES = [
  'click_flood',
  'repeat_clicks',
  'data_centre_traffic',
  'too_quick',
  'too_late',
  'low_conversion',
  'high_rejection',
  'operator_hold',
] as const;
export type QualityCode = (typeof QUALITY_CODES)[number];

/** `watch`: it is shown. `hold`: clicks are not billable meanwhile. */
export type QualitySeverity = 'watch' | 'hold';

/** What a judgement has found. */
export interface Found {
  readonly code: QualityCode;
  readonly severity: QualitySeverity;
  /** Counts and shares that it rests on, by name. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A finding as it is kept and told. Times RFC 3339, business time. */
export interface QualityFinding {
  readonly id: string;
  readonly partner_id: string;
  /** null = the partner's links together. */
  readonly link_code: string | null;
  readonly code: QualityCode;
  readonly severity: QualitySeverity;
  /** As last seen. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly since: string;
  readonly last_seen_at: string;
  /** null while it is on. */
  readonly ended_at: string | null;
  readonly hold: QualityHold | null;
}

/** Clicks of a link that are not billable. */
export interface QualityHold {
  readonly from: string;
  /** It ends then at the latest: the end of the day after the one on which it began. */
  readonly until: string;
  /** An operator, or null when it was laid by itself. */
  readonly laid_by: string | null;
  readonly reason: string | null;
  readonly lifted: QualityLift | null;
}

export interface QualityLift {
  readonly at: string;
  /** Operator. */
  readonly by: string;
  readonly reason: string;
  /** Whether the clicks that were held became billable. */
  readonly restore: boolean;
}
