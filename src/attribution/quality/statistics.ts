/** The middle of some numbers, the mean of the two middle ones of an even count; 0 of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Makes the median absolute deviation of a normal distribution its standard deviation: 1 / Φ⁻¹(¾). */
const NORMAL_CONSISTENCY = 1.4826;

/** A standard deviation that a few wild values do not move: 1.4826 × the median distance from the median. */
export function robustDeviation(numbers: readonly number[]): number {
  const middle = median(numbers);
  return NORMAL_CONSISTENCY * median(numbers.map((number) => Math.abs(number - middle)));
}

/** Standard deviations for a one-sided error of 0.05 %: what is judged often must rarely err. */
export const SURE_Z = 3.29;

/**
 * Where a share may lie that was seen as `part` of `whole` (E. B. Wilson, 1927): good for small numbers and for shares
 * near 0 and 1, unlike the normal approximation.
 */
export function wilsonBounds(part: number, whole: number, z: number = SURE_Z): { lower: number; upper: number } {
  if (whole <= 0) return { lower: 0, upper: 1 };
  const share = Math.min(part, whole) / whole;
  const zz = (z * z) / whole;
  const centre = share + zz / 2;
  const spread = z * Math.sqrt((share * (1 - share)) / whole + zz / (4 * whole));
  return { lower: Math.max(0, (centre - spread) / (1 + zz)), upper: Math.min(1, (centre + spread) / (1 + zz)) };
}

/** How likely at most `count` events are where `expected` are (Poisson); summed from its largest term down. */
export function poissonAtMost(count: number, expected: number): number {
  if (expected <= 0) return 1;
  let logTerm = -expected;
  let sum = Math.exp(logTerm);
  for (let at = 1; at <= count; at += 1) {
    logTerm += Math.log(expected / at);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** Four digits behind the point are enough for a person. */
export function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
