import { ProblemError } from '../../../http/problem.ts';
import type { RegisteredProduct, Registry } from '../../../registry/registry.ts';

/**
 * The product that a path names.
 * @throws ProblemError 404
 */
export function findProduct(registry: Registry, id: string): RegisteredProduct {
  const product = registry.products.get(id);
  if (product === undefined) throw new ProblemError('not_found', 'there is no such product');
  return product;
}
