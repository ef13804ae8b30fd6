import type { RegisteredProduct } from '../../../registry/registry.ts';
import type { PartnerDeps } from '../partner-deps.ts';

/** The product of a partner's own link, agreed or made over the API; undefined for an unknown or another partner's code. */
export async function ownLinkProduct(
  { intake, links }: Pick<PartnerDeps, 'intake' | 'links'>,
  partnerId: string,
  code: string,
): Promise<RegisteredProduct | undefined> {
  const registry = intake.registry();
  const agreed = registry.links.get(code);
  if (agreed !== undefined) {
    return agreed.partner.id === partnerId ? registry.products.get(agreed.link.product) : undefined;
  }
  const made = await links.find(code);
  return made?.partner_id === partnerId ? registry.products.get(made.product_id) : undefined;
}
