import type { RegisteredProduct } from '../../../registry/registry.ts';
import type { When } from '../../../registry/schema/rules.ts';
import type { Terms } from '../../../registry/schema/terms.ts';
import type { CommissionRule } from './precheck-schema.ts';

type Customer = 'new' | 'returning';
type ByCustomer = Readonly<Record<Customer, CommissionRule[]>>;

/** Terms and products never change: their successors are other objects. */
const found = new WeakMap<Terms, WeakMap<RegisteredProduct, ByCustomer>>();

/**
 * The rules of a terms version that may pay for an applicant who comes over the API for this product. Conditions that only
 * the loan will settle (first or repeat, its term, region, grade) do not rule one out.
 */
export function commissionOf(terms: Terms, product: RegisteredProduct, customer: Customer): CommissionRule[] {
  let byProduct = found.get(terms);
  if (byProduct === undefined) {
    byProduct = new WeakMap();
    found.set(terms, byProduct);
  }
  let rules = byProduct.get(product);
  if (rules === undefined) {
    rules = { new: matching(terms, product, 'new'), returning: matching(terms, product, 'returning') };
    byProduct.set(product, rules);
  }
  return rules[customer];
}

function matching(terms: Terms, product: RegisteredProduct, customer: Customer): CommissionRule[] {
  return terms.rules
    .filter((rule) => rule.on !== 'click' && admits(rule.when, product, customer))
    .map(({ id, on, pay }) => ({ rule: id, on, pay }));
}

function admits(when: When | undefined, product: RegisteredProduct, customer: Customer): boolean {
  if (when === undefined) return true;
  return (
    includes(when.products, product.id) &&
    includes(when.lenders, product.lender_id) &&
    (when.funders === undefined || product.funders.some((funder) => when.funders?.includes(funder))) &&
    when.links === undefined &&
    (when.via === undefined || when.via === 'api' || when.via.includes('api')) &&
    (when.customer === undefined || when.customer === customer)
  );
}

function includes(allowed: readonly string[] | undefined, value: string): boolean {
  return allowed === undefined || allowed.includes(value);
}
