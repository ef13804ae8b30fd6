import type { StoredLink } from '../../../attribution/link-store.ts';
import type { LinkSpec } from '../../../registry/schema/channels.ts';
import type { LinkView } from './link-schema.ts';

/** A link made over the API, as its partner reads it. */
export function storedLinkView(link: StoredLink, publicUrl: string): LinkView {
  const { code, product_id, landing, fallback_url, caps, created_at } = link;
  return { code, url: urlOf(code, publicUrl), product_id, landing, fallback_url, caps, created_at };
}

/** A link agreed in the partner's file. */
export function agreedLinkView(link: LinkSpec, publicUrl: string): LinkView {
  const { code, product: product_id, landing, fallback_url = null, caps } = link;
  return { code, url: urlOf(code, publicUrl), product_id, landing, fallback_url, caps, created_at: null };
}

function urlOf(code: string, publicUrl: string): string {
  return `${publicUrl}/r/${code}`;
}
