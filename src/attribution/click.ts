import { DAY_MS } from '../base/clock.ts';

/** How long a click can be attributed at the longest, and so is kept, where the settings say nothing else. */
export const CLICK_LIFETIME_MS = 400 * DAY_MS;

/** What is known of one click; kept with it and told in its event. No address and no user agent: those are only hashed. */
export interface ClickFacts {
  readonly link_code: string;
  readonly partner_id: string;
  readonly product_id: string;
  readonly lender_id: string | null;
  /** Pseudonym of the browser, see `Visitors`. */
  readonly visitor: string;
  readonly bot: boolean;
  /** Why it went to the fallback address: `paused`, `hours`, `suspended`; null when it went where the link leads. */
  readonly cause: string | null;
  readonly sub_ids: Readonly<Record<string, string>>;
  /** Business time of this arrival, milliseconds. */
  readonly at_ms: number;
}

/** A stored click: the facts of its first arrival. */
export interface Click extends ClickFacts {
  readonly id: string;
}

/** A click as it arrives. */
export interface ClickArrival {
  /** `clk_…` in the visitor's shard, used when this is the visitor's first click of the window. */
  readonly id: string;
  readonly facts: ClickFacts;
  /** Whether the visitor's window opens with it: not for bots, prefetches and HEAD, which must not spend it for a person. */
  readonly opensWindow: boolean;
  /** Whether it is paid where terms pay for clicks, provided it is the visitor's first. */
  readonly mayBill: boolean;
  /** A second pseudonym under which the same visitor will come back: the cookie that is being set. */
  readonly alias: string | null;
}

export interface RecordedClick {
  /** The given id, or the id of the visitor's earlier click of the window. */
  readonly id: string;
  readonly unique: boolean;
}
