import { type Finding, STAYS_ON_AT, share, type WindowName } from './finding.ts';
import type { WatchWindow } from './tally.ts';

/** Neighbours within one range of ten thousand numbers. People as they come have a handful a day there. */
const IN_ONE_RANGE: Readonly<Record<WindowName, number>> = { '10m': 100, '24h': 300 };
/** Neighbours anywhere: a sweep that hops from range to range. */
const SCATTERED = 300;
/** A partner of one small town, whose numbers are remembered all at once, has neighbours for one number in eight. */
const SCATTERED_SHARE = 0.25;

/** Phone numbers that are tried one after the other: far more neighbours than people as they come have. */
export function detectSequentialSweep(
  window: WindowName,
  { counts, largest }: WatchWindow,
  isOn: boolean,
): Finding | undefined {
  const ease = isOn ? STAYS_ON_AT : 1;
  const isInOneRange = largest.number >= IN_ONE_RANGE[window] * ease;
  const isScattered = counts.near >= SCATTERED * ease && counts.near >= counts.plain * SCATTERED_SHARE * ease;
  if (!isInOneRange && !isScattered) return undefined;
  const evidence = {
    asked_plain: counts.plain,
    neighbours: counts.near,
    neighbours_share: share(counts.near, counts.plain),
    largest_range: largest.number,
  };
  return { kind: 'sequential_sweep', window, evidence };
}
