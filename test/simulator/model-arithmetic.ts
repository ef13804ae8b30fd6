import type { PlainVersion, Rounding } from './plain-terms.ts';

/** Shanghai has had no summer time since 1991: a day is a day. */
const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday: days since the Monday before it. */
const THURSDAY = 3;
const MID_MONTH = 16;

/** Number of the local day of an instant. */
export function dayOf(ms: number): number {
  return Math.floor((ms + OFFSET_MS) / DAY_MS);
}

/** First instant of a local day, `YYYY-MM-DD`. */
export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) - OFFSET_MS;
}

/** A day as text, so many days after another. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

type Cycle = PlainVersion['cycle'];

/** First day of the period around an instant. */
export function periodAt(cycle: Cycle, ms: number): string {
  const day = dayOf(ms);
  if (cycle === 'sun') return dayText(day - ((day + THURSDAY) % 7));
  const month = dayText(day).slice(0, 8);
  return cycle === 'half_month' && Number(dayText(day).slice(8)) >= MID_MONTH ? `${month}${MID_MONTH}` : `${month}01`;
}

/** First day of the period after one. */
export function periodAfter(cycle: Cycle, id: string): string {
  if (cycle === 'sun') return dayText(dayOf(startOf(id)) + 7);
  if (cycle === 'half_month' && id.endsWith('-01')) return `${id.slice(0, 8)}${MID_MONTH}`;
  const [year = 0, month = 0] = id.split('-').map(Number);
  return `${month === 12 ? year + 1 : year}-${String(month === 12 ? 1 : month + 1).padStart(2, '0')}-01`;
}

/** First instant after a period. */
export function endOf(cycle: Cycle, id: string): number {
  return startOf(periodAfter(cycle, id));
}

/** A fraction as a whole number: ties to even, ties away from zero, or downwards. */
export function rounded(numerator: bigint, denominator: bigint, how: Rounding): bigint {
  const rest = ((numerator % denominator) + denominator) % denominator;
  const down = (numerator - rest) / denominator;
  if (how === 'floor' || rest * 2n < denominator) return down;
  if (rest * 2n > denominator) return down + 1n;
  if (how === 'half_up') return numerator < 0n ? down : down + 1n;
  return down % 2n === 0n ? down : down + 1n;
}

/** So many hundredths of a percent of a sum, not rounded yet: over 10 000. */
export function pointsOf(sum: bigint, points: number): bigint {
  return sum * BigInt(points);
}

export const POINTS = 10_000n;
