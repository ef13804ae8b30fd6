import { MINUTE_MS } from '../../base/clock.ts';

/** A code that was not sent by then is stale: whoever typed it was told so, or was cut off, and asks for another. */
const CODE_SENT_WITHIN_MS = MINUTE_MS;

/**
 * Whether a message carries a one-time code. It is sent while somebody waits or not at all, and kept for nobody: neither for
 * a later attempt nor among what was given up.
 */
export function carriesCode(body: object): boolean {
  return 'otp' in body && body.otp !== undefined;
}

/** Whether the code of a message is stale. @param queuedMs when it came, real time */
export function isPastCode(body: object, queuedMs: number, nowMs: number): boolean {
  return carriesCode(body) && nowMs - queuedMs > CODE_SENT_WITHIN_MS;
}
