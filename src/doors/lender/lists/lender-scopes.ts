import type { Lender } from '../../../registry/schema/lender.ts';
import type { ListScope } from '../../../screening/lists/entry.ts';

/** The funders of a lender's products, each once, in order of the products. */
export function fundersOf({ products }: Pick<Lender, 'products'>): string[] {
  return [...new Set(products.flatMap(({ funders }) => funders))];
}

/** Scopes that a lender contributes to: its own, and those of the funders whose money it lends. */
export function ownScopes(lender: Pick<Lender, 'id' | 'products'>): ListScope[] {
  return [`lender:${lender.id}`, ...fundersOf(lender).map((id) => `funder:${id}` as const)];
}

/** Scopes that its applications see. */
export function seenScopes(lender: Pick<Lender, 'id' | 'products'>): ListScope[] {
  return ['network', ...ownScopes(lender)];
}
