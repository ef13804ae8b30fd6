/** Chi-square at p = 0.001 by degrees of freedom, 1 to 7. */
const CRITICAL = [10.828, 13.816, 16.266, 18.467, 20.515, 22.458, 24.322];
/** The approximation of chi-square holds from here. */
const EXPECTED_MIN = 10;

/**
 * Whether clicks came in other shares than the weights say: then something loses clicks of one variant before they are counted,
 * and no comparison means anything (sample ratio mismatch: A. Fabijan and others, "Diagnosing sample ratio mismatch in online
 * controlled experiments", KDD 2019). p < 0.001, as they advise, since it is asked at every look.
 */
export function isUnevenlySplit(arms: readonly { readonly weight: number; readonly clicks: number }[]): boolean {
  const active = arms.filter(({ weight }) => weight > 0);
  const weights = active.reduce((sum, { weight }) => sum + weight, 0);
  const clicks = active.reduce((sum, arm) => sum + arm.clicks, 0);
  const expected = active.map(({ weight }) => (weight / weights) * clicks);
  const critical = CRITICAL[active.length - 2];
  if (critical === undefined || Math.min(...expected) < EXPECTED_MIN) return false;
  const square = active.reduce(
    (sum, arm, at) => sum + (arm.clicks - (expected[at] ?? 0)) ** 2 / (expected[at] ?? 1),
    0,
  );
  return square > critical;
}
