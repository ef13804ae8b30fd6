import type { LogEvent } from './event.ts';

/**
 * Turns the log into an effect somewhere else: a push, a ledger line, a counter. The effect must be idempotent where it
 * lives, because an event is applied again after a crash between effect and cursor, and on replay.
 */
export interface Projection {
  /** Stable name: the cursor is stored under it. */
  readonly name: string;
  /**
   * Applies one event. Events of one subject arrive in order.
   * @throws a Redis outage is retried with the same event; any other error parks the event and those behind it
   */
  apply(event: LogEvent): Promise<void>;
}

/** What a worker tells the outside about itself. */
export interface RunnerObserver {
  applied(projection: string, event: LogEvent): void;
  parked(projection: string, event: LogEvent, error: unknown): void;
  failed(error: unknown): void;
}
