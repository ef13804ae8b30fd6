import { z } from '@hono/zod-openapi';
import { foreignCursor, pageQuery } from '../../http/pagination.ts';
import type { Contributor } from '../../screening/lists/entry.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import { changeSchema } from './entry-schema.ts';

export const changesQuery = z.strictObject(pageQuery);

export const changesSchema = z.object({
  data: z.array(changeSchema).openapi({ description: 'Changes in the order in which they were made' }),
  next_cursor: z.string().openapi({
    description: 'Where to go on; always there, and may be asked again when there is more',
    example: '1772424306000-0',
  }),
});

/**
 * A page of a contributor's own changes.
 * @throws ProblemError `validation_failed` for a cursor that we did not make
 */
export async function readChanges(
  lists: ListStore,
  contributor: Contributor,
  { cursor, limit }: z.output<typeof changesQuery>,
): Promise<z.output<typeof changesSchema>> {
  const page = await lists.changes(contributor, cursor, limit);
  if (page === undefined) throw foreignCursor();
  return { data: [...page.data], next_cursor: page.nextCursor };
}
