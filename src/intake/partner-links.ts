import type { LinkPause } from '../attribution/link-pauses.ts';
import type { LinkStore, StoredLink } from '../attribution/link-store.ts';
import type { Registry } from '../registry/registry.ts';
import type { LinkSpec } from '../registry/schema/channels.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';

/** A link as its partner knows it, wherever it was written down. */
export interface PartnerLink extends Omit<StoredLink, 'partner_id' | 'label' | 'created_at'> {
  /** The partner's own name for it. */
  readonly label: string | null;
  /** RFC 3339; null = it stands in the partner's file. */
  readonly created_at: string | null;
  /** Absent = it is on. */
  readonly paused?: LinkPause | undefined;
}

/** All links of a partner: those of its file first, then those made over the API, the oldest first. */
export async function partnerLinks(links: Pick<LinkStore, 'list' | 'pauses'>, partner: TrafficPartner) {
  const made = await links.list(partner.id);
  const all = [...partner.links.map(agreedLink), ...made.map(madeLink)];
  return all.map((link) => withPause(links, link));
}

/** One link of a partner; undefined for a code that nobody has, or somebody else. */
export async function partnerLink(
  registry: Registry,
  links: Pick<LinkStore, 'find' | 'pauses'>,
  partnerId: string,
  code: string,
): Promise<PartnerLink | undefined> {
  const agreed = registry.links.get(code);
  if (agreed !== undefined) {
    return agreed.partner.id === partnerId ? withPause(links, agreedLink(agreed.link)) : undefined;
  }
  const made = await links.find(code);
  return made?.partner_id === partnerId ? withPause(links, madeLink(made)) : undefined;
}

/** A link that was made over the API. */
export function madeLink({ partner_id: _, label = null, ...link }: StoredLink): PartnerLink {
  return { ...link, label };
}

function agreedLink({ product, fallback_url, host, label, ...link }: LinkSpec): PartnerLink {
  const absent = { fallback_url: fallback_url ?? null, host: host ?? null, label: label ?? null, created_at: null };
  return { ...link, ...absent, product_id: product };
}

function withPause({ pauses }: Pick<LinkStore, 'pauses'>, link: PartnerLink): PartnerLink {
  return { ...link, paused: pauses.of(link.code) };
}
