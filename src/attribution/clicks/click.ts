import { DAY_MS } from '../../base/clock.ts';

/** How long a click can be attributed at the longest, and so is kept, where the settings say nothing else. */
export const CLICK_LIFETIME_MS = 400 * DAY_MS;

/** What is known of one click. No address and no user agent: those are only hashed, or told as a class. */
export interface ClickFacts {
  readonly link_code: string;
  readonly partner_id: string;
  readonly product_id: string;
  readonly lender_id: string | null;
  /** Pseudonym under which the browser was first seen, see `Visitors`. */
  readonly visitor: string;
  /** Robots by their name, and programs that fetch a preview for a message. */
  readonly bot: boolean;
  /** HEAD, or a browser that fetches what somebody may open next. */
  readonly speculative: boolean;
  /** Stable code of why it did not go where the link leads: `paused`, `hours`, `suspended`, `capped` …; null when it did. */
  readonly cause: string | null;
  /** What was found of the signature of a signed link: see whoever judges it; null when none was looked at. */
  readonly entry: string | null;
  /** The address hashed under the daily salt, 16 hex digits: the same one all day, nobody's the day after. */
  readonly ip: string;
  /** Whether the address belongs to a data centre. */
  readonly dc: boolean;
  readonly sub_ids: Readonly<Record<string, string>>;
  /** Which of its link's variants it got (`VariantMark` as text); absent = the link had none, or it led elsewhere. */
  readonly variant?: string | undefined;
  /** Business time of this arrival, milliseconds. */
  readonly at_ms: number;
}

/** A stored click: the facts of its first arrival. */
export interface Click extends ClickFacts {
  readonly id: string;
}

/** A click as it arrives; plain data, so that it can be kept in a file. */
export interface ClickArrival {
  /** The visitor's. */
  readonly shard: number;
  /** The random name in the visitor's cookie; null when it brought none of ours. Looked for before `facts.visitor`. */
  readonly cookie: string | null;
  /** Milliseconds in which the same visitor gets the same click; 0 = every click counts. Only a person opens the window. */
  readonly windowMs: number;
  /** 14 random hex digits: they end the click's id, and tell this arrival from every other. */
  readonly random: string;
  readonly facts: ClickFacts;
}

/** An arrival that was answered while Redis was away, under an id that carries the click. */
export interface KeptClick {
  /** Begins with `clk_` and the tag of the arrival's shard, as every id of a click. */
  readonly id: string;
  readonly arrival: ClickArrival;
  /**
   * Real time at which recording it was tried and ended without an answer, ms: it may be in the log already. null = it was
   * never sent.
   */
  readonly sentAtMs: number | null;
}

export interface RecordedClick {
  /** The new click's id, or that of the visitor's earlier click of the window. */
  readonly id: string;
  /** False when it is the visitor's earlier one. */
  readonly isNew: boolean;
}

/** One entry of a click log: every arrival is one. */
export interface LoggedClick {
  /** Of this arrival; where `repeats` is set nobody was ever told it. */
  readonly id: string;
  readonly shard: number;
  /** Stream id in the click log of the shard. */
  readonly position: string;
  /** The earlier click of the same visitor in the window, whose id the browser got again; null for a click of its own. */
  readonly repeats: string | null;
  readonly facts: ClickFacts;
}

/** Whether an arrival is a person's first in its window. Robots, prefetches and HEAD are nobody's. */
export function isUnique({ repeats, facts }: LoggedClick): boolean {
  return repeats === null && isPerson(facts);
}

export function isPerson({ bot, speculative }: Pick<ClickFacts, 'bot' | 'speculative'>): boolean {
  return !bot && !speculative;
}
