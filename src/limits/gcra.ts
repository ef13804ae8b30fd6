/** A rate with room for bursts. */
export interface Rate {
  /** Sustained; may be a fraction. */
  readonly perSecond: number;
  /** At once after a quiet time; at least 1. */
  readonly burst: number;
}

/** `arrival` replaces the stored one, also of a refusal. */
export type RateVerdict =
  /** `used` of the burst is taken now, this one included. */
  | { readonly ok: true; readonly arrival: number; readonly used: number }
  /** `over` is missing until there is room for one more, in requests. */
  | { readonly ok: false; readonly arrival: number; readonly over: number };

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): one number holds what a token bucket keeps in two. Time is counted
 * in requests: how many the sustained rate alone has let through since the epoch. The theoretical arrival time of the next
 * request runs ahead of that by what the burst has been used for. So every step adds exactly 1, and nothing is lost by
 * rounding, whatever the rate.
 * @param arrival what the last accepted request left; 0 = none yet
 * @param nowSeconds a clock that may jump: what lies further ahead than the burst was stored before it was set back, or
 * before the burst was lowered, and is forgotten down to a used burst
 */
export function takeOne({ perSecond, burst }: Rate, arrival: number, nowSeconds: number): RateVerdict {
  const now = nowSeconds * perSecond;
  const current = Math.min(Math.max(arrival, now), now + burst);
  const over = current + 1 - now - burst;
  if (over > 0) return { ok: false, arrival: current, over };
  return { ok: true, arrival: current + 1, used: current + 1 - now };
}

/** Whole requests that are left of the burst. */
export function remainingOf({ burst }: Rate, used: number): number {
  return Math.max(0, Math.floor(burst - used));
}

/** Whole seconds until the burst is there again. */
export function secondsToFull({ perSecond }: Rate, used: number): number {
  return Math.ceil(used / perSecond);
}

/** Whole seconds to wait for one request; at least 1. */
export function secondsToWait({ perSecond }: Rate, over: number): number {
  return Math.max(1, Math.ceil(over / perSecond));
}
