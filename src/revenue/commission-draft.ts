import type { CounterMove } from './counters.ts';

/** One posting that an event calls for, complete but for its place in the ledger. */
export interface CommissionDraft {
  /** `com_…`, the same for the same event, contract, rule and reversed line: booking it twice is found out. */
  readonly transferId: string;
  readonly contract: string;
  readonly termsId: string;
  readonly rule: string;
  /** Type of the event. */
  readonly on: string;
  /**
   * `accrual` and `clawback` book a line of their own. `void` gives up the held line `reverses` whole instead: no line,
   * only its status and the way back from pending.
   */
  readonly kind: 'accrual' | 'clawback' | 'void';
  /** Minor units that the rate applied to, null for fixed amounts. */
  readonly base: bigint | null;
  /** Percent, null for fixed amounts and when several tiers took part. */
  readonly rate: string | null;
  /** Signed minor units; `void` carries the negative of what is given up. */
  readonly amount: bigint;
  readonly currency: string;
  /** Key to remember as paid, with the line. */
  readonly onceKey: string | null;
  /** End of a hold that is not over when the event is recorded. */
  readonly holdUntilMs: number | null;
  /** Decides the period of the line. */
  readonly payableAtMs: number;
  /** The line taken back. */
  readonly reverses: string | null;
  /** Set on a line that is booked as void from the start (amount 0, no transfers), so that its reason is kept. */
  readonly voidReason: 'cap_exceeded' | null;
  /** What booking it adds to counters. */
  readonly counters: readonly CounterMove[];
  /** The calculation in one sentence. */
  readonly why: string;
}
