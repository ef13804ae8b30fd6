import { SECOND_MS } from '../base/clock.ts';

/** `open`: the endpoint is down, nothing is sent; `half_open`: one message tries whether it is back. */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** Failures in a row that open the breaker. */
export const BREAKER_FAILURES = 5;
/** How long nothing is sent then; stretched by up to a fifth, so that processes do not try together. */
export const BREAKER_PAUSE_MS = 5 * SECOND_MS;
const PAUSE_JITTER = 0.2;
/** After an outage the width doubles after each so long stretch of success. */
const RAMP_STEP_MS = SECOND_MS;

/**
 * What one endpoint of others, a lender's core or a partner's, may be asked to bear now: a circuit breaker, and after an
 * outage a ramp. Whoever sends there tells it how the endpoint does. One that comes back has a queue before it; it gets one
 * message at a time, and twice as many after every good second, up to its limit. Pure state: every call brings the time along.
 */
export class EndpointGate {
  readonly #random: () => number;
  readonly #changed: (state: BreakerState) => void;
  readonly #pauseMs: (openings: number) => number;
  #state: BreakerState = 'closed';
  #failures = 0;
  /** How often it was opened since the endpoint did well last. */
  #openings = 0;
  #openUntilMs = 0;
  /** How many at once while it ramps up; null = as many as its limit. */
  #width: number | null = null;
  #stepSinceMs = 0;

  /**
   * @param changed told of every change of the breaker
   * @param pauseMs how long nothing is sent when it opens for the first, second, … time in a row
   */
  constructor(
    random: () => number,
    changed: (state: BreakerState) => void = () => undefined,
    pauseMs: (openings: number) => number = () => BREAKER_PAUSE_MS,
  ) {
    this.#random = random;
    this.#changed = changed;
    this.#pauseMs = pauseMs;
  }

  state(nowMs: number): BreakerState {
    return this.#state === 'open' && nowMs >= this.#openUntilMs ? 'half_open' : this.#state;
  }

  /** How often it was opened since the endpoint did well last: how long it has been away. */
  get openings(): number {
    return this.#openings;
  }

  /** Until when nothing is let through, epoch ms; 0 while something is. */
  get openUntilMs(): number {
    return this.#state === 'open' ? this.#openUntilMs : 0;
  }

  /** How many messages may be under way at the same time. @param limit the endpoint's own */
  width(limit: number, nowMs: number): number {
    const state = this.state(nowMs);
    if (state === 'open') return 0;
    if (state === 'half_open') return Math.min(1, limit);
    return Math.min(this.#width ?? limit, limit);
  }

  /** A message is about to be sent. */
  began(nowMs: number): void {
    if (this.#state === 'open' && nowMs >= this.#openUntilMs) this.#become('half_open');
  }

  /** The endpoint has answered. @returns true when it is back after an outage */
  succeeded(limit: number, nowMs: number): boolean {
    this.#failures = 0;
    // What was sent before it went down says nothing of now.
    if (this.#state === 'open') return false;
    if (this.#state === 'half_open') {
      this.#openings = 0;
      this.#width = 1;
      this.#stepSinceMs = nowMs;
      this.#become('closed');
      return true;
    }
    if (this.#width !== null && nowMs - this.#stepSinceMs >= RAMP_STEP_MS) {
      this.#stepSinceMs = nowMs;
      this.#width = this.#width * 2 >= limit ? null : this.#width * 2;
    }
    return false;
  }

  /** The endpoint did not answer, or said that it is in trouble. */
  failed(nowMs: number): void {
    this.#failures += 1;
    if (this.#width !== null) {
      this.#width = 1;
      this.#stepSinceMs = nowMs;
    }
    const opens = this.#state === 'half_open' || (this.#state === 'closed' && this.#failures >= BREAKER_FAILURES);
    if (!opens) return;
    this.#openings += 1;
    this.#openUntilMs = nowMs + this.#pauseMs(this.#openings) * (1 + PAUSE_JITTER * this.#random());
    this.#become('open');
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#changed(state);
  }
}
