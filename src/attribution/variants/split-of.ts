import { hash } from 'node:crypto';
import type { Variant } from '../../registry/schema/variants.ts';

const SPLIT_DIGITS = 6;

const splits = new WeakMap<readonly Variant[], string>();

/** Names how clicks are split among variants now. What their pages say is not in it: that is what is compared. */
export function splitOf(variants: readonly Variant[]): string {
  const known = splits.get(variants);
  if (known !== undefined) return known;
  const parts = variants.map(({ id, weight, audience = null }) => [id, weight, audience]);
  const split = hash('sha256', JSON.stringify(parts), 'hex').slice(0, SPLIT_DIGITS);
  splits.set(variants, split);
  return split;
}
