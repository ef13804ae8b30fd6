import { createRoute, z } from '@hono/zod-openapi';
import { msOf } from '../../base/clock.ts';
import { instantSchema } from '../../http/common-schemas.ts';
import { pageOf, pageQuery } from '../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../http/problem-responses.ts';
import { partyOf } from '../../http/request-context.ts';
import { indexCursor } from '../index-cursor.ts';
import { applicationStatusSchema } from '../schemas/application-schema.ts';
import { viewAnswer } from '../schemas/view-answer.ts';
import { lenderApplication, lenderApplicationSchema } from './lender-application.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/lender/v1/applications',
  operationId: 'listLenderApplications',
  tags: ['Applications'],
  summary: 'List your applications',
  description:
    'Every application that you were given or have reported, the one changed longest ago first; one that changes while ' +
    'you page through comes again. To follow changes, ask with updated_after of the newest that you have.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      status: applicationStatusSchema.optional(),
      updated_after: instantSchema
        .optional()
        .openapi({ description: 'Only what changed after this instant', example: '2026-03-02T00:00:00Z' }),
    }),
  },
  responses: {
    200: viewAnswer(pageOf(lenderApplicationSchema), 'A page of applications'),
    ...problemResponses(...signedProblems),
  },
});

/** `GET /lender/v1/applications`. */
export function registerListApplications(
  door: LenderDoor,
  { index, store }: Pick<LenderDeps, 'index' | 'store'>,
): void {
  door.openapi(route, async (c) => {
    const { cursor, limit, status, updated_after: updatedAfter } = c.req.valid('query');
    const lender = partyOf(c);
    const page = await index.listOfLender(lender.id, {
      cursor: indexCursor(cursor),
      limit,
      status,
      updatedAfterMs: updatedAfter === undefined ? undefined : msOf(updatedAfter),
    });
    const loaded = await Promise.all(page.ids.map((id) => store.load(id)));
    const data = loaded.flatMap((one) =>
      one?.application.lender_id === lender.id ? [lenderApplication(one.application)] : [],
    );
    return c.json({ data, next_cursor: page.nextCursor }, 200);
  });
}
