import type { Statement } from './statement.ts';

/** Something that must be settled before a period is closed. */
export interface Blocker {
  /** Stable: `period_not_over`, `events_parked`, `events_waiting`, `totals_missing`, `totals_differ`, `disputes_open`, `identity_…`. */
  readonly code: string;
  readonly count: number;
  readonly detail: string;
}

/** Why a period cannot be closed now, whatever is waived. */
export type CloseRefusalCode =
  | 'unknown_contract'
  | 'unknown_period'
  | 'period_out_of_order'
  | 'period_locked'
  | 'four_eyes_required';

export type CloseOutcome =
  | { readonly result: 'done'; readonly statement: Statement }
  | { readonly result: 'refused'; readonly code: CloseRefusalCode; readonly detail: string }
  | { readonly result: 'blocked'; readonly blockers: readonly Blocker[] };

/** Which period, and who asks. */
export interface CloseRequest {
  readonly partnerId: string;
  readonly contract: string;
  /** First day of the period, `YYYY-MM-DD`. */
  readonly period: string;
  /** Name of the operator. */
  readonly actor: string;
  readonly waive?: readonly { readonly code: string; readonly reason: string }[];
}

export function refused(code: CloseRefusalCode, detail: string): CloseOutcome {
  return { result: 'refused', code, detail };
}
