import { MINUTE_MS, SECOND_MS } from '../../base/clock.ts';

/** Waits after the first, second, … failure; the last one repeats for ever: no applicant is given up because a core is down. */
export const RETRY_DELAYS_MS: readonly number[] = [
  SECOND_MS,
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
];

/** A core that has been away must not be met by everything at once: delays are stretched by up to this share. */
const JITTER_SHARE = 0.2;
/** A `Retry-After` longer than our own longest wait is not honoured. */
const RETRY_AFTER_MAX_MS = 30 * MINUTE_MS;

/**
 * How long to wait before the next attempt, in ms.
 * @param attempts failed attempts including the latest, ≥ 1
 * @param random in [0, 1)
 * @param retryAfterMs what the core asked for, if it did
 * @param maxMs our own longest wait, if the lender's file names a shorter one
 */
export function retryDelayMs(
  attempts: number,
  random: number,
  retryAfterMs = 0,
  maxMs = Number.POSITIVE_INFINITY,
): number {
  const step = Math.min(Math.max(attempts, 1), RETRY_DELAYS_MS.length) - 1;
  const base = Math.min(RETRY_DELAYS_MS[step] ?? SECOND_MS, maxMs);
  const asked = Math.min(retryAfterMs, RETRY_AFTER_MAX_MS);
  return Math.round(Math.max(base, asked) * (1 + JITTER_SHARE * random));
}
