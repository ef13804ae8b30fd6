import { createRoute, z } from '@hono/zod-openapi';
import { idSchema } from '../../../http/common-schemas.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { listNameSchema, listReasonSchema } from '../../lists/entry-schema.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const idOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

const hitSchema = z
  .object({
    at: z.string().openapi({ description: 'When it was decided, RFC 3339', example: '2026-03-02T04:05:06.000Z' }),
    application_id: idOrNull('The application; null = it was a precheck', 'app_1f8ac10f23c5b5bc1167bda84b833e5c'),
    precheck_id: idOrNull('The precheck; null = it was an application', 'pre_1f8ac10f23c5b5bc1167bda84b833e5c'),
    entry_id: idOrNull('The entry; null where it cannot be told', 'lst_1f8ac10f23c5b5bc1167bda84b833e5c'),
    list: listNameSchema,
    scope: z.string().openapi({ description: 'Whose applications see it', example: 'funder:harbour' }),
    reason: listReasonSchema,
    effect: z.enum(['block', 'annotation']).openapi({
      description: 'block = it kept one funder or all from lending; annotation = it was told and decided nothing',
      example: 'block',
    }),
  })
  .openapi('ListHit', { description: 'The part of an entry in a decision' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/lists/hits',
  operationId: 'listHits',
  tags: ['Lists'],
  summary: 'Which entries had a part in which decisions',
  description:
    'Newest first. Those of an application are all there for 400 days; of others, the last 2 000 of each of 64 shards. ' +
    'Roles: admin, risk.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      entry_id: idSchema('lst').optional().openapi({ description: 'Those of one entry' }),
      application_id: idSchema('app').optional().openapi({ description: 'Those of one application' }),
    }),
  },
  responses: {
    200: { description: 'A page of hits', content: { 'application/json': { schema: pageOf(hitSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

/** `GET /admin/v1/lists/hits`. */
export function registerListHits(door: OperatorDoor, { listHits }: Pick<OperatorDeps, 'listHits'>): void {
  door.openapi(route, async (c) => {
    const { entry_id: entryId, application_id: applicationId, cursor, limit } = c.req.valid('query');
    const [after] = decodeCursor(cursor, 1) ?? [];
    const page = await listHits.list({ entryId, applicationId }, after, limit);
    if (page === undefined) throw foreignCursor();
    const next_cursor = page.nextCursor === null ? null : encodeCursor([page.nextCursor]);
    return c.json({ data: page.data.map((hit) => ({ ...hit })), next_cursor }, 200);
  });
}
