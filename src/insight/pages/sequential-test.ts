import { informationOf, isCompared, type Stratum } from './rate-interval.ts';

/** What may be said of a variant beside its control, however often somebody looks. */
export type TestVerdict = 'better' | 'worse' | 'undecided' | 'too_few';

/** Over all looks together, so often at most is a difference found where there is none. */
export const ALPHA = 0.05;
/**
 * Clicks of each variant at which the test is sharpest; about what a rise from 10 % to 12 % takes. It may be looked at
 * before and after: this only says where the same certainty costs least.
 */
const PLANNED_CLICKS = 4_000;
/** Below these a proportion is not near enough to the normal distribution that the bound is made for. */
export const CLICKS_MIN = 400;
export const SUCCESSES_MIN = 30;

/**
 * Compares two proportions so that it can be looked at every day: the bound holds at all times at once, not only on a day that
 * was chosen in advance. An ordinary test at 95 %, looked at daily, finds a winner among equals more often than once in five.
 *
 * The statistic is Cochran's (Biometrics 10, 1954): differences within what was split alike, over their pooled variance, z². It
 * is held against the normal mixture bound of H. Robbins (Ann. Math. Stat. 41, 1970), in the form of asymptotic confidence
 * sequences (I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, "Time-uniform central limit theory and asymptotic
 * confidence sequences", Annals of Statistics 52, 2024, Theorem 2.2), which for two proportions is the mixture SPRT of R. Johari,
 * P. Koomen, L. Pekelis, D. Walsh, "Always valid inference", Operations Research 70, 2022.
 * @param comparisons how many variants are compared with this control: each gets an equal part of {@link ALPHA} (Bonferroni)
 */
export function sequentialTest(strata: readonly Stratum[], comparisons: number): TestVerdict {
  const compared = strata.filter(isCompared);
  let difference = 0;
  let variance = 0;
  let information = 0;
  for (const stratum of compared) {
    const { control, variant } = stratum;
    const weight = informationOf(stratum);
    const pooled = (control.successes + variant.successes) / (control.trials + variant.trials);
    difference += weight * (variant.successes / variant.trials - control.successes / control.trials);
    variance += weight * pooled * (1 - pooled);
    information += weight;
  }
  if (isTooFew(compared)) return 'too_few';
  const bound = mixtureBound((2 * information) / PLANNED_CLICKS, ALPHA / comparisons);
  if (difference ** 2 / variance < bound) return 'undecided';
  return difference > 0 ? 'better' : 'worse';
}

function isTooFew(strata: readonly Stratum[]): boolean {
  const clicks = (arm: keyof Stratum): number => strata.reduce((sum, stratum) => sum + stratum[arm].trials, 0);
  const both = strata.flatMap(({ control, variant }) => [control, variant]);
  const successes = both.reduce((sum, rate) => sum + rate.successes, 0);
  const failures = both.reduce((sum, rate) => sum + rate.trials - rate.successes, 0);
  return Math.min(clicks('control'), clicks('variant')) < CLICKS_MIN || Math.min(successes, failures) < SUCCESSES_MIN;
}

/**
 * What z² has to reach, after `planned` times the sample at which the bound is tightest: with t·ρ² = s,
 * 2 (s + 1) / s · ln(√(s + 1) / α); ρ² = (−2 ln α + ln(−2 ln α) + 1) / t* makes it tightest at t* (ibid., Appendix B.2).
 */
export function mixtureBound(planned: number, alpha: number): number {
  const s = planned * (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha)) + 1);
  return ((2 * (s + 1)) / s) * Math.log(Math.sqrt(s + 1) / alpha);
}

/** z of 80 % power. */
const Z_POWER = 0.8416212335729143;
/** Two-sided z of 5 % divided among 1, 2, … comparisons. */
const Z_BONFERRONI = [1.959964, 2.241403, 2.39398, 2.497705, 2.575829, 2.638257, 2.69011];

/** The smallest difference that is looked for: a fifth of the control's rate. */
export const RELATIVE_EFFECT = 0.2;

/**
 * Clicks that each variant takes until a rise by {@link RELATIVE_EFFECT} shows with 80 % power at 5 %: a plan for one look
 * (J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions", 3rd edition, formula 4.14). A test that
 * may be looked at every day takes rather more.
 * @returns undefined where the control's rate is 0 or so high that it cannot rise by as much
 */
export function plannedClicks(baseline: number, comparisons: number): number | undefined {
  const raised = baseline * (1 + RELATIVE_EFFECT);
  if (baseline <= 0 || raised >= 1) return undefined;
  const z = Z_BONFERRONI[Math.min(comparisons, Z_BONFERRONI.length) - 1] ?? 0;
  const mean = (baseline + raised) / 2;
  const spread =
    z * Math.sqrt(2 * mean * (1 - mean)) + Z_POWER * Math.sqrt(baseline * (1 - baseline) + raised * (1 - raised));
  return Math.ceil((spread / (raised - baseline)) ** 2);
}
