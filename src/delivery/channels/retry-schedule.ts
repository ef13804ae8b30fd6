import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts';

/** Waits after the first, second, … failure, as Standard Webhooks has them: ten attempts in a little over three days. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Attempts of one delivery; after the last one it is given up. */
export const ATTEMPTS_MAX = RETRY_DELAYS_MS.length + 1;

/** An endpoint that has been away must not be met by everything at once: waits are stretched by up to this share. */
const JITTER_SHARE = 0.2;
/** A `Retry-After` is honoured up to here. */
const RETRY_AFTER_MAX_MS = HOUR_MS;

/**
 * How long to wait before the next attempt, ms; null = there is none.
 * @param attempts failed attempts, the latest included
 * @param random in [0, 1)
 * @param retryAfterMs what the endpoint asked for; 0 = nothing
 */
export function retryDelayMs(attempts: number, random: number, retryAfterMs = 0): number | null {
  const base = RETRY_DELAYS_MS[Math.max(attempts, 1) - 1];
  if (base === undefined) return null;
  return Math.round(Math.max(base, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS)) * (1 + JITTER_SHARE * random));
}

const PAUSE_FIRST_MS = 5 * SECOND_MS;
const PAUSE_MAX_MS = 5 * MINUTE_MS;

/** How long an endpoint that is down is left alone: twice as long each time, so that one that stays away costs next to nothing. */
export function breakerPauseMs(openings: number): number {
  return Math.min(PAUSE_FIRST_MS * 2 ** (openings - 1), PAUSE_MAX_MS);
}
