import type { SimEvent } from './event-log.ts';

/** An adjustment that an operator wants, with what it must bring. */
export interface WantedAdjustment {
  readonly contract: string;
  readonly kind: 'correction' | 'dispute' | 'manual';
  readonly amount: bigint;
  /** The line that it puts right. */
  readonly of: string | null;
  /** The period that it belongs to by its nature; null = the present one. A correction of a line goes by the line's. */
  readonly period: string | null;
  /** What tells it from every other one. */
  readonly once: string;
}

export interface WantedPayment {
  readonly contract: string;
  readonly direction: 'out' | 'in';
  readonly amount: number;
  readonly withheld: number;
  readonly paidAtMs: number;
  readonly reference: string;
  readonly allocations: readonly { readonly statement_id: string; readonly amount: number }[];
}

/** What a job may write: anything else that it writes is wrong. */
export interface Doing {
  readonly events?: readonly SimEvent[];
  readonly adjustments?: readonly WantedAdjustment[];
  readonly payment?: WantedPayment;
  /** It may cut, refresh or lock. */
  readonly closes?: boolean;
  /** It may release held lines. */
  readonly releases?: boolean;
}
