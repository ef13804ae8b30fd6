import type { LinkTarget } from '../../intake/find-link.ts';
import { closedNow } from '../../screening/product-rules.ts';
import type { ReferralDeps } from './referral-deps.ts';

/** Whether what a link leads to takes no applications now. */
export function isClosedNow({ page }: ReferralDeps, { product, partner }: LinkTarget): boolean {
  const nowMs = page.clock.nowMs();
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: page.registry().lenders.get(product.lender_id)?.status === 'active',
    paused: page.pauses.stopOf(product.id, 'new', nowMs),
  };
  return closedNow(product, standing, nowMs) !== undefined;
}
