import type { z } from '@hono/zod-openapi';
import type { RegisteredProduct } from '../../registry/registry.ts';
import type { agreementSchema } from '../schemas/consent-schema.ts';

export type AgreementView = z.input<typeof agreementSchema>;

/** A product never changes: its successor is another object. */
const made = new WeakMap<RegisteredProduct, AgreementView[]>();

/** The texts that an applicant for this product agrees to, each naming lender and funders as its recipients. */
export function agreementsOf(product: RegisteredProduct): AgreementView[] {
  let agreements = made.get(product);
  if (agreements === undefined) {
    const parties = [product.lender_id, ...product.funders];
    agreements = product.requirements.consents.map(({ url = null, ...text }) => ({ ...text, url, parties }));
    made.set(product, agreements);
  }
  return agreements;
}
