import { type BreakerState, EndpointGate } from '../../outbound/endpoint-gate.ts';
import { LenderLane } from './lender-lane.ts';
import type { ClaimedApplication } from './outbox.ts';
import type { Sent } from './send-delivery.ts';

/** What a lender's file says of how it is sent to. */
export interface LenderSettings {
  /** Deliveries under way at the same time, by all processes of this machine. */
  readonly maxConcurrent: number;
  /** How long its core may take to answer, ms. */
  readonly timeoutMs: number;
  /** Longest wait between attempts, ms, unless its core asks for more; absent = as the delays are. */
  readonly retryMaxMs?: number;
  /** It fetches what is for it: nothing is sent. */
  readonly isPulled: boolean;
}

/** Which of how many processes on this machine this one is (the first is 1). */
export interface ProcessShare {
  readonly index: number;
  readonly count: number;
}

/** Work in a lane: an application that was claimed. */
export interface LaneItem {
  readonly claimed: ClaimedApplication;
  /** Somebody waits for this delivery of it. */
  readonly wanted?: { readonly id: string; readonly sent: (sent: Sent) => void };
}

/** Deliveries to one lender that are under way at the same time, unless its file says otherwise. */
export const CORE_CONCURRENCY = 8;
/** Questions to one lender that are under way at the same time, in one process; they come beside the deliveries. */
export const QUESTIONS_MAX = 64;

/** The way to one lender's core in this process: its breaker and ramp, and the lane that deliveries take. */
export class LenderLine {
  readonly lenderId: string;
  readonly gate: EndpointGate;
  readonly lane: LenderLane<LaneItem>;
  readonly #settings: () => LenderSettings;
  readonly #share: ProcessShare;
  /** Questions under way. */
  questions = 0;

  constructor(
    lenderId: string,
    deps: {
      readonly settings: () => LenderSettings;
      readonly share: ProcessShare;
      readonly random: () => number;
      readonly nowMs: () => number;
      readonly work: (line: LenderLine, item: LaneItem) => Promise<void>;
      readonly freed: () => void;
      readonly breaker: (state: BreakerState) => void;
    },
  ) {
    this.lenderId = lenderId;
    this.#settings = deps.settings;
    this.#share = deps.share;
    this.gate = new EndpointGate(deps.random, deps.breaker);
    this.lane = new LenderLane(
      () => (this.settings.isPulled ? 0 : this.gate.width(this.limit, deps.nowMs())),
      (item) => deps.work(this, item),
      deps.freed,
    );
  }

  get settings(): LenderSettings {
    return this.#settings();
  }

  /** How much of the lender's limit is this process's. Together they never pass it, so one may have none. */
  get limit(): number {
    const { index, count } = this.#share;
    const { maxConcurrent } = this.settings;
    return Math.floor(maxConcurrent / count) + (index <= maxConcurrent % count ? 1 : 0);
  }
}
