import { aprRange } from '../pricing/apr-range.ts';
import type { RegisteredProduct } from '../registry/registry.ts';

/** Lowest and highest yearly cost, every fee in; decimal fractions. */
export interface AprRange {
  readonly min: string;
  readonly max: string;
}

/** Finding a yearly cost takes thousands of steps, and a product never changes: its successor is another object. */
const ranges = new WeakMap<RegisteredProduct, AprRange | null>();

/** Lowest and highest yearly cost of a product; null when fees eat every loan. */
export function aprOfProduct(product: RegisteredProduct): AprRange | null {
  let range = ranges.get(product);
  if (range === undefined) {
    range = aprRange(product) ?? null;
    ranges.set(product, range);
  }
  return range;
}
