import type { LinkStore, NewLink, StoredLink } from '../attribution/link-store.ts';
import { isoOf } from '../base/clock.ts';
import type { Environment } from '../registry/counterparty-set.ts';
import { linkFaults } from '../registry/validate-link.ts';
import { variantFaults } from '../registry/variant-faults.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { pageGaps } from './page-gaps.ts';

export interface MakeLinkDeps {
  readonly intake: Pick<IntakeDeps, 'registry' | 'clock' | 'verifier'>;
  readonly links: Pick<LinkStore, 'create'>;
  readonly environment: Environment;
  /** Authorities of the public origins. */
  readonly publicHosts: readonly string[];
}

export type MakeLinkResult =
  | { readonly kind: 'created'; readonly link: StoredLink }
  | { readonly kind: 'exists'; readonly link: StoredLink }
  | { readonly kind: 'invalid'; readonly faults: readonly InputFault[] }
  | { readonly kind: 'taken' }
  | { readonly kind: 'too_many' };

/** Makes a link for a partner, by the rules that links of files are held to. The same wish again finds the link. */
export async function makeLink(deps: MakeLinkDeps, wish: NewLink): Promise<MakeLinkResult> {
  const faults = faultsOf(deps, wish);
  if (faults.length > 0) return { kind: 'invalid', faults };
  const isAgreed = wish.code !== undefined && deps.intake.registry().links.has(wish.code);
  if (isAgreed) return { kind: 'taken' };
  return deps.links.create(wish, isoOf(deps.intake.clock.nowMs()));
}

function faultsOf({ intake, environment, publicHosts }: MakeLinkDeps, wish: NewLink): InputFault[] {
  const { product_id: productId, landing } = wish;
  const product = intake.registry().products.get(productId);
  if (product === undefined) {
    return [{ pointer: '/product_id', code: 'unknown_product', message: `there is no product ${productId}` }];
  }
  const isHosted = landing === 'hosted' || (wish.variants ?? []).some((variant) => variant.landing === 'hosted');
  const gaps = isHosted ? pageGaps(product.requirements, intake.verifier !== undefined) : [];
  const faults = linkFaults(wish, { environment, publicHosts }).map(({ path, code, message, hint }) => ({
    pointer: path.map((step) => `/${step}`).join(''),
    code,
    message: hint === undefined ? message : `${message}; ${hint}`,
  }));
  const notOffered = variantFaults(wish.variants ?? [], product).map(({ path, ...fault }) => ({
    pointer: path.map((step) => `/${step}`).join(''),
    ...fault,
  }));
  faults.push(...notOffered);
  if (gaps.length === 0) return faults;
  const message = `the hosted page cannot take what ${productId} requires (${gaps.join(', ')}): give an https address of the lender`;
  return [{ pointer: '/landing', code: 'page_cannot_take', message }, ...faults];
}
