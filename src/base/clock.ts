/**
 * The one source of "now" for every day-based rule (holds, locks, periods, retry_at). Signatures and nonces never use it:
 * they live in real time even while a sandbox clock is moved.
 */
export interface Clock {
  /** Milliseconds since the epoch, in business time. */
  nowMs(): number;
}

/** Business time = the machine's time. Used in live mode, and by everything that was given no other clock. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** The instant as RFC 3339 UTC with milliseconds, the form of every time in the API. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds of an RFC 3339 instant. Throws on text that is none: callers validate at the door. */
export function msOf(iso: string): number {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw new TypeError('not an RFC 3339 instant');
  return ms;
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
