import type { SubjectFault } from '../identity/normalise-subject.ts';
import type { Registry } from '../registry/registry.ts';
import type { InputFault } from './intake-deps.ts';

/** A report that cannot be read. What can be read is never refused. */
export interface LenderReportFaults {
  readonly kind: 'invalid';
  readonly faults: readonly InputFault[];
}

/** A lender reports about its own products. Another lender's reads as unknown. */
export function lenderProductFault(
  registry: Registry,
  lenderId: string,
  productId: string | null,
): InputFault | undefined {
  if (productId === null || registry.products.get(productId)?.lender_id === lenderId) return undefined;
  return { pointer: '/product_id', code: 'unknown_product', message: `you have no product ${productId}` };
}

/** Faults of a subject, with pointers from the report's root. */
export function underSubject(errors: readonly SubjectFault[]): InputFault[] {
  return errors.map((error) => ({ ...error, pointer: `/subject${error.pointer}` }));
}
