import type { RegisteredProduct } from '../registry/registry.ts';

/** Facts of a product by which an application that was accepted is quoted, granted, drawn and judged. */
const PINNED = [
  'name',
  'funders',
  'kind',
  'currency',
  'amount',
  'term',
  'repayment',
  'due_day',
  'first_period_min_days',
  'rate',
  'fees',
  'apr_cap',
  'quotes',
  'timezone',
  'fpd_days',
  'refused_days',
  'cooling_off_days',
  'requirements',
] as const satisfies readonly (keyof RegisteredProduct)[];

type PinnedFacts = Pick<RegisteredProduct, (typeof PINNED)[number]> & {
  readonly eligibility: Pick<RegisteredProduct['eligibility'], 'purposes'>;
};

/** What was offered when the application came; kept on it, whatever becomes of the product. */
export type Offer = PinnedFacts & {
  /** Of the counterparty files then. */
  readonly revision: string;
};

/** A product as somebody whose application was accepted may rely on it. A product of the registry fits as it is. */
export type AcceptedProduct = PinnedFacts & Pick<RegisteredProduct, 'id' | 'lender_id'>;

/** What is kept of a product on an application. @param revision of the counterparty files */
export function offerOf(product: RegisteredProduct, revision: string): Offer {
  const facts = Object.fromEntries(PINNED.map((name) => [name, product[name]])) as Pick<
    RegisteredProduct,
    (typeof PINNED)[number]
  >;
  return {
    ...facts,
    eligibility: { purposes: product.eligibility.purposes },
    revision,
  };
}
