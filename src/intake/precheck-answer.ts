import type { RegisteredProduct } from '../registry/registry.ts';
import type { Decision } from '../screening/decision.ts';
import type { LiveOutcome } from '../screening/live/live-answer.ts';

export interface ProductAnswer {
  readonly product: RegisteredProduct;
  readonly decision: Decision;
  /** RFC 3339; null when nothing is reserved. */
  readonly reservedUntil: string | null;
  /** true = the lender was to be asked and has not answered: the acceptance is its `on_timeout`. */
  readonly isUnconfirmed?: boolean;
}

/** What asking lenders at their cores came to: one outcome a lender, and how long the slowest took. */
export interface LiveTrace {
  readonly outcomes: readonly LiveOutcome[];
  readonly ms: number;
}

export interface PrecheckAnswer {
  readonly id: string;
  readonly provisional: boolean;
  readonly validUntil: string;
  readonly answers: readonly ProductAnswer[];
  /** A wanted reservation was not made, because the partner holds as many as it may. */
  readonly reservationsExhausted: boolean;
  /** Absent when no lender was asked. */
  readonly live?: LiveTrace;
}
