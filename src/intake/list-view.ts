import type { Registry } from '../registry/registry.ts';
import type { ListView } from '../screening/lists/judge-lists.ts';

/** Through whose eyes the lists are seen: funders by id, as the counterparty files describe them now. */
export function listViewOf(
  registry: Registry,
  { funders, ...rest }: Omit<ListView, 'funders'> & { readonly funders: readonly string[] },
): ListView {
  return { ...rest, funders: funders.map((id) => ({ id, trusts: registry.funders.get(id)?.trusts ?? [] })) };
}
