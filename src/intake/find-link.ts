import type { LinkStore, StoredLink } from '../attribution/link-store.ts';
import type { RegisteredProduct, Registry } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';

/** A link with whose it is and what it leads to. */
export interface LinkTarget {
  readonly code: string;
  readonly partner: TrafficPartner;
  readonly product: RegisteredProduct;
  /** `hosted`, or an https URL. */
  readonly landing: string;
  readonly fallbackUrl: string | null;
}

const CODE = /^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/;

/**
 * The link of a code: from the partner's file or made over the API. Answers at once, without a promise, whenever the link
 * is in memory. Undefined when there is none, or its partner or product is gone.
 */
export function findLink(
  registry: Registry,
  links: LinkStore,
  code: string,
): LinkTarget | undefined | Promise<LinkTarget | undefined> {
  const registered = registry.links.get(code);
  if (registered !== undefined) {
    const { link, partner } = registered;
    const product = registry.products.get(link.product);
    const fallbackUrl = link.fallback_url ?? null;
    return product && { code, partner, product, landing: link.landing, fallbackUrl };
  }
  const remembered = links.remembered(code);
  if (remembered !== undefined) return targetOf(registry, remembered);
  if (!CODE.test(code)) return undefined;
  return links.find(code).then((link) => link && targetOf(registry, link));
}

function targetOf(registry: Registry, link: StoredLink): LinkTarget | undefined {
  const partner = registry.traffic.get(link.partner_id);
  const product = registry.products.get(link.product_id);
  if (partner === undefined || product === undefined) return undefined;
  return { code: link.code, partner, product, landing: link.landing, fallbackUrl: link.fallback_url };
}
