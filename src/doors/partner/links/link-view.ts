import type { PartnerLink } from '../../../intake/partner-links.ts';
import type { PublicNames } from '../../../trust/public-names.ts';
import type { LinkView } from './link-schema.ts';

/** Where links are shared: the first public origin, and the others by name. */
export interface LinkOrigins {
  /** First public origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly publicNames: Pick<PublicNames, 'find'>;
}

/** A link as its partner reads it. */
export function linkView(link: PartnerLink, origins: LinkOrigins): LinkView {
  const { code, product_id, landing, fallback_url, caps, same_visitor_hours, host, label, created_at } = link;
  return {
    code,
    url: linkAddress(link, origins),
    status: link.paused === undefined ? 'active' : 'paused',
    paused: link.paused === undefined ? null : { reason: link.paused.reason, at: link.paused.at },
    product_id,
    landing,
    fallback_url,
    caps,
    same_visitor_hours,
    pass: [...link.pass],
    params: { ...link.params },
    host,
    label,
    variants: [...(link.variants ?? [])],
    created_at,
  };
}

/** The address to share, on the public host that the link asks for; on the first where that one is no longer ours. */
export function linkAddress(
  { code, host }: Pick<PartnerLink, 'code' | 'host'>,
  { publicUrl, publicNames }: LinkOrigins,
): string {
  const name = host === null ? undefined : publicNames.find(host);
  const origin = name === undefined ? publicUrl : `${name.scheme}://${name.authority}`;
  return `${origin}/r/${code}`;
}
