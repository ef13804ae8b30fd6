import { aprOfProduct } from '../../../catalogue/apr-of-product.ts';
import type { ShownStop } from '../../../catalogue/pause.ts';
import type { ProductStatus } from '../../../catalogue/product-status.ts';
import type { Language } from '../../../http/accept-language.ts';
import type { RegisteredProduct, Registry } from '../../../registry/registry.ts';
import { agreementsByStage, agreementsOf } from '../agreements-of.ts';
import type { ProductView } from './product-schema.ts';

/** What of a product is not in its file. */
export interface ProductState {
  readonly status: ProductStatus;
  readonly stops: readonly ShownStop[];
  /** RFC 3339. */
  readonly updatedAt: string;
}

/** A product as partners read it. What it shows of the files is what `contentOf` watches. */
export function productView(
  registry: Registry,
  product: RegisteredProduct,
  { status, stops, updatedAt }: ProductState,
  language: Language,
): ProductView {
  const { id, kind, currency, amount, term, repayment, fees, eligibility, requirements } = product;
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
    due_day: product.due_day ?? null,
    apr: aprOfProduct(product),
    fees,
    regions_excluded: eligibility.excluded_regions,
    purposes: eligibility.purposes,
    requirements: {
      applicant: requirements.applicant,
      documents: requirements.documents,
      verifications: requirements.verifications,
      consents: agreementsOf(product),
      agreements: agreementsByStage(product),
    },
    hours: product.hours,
    timezone: product.timezone,
    status,
    stops: [...stops],
    cooling_off_days: product.cooling_off_days,
    updated_at: updatedAt,
  };
}
