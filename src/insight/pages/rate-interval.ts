/** Successes among trials: clicks that came so far among clicks that got a variant. */
export interface Rate {
  readonly successes: number;
  readonly trials: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % of the standard normal. */
export const Z_95 = 1.959963984540054;

/**
 * 95 % interval of a proportion: the score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", JASA 22, 1927). Unlike the textbook one it holds for few trials and near 0 and 1. Without trials it is all there is.
 */
export function wilsonInterval({ successes, trials }: Rate): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const p = successes / trials;
  const z2 = Z_95 ** 2;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (Z_95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials ** 2));
  // At the ends the limit is exact; what arithmetic leaves of it is not.
  return { low: successes === 0 ? 0 : centre - half, high: successes === trials ? 1 : centre + half };
}

/** What two variants brought while the weights stood as they did. */
export interface Stratum {
  readonly control: Rate;
  readonly variant: Rate;
}

/**
 * The variant's rate less the control's, with its 95 % interval.
 *
 * Weights that were changed meanwhile would make whoever got more clicks on a good day look good. Therefore rates are only
 * compared among clicks that were split alike, and the differences weighed by what each can tell (Mantel and Haenszel). The
 * interval joins Wilson's limits as variance estimates are recovered from them (MOVER: G. Y. Zou and A. Donner, Statistics in
 * Medicine 27, 2008); with one stratum it is method 10 of R. G. Newcombe, "Interval estimation for the difference between
 * independent proportions", Statistics in Medicine 17, 1998.
 * @returns undefined when no stratum has clicks of both
 */
export function rateDifference(strata: readonly Stratum[]): (Interval & { readonly difference: number }) | undefined {
  const compared = strata.filter(isCompared);
  const total = compared.reduce((sum, stratum) => sum + informationOf(stratum), 0);
  if (total === 0) return undefined;
  let difference = 0;
  let below = 0;
  let above = 0;
  for (const stratum of compared) {
    const weight = informationOf(stratum) / total;
    const [control, variant] = [stratum.control, stratum.variant].map((rate) => ({
      p: rate.successes / rate.trials,
      ...wilsonInterval(rate),
    })) as [Limits, Limits];
    difference += weight * (variant.p - control.p);
    below += weight ** 2 * ((variant.p - variant.low) ** 2 + (control.high - control.p) ** 2);
    above += weight ** 2 * ((variant.high - variant.p) ** 2 + (control.p - control.low) ** 2);
  }
  return { difference, low: difference - Math.sqrt(below), high: difference + Math.sqrt(above) };
}

type Limits = Interval & { readonly p: number };

export function isCompared({ control, variant }: Stratum): boolean {
  return control.trials > 0 && variant.trials > 0;
}

/** Half the harmonic mean of both sizes: what a comparison of them is worth. */
export function informationOf({ control, variant }: Stratum): number {
  const { trials: a } = control;
  const { trials: b } = variant;
  return (a * b) / (a + b);
}
