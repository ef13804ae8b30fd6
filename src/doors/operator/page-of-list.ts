import { decodeCursor, encodeCursor } from '../../http/pagination.ts';

/**
 * One page of a list that is read as a whole: short by nature, such as what waits for an operator.
 * @param keyOf unique for each item; pages are in its order, so that items may come and go between two pages
 * @throws ProblemError `validation_failed` for a cursor that we did not make
 */
export function pageOfList<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  query: { readonly cursor?: string | undefined; readonly limit: number },
): { data: Item[]; next_cursor: string | null } {
  const [after] = decodeCursor(query.cursor, 1) ?? [];
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  const rest = keyed
    .filter(({ key }) => after === undefined || key > after)
    .sort((left, right) => (left.key < right.key ? -1 : 1));
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  const isLastPage = last === undefined || page.length === rest.length;
  return { data: page.map(({ item }) => item), next_cursor: isLastPage ? null : encodeCursor([last.key]) };
}
