import type { MovementKind } from './slot.ts';

/** A blocker that was set aside, by whom and why. */
export interface Waiver {
  readonly code: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** Where a period stands. Payment is no state of a period. A period that nothing lies in has no record. */
export type PeriodRecord =
  | { readonly contract: string; readonly id: string; readonly state: 'open' }
  | ClosingRecord
  /** Locked in passing: nothing lay in it. */
  | { readonly contract: string; readonly id: string; readonly state: 'passed' };

/** A period that was cut: its lines no longer change but by a refresh of the draft. */
export interface ClosingRecord {
  readonly contract: string;
  readonly id: string;
  readonly state: 'review' | 'locked';
  /** 1, and one more with every refresh. */
  readonly revision: number;
  readonly statement_id: string;
  readonly reviewed_by: string;
  readonly reviewed_at: string;
  readonly locked_by: string | null;
  readonly locked_at: string | null;
  readonly waived: readonly Waiver[];
}

export type Movements = Readonly<Record<MovementKind, bigint>>;

export const NO_MOVEMENTS: Movements = { added: 0n, released: 0n, voided: 0n, payments: 0n, withheld: 0n };

/** Whether the record is of a period that was cut by an operator. */
export function isClosing(record: PeriodRecord | undefined): record is ClosingRecord {
  return record?.state === 'review' || record?.state === 'locked';
}
