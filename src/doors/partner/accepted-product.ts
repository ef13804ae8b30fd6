import type { Application } from '../../applications/model.ts';
import { type AcceptedProduct, productAsAccepted } from '../../applications/product-as-accepted.ts';
import { ProblemError } from '../../http/problem.ts';
import type { Registry } from '../../registry/registry.ts';

/**
 * The product of an application as its applicant was offered it, whatever has become of it since.
 * @throws ProblemError 404 when nothing is known of it
 */
export function acceptedProduct(registry: Registry, application: Application): AcceptedProduct {
  const product = productAsAccepted(application, registry.products.get(application.product_id));
  if (product === undefined) throw new ProblemError('not_found', 'the product is no longer listed');
  return product;
}
