import type { LinkPause } from '../attribution/link-pauses.ts';
import type { LinkStore, StoredLink } from '../attribution/link-store.ts';
import { HOUR_MS } from '../base/clock.ts';
import type { RegisteredProduct, Registry } from '../registry/registry.ts';
import type { LinkSpec } from '../registry/schema/channels.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { Variant } from '../registry/schema/variants.ts';

/** A link with whose it is and what it leads to. */
export interface LinkTarget {
  readonly code: string;
  readonly partner: TrafficPartner;
  readonly product: RegisteredProduct;
  /** `hosted`, or an https URL. */
  readonly landing: string;
  readonly fallbackUrl: string | null;
  readonly caps: LinkSpec['caps'];
  /** A visitor who comes again within this time has clicked once; 0 = every click counts. */
  readonly sameVisitorMs: number;
  /** Parameters beside the sub ids that go along to the landing. */
  readonly pass: readonly string[];
  /** Parameters added to an https landing, macros not yet filled in. */
  readonly params: Readonly<Record<string, string>>;
  /** Authority of the public origin that its address is on; null = the first. */
  readonly host: string | null;
  /** Ways to receive people that are compared with each other; empty = there is one. */
  readonly variants: readonly Variant[];
  /** Its partner has switched it off. */
  readonly paused: LinkPause | undefined;
}

const NO_VARIANTS: readonly Variant[] = [];
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
  const inMemory = linkInMemory(registry, links, code);
  if (inMemory !== undefined || registry.links.has(code) || !CODE.test(code)) return inMemory;
  return links.find(code).then((link) => link && targetOf(registry, links, link));
}

/** The same without asking Redis: undefined also for a link that nobody has clicked here lately. */
export function linkInMemory(registry: Registry, links: LinkStore, code: string): LinkTarget | undefined {
  const registered = registry.links.get(code);
  if (registered !== undefined) {
    const { link, partner } = registered;
    const product = registry.products.get(link.product);
    return product && linkTarget(links, code, partner, product, link);
  }
  const remembered = links.remembered(code);
  return remembered && targetOf(registry, links, remembered);
}

function targetOf(registry: Registry, links: LinkStore, link: StoredLink): LinkTarget | undefined {
  const partner = registry.traffic.get(link.partner_id);
  const product = registry.products.get(link.product_id);
  if (partner === undefined || product === undefined) return undefined;
  return linkTarget(links, link.code, partner, product, link);
}

/** What a link is, wherever it was written down. */
type LinkFacts = Pick<LinkSpec, 'landing' | 'caps' | 'same_visitor_hours' | 'pass' | 'params'> & {
  readonly fallback_url?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly variants?: readonly Variant[] | undefined;
};

function linkTarget(
  { pauses }: LinkStore,
  code: string,
  partner: TrafficPartner,
  product: RegisteredProduct,
  facts: LinkFacts,
): LinkTarget {
  return {
    code,
    partner,
    product,
    landing: facts.landing,
    fallbackUrl: facts.fallback_url ?? null,
    caps: facts.caps,
    sameVisitorMs: facts.same_visitor_hours * HOUR_MS,
    pass: facts.pass,
    params: facts.params,
    host: facts.host ?? null,
    variants: facts.variants ?? NO_VARIANTS,
    paused: pauses.of(code),
  };
}
