import type { RegisteredProduct, Registry } from '../registry/registry.ts';
import { type Pause, stoppedNow } from './pause.ts';

/** What a product is for somebody who wants to apply. Opening hours are no status: they are shown beside it. */
export type ProductStatus = 'open' | 'paused' | 'closed';

/** What the files say: a lender that is not active closes all of its products. */
export function fileStatusOf(registry: Registry, product: RegisteredProduct): ProductStatus {
  return registry.lenders.get(product.lender_id)?.status === 'active' ? product.status : 'closed';
}

/** Files and pauses together: the strictest wins. */
export function statusNow(fileStatus: ProductStatus, pauses: readonly Pause[], nowMs: number): ProductStatus {
  if (fileStatus !== 'open') return fileStatus;
  return stoppedNow(pauses, 'new', nowMs) === undefined ? 'open' : 'paused';
}
