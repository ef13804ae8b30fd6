import { isUnavailable } from '../../redis/is-unavailable.ts';
import type { ClickArrival, RecordedClick } from '../clicks/click.ts';
import type { ClickStore } from '../clicks/click-store.ts';
import type { ShardBreaker } from './shard-breaker.ts';

/** A click cannot be recorded now. Its messages are among those that `isUnavailable` and `isUnsent` know. */
class ClicksAwayError extends Error {
  override readonly name = 'ClicksAwayError';
}

/**
 * Records clicks where Redis can be used; where it is known that it cannot, fails at once, and nothing was sent. A fault,
 * such as a password that is no longer right, is reported and answered as if Redis were away: no visitor pays for it.
 */
export class GuardedClicks {
  readonly #clicks: Pick<ClickStore, 'record'>;
  readonly #breaker: ShardBreaker;
  readonly #failed: (error: unknown) => void;

  constructor(clicks: Pick<ClickStore, 'record'>, breaker: ShardBreaker, failed: (error: unknown) => void) {
    this.#clicks = clicks;
    this.#breaker = breaker;
    this.#failed = failed;
  }

  /** @throws an error for which `isUnavailable` holds, whatever the reason */
  async record(arrival: ClickArrival): Promise<RecordedClick> {
    if (this.#breaker.isAway(arrival.shard)) throw new ClicksAwayError("Stream isn't writeable: Redis is away");
    try {
      return await this.#clicks.record(arrival);
    } catch (error) {
      if (isUnavailable(error)) {
        this.#breaker.open();
        throw error;
      }
      this.#failed(error);
      throw new ClicksAwayError('Connection is closed to this click', { cause: error });
    }
  }
}
