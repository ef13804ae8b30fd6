import { isDeepStrictEqual } from 'node:util';
import type { Audience, Variant } from '../../registry/schema/variants.ts';
import { type Interval, type Rate, rateDifference, type Stratum, wilsonInterval } from './rate-interval.ts';
import { plannedClicks, sequentialTest } from './sequential-test.ts';
import { isUnevenlySplit } from './split-check.ts';

/** What a click can come to, in order; each counts once a click. `clicks` is what the rest is measured by. */
export const VARIANT_STEPS = [
  'clicks',
  'views',
  'starts',
  'otp_sent',
  'submits',
  'accepted',
  'granted',
  'disbursed',
] as const;
export type VariantStep = (typeof VARIANT_STEPS)[number];

/** Clicks of one variant that came to each step. */
export type StepCounts = Readonly<Record<VariantStep, number>>;

/** Split → variant → counts. */
export type VariantCounts = ReadonlyMap<string, ReadonlyMap<string, StepCounts>>;

/** What variants are compared by. */
export const GOAL: VariantStep = 'accepted';

export const VERDICTS = [
  'control',
  'not_enough_data',
  'better',
  'worse',
  'no_clear_difference',
  'uneven_split',
  'not_compared',
] as const;
/**
 * `not_enough_data` while nothing can be said; `no_clear_difference` once the planned sample is there and still none shows;
 * `uneven_split` when clicks came in other shares than the weights say, so that something loses them; `not_compared` for a
 * variant whose audience no other one has.
 */
export type Verdict = (typeof VERDICTS)[number];

export interface StepResult extends Interval {
  readonly step: VariantStep;
  readonly count: number;
  /** Of the variant's clicks; null without clicks. */
  readonly rate: number | null;
}

export interface VariantResult {
  readonly id: string;
  /** null = the link has it no longer. */
  readonly weight: number | null;
  readonly audience: Audience | null;
  readonly clicks: number;
  readonly steps: readonly StepResult[];
  /** What it is compared with; null for a control, and for a variant that is not compared. */
  readonly control: string | null;
  readonly difference: (Interval & { readonly difference: number }) | null;
  readonly verdict: Verdict;
  /** Clicks of each variant planned for; null while the control has brought nothing. */
  readonly clicks_planned: number | null;
}

/** Nothing came to any step. */
export const NOTHING: StepCounts = Object.fromEntries(VARIANT_STEPS.map((step) => [step, 0])) as StepCounts;

/**
 * How a link's variants did. Variants are compared with the first of the same audience: chance alone decided which of them a
 * person got, so what differs is what they do. People of different audiences differ anyway.
 * @param split how clicks are split now
 */
export function variantResults(variants: readonly Variant[], counts: VariantCounts, split: string): VariantResult[] {
  const known = new Set(variants.map(({ id }) => id));
  const gone = [...new Set([...counts.values()].flatMap((each) => [...each.keys()]))].filter((id) => !known.has(id));
  return [
    ...variants.map((variant) => {
      const group = variants.filter(({ audience }) => isDeepStrictEqual(audience, variant.audience));
      return resultOf(variant, group, counts, split);
    }),
    ...gone.sort().map((id) => ({ ...shown(id, counts), weight: null, audience: null, ...NOT_COMPARED })),
  ];
}

const NOT_COMPARED = { control: null, difference: null, verdict: 'not_compared', clicks_planned: null } as const;

function resultOf(variant: Variant, group: readonly Variant[], counts: VariantCounts, split: string): VariantResult {
  const { id, weight, audience = null } = variant;
  const own = { ...shown(id, counts), weight, audience };
  const [control] = group;
  if (control === undefined || group.length === 1) return { ...own, ...NOT_COMPARED };
  const comparisons = group.length - 1;
  const planned = plannedOf(control.id, counts, comparisons);
  if (variant === control) return { ...own, ...NOT_COMPARED, verdict: 'control', clicks_planned: planned };
  const strata = strataOf(control.id, id, counts);
  const clicksNow = group.map((one) => ({ weight: one.weight, clicks: counts.get(split)?.get(one.id)?.clicks ?? 0 }));
  return {
    ...own,
    control: control.id,
    difference: rateDifference(strata) ?? null,
    verdict: isUnevenlySplit(clicksNow) ? 'uneven_split' : verdictOf(strata, comparisons, planned),
    clicks_planned: planned,
  };
}

function verdictOf(strata: readonly Stratum[], comparisons: number, planned: number | null): Verdict {
  const found = sequentialTest(strata, comparisons);
  if (found === 'better' || found === 'worse') return found;
  const smallest = Math.min(
    ...(['control', 'variant'] as const).map((arm) => strata.reduce((sum, each) => sum + each[arm].trials, 0)),
  );
  const isPlanReached = found === 'undecided' && planned !== null && smallest >= planned;
  return isPlanReached ? 'no_clear_difference' : 'not_enough_data';
}

function plannedOf(controlId: string, counts: VariantCounts, comparisons: number): number | null {
  const { clicks, [GOAL]: reached } = totalOf(controlId, counts);
  return clicks === 0 ? null : (plannedClicks(Math.min(reached / clicks, 1), comparisons) ?? null);
}

function strataOf(controlId: string, id: string, counts: VariantCounts): Stratum[] {
  return [...counts.values()].map((each) => ({ control: rateOf(each.get(controlId)), variant: rateOf(each.get(id)) }));
}

/** Clicks are counted behind the redirect: for moments, what a click came to may be known before the click. */
function rateOf({ clicks, [GOAL]: reached }: StepCounts = NOTHING): Rate {
  return { trials: clicks, successes: Math.min(reached, clicks) };
}

function shown(id: string, counts: VariantCounts): Pick<VariantResult, 'id' | 'clicks' | 'steps'> {
  const total = totalOf(id, counts);
  const trials = total.clicks;
  const steps = VARIANT_STEPS.slice(1).map((step): StepResult => {
    const successes = Math.min(total[step], trials);
    return {
      step,
      count: total[step],
      rate: trials === 0 ? null : successes / trials,
      ...wilsonInterval({ successes, trials }),
    };
  });
  return { id, clicks: trials, steps };
}

function totalOf(id: string, counts: VariantCounts): StepCounts {
  const each = [...counts.values()].map((variants) => variants.get(id) ?? NOTHING);
  const sum = (step: VariantStep): number => each.reduce((total, one) => total + one[step], 0);
  return Object.fromEntries(VARIANT_STEPS.map((step) => [step, sum(step)])) as StepCounts;
}
