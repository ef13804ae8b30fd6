/** What counting needs of one arrival in a click log; whoever logs them may know more. */
export interface CountedClick {
  readonly id: string;
  /** Stream id in the click log of its shard. */
  readonly position: string;
  /** The earlier click of the same visitor that it repeats; null = a click of its own. */
  readonly repeats: string | null;
  readonly facts: {
    readonly link_code: string;
    readonly partner_id: string;
    readonly product_id: string;
    readonly lender_id: string | null;
    readonly visitor: string;
    readonly bot: boolean;
    readonly speculative: boolean;
    /** Why it did not go where its link leads. */
    readonly cause: string | null;
    /** What was wrong with the address of a signed link. */
    readonly entry: string | null;
    /** Business time, ms. */
    readonly at_ms: number;
  };
}

/**
 * Somebody else who wants every arrival. Called for each shard in the order of its log, at least once: after a crash the same
 * arrivals come again, so each consumer keeps a mark of its own where its effect lives.
 */
export interface ClickConsumer<Click extends CountedClick = CountedClick> {
  /** For messages. */
  readonly name: string;
  consume(shard: number, clicks: readonly Click[]): Promise<void>;
}

/** The click logs, by shard. */
export interface ClickLogs<Click extends CountedClick = CountedClick> {
  /** Arrivals after a place (`0-0` = from the beginning), oldest first, at most `count`. */
  read(shard: number, after: string, count: number): Promise<Click[]>;
  /** Place of the newest arrival; `0-0` when there is none. */
  tail(shard: number): Promise<string>;
}
