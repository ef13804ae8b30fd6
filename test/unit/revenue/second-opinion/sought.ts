/** A line as the contract's text makes it. All of a history is kept, and every question is answered by looking through it. */
export interface SoughtLine {
  readonly event: string;
  readonly contract: string;
  readonly terms: string;
  readonly rule: string;
  readonly on: string | null;
  readonly kind: 'accrual' | 'clawback' | 'true_up';
  readonly base: bigint | null;
  readonly rate: string | null;
  readonly amount: bigint;
  readonly occurred: number;
  readonly payable: number;
  readonly hold: number | null;
  /** Period whose statement lists it, or would once its hold is over. */
  readonly period: string;
  readonly original: string | null;
  readonly key: string;
  readonly application: string | null;
  readonly loan: string | null;
  readonly payment: string | null;
  readonly reverses: SoughtLine | null;
  /** `cap_exceeded`, or the event that took it back whole while it was held. */
  voided: string | null;
}

/** Something in the event does not let the terms be applied exactly: nothing of it is booked. */
export class CannotBePriced extends Error {}

/** What a contract has, event by event: the list of everything booked, and the first period that is not cut. */
export interface SoughtBook {
  readonly lines: SoughtLine[];
  readonly open: Map<string, string>;
}
