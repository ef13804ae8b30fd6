import type { NewLink } from '../../../attribution/link-store.ts';
import type { MakeLinkDeps } from '../../../intake/make-link.ts';
import type { PartnerDeps } from '../partner-deps.ts';
import type { LinkRequest } from './link-schema.ts';

/** What a partner asks for, with what it left out. */
export function wishOf(partnerId: string, request: LinkRequest): NewLink {
  const { code, product_id, landing, fallback_url = null, caps = {}, host = null, label = null } = request;
  const { same_visitor_hours = 1, pass = [], params = {}, variants = [] } = request;
  return {
    ...(code === undefined ? {} : { code }),
    partner_id: partnerId,
    product_id,
    landing,
    fallback_url,
    caps,
    same_visitor_hours,
    pass,
    params,
    host,
    label,
    variants,
  };
}

/** What links are made with. */
export function makeLinkDeps({ intake, links, env, publicNames }: PartnerDeps): MakeLinkDeps {
  return { intake, links, environment: env, publicHosts: publicNames.all.map(({ authority }) => authority) };
}
