import { type Finding, STAYS_ON_AT, share, type WindowName } from './finding.ts';
import type { WatchWindow } from './tally.ts';

/** How many answers told something of a person, and how many of those of one who is not new. */
export interface HitRate {
  readonly told: number;
  readonly known: number;
}

/** Smallest samples that are compared. */
const WINDOW_MIN = 500;
const BASELINE_MIN = 5_000;
/** Beyond what chance does in all windows of all partners there ever will be. */
const Z_MIN = 6;
/** Campaigns and week-ends move a rate too: it must be at least so many times what it was, or so small a part of it, … */
const FACTOR_MIN = 2;
/** … and in absolute terms by so much. */
const DIFFERENCE_MIN = 0.05;

/**
 * A share of known people far from the partner's own past: numbers out of nowhere find nobody, a list of somebody's customers
 * finds only those. A two-sided z-test of two binomial proportions, with the baseline's as the expected one.
 * @param baseline the partner's past, without the window
 */
export function detectHitRate(
  window: WindowName,
  { counts: { told, known } }: WatchWindow,
  baseline: HitRate,
  isOn: boolean,
): Finding | undefined {
  if (told < WINDOW_MIN * (isOn ? STAYS_ON_AT : 1) || baseline.told < BASELINE_MIN) return undefined;
  const rate = known / told;
  const usual = baseline.known / baseline.told;
  const z = zScore(rate, told, usual, baseline.told);
  if (Math.abs(z) < Z_MIN * (isOn ? STAYS_ON_AT : 1)) return undefined;
  // Half the way back, in the sense of factors.
  const factor = isOn ? Math.sqrt(FACTOR_MIN) : FACTOR_MIN;
  const isFar = rate >= usual * factor || rate <= usual / factor;
  if (!isFar || Math.abs(rate - usual) < DIFFERENCE_MIN * (isOn ? STAYS_ON_AT : 1)) return undefined;
  const evidence = {
    answers: told,
    known_share: share(known, told),
    usual_answers: baseline.told,
    usual_known_share: share(baseline.known, baseline.told),
    z: Math.round(z * 10) / 10,
  };
  return { kind: 'hit_rate', window, evidence };
}

/**
 * How many standard errors a rate lies from the usual one. A past without a single hit or miss is taken to have had one.
 */
export function zScore(rate: number, sample: number, usual: number, usualSample: number): number {
  const expected = Math.min(Math.max(usual, 1 / usualSample), 1 - 1 / usualSample);
  return (rate - expected) / Math.sqrt(expected * (1 - expected) * (1 / sample + 1 / usualSample));
}
