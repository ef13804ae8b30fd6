import { decodeCursor, encodeCursor, foreignCursor } from '../../http/pagination.ts';

/**
 * A page of a list that is in memory as a whole and only grows at its end.
 * @throws ProblemError 422 for a cursor that is not ours
 */
export function offsetPage<Item>(
  items: readonly Item[],
  query: { readonly cursor?: string | undefined; readonly limit: number },
): { data: Item[]; next_cursor: string | null } {
  const [after = '0'] = decodeCursor(query.cursor, 1) ?? [];
  if (!POSITION.test(after)) throw foreignCursor();
  const from = Number(after);
  const data = items.slice(from, from + query.limit);
  const end = from + data.length;
  return { data, next_cursor: end < items.length && data.length > 0 ? encodeCursor([String(end)]) : null };
}

const POSITION = /^\d{1,9}$/;
