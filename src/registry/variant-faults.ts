import type { FieldPath } from './registry-problem.ts';
import type { Product } from './schema/product.ts';
import type { Variant } from './schema/variants.ts';

/** What is wrong with what a variant fills in, for the product that its link leads to. */
export interface VariantFault {
  /** Within the link, such as `['variants', 0, 'page', 'default_amount']`. */
  readonly path: FieldPath;
  readonly code: 'not_offered';
  readonly message: string;
}

/** A form must not come filled in with what the product does not lend. */
export function variantFaults(
  variants: readonly Variant[],
  { amount, term }: Pick<Product, 'amount' | 'term'>,
): VariantFault[] {
  return variants.flatMap(({ page = {} }, index) => {
    const faults: VariantFault[] = [];
    const add = (field: string, message: string): void => {
      faults.push({ path: ['variants', index, 'page', field], code: 'not_offered', message });
    };
    const { default_amount: asked, default_term: months } = page;
    if (asked !== undefined && (asked < amount.min || asked > amount.max || (asked - amount.min) % amount.step !== 0)) {
      add('default_amount', `must be ${amount.min} to ${amount.max} in steps of ${amount.step}, minor units`);
    }
    if (months !== undefined && !term.options.includes(months)) {
      add('default_term', `must be one of ${term.options.join(', ')}`);
    }
    return faults;
  });
}
