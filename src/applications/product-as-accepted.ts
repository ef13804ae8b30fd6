import type { RegisteredProduct } from '../registry/registry.ts';
import type { Application } from './model.ts';
import type { AcceptedProduct } from './offer.ts';

export type { AcceptedProduct } from './offer.ts';

/**
 * The product of an application as it was offered, also when its file has changed since or it was taken off the list. Of
 * applications older than this rule, the product as it is listed now; undefined when there is neither.
 */
export function productAsAccepted<Listed>(
  { offer, product_id: id, lender_id }: Pick<Application, 'offer' | 'product_id' | 'lender_id'>,
  listed: Listed | undefined,
): AcceptedProduct | Listed | undefined {
  return offer === undefined ? listed : { ...offer, id, lender_id };
}

/** Whether it is a limit that is drawn on repeatedly: then its applicant stays a customer while it is open. */
export function isRevolving(
  application: Pick<Application, 'offer' | 'product_id' | 'lender_id'>,
  listed: Pick<RegisteredProduct, 'kind'> | undefined,
): boolean {
  return productAsAccepted(application, listed)?.kind === 'revolving';
}
