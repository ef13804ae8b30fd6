import { aprRange } from '../../../applications/quote/quote.ts';
import type { Language } from '../../../http/accept-language.ts';
import type { RegisteredProduct, Registry } from '../../../registry/registry.ts';
import { agreementsOf } from '../agreements-of.ts';
import type { ProductView } from './product-schema.ts';

/** Finding a yearly cost takes thousands of steps, and a product never changes: its successor is another object. */
const ranges = new WeakMap<RegisteredProduct, ProductView['apr']>();

/** Lowest and highest yearly cost of a product, decimal fractions; null when fees eat every loan. */
export function aprOfProduct(product: RegisteredProduct): ProductView['apr'] {
  let range = ranges.get(product);
  if (range === undefined) {
    range = aprRange(product) ?? null;
    ranges.set(product, range);
  }
  return range;
}

/** A product as partners read it. */
export function productView(
  registry: Registry,
  product: RegisteredProduct,
  language: Language,
  updatedAt: string,
): ProductView {
  const { id, kind, currency, amount, term, repayment, fees, eligibility, requirements, status } = product;
  return {
    id,
    name: product.name[language],
    lender: { id: product.lender_id, name: registry.lenders.get(product.lender_id)?.name ?? product.lender_id },
    funders: product.funders.map((funder) => ({ id: funder, name: registry.funders.get(funder)?.name ?? funder })),
    kind,
    currency,
    amount,
    term,
    repayment,
    apr: aprOfProduct(product),
    fees,
    regions_excluded: eligibility.excluded_regions,
    purposes: eligibility.purposes,
    requirements: {
      applicant: requirements.applicant,
      documents: requirements.documents,
      verifications: requirements.verifications,
      consents: agreementsOf(product),
    },
    status,
    cooling_off_days: product.cooling_off_days,
    updated_at: updatedAt,
  };
}
