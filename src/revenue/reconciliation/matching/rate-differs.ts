import { Rational } from '../../../base/rational.ts';
import type { TheirRow } from '../reading/their-row.ts';
import type { OurUnit } from './sides.ts';

const HUNDRED = Rational.of(100n);
/** The other side may round otherwise. */
const ROUNDING_SLACK = 1n;

/**
 * Whether the amounts differ because the rates do: theirs is our base at their rate. They may give it as percent, as we do, or
 * as a fraction.
 */
export function isOtherRate(row: TheirRow, { lines }: OurUnit): boolean {
  const [line] = lines;
  if (row.rate === null || line === undefined || lines.length > 1 || line.base === null || line.rate === null) {
    return false;
  }
  const ours = Rational.parse(line.rate);
  const theirs = Rational.parse(row.rate);
  const readings = [theirs, theirs.mul(HUNDRED)];
  if (readings.some((rate) => rate.equals(ours))) return false;
  const base = Rational.of(line.base);
  return readings.some((rate) => {
    const difference = row.amount - base.mul(rate).div(HUNDRED).round('half_even');
    return difference >= -ROUNDING_SLACK && difference <= ROUNDING_SLACK;
  });
}
