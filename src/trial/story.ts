/** What the applicant, or the partner in their place, does. */
export type Deed =
  /** Gives what is asked for. */
  | 'supplement'
  /** Binds a card: a wrong code first, then the right one. */
  | 'card'
  | 'draw'
  /** Gives the code that the drawdown waits for. */
  | 'otp'
  /** Pays everything back. */
  | 'repay'
  | 'cancel';

/** How much business time must pass: `term` = until every instalment is due, and a while. */
export type NeededTime = { readonly minutes: number } | { readonly days: number } | 'term';

/** A state that an applicant's application and its newest loan are to come to; everything that is named must hold. */
export interface Expected {
  readonly application?: readonly string[];
  readonly reason?: string;
  /** Somebody waits for the applicant. */
  readonly asks?: 'supplement' | 'otp';
  readonly loan?: readonly string[];
  readonly loanReason?: string;
  /** The credit is higher than it was. */
  readonly raised?: true;
  /** Absent = it comes by itself, at once. */
  readonly after?: NeededTime;
}

export type StoryStep = { readonly do: Deed } | { readonly wait: Expected };

/** One row of the sandbox set: who applies, what they do, what must come of it. */
export interface Story {
  /** Last four digits of the phone number, or a word for somebody with any other ending. */
  readonly key: string;
  readonly title: string;
  readonly steps: readonly StoryStep[];
  /** What time brings. */
  readonly later?: Expected;
  /** Event types that must be told of the application, in this order; others may come between. */
  readonly events: readonly string[];
  /** Further ones, when time was given. */
  readonly laterEvents?: readonly string[];
  /** Event types that must not come. */
  readonly never?: readonly string[];
  /** Real time that its steps may take beyond what others get, ms. */
  readonly extraMs?: number;
  /** Its events come in the wrong order, and twice, on purpose. */
  readonly disordered?: true;
}
