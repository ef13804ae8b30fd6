/** What a check belongs to: how the core answers, what becomes of applicants, the events that it posts. */
export type TrialPart = 'core' | 'stories' | 'events';

/** `noted` = it works, and could be better; `skipped` = it was not tried. */
export type TrialVerdict = 'passed' | 'failed' | 'noted' | 'skipped';

/** One thing that was looked at. */
export interface TrialCheck {
  readonly part: TrialPart;
  /** Stable: `redelivery`, `0004`, `rejected.currency_mismatch`. */
  readonly id: string;
  readonly title: string;
  readonly verdict: TrialVerdict;
  /** What was seen, and where. */
  readonly found: string;
  /** What to do about it, in a sentence; null = nothing. */
  readonly fix: string | null;
  /** Section of the guide page about lenders. */
  readonly section: GuideSection;
}

export type GuideSection = 'try' | 'try-signatures' | 'try-answers' | 'try-stories' | 'try-events';

/** A trial that cannot be run, or not to its end, for a reason that lies outside of the core; the message is for a person. */
export class TrialCannotRunError extends Error {
  override readonly name = 'TrialCannotRunError';
}

/** What a trial came to. */
export interface TrialReport {
  readonly lender: string;
  readonly product: string;
  readonly partner: string;
  /** The same again gives the same people. */
  readonly seed: string;
  readonly checks: readonly TrialCheck[];
  /** Nothing failed. */
  readonly passed: boolean;
  /** Applications that could not be ended. */
  readonly leftOpen: number;
  /** By how much the sandbox clock was moved, whole days. */
  readonly daysMoved: number;
}
